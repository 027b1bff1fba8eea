"""Channels, clock and clips."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import facerig
from facerig.core import channels
from facerig.core.clock import frames_within, parse_fps, sample_of_frame
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError


def test_there_are_52_shapes_and_9_rotations_in_live_links_order() -> None:
    assert len(channels.SHAPE_NAMES) == 52
    assert channels.N_CHANNELS == len(set(channels.NAMES)) == 61
    assert channels.NAMES[0] == "eyeBlinkLeft"
    assert channels.NAMES[15:17] == ("jawRight", "jawLeft")  # the CSV's order; the UDP packet's is not
    assert channels.SHAPE_NAMES[-1] == "tongueOut"
    assert channels.NAMES[52:55] == ("headYaw", "headPitch", "headRoll")
    assert channels.CHANNELS[17].livelink_name == "JawOpen"


def test_mirroring_twice_is_the_same_channel() -> None:
    for channel in channels.CHANNELS:
        assert channels.CHANNELS[channels.INDEX[channel.mirror]].mirror == channel.name


def test_the_public_api_is_this_and_nothing_else() -> None:
    assert sorted(facerig.__all__) == [
        "AnimateSettings", "AudioError", "CURVE_NAMES", "ConfigError", "CurveClip", "CurveFrame",
        "FacerigError", "LipSettings", "ModelError", "OutputError", "Performance", "ProtocolError",
        "RigError", "STILL", "Session", "animate", "animate_to", "connect", "connect_async"]
    assert all(hasattr(facerig, name) for name in facerig.__all__)


@pytest.mark.parametrize(("text", "fps"), [
    ("24", Fraction(24)), ("29.97", Fraction(30000, 1001)), ("30000/1001", Fraction(30000, 1001)),
    (60, Fraction(60)), ("12.5", Fraction(25, 2)), (Fraction(120), Fraction(120)),
    (30000 / 1001, Fraction(30000, 1001)), ("59.9400599400599400599", Fraction(60000, 1001)),
])
def test_rates_are_exact(text: str | int | Fraction, fps: Fraction) -> None:
    assert parse_fps(text) == fps


@pytest.mark.parametrize("text", ["0", "-30", "fast", "1/0", "nan", "inf", "1001", "", "30 fps",
                                  "1e999999999", "9" * 99])
def test_what_is_no_rate_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--fps.*\n  fix: give a"):
        parse_fps(text)


@given(st.integers(0, 10**9), st.fractions(1, 1000, max_denominator=1001), st.integers(8000, 192_000))
def test_a_frame_lies_within_the_audio_that_counts_it(n_samples: int, fps: Fraction, rate: int) -> None:
    n = frames_within(n_samples, fps, rate)
    assert (n - 1) / fps < Fraction(n_samples, rate) <= n / fps
    assert n == 0 or sample_of_frame(n - 1, fps, rate) < n_samples


def test_a_clip_names_its_curves_and_counts_its_frames() -> None:
    values = np.zeros((3, 61), np.float32)
    values[:, 17] = [0.1, 0.2, 0.3]
    clip = CurveClip(values, Fraction(30000, 1001), 48_000, start=1000)
    assert clip["jawOpen"].tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert [(f.index, f.sample_index) for f in clip] == [(1000, 1601600), (1001, 1603201), (1002, 1604803)]
    assert clip.times_secs[0] == pytest.approx(1000 * 1001 / 30000)


def test_pieces_join_and_a_gap_is_an_error() -> None:
    def piece(start: int, n: int) -> CurveClip:
        return CurveClip(np.zeros((n, 61), np.float32), Fraction(60), 16_000, start)

    assert len(CurveClip.joined([piece(5, 3), piece(8, 2)])) == 5
    with pytest.raises(ValueError, match="frame 8 is missing"):
        CurveClip.joined([piece(5, 3), piece(9, 2)])


def test_mouth_close_cancels_the_jaw_along_the_whole_lip() -> None:
    values = np.zeros(61)
    values[[channels.INDEX["jawOpen"], channels.INDEX["mouthClose"]]] = 0.7
    geometry = mouth_geometry()
    assert np.abs(geometry.gaps_mm(values)).max() < 0.1
    values[channels.INDEX["mouthClose"]] = 0
    assert geometry.gaps_mm(values).min() > 8
    assert geometry.teeth_mm(values) > 20
    assert geometry.width_mm(values) < geometry.width_mm(np.zeros(61))
