"""Whatever clients do in whatever order: frames keep their order, their samples are the sound's, nothing
fails."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS
from facerig.core.clock import sample_of_frame
from facerig.service import wire
from tests.services import Client, Stage, Subscriber, speech, stage

SPEECH = speech(3.0)
FPS = Fraction(30)
MOUTH = [i for i, c in enumerate(CHANNELS) if c.region in ("jaw", "mouth", "tongue", "cheeks")]

ACTS = st.one_of(
    st.tuples(st.just("sound"), st.integers(0, 9_000)), st.tuples(st.just("again"), st.integers(1, 3_000)),
    st.tuples(st.just("time"), st.integers(1, 700)), st.tuples(st.just("flush"), st.just(0)),
    st.tuples(st.just("interrupt"), st.just(0)), st.tuples(st.just("direct"), st.integers(-1, 40_000)),
    st.tuples(st.just("resume"), st.just(0)), st.tuples(st.just("stall"), st.integers(300, 5_000)))


class Play:
    """One client who does what chance says, and what comes of it."""

    def __init__(self, on: Stage, pace: str, alive: bool) -> None:
        self.on, self.alive, self.pace = on, alive, pace
        self.client: Client = on.client()
        self.ears: Subscriber = on.subscriber("anna")
        self.opened = self.client.open(pace=pace, alive=alive, fps="30")
        self.epoch = self.sent = 0
        self.frames: list[wire.Frame] = []

    def sound(self, n: int) -> None:
        voice = self.on.service.roster.voices[1]
        n = min(n, voice.credit)
        at = self.sent % (len(SPEECH) - 9_000)
        self.client.sound(self.opened, SPEECH[at : at + n], self.sent, self.epoch)
        self.sent += n

    def again(self, n: int) -> None:
        at = max(0, self.sent - n)
        self.client.sound(self.opened, SPEECH[: self.sent - at], at, self.epoch)

    def time(self, ms: int) -> None:
        self.on.pass_secs(ms / 1000, step_ns=20_000_000)

    def stall(self, ms: int) -> None:
        self.on.pass_secs(ms / 1000, step_ns=ms * 1_000_000)

    def flush(self, _: int) -> None:
        self.client.send(wire.Flush(session=1))

    def interrupt(self, _: int) -> None:
        told = self.client.ask(wire.Interrupt(session=1), wire.Interrupted)
        assert told.epoch == self.epoch + 1
        self.epoch, self.sent = told.epoch, told.at

    def direct(self, at: int) -> None:
        self.client.send(wire.Direct(session=1, at=at, blink=True, gaze="0.2,0,0.8"))

    def resume(self, _: int) -> None:
        self.client = self.on.client()
        again = self.client.ask(wire.Resume(token=self.opened.token), wire.Opened)
        assert (again.received, again.epoch) == (self.sent, self.epoch)

    def end(self) -> None:
        """All is said; then the mouth rests."""
        self.client.send(wire.Flush(session=1))
        self.time(3_500)
        assert not [one for one in self.client.replies() if isinstance(one, wire.Refusal)]
        self.frames += self.ears.frames()


@pytest.mark.parametrize("alive", [True, False])
@pytest.mark.parametrize("pace", ["realtime", "burst"])
@settings(deadline=None, max_examples=4)
@given(acts=st.lists(ACTS, max_size=14))
def test_whatever_a_client_does(pace: str, alive: bool, acts: list[tuple[str, int]]) -> None:
    with stage() as on:
        play = Play(on, pace, alive)
        for name, how in acts:
            getattr(play, name)(how)
        play.end()
        figures = on.figures
        assert 1 in on.service.roster.voices
        assert figures["backlog_secs"] == 0
    _check(play, lossless=not figures.get("frames_dropped"))


def _check(play: Play, *, lossless: bool) -> None:
    epochs = [frame.epoch for frame in play.frames]
    assert epochs == sorted(epochs)
    for epoch in set(epochs):
        frames = [frame for frame in play.frames if frame.epoch == epoch]
        index = np.array([frame.index for frame in frames])
        assert (np.diff(index) > 0).all()
        if lossless:
            assert (np.diff(index) == 1).all()
        said = [frame for frame in frames if frame.sample >= 0]
        assert all(bool(frame.flags & wire.Frame.IDLE) == (frame.sample < 0) for frame in frames)
        samples = np.array([frame.sample for frame in said], np.int64)
        assert (np.diff(samples) > 0).all()
        played = np.array([sample_of_frame(frame.index, FPS, 16_000) for frame in said], np.int64)
        assert (np.diff(samples) <= np.diff(played)).all()  # silence may lie between, nothing is skipped
    last = [frame for frame in play.frames if frame.epoch == play.epoch and frame.sample >= 0]
    if last and lossless and play.pace == "burst":
        assert play.sent - last[-1].sample <= 16_000 // 30 + 1
    if play.frames:
        assert play.frames[-1].values[MOUTH].max() < 0.35
    assert all(np.isfinite(frame.values).all() for frame in play.frames)
