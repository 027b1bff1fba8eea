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
from facerig.encoder.tracks import N_CURVE_TRACKS
from facerig.performance.meeting import GIVES_WAY, LAYERS, MOUTH, met, regions_mask

SEALED_MM, CROSSED_MM, CONTACT_MM, APART_MM = 1.0, -3.0, 2.5, 1.2  # as lips are judged
SHAPES = arrays(np.float32, (N_CURVE_TRACKS,), elements=st.floats(0, 1, width=32))
FACES = arrays(np.float32, (N_CHANNELS,), elements=st.floats(0, 1, width=32))
GIVEN_WAY = {"eyeWideLeft", "eyeWideRight", "eyeSquintLeft", "eyeSquintRight"}
MANY = settings(max_examples=300)


def spoken(shape: np.ndarray, *, seal: float = 0, contact: float = 0, voice: float = 1
           ) -> tuple[np.ndarray, np.ndarray]:
    """Speech curves and cues after half a second of the same tracks: [1, 61] and [1, N_CUES]."""
    row = np.concatenate([shape, [seal, contact, voice, 0, 0]]).astype(np.float32)
    decoder = LipDecoder()
    curves, lip_cues, _ = decoder.decode(np.tile(row, (50, 1)), decoder.initial_state())
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
