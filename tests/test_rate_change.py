"""Another frame rate: values on straight lines, and no seal, contact or blink lost."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.core.rate_change import CONTACT_MM, SEAL_MM, SHUT, at_rate

RATES = [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60), Fraction(120)]
SEAL = {"jawOpen": 0.1, "mouthClose": 0.1, "mouthShrugLower": 0.2}
CONTACT = {"jawOpen": 0.03, "mouthRollLower": 0.28, "mouthShrugUpper": 0.42, "mouthShrugLower": 0.36,
           "mouthUpperUpLeft": 0.33, "mouthUpperUpRight": 0.33}
VOWEL = {"jawOpen": 0.4, "mouthLowerDownLeft": 0.1, "mouthLowerDownRight": 0.1}


def clip(rows: list[dict[str, float]], fps: Fraction = RATES[4], start: int = 0) -> CurveClip:
    values = np.zeros((len(rows), N_CHANNELS), np.float32)
    for row, curves in zip(values, rows, strict=True):
        for name, value in curves.items():
            row[INDEX[name]] = value
    return CurveClip(values, fps, 48_000, start)


def times(of: CurveClip) -> np.ndarray:
    return (of.start + np.arange(len(of))) / float(of.fps)


def sealed(of: CurveClip) -> np.ndarray:
    return np.asarray(mouth_geometry().gaps_mm(of.values).max(1) <= SEAL_MM)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("start", [0, 7])
def test_frames_lie_on_straight_lines(fps: Fraction, start: int):
    of = clip([{"browInnerUp": np.sin(k / 9) ** 2, "jawOpen": 0.4} for k in range(80)], start=start)
    got = at_rate(of, fps)
    assert got.fps == fps
    assert times(of)[0] <= times(got)[0]
    assert times(got)[-1] <= times(of)[-1]
    assert times(of)[-1] - times(got)[-1] < 1 / fps
    expected = np.interp(times(got), times(of), of["browInnerUp"])
    np.testing.assert_allclose(got["browInnerUp"], expected, atol=1e-6)


def test_the_same_rate_changes_nothing_and_an_empty_clip_stays_one():
    of = clip([VOWEL, SEAL])
    assert np.array_equal(at_rate(of, of.fps).values, of.values)
    assert len(at_rate(clip([]), RATES[0])) == 0
    with pytest.raises(ValueError, match="canonical"):
        at_rate(CurveClip(np.zeros((2, 1), np.float32), RATES[0], 48_000, 0, ("X",)), RATES[1])


@settings(deadline=None, max_examples=60)
@given(fps=st.sampled_from(RATES), old=st.sampled_from(RATES[3:]), start=st.integers(0, 50),
       kinds=st.lists(st.sampled_from([(VOWEL, 3), (VOWEL, 9), (SEAL, 1), (SEAL, 2), (CONTACT, 1)]),
                      max_size=8))
def test_no_seal_and_no_contact_is_lost(fps: Fraction, old: Fraction, start: int,
                                        kinds: list[tuple[dict[str, float], int]]):
    rows = [VOWEL] * 6
    events = []
    for kind, count in kinds:
        if kind is not VOWEL:
            events.append((kind, (start + len(rows)) / old, (start + len(rows) + count - 1) / old))
        rows += [kind] * count + [VOWEL] * 6
    got = at_rate(clip(rows, old, start), fps)
    at, mouth = times(got), mouth_geometry()
    contact = mouth.teeth_mm(got.values) <= CONTACT_MM
    for kind, first, last in events:
        near = (at > float(first - 1 / fps)) & (at < float(last + 1 / fps))
        assert (sealed(got) if kind is SEAL else contact)[near].any()


def test_a_blink_of_one_frame_stays_full_at_24():
    rows = [{"eyeBlinkLeft": 0.1}] * 7 + [{"eyeBlinkLeft": 1.0, "jawOpen": 0.9}] + [{"eyeBlinkLeft": 0.1}] * 9
    got = at_rate(clip(rows), RATES[0])
    assert got["eyeBlinkLeft"].max() >= SHUT
    shown = got["eyeBlinkLeft"].argmax()
    assert got["jawOpen"][shown] < 0.9  # the mouth is not the lids' business


def test_what_shows_is_not_touched():
    rows = [VOWEL] * 4 + [SEAL] * 4 + [VOWEL] * 4
    got = at_rate(clip(rows), RATES[3])
    assert np.array_equal(got.values, clip(rows).values[::2])
