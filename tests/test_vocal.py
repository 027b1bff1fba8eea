"""Voices that do not speak: the sounds are what they say, the judge sees what a face does, the face holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError
from facerig.features.prosody import Prosody
from tools.evaluate import vocal, vocal_clips, vocal_report
from tools.evaluate.__main__ import app
from tools.evaluate.contract import Timed
from tools.evaluate.sets import SAMPLE_RATE, Audio
from tools.evaluate.track import MIDDLE
from tools.evaluate.vocal_clips import Vocal
from tools.evaluate.vocal_scores import MADE
from tools.evaluate.vocal_voice import Recorded, n_frames

NOWHERE = Path("/nowhere")  # no data: the sample clip alone is spoken
FPS = vocal.FPS
JAW_MM = mouth_geometry().gap[INDEX["jawOpen"], MIDDLE]


def prosody_of(audio: Audio) -> np.ndarray:
    stage, rows = Prosody(), []
    state = stage.initial_state()
    for at in range(0, len(audio) - 319, 320):
        row, state = stage.step(audio[at : at + 320], state)
        rows.append([*row[1], float(state.voice.pitch_hz[0])])
    return np.array(rows)


@pytest.mark.parametrize("kind", MADE)
def test_made_clips_are_seeded_and_what_they_say(kind: str) -> None:
    clips, other = (vocal_clips.clips(seed, NOWHERE, [kind]) for seed in (0, 1))
    assert [c.kind for c in clips] == [kind] * vocal_clips.VARIANTS
    assert np.array_equal(clips[0].audio, vocal_clips.clips(0, NOWHERE, [kind])[0].audio)
    assert clips[0].audio.shape != other[0].audio.shape or not np.array_equal(clips[0].audio, other[0].audio)
    for clip in clips:
        assert clip.audio.dtype == np.float32
        assert 0.01 < np.abs(clip.audio).max() < 1.0
        edges = [edge for _, start, end in clip.spans for edge in (start, end)]
        assert edges == sorted(edges)
        assert edges[0] >= vocal_clips.BEFORE_SECS
        assert abs(clip.end_secs - edges[-1]) < 0.5
        tail = clip.audio[round((clip.end_secs + 0.01) * SAMPLE_RATE) :]
        assert len(tail) / SAMPLE_RATE >= vocal_clips.AFTER_SECS - 0.05
        assert np.sqrt(np.square(tail).mean()) < 10 ** (-50 / 20)


def test_a_held_vowel_has_the_pitch_and_the_vibrato_of_its_note() -> None:
    clip = vocal_clips.clips(0, NOWHERE, ["held vowel"])[0]
    label, start, end = clip.spans[0]
    assert label == "held"
    pitch = prosody_of(clip.audio)[round((start + 0.5) * 50) : round((end - 0.3) * 50), 3]
    assert 110 < np.median(pitch) < 250
    assert 0.015 < pitch.std() / pitch.mean() < 0.03  # a sine of 3 %
    sway = np.abs(np.fft.rfft(pitch - pitch.mean(), 512))
    assert np.argmax(sway) * 50 / 512 == pytest.approx(5.8, abs=0.4)


def test_laughter_comes_in_bursts_of_four_to_six_a_second() -> None:
    for clip in vocal_clips.clips(0, NOWHERE, ["laugh"]):
        starts = np.array([start for label, start, _ in clip.spans if label == "open"])
        gaps = np.diff(starts)
        assert np.all((gaps[gaps < 0.4] > 1 / 6.01) & (gaps[gaps < 0.4] < 1 / 3.99))


def test_a_whisper_has_no_voice_and_a_song_keeps_its_notes() -> None:
    spoken = vocal_clips.speech(NOWHERE)[0]
    whisper, song = (vocal_clips.clips(0, NOWHERE, [kind])[0] for kind in ("whisper", "song"))
    voiced = [float((prosody_of(clip.audio)[:, 2] > 0.5).mean()) for clip in (spoken, whisper, song)]
    assert voiced[0] > 0.25
    assert voiced[1] < 0.05
    assert voiced[2] > voiced[0]
    assert song.end_secs > spoken.end_secs + 0.4 * len(song.spans)
    rows = prosody_of(song.audio)
    for _, start, end in song.spans[:4]:
        pitch = rows[round((start + 0.15) * 50) : round((end - 0.1) * 50), 3]
        assert np.log2(pitch[pitch > 0]).std() < 0.1  # a note; speech glides


def test_speech_that_is_made_again_at_its_own_time_keeps_its_spectrum() -> None:
    audio = vocal_clips.spoken(NOWHERE, 1)[0].audio
    recorded = Recorded(audio)
    times = np.arange(n_frames(recorded.secs)) / 125
    again = Recorded(recorded.sung(times, np.full(len(times), 130.0), np.random.default_rng(0)))
    n = min(len(again.voiced), len(recorded.voiced))
    loud = recorded.envelopes[:n].mean(1) > recorded.envelopes[:n].mean()
    a, b = (np.log(x.envelopes[:n][loud][:, 8:400]).ravel() for x in (recorded, again))
    assert np.corrcoef(a, b)[0, 1] > 0.9


CLIP = Vocal("held vowel", "x", np.zeros(6 * SAMPLE_RATE, np.float32),
             (("breath", 0.5, 1.0), ("held", 1.0, 4.0)), 4.0)


class Acting:
    """Gives what `acted` writes into the curves."""

    name, lookahead = "acting", "none"

    def __init__(self, **acted: object) -> None:
        self._acted = acted

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str) -> Timed:
        times = np.arange(round(len(audio) / sample_rate * FPS) + 1) / FPS
        values = np.zeros((len(times), N_CHANNELS))
        for name, of in self._acted.items():
            values[:, INDEX[name]] = of(times)  # type: ignore[operator]
        return times, values


def test_an_open_jaw_is_open_and_steady_and_stays_ajar() -> None:
    got = vocal.judged(Acting(jawOpen=lambda t: np.full(len(t), 0.4)), CLIP)
    assert (got.opens, got.seals, got.flutter, got.mouth_step) == (1.0, 0.0, 0.0, 0.0)
    assert got.drift == pytest.approx(0.0, abs=1e-12)
    assert (got.ajar, got.rests) == (0.0, 0.0)  # as before the sound
    assert got.flutter == 0.0
    stuck = vocal.judged(Acting(jawOpen=lambda t: np.where(t < 0.6, 0.0, 0.4)), CLIP)
    assert stuck.ajar == pytest.approx(0.4 * JAW_MM)
    assert stuck.rests == 0.0  # it stays where it is: `ajar` tells


def test_a_mouth_that_shuts_in_a_note_is_seen() -> None:
    got = vocal.judged(Acting(jawOpen=lambda t: np.where((t > 2) & (t < 3), 0.0, 0.4)), CLIP)
    assert got.opens == pytest.approx(2 / 3, abs=0.01)
    assert got.seals == pytest.approx(60 / 3, rel=0.02)
    assert got.drift > 0.15 * JAW_MM
    assert got.mouth_step == pytest.approx(0.4 * JAW_MM)


@given(st.floats(0.1, 1.4))
def test_a_mouth_rests_when_it_is_where_it_ends(late: float) -> None:
    got = vocal.judged(Acting(jawOpen=lambda t: np.where(t < 4 + late, 0.4, 0.0)), CLIP)
    assert got.rests == pytest.approx(late, abs=1.5 / FPS)


@pytest.mark.parametrize(("amount", "turns"), [(0.2, 2 * 6.0), (0.4 / JAW_MM, 0.0)])
def test_flutter_counts_turns_of_a_millimetre(amount: float, turns: float) -> None:
    got = vocal.judged(Acting(jawOpen=lambda t: 0.3 + amount * np.sin(2 * np.pi * 6 * t)), CLIP)
    assert got.flutter == pytest.approx(turns, rel=0.05)


def test_pressed_lips_under_a_breath_are_seen() -> None:
    got = vocal.judged(Acting(mouthShrugLower=lambda t: np.where(t < 0.75, 0.22, 0.0)), CLIP)
    assert got.pressed == pytest.approx(0.5, abs=0.04)
    assert got.seals == pytest.approx(20, rel=0.02)  # one, of three seconds: lips at rest do not sing


def test_what_trembles_is_told_from_what_moves() -> None:
    def shaken(hz: float) -> vocal.Judged:
        return vocal.judged(Acting(headPitch=lambda t: np.radians(2 * np.sin(2 * np.pi * hz * t)),
                                   browInnerUp=lambda t: 0.5 + 0.1 * np.sin(2 * np.pi * hz * t)), CLIP)

    vibrato, nod = shaken(6.0), shaken(0.5)
    assert vibrato.head_shake == pytest.approx(2 / np.sqrt(2), rel=0.1)
    assert vibrato.brow_shake == pytest.approx(10 / np.sqrt(2), rel=0.1)
    assert nod.head_shake < 0.05 * vibrato.head_shake
    assert nod.head == pytest.approx(np.sqrt(1 - np.sin(np.pi * 0.025) ** 2) * 2 * np.pi * 0.5 * 2, rel=0.1)
    assert vibrato.head_step == pytest.approx(2 * 2 * np.sin(np.pi * 6 / FPS), rel=0.06)  # a chord


def test_blinks_and_broken_values() -> None:
    def lids(t: np.ndarray) -> np.ndarray:
        return (np.mod(t, 2) < 0.2).astype(float)

    assert vocal.judged(Acting(eyeBlinkLeft=lids, eyeBlinkRight=lids), CLIP).blinks == pytest.approx(40)
    assert vocal.judged(Acting(jawOpen=lambda t: np.zeros(len(t))), CLIP).broken == 0
    assert vocal.judged(Acting(browInnerUp=lambda t: np.full(len(t), 1.01)), CLIP).broken == 1
    assert vocal.judged(Acting(browInnerUp=lambda t: np.where(t < 1, np.nan, 0)), CLIP).broken == 1


def test_rows_and_limits_speak_of_what_is_worse_than_speech() -> None:
    calm = vocal.judged(Acting(jawOpen=lambda t: np.where(t < 4, 0.4, 0.0)), CLIP)
    stuck = vocal.judged(Acting(jawOpen=lambda t: np.where(t < 0.6, 0.0, 0.4),
                                headYaw=lambda t: 0.1 * np.sin(2 * np.pi * 6 * t)), CLIP)
    speech = Vocal("speech", "s", CLIP.audio, CLIP.spans, CLIP.end_secs)
    spoken = vocal.judged(Acting(jawOpen=lambda t: np.where(t < 4, 0.4, 0.0)), speech)
    rows = vocal_report.kind_rows([spoken, calm, stuck])
    assert [(row.kind, row.clip) for row in rows] == [("speech", "1 clips"), ("held vowel", "2 clips")]
    assert rows[1].ajar == stuck.ajar  # the worst
    assert rows[1].head == pytest.approx((calm.head + stuck.head) / 2)
    told = {line.split(": ")[1].split()[0] for line in vocal_report.broken_limits(rows)}
    assert told == {"ajar", "head_step", "head", "head_shake"}
    assert vocal_report.broken_limits(vocal_report.kind_rows([spoken, calm])) == []


def test_an_unknown_kind_is_refused() -> None:
    result = CliRunner().invoke(app, ["vocal", "--kinds", "yodel"])
    assert isinstance(result.exception, ConfigError)
    assert "held vowel" in str(result.exception)


def breaks(clips: list[Vocal], systems: list[str]) -> list[str]:
    """What is worse than it may be, but for how the mouth opens."""
    rows = vocal_report.kind_rows(vocal.measure(clips, vocal.systems(systems)))
    return [line for line in vocal_report.broken_limits(rows)
            if line.split(": ")[1].split()[0] not in ("opens", "seals", "drift")]


def test_the_face_holds_when_the_live_model_hears_laughter() -> None:
    laugh = vocal_clips.clips(0, NOWHERE, ["laugh"])[:1]
    assert breaks(vocal_clips.speech(NOWHERE) + laugh, ["live", "live~joy"]) == []


@pytest.mark.slow
@pytest.mark.parametrize("system", ["live", "offline"])
def test_nothing_shakes_jumps_or_stays_open_whatever_a_voice_does(system: str) -> None:
    assert breaks(vocal_clips.speech(limit=12) + vocal_clips.clips(), [system]) == []


def test_the_command_writes_its_figures(tmp_path: Path) -> None:
    out = tmp_path / "vocal.json"
    result = CliRunner().invoke(app, ["vocal", "--systems", "live", "--kinds", "lip trill", "--limit", "1",
                                      "--data", str(NOWHERE), "--json", str(out)])
    assert result.exit_code == 0, result.output
    document = json.loads(out.read_text("utf-8"))
    assert [row["kind"] for row in document["kinds"]] == ["speech", "lip trill"]
    assert len(document["clips"]) == 1 + vocal_clips.VARIANTS
    assert document["limits"]["broken"] == [None, 0.0]
