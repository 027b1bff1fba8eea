"""Where layers meet: whatever an emotion asks for, lips seal, touch and open as speech has them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.core.cues import CUE, LIP_CUES, N_CUES
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import LipDecoder
from facerig.encoder.tracks import CURVE_TRACKS, N_CURVE_TRACKS, TRACKS
from facerig.performance.emotion.poses import CURVES, EMOTIONS
from facerig.performance.meeting import GIVES_WAY, LAYERS, MOUTH, met, regions_mask

SEALED_MM, CROSSED_MM, CONTACT_MM, APART_MM = 1.0, -3.0, 2.5, 1.2  # as lips are judged
SHAPES = arrays(np.float32, (N_CURVE_TRACKS,), elements=st.floats(0, 1, width=32))
FACES = arrays(np.float32, (N_CHANNELS,), elements=st.floats(0, 1, width=32))
EXPRESSION = [k for k, c in enumerate(CHANNELS)
              if c.name.startswith(("mouthSmile", "mouthFrown", "mouthStretch", "noseSneer"))]
VOWELS = {"open": {"jawOpen": 0.45},
          "spread": {"jawOpen": 0.15, "mouthSmile": 0.3, "mouthStretch": 0.2},
          "toothy": {"jawOpen": 0.3, "mouthRollLower": 0.3, "mouthUpperUp": 0.3, "mouthLowerDown": 0.3}}
GIVEN_WAY = {"eyeWideLeft", "eyeWideRight", "eyeSquintLeft", "eyeSquintRight"}
MANY = settings(max_examples=300)


def spoken(shape: np.ndarray, *, seal: float = 0, contact: float = 0, voice: float = 1
           ) -> tuple[np.ndarray, np.ndarray]:
    """Speech curves and cues after half a second of the same tracks: [1, 61] and [1, N_CUES]."""
    row = np.concatenate([shape, [seal, contact, voice, 0, 0]]).astype(np.float32)
    decoder = LipDecoder()
    (curves,), (lip_cues,), _ = decoder.decode(np.tile(row, (1, 50, 1)), decoder.initial_state())
    cues = np.zeros((1, N_CUES), np.float32)
    cues[:, [CUE[name] for name in LIP_CUES]] = lip_cues[-1:]
    return curves[-1:], cues


@MANY
@given(SHAPES, FACES)
def test_a_seal_stays_one_under_any_emotion(shape: np.ndarray, face: np.ndarray) -> None:
    gaps = mouth_geometry().gaps_mm(met(*spoken(shape, seal=1), {"emotion": face[None]})[0])
    assert gaps.max() <= SEALED_MM
    assert gaps.max() > CROSSED_MM


@MANY
@given(SHAPES, FACES)
def test_f_and_v_touch_under_any_emotion(shape: np.ndarray, face: np.ndarray) -> None:
    values = met(*spoken(shape, contact=1), {"emotion": face[None]})[0]
    assert mouth_geometry().teeth_mm(values) <= CONTACT_MM
    assert mouth_geometry().gaps_mm(values)[2] >= APART_MM


def test_a_smile_stays_through_an_f() -> None:
    smile = np.zeros((1, N_CHANNELS), np.float32)
    smile[0, [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]] = 0.8
    rest = np.zeros(N_CURVE_TRACKS, np.float32)
    free, at_teeth = (met(*spoken(rest, contact=contact), {"emotion": smile})[0] for contact in (0, 1))
    assert at_teeth[INDEX["mouthSmileLeft"]] >= 0.7 * free[INDEX["mouthSmileLeft"]]
    alone = spoken(rest, contact=1)[0][0]
    assert mouth_geometry().teeth_mm(at_teeth) == pytest.approx(mouth_geometry().teeth_mm(alone), abs=0.3)


@given(FACES, st.floats(0.45, 1))
def test_lips_that_meet_in_half_a_seal_still_meet(face: np.ndarray, seal: float) -> None:
    speech, cues = np.zeros((1, N_CHANNELS), np.float32), np.zeros((1, N_CUES), np.float32)
    cues[0, [CUE["seal"], CUE["talking"], CUE["voice"]]] = seal, 1, 0.7
    gaps = mouth_geometry().gaps_mm(met(speech, cues, {"emotion": face[None]})[0])
    assert gaps.max() <= SEALED_MM
    assert gaps.max() > CROSSED_MM


def closing_and_opening(shape: dict[str, float], closure: str, rise_knots: int
                        ) -> tuple[np.ndarray, np.ndarray]:
    """Frames at 240 fps of a steady vowel with closures in it, in the middle of speech: curves and cues."""
    tracks = np.zeros((140, len(TRACKS) + 2), np.float32)
    tracks[:, TRACKS.index("voice")] = 1
    tracks[:, :N_CURVE_TRACKS] = [shape.get(name, 0) for name in CURVE_TRACKS]
    from_middle = np.abs((np.arange(60, 140) - 60) % 28 - 14)
    tracks[60:, TRACKS.index(closure)] = np.clip(1.3 - from_middle / rise_knots, 0, 1)
    tracks[60:, -1] = (from_middle < 2) * (closure == "seal")
    decoder = LipDecoder()
    (curves,), (lip_cues,), _ = decoder.decode(tracks[None], decoder.initial_state())
    cues = np.zeros((140, N_CUES))
    cues[:, [CUE[name] for name in LIP_CUES]] = lip_cues
    times, both = np.arange(0.55, 1.39, 1 / 240), np.hstack([curves, cues])
    frames = np.stack([np.interp(times, np.arange(140) / 100, column) for column in both.T], 1)
    return frames[:, :N_CHANNELS].astype(np.float32), frames[:, N_CHANNELS:].astype(np.float32)


def there_and_back(values: np.ndarray, most_frames: int) -> float:
    """How far a curve of `values` leaves both where it was and where it is up to `most_frames` later."""
    out = 0.0
    for span in range(2, most_frames + 1):
        for step in range(1, span):
            first, middle, last = values[:-span], values[step : step - span], values[span:]
            away = np.maximum(np.minimum(first, last) - middle, middle - np.maximum(first, last))
            out = max(out, float(away.max()))
    return out


@pytest.mark.parametrize("vowel", VOWELS)
@pytest.mark.parametrize("closure", ["seal", "contact"])
def test_an_expression_does_not_twitch_where_lips_close(closure: str, vowel: str) -> None:
    speech, cues = closing_and_opening(VOWELS[vowel], closure, 2)
    assert np.ptp(cues[:, CUE[closure]]) > 0.99
    alone = there_and_back(speech[:, EXPRESSION], 16)  # an f takes the smile out of an i
    for name, pose in zip(EMOTIONS[1:], CURVES[1:], strict=True):
        for strength in (1.0, 1.5):
            wanted = np.tile((pose * strength).astype(np.float32), (len(speech), 1))
            face = met(speech, cues, {"emotion": wanted})
            assert there_and_back(face[:, EXPRESSION], 16) < alone + 0.05, (name, strength)  # 67 ms


@given(SHAPES, FACES, st.sampled_from(["seal", "contact"]))
def test_a_curve_that_hardly_moves_the_lips_never_gives_way_to_them(shape: np.ndarray, face: np.ndarray,
                                                                    closure: str) -> None:
    sneers = [INDEX["noseSneerLeft"], INDEX["noseSneerRight"]]
    held, free = (met(*spoken(shape, **{closure: p}), {"emotion": face[None]})[0, sneers] for p in (1.0, 0.0))
    np.testing.assert_allclose(held, free, atol=1e-6)


@MANY
@given(SHAPES, FACES)
def test_speech_that_is_free_never_closes_under_any_emotion(shape: np.ndarray, face: np.ndarray) -> None:
    speech, cues = spoken(shape)
    mouth = mouth_geometry()
    alone, together = (mouth.gaps_mm(v[0]) for v in (speech, met(speech, cues, {"emotion": face[None]})))
    assert np.all(together >= np.minimum(0.96 * alone, alone) - 0.1)


@given(SHAPES, FACES)
def test_an_emotion_grows_with_what_is_asked(shape: np.ndarray, face: np.ndarray) -> None:
    """Half of an emotion lies between none and all of it, where nothing else moves the curve."""
    speech, cues = spoken(shape, voice=0)
    none, half, full = (met(speech, cues, {"emotion": face[None] * np.float32(k)})[0] for k in (0, 0.5, 1))
    own = regions_mask("emotion")[0] > 0
    own[[INDEX[name] for name in GIVEN_WAY]] = False
    assert np.all(half[own] >= none[own] - 1e-6)
    assert np.all(full[own] >= half[own] - 1e-6)


@given(SHAPES, st.sampled_from(sorted(LAYERS)), FACES)
def test_a_layer_moves_its_regions_alone(shape: np.ndarray, layer: str, face: np.ndarray) -> None:
    speech, cues = spoken(shape, voice=0)
    if layer == "speech":
        return
    moved = met(speech, cues, {layer: face[None]})[0] != met(speech, cues, {})[0]
    regions = LAYERS[layer][0].split()
    strange = [c.name for c, m in zip(CHANNELS, moved, strict=True) if m and c.region not in regions]
    assert set(strange) <= GIVEN_WAY


@given(SHAPES, FACES, FACES)
def test_values_stay_in_their_ranges(shape: np.ndarray, face: np.ndarray, eyes: np.ndarray) -> None:
    speech, cues = spoken(shape, seal=0.5)
    parts = {"emotion": face[None], "gaze": eyes[None], "blinks": eyes[None], "head": 4 * face[None]}
    out = met(speech, cues, parts)[0]
    assert all(c.low - 1e-6 <= v <= c.high + 1e-6 for c, v in zip(CHANNELS, out.tolist(), strict=True))


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 40), max_size=5))
def test_frames_alone_come_out_as_among_others(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    speech, *layers = rng.uniform(0, 1, (6, 40, N_CHANNELS)).astype(np.float32)
    cues = rng.uniform(0, 1, (40, N_CUES)).astype(np.float32) * (rng.uniform(size=(40, N_CUES)) < 0.3)
    speech[::3], layers[0][::4] = 0, 0
    parts = dict(zip([name for name in LAYERS if name != "speech"], layers, strict=True))
    edges = [0, *sorted(cuts), 40]
    pieces = [met(speech[a:b], cues[a:b], {name: part[a:b] for name, part in parts.items()})
              for a, b in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(pieces), met(speech, cues, parts))


@given(FACES)
def test_what_gives_way_does_so_as_the_table_says(face: np.ndarray) -> None:
    eyes = np.where([c.region in ("lids", "gaze") for c in CHANNELS], face, 0)[None].astype(np.float32)
    out = met(np.zeros_like(eyes), np.zeros((1, N_CUES), np.float32), {"gaze": eyes})
    expected = eyes.copy()
    for by, curves, share in GIVES_WAY:
        for side in ("Left", "Right"):
            for name in curves:
                expected[:, INDEX[f"{name}{side}"]] *= 1 - share * expected[:, INDEX[f"{by}{side}"]]
    np.testing.assert_allclose(out, expected, atol=1e-6)


@given(SHAPES)
def test_without_other_layers_speech_is_left_as_it_is(shape: np.ndarray) -> None:
    speech, cues = spoken(shape)
    np.testing.assert_array_equal(met(speech, cues, {}), speech)


def test_a_closed_lid_is_not_wide() -> None:
    wide = np.zeros((1, N_CHANNELS), np.float32)
    wide[0, INDEX["eyeWideLeft"]] = 0.8
    shut = np.zeros((1, N_CHANNELS), np.float32)
    shut[0, INDEX["eyeBlinkLeft"]] = 1.0
    speech, cues = spoken(np.zeros(N_CURVE_TRACKS, np.float32), voice=0)
    out = met(speech, cues, {"emotion": wide, "blinks": shut})[0]
    assert out[INDEX["eyeBlinkLeft"]] == 1.0
    assert out[INDEX["eyeWideLeft"]] == pytest.approx(0.0, abs=1e-6)


def test_the_table_names_every_curve_of_the_mouth_that_emotions_may_move() -> None:
    may = regions_mask("emotion")[0]
    mouth = {c.name for c, m in zip(CHANNELS, may, strict=True) if m and c.region in ("jaw", "mouth")}
    assert mouth <= set(MOUTH)
    rest = [INDEX[name] for name in set(INDEX) - set(MOUTH)]
    assert not np.any(mouth_geometry().gap[rest])


def test_the_page_shows_the_table_of_the_code() -> None:
    page = (Path(__file__).parent.parent / "docs" / "layers.md").read_text("utf-8")
    table = page.split("| layer | regions | how |")[1].split("\n\n")[0]
    rows = [tuple(cell.strip() for cell in line.strip("| ").split("|")) for line in table.splitlines()[2:]]
    assert rows == [(name, *row) for name, row in LAYERS.items()]
