"""What a script changes: closures where its words are said, nothing where they are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_hearing import WORDS, heard, hush, script, spoken, tracks_of

from facerig.core.channels import INDEX
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import LipDecoder
from facerig.encoder.tracks import TRACKS
from facerig.script import articulation, guide
from facerig.script.guide import CONTACT, N_CURVES, N_TRACKS, SEAL, VOICE, ScriptGuide, ScriptReport, guided
from facerig.script.phones import CURVES
from facerig.script.words import Script

NAMES = sorted(WORDS)
Said = list[tuple[str, int]]


def told(said: Said, text: Script, sure: float = 0.8) -> tuple[np.ndarray, ScriptReport]:
    return guided(tracks_of(said), heard(said, sure=sure), text)


def widest_mm(tracks: np.ndarray) -> np.ndarray:
    decoder = LipDecoder()
    values, _ = decoder.step(tracks, decoder.initial_state())
    return mouth_geometry().gaps_mm(values).max(1)


def test_the_script_and_the_lips_name_the_same_tracks() -> None:
    assert (*CURVES, "seal", "contact", "voice") == TRACKS
    assert (TRACKS[SEAL], TRACKS[CONTACT], TRACKS[VOICE]) == ("seal", "contact", "voice")
    assert (len(CURVES), len(TRACKS)) == (N_CURVES, N_TRACKS)


def test_lips_close_for_the_words_and_open_between() -> None:
    said = [*hush(), *spoken("queen", "umbrella", "lost"), *hush()]
    tracks, report = told(said, script("queen", "umbrella", "lost"))
    assert report == ScriptReport(True, "", 3, 3, (), report.score)
    gap, m = widest_mm(tracks), 30 + 8 * (4 + 1)  # where the m of umbrella begins
    assert (gap[m + 2 : m + 12] <= 1.0).all()  # m and b
    assert (gap[m - 6 : m - 3] > 2.0).all()
    assert (gap[m + 18 : m + 40] > 2.0).all()
    assert (widest_mm(tracks_of(said))[35:-35] > 2.0).all()  # the network alone never closed them


def test_f_and_v_touch_the_teeth() -> None:
    said = [*hush(), *spoken("queen", "five", "lost"), *hush()]
    tracks, _ = told(said, script("queen", "five", "lost"))
    f = 30 + 8 * 4
    assert tracks[f + 4, CONTACT] == 1
    assert tracks[f + 12, CONTACT] < 0.1


def test_a_word_that_nobody_says_moves_nothing() -> None:
    said = [*hush(), *spoken("queen", "lost", "tuna"), *hush()]
    without, _ = told(said, script("queen", "lost", "tuna"))
    extra, report = told(said, script("queen", "umbrella", "lost", "pam", "tuna"))
    assert report.missing == ("umbrella", "pam")
    np.testing.assert_allclose(extra, without, atol=1e-6)


def test_the_voice_stays_the_networks() -> None:
    said = [*hush(), *spoken("pam"), *hush(60), *spoken("queen"), *hush()]
    tracks, report = told(said, script("pam", "queen"))
    assert report.used
    np.testing.assert_array_equal(tracks[:, VOICE], tracks_of(said)[:, VOICE])


def test_a_text_moves_no_mouth_in_silence() -> None:
    said = hush(400)
    tracks, report = told(said, script("pam", "umbrella"))
    assert not report.used
    assert report.reason == "the recording holds no speech"
    np.testing.assert_array_equal(tracks, tracks_of(said))
    assert not LipDecoder().step(tracks, LipDecoder().initial_state())[0][:, INDEX["jawOpen"]].any()


@settings(deadline=None, max_examples=30)
@given(st.permutations(NAMES), st.floats(0.5, 0.9))
def test_a_wrong_text_is_left_aside(order: list[str], sure: float) -> None:
    """Whatever was said, a text of quite other words changes nothing; the right one is used."""
    said_names, others = order[:4], order[4:]
    said = [*hush(), *spoken(*said_names, *said_names), *hush()]
    tracks, report = told(said, script(*others, *others), sure)
    assert not report.used
    assert report.reason == "the text is not what the recording says"
    np.testing.assert_array_equal(tracks, tracks_of(said))
    assert told(said, script(*said_names, *said_names), sure)[1].used


def test_a_part_of_the_text_is_enough() -> None:
    names = ["queen", "lost", "umbrella", "five", "hush", "tuna", "pam", "beside"] * 3
    said = [*hush(), *spoken(*names), *hush()]
    report = told(said, script(*names[4:12]))[1]
    assert report.used
    assert report.aligned == 8


def test_a_mouth_that_was_shut_closes_before_the_first_p() -> None:
    """A label starts at the burst of a p after a pause; the lips have met before."""
    said = [*hush(60), *spoken("pam", "queen"), *hush(60)]
    tracks, _ = told(said, script("pam", "queen"))
    assert tracks[56, SEAL] == 1


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 400), max_size=6))
def test_any_split_gives_the_same(cuts: list[int]) -> None:
    said = [*hush(), *spoken("queen", "umbrella", "lost"), *hush()]
    rows = np.concatenate([tracks_of(said), heard(said)], 1)
    stage = ScriptGuide(script("queen", "umbrella", "lost"))
    state = stage.initial_state()
    for piece in np.split(rows, sorted(cuts)):
        out, state = stage.step(piece, state)
        assert len(out) == 0
    tracks, state = stage.flush(state)
    np.testing.assert_array_equal(tracks, told(said, script("queen", "umbrella", "lost"))[0])
    assert state.report is not None
    assert state.report.used


def test_a_script_without_words_lets_everything_pass() -> None:
    stage = ScriptGuide(Script((), "the text holds no words"))
    tracks = tracks_of(spoken("queen"))
    out, state = stage.step(tracks, stage.initial_state())
    assert out is tracks
    rest, state = stage.flush(state)
    assert len(rest) == 0
    assert state.report == ScriptReport(False, "the text holds no words", 0, 0, (), 0.0)


def test_shapes_lie_between_the_networks_and_the_phones(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [*hush(), *spoken("queen", "lost", "tuna", frames=12), *hush()]
    jaw = {}
    for share in (0.0, guide.SHAPE_SHARE, 1.0):
        monkeypatch.setattr(guide, "SHAPE_SHARE", share)
        jaw[share] = told(said, script("queen", "lost", "tuna"))[0][:, 0]
    between = list(jaw.values())[1]
    assert (between <= np.maximum(jaw[0.0], jaw[1.0]) + 1e-6).all()
    assert (between >= np.minimum(jaw[0.0], jaw[1.0]) - 1e-6).all()
    assert np.abs(between - jaw[0.0]).max() > 0.02


def test_a_loud_voice_keeps_its_jaw() -> None:
    """The text says which vowel it is, and not how loud: the network's jaw sets the measure."""
    said = [*hush(), *spoken("queen", "lost", "tuna", "beside", frames=12), *hush()]
    jaws = []
    for loud in (1.0, 1.6):
        tracks = tracks_of(said)
        tracks[:, guide.JAW] *= loud
        jaws.append(guided(tracks, heard(said), script("queen", "lost", "tuna", "beside"))[0][:, guide.JAW])
    assert jaws[1][40:200].mean() == pytest.approx(1.6 * jaws[0][40:200].mean(), rel=0.05)


def test_piece_by_piece_gives_what_all_at_once_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [part for name in NAMES * 3 for part in (*spoken(name), *hush(25))]
    names = [name for name in NAMES * 3]
    n = len(heard(said))
    found = guide.matched(heard(said), n, script(*names).words).spoken
    timed = guide.timed_phones(found, n)
    whole = [articulation.shapes(timed, n), guide._closures(timed, n)]
    monkeypatch.setattr(guide, "PIECE_FRAMES", 130)
    for all_at_once, pieces in zip(whole, guide.articulated(timed, n), strict=True):
        np.testing.assert_allclose(pieces, all_at_once, atol=2e-4)


@pytest.mark.parametrize("frames", [1, 5, 14, 40])
def test_recordings_of_any_length(frames: int) -> None:
    said = [*spoken("pam", frames=8)][:2] if frames > 20 else [("p", frames)]
    tracks, report = told(said, script("pam"))
    assert tracks.shape == tracks_of(said).shape
    assert np.isfinite(tracks).all()
    assert report.words == 1
