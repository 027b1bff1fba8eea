"""A voice that is interrupted: the mouth comes to rest, the character lives on, a new voice may follow."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import facerig
from facerig.core.channels import CHANNELS, INDEX
from facerig.core.curves import CurveClip
from facerig.errors import ConfigError
from facerig.performance.settings import STILL
from facerig.script.words import read_script
from tests.streams import in_pieces, made_up_speech

RATE = 16_000
MOUTH = [i for i, c in enumerate(CHANNELS) if c.region in ("jaw", "mouth", "tongue", "cheeks")]
TURNS = [INDEX[f"{part}{axis}"] for part in ("head", "leftEye") for axis in ("Yaw", "Pitch", "Roll")]
SPEECH = made_up_speech(3.0)


def spoken(session: facerig.Session, pieces: list[np.ndarray], after: list[np.ndarray]) -> CurveClip:
    """The frames of a voice, its interruption, and what follows."""
    clips = [session.feed(piece) for piece in pieces]
    clips.append(session.interrupt())
    return CurveClip.joined([*clips, *(session.feed(piece) for piece in after)])


@settings(max_examples=15, deadline=None)
@given(st.integers(8_000, 40_000), st.sampled_from(["live", "live-40"]))
def test_the_mouth_is_at_rest_within_150_ms(n: int, model: str) -> None:
    session = facerig.Session(RATE, fps=100, model=model, performance=STILL)
    clip = spoken(session, [SPEECH[:n]], [np.zeros(RATE, np.float32)])
    late = [k for k, row in enumerate(clip.values) if row[MOUTH].max() > 0.02]
    assert not late or max(late) / 100 <= n / RATE + 0.15


@settings(max_examples=10, deadline=None)
@given(st.integers(4_000, 40_000), st.lists(st.integers(0, 40_000), max_size=4), st.integers(0, 20_000))
def test_any_split_gives_the_same_bits(n: int, cuts: list[int], follows: int) -> None:
    session, whole = facerig.Session(RATE), facerig.Session(RATE)
    after = SPEECH[5_000 : 5_000 + follows]
    parts = spoken(session, in_pieces(SPEECH[:n], cuts), in_pieces(after, cuts))
    once = spoken(whole, [SPEECH[:n]], [after])
    assert parts.values.tobytes() == once.values.tobytes()
    assert session.state.n_samples == whole.state.n_samples


@pytest.mark.parametrize("model", ["live", "live-40"])
def test_nothing_jumps_and_frames_run_on(model: str) -> None:
    session = facerig.Session(RATE, model=model)
    clip = spoken(session, [SPEECH[:20_123]], [SPEECH])
    steps = np.abs(np.diff(clip.values, axis=0))
    plain = np.abs(np.diff(facerig.Session(RATE, model=model).feed(SPEECH).values, axis=0))
    assert clip.start == 0
    for columns in (MOUTH, TURNS):
        assert steps[:, columns].max() <= plain[:, columns].max() * 1.2 + 0.02


def test_the_new_voice_begins_where_it_is_said_to() -> None:
    session = facerig.Session(44_100, fps=60, performance=STILL)
    session.feed(np.zeros(50_001, np.float32))
    session.interrupt()
    begins = session.state.n_samples
    assert 50_001 <= begins <= 50_001 + 882
    loud = np.concatenate([np.zeros(22_050, np.float32), np.repeat(made_up_speech(1.0), 3)[:44_100]])
    frames = CurveClip.joined([session.feed(loud), session.flush()])
    first = frames.start + int(np.argmax(frames.values[:, MOUTH].max(1) > 0.05))
    alone = facerig.Session(44_100, fps=60, performance=STILL)
    other = CurveClip.joined([alone.feed(loud), alone.flush()])
    expected = int(np.argmax(other.values[:, MOUTH].max(1) > 0.05)) + float(Fraction(begins * 60, 44_100))
    assert abs(first - expected) <= 1


def test_interrupted_before_anything_was_said_nothing_happens() -> None:
    session = facerig.Session(RATE)
    assert len(session.interrupt()) == 0
    assert session.feed(SPEECH).values.tobytes() == facerig.Session(RATE).feed(SPEECH).values.tobytes()


def test_a_session_with_a_script_cannot_be_interrupted() -> None:
    pytest.importorskip("hibari")
    session = facerig.Session(RATE, model="offline", script=read_script("hello", "en"))
    with pytest.raises(ConfigError, match="script"):
        session.interrupt()
