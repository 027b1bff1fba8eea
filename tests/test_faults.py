"""What breaks on purpose: each fault is seen through to its end, and the session beside it loses nothing."""

from __future__ import annotations

import numpy as np
import pytest

from facerig.service import wire
from tests.services import speech, stage, values

SPEECH = speech(1.0)


# --- frames that a dead connection swallowed

@pytest.mark.parametrize("after_secs", [0.0, 3.5])
def test_a_burst_that_nobody_got_comes_again(after_secs: float) -> None:
    with stage() as on:
        anna, ears = on.client(), on.subscriber("anna")
        opened = anna.open(pace="burst", alive=False)
        anna.sound(opened, SPEECH)
        anna.send(wire.Flush(session=opened.session))
        on.pass_secs(1.5 + after_secs)
        first = ears.frames()
        ears.socket.close(linger=0)
        late = on.subscriber("anna")
        on.pass_secs(0.5)
        again = late.frames()
        kept = {frame.index: frame for frame in again}
        assert [frame.index for frame in first if frame.sample >= 0] == list(range(60))
        assert sorted(kept) == [frame.index for frame in first]
        assert values(list(kept.values())).tobytes() == values(first).tobytes()
        assert [(frame.sample, frame.flags) for frame in kept.values()] == [
            (frame.sample, frame.flags) for frame in first]
        assert sum(bool(frame.flags & wire.Frame.LAST) for frame in kept.values()) == 1


def test_frames_are_kept_for_seconds_and_not_for_ever() -> None:
    with stage(again_secs=1.0) as on:
        anna, ears = on.client(), on.subscriber("anna")
        opened = anna.open(pace="burst", alive=True)
        for at in range(0, 4 * len(SPEECH), 800):
            anna.sound(opened, np.resize(SPEECH, at + 800)[at:], at)
            on.pass_secs(0.05, step_ns=25_000_000)
        newest = ears.frames()[-1].index
        late = on.subscriber("anna")
        on.pass_secs(0.02)
        assert 60 <= newest - late.frames()[0].index <= 75


def test_what_was_interrupted_does_not_come_again() -> None:
    with stage() as on:
        anna = on.client()
        opened = anna.open(pace="burst", alive=False)
        anna.sound(opened, SPEECH)
        on.pass_secs(0.5)
        told = anna.ask(wire.Interrupt(session=opened.session), wire.Interrupted)
        on.pass_secs(0.1)
        late = on.subscriber("anna")
        on.pass_secs(0.5)
        again = late.frames()
        assert {frame.epoch for frame in again} == {told.epoch}
        assert again[0].index > 20  # what played before


# --- clocks

@pytest.mark.parametrize("jump_secs", [3_600, 2, -2, -3_600])
def test_a_clock_that_jumps_ends_nothing(jump_secs: int) -> None:
    with stage(idle_secs=60.0, messages_per_sec=50) as on:
        anna, ears = on.client(), on.subscriber("anna", "ben")
        hers, _ = anna.open(), anna.open("ben", pace="burst")
        anna.sound(hers, np.tile(SPEECH, 2)[:30_000])
        anna.send(wire.Flush(session=hers.session))
        on.pass_secs(0.5)
        before = ears.frames()
        on.now_ns += jump_secs * 10**9
        on.pass_secs(3.5)  # more than a second beyond what was sent
        frames = [*before, *ears.frames()]
        spoken = [frame for frame in frames if frame.sample >= 0]
        assert [voice.subject for voice in on.service.roster.voices.values()] == ["anna", "ben"]
        assert sum(bool(frame.flags & wire.Frame.LAST) for frame in frames) == 1
        index = [frame.index for frame in spoken]
        assert index == sorted(set(index))
        if jump_secs < 0:
            assert index == list(range(index[0], index[-1] + 1))
            assert 30_000 - spoken[-1].sample <= 267
        idle = [frame for frame in frames[-400:] if frame.sample < 0]
        assert len(idle) > 100  # both live on
        assert not [one for one in anna.replies() if isinstance(one, wire.Refusal)]  # of its rate, say
