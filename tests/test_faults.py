"""What breaks on purpose: each fault is seen through to its end, and the session beside it loses nothing."""

from __future__ import annotations

import numpy as np
import pytest

from facerig.service import wire
from facerig.service.pacing import NS, Drift, Playhead
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


RATE = 48_000


def leads(ppm: float, secs: int, jitter_ms: int = 30, jump_at: int = 0) -> list[int]:
    """By how much sound is ahead of what plays, in samples, when it comes from a card that is off by `ppm`
    and each piece is up to `jitter_ms` late; half a second more of it at once at `jump_at` s."""
    drift, head, draws, out = Drift(RATE), Playhead(0, 0, RATE), np.random.default_rng(1), []
    for k in range(1, secs * 50):
        sent_ns = k * NS // 50
        received = int(sent_ns * (1 + ppm * 1e-6) * RATE / NS) + 4_800
        received += RATE // 2 if jump_at and k > jump_at * 50 else 0
        now_ns = sent_ns + int(draws.integers(jitter_ms * 10**6))
        head = head.set_on(drift.seen(received - head.at(now_ns), now_ns))
        out.append(received - head.at(sent_ns))
    return out


@pytest.mark.parametrize("ppm", [0, 20, -20, 300, -300])
def test_a_sound_card_that_is_off_does_not_run_away(ppm: int) -> None:
    found = np.array(leads(ppm, 1_800))
    assert np.abs(found - found[0]).max() < RATE * 0.005
    if ppm == 0:
        assert np.abs(found - found[0]).max() < RATE * 0.003


def test_a_client_that_sends_further_ahead_is_no_drift() -> None:
    found = leads(0, 120, jump_at=50)
    assert RATE * 0.49 < found[-1] - found[0] < RATE * 0.51


@pytest.mark.parametrize("ppm", [1_500, pytest.param(-1_500, marks=pytest.mark.slow)])
def test_faces_in_real_time_keep_pace_with_a_sound_card(ppm: int) -> None:
    """Uncorrected, 16 s would be 24 ms off."""
    with stage() as on:
        anna, ears = on.client(), on.subscriber("anna")
        opened, sound, sent, late = anna.open(), np.tile(speech(4.0), 5), 0, []
        began_ns = on.now_ns
        for _ in range(16 * 25):
            upto = int((on.now_ns - began_ns + 40_000_000) * (1 + ppm * 1e-6) * 16_000 / NS)
            anna.sound(opened, sound[sent:upto], sent)
            sent = upto
            on.pass_secs(0.04, step_ns=20_000_000)
            heard = (on.now_ns - began_ns) * (1 + ppm * 1e-6) * 16_000 / NS
            late += [(heard - frame.sample) / 16 for frame in ears.frames() if frame.sample >= 0]
        first, last = min(late[:100]), min(late[-100:])  # ms
        assert abs(last - first) < 13
        assert on.figures.get("frames_dropped", 0) == 0
