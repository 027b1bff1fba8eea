"""The service against clients that are wrong, greedy, lost or hostile: each harms only itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import zmq

from facerig.service import wire
from facerig.session import Session
from tests.services import Stage, speech, stage, values

SPEECH = speech(1.0)
SILENT = np.zeros(16_000, np.int16)


@pytest.fixture(name="on")
def _on() -> Iterator[Stage]:
    with stage() as one:
        yield one


def alone(n_frames: int) -> bytes:
    """What a session shows of SPEECH."""
    return Session(16_000).feed(np.concatenate([SPEECH, SILENT])).values[:n_frames].tobytes()


# --- mistakes

@pytest.mark.parametrize(("wrong", "code", "where"), [
    (dict(fps="0"), "config", "$.fps"), (dict(fps="240"), "config", "$.fps"),
    (dict(rig="nobody"), "rig", "$.rig"), (dict(emotion="qwrtz:3"), "config", "$.emotion"),
    (dict(sample_rate=12_345), "audio", "$.sample_rate"), (dict(encoding="mp3"), "protocol", "$.encoding"),
    (dict(version=2), "version", "$.version"), (dict(model="live-40"), "config", "$.model"),
    (dict(sample_rate=7_999), "protocol", "$.sample_rate"), (dict(subject="a/b"), "protocol", "$.subject")])
def test_an_opening_that_is_wrong_names_its_field(on: Stage, wrong: dict, code: str, where: str) -> None:
    refusal = on.client().refused(wire.Open(**({"subject": "anna"} | wrong)))
    assert (refusal.code, refusal.where) == (code, where)
    assert refusal.fix
    assert not on.service.roster.voices


def test_messages_that_are_wrong_name_their_field(on: Stage) -> None:
    anna, mallory = on.client(), on.client()
    opened = anna.open(encoding="f32")
    for client, message, code, where in (
            (anna, wire.Audio(session=1, at=5, data=b""), "gap", "$.at"),
            (anna, wire.Audio(session=1, at=0, data=b"abc"), "audio", "$.data"),
            (anna, wire.Audio(session=1, at=0, data=np.full(9, np.nan, "<f4").tobytes()), "audio", "$.data"),
            (anna, wire.Audio(session=1, at=0, data=np.full(9, 1e30, "<f4").tobytes()), "audio", "$.data"),
            (anna, wire.Audio(session=2, at=0, data=b""), "session", "$.session"),
            (anna, wire.Audio(session=1, at=0, epoch=1, data=b""), "epoch", "$.epoch"),
            (anna, wire.Direct(session=1, emotion="qwrtz"), "config", "$.emotion"),
            (anna, wire.Direct(session=1, gaze="somewhere"), "config", "$.gaze"),
            (anna, wire.Direct(session=1, mode="sing"), "config", "$.mode"),
            (anna, wire.Direct(session=1, layers={"head": 9.0}), "config", "$.layers"),
            (anna, wire.Direct(session=1, style="[nonsense"), "config", "$.style"),
            (anna, wire.Resume(token="0" * 32), "session", "$.token"),
            (mallory, wire.Audio(session=1, at=0, data=b""), "session", "$.session"),
            (mallory, wire.Close(session=1), "session", "$.session"),
            (mallory, wire.Interrupt(session=1), "session", "$.session"),
            (mallory, wire.Open(subject="anna"), "subject", "$.subject")):
        refusal = client.refused(message)
        assert (refusal.code, refusal.where) == (code, where), message
        assert refusal.session == getattr(message, "session", 0)
    assert on.service.roster.voices[opened.session].received == 0


def test_sound_beyond_the_credit_is_refused_and_the_rest_taken(on: Stage) -> None:
    anna = on.client()
    opened = anna.open(pace="realtime")
    assert opened.credit == 32_000
    long = np.tile(SPEECH, 3)
    refusal = anna.refused(wire.Audio(session=1, at=0, data=long.tobytes()))
    assert (refusal.code, refusal.where) == ("credit", "$.data")
    on.pass_secs(1.0)
    progress = [one for one in anna.replies() if isinstance(one, wire.Progress)][-1]
    assert progress.received == 32_000
    assert 10_000 < progress.animated < 20_000  # told in pieces of a quarter of a second
    assert progress.credit == progress.animated
    anna.sound(opened, long[32_000:34_000], 32_000)
    assert on.service.roster.voices[1].received == 34_000


def test_sound_that_was_received_is_passed_over(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="burst", alive=False)
    for at, n in ((0, 4_000), (0, 4_000), (2_000, 6_000), (7_999, 2), (8_000, 8_000)):
        anna.sound(opened, SPEECH[at : at + n], at)
    anna.send(wire.Flush(session=1))
    on.pass_secs(0.1)
    frames = [frame for frame in ears.frames() if frame.sample >= 0]
    assert len(frames) == 60
    assert values(frames).tobytes() == alone(60)


# --- lost connections

@pytest.mark.parametrize("pace", ["burst", "realtime"])
def test_a_session_is_resumed_with_its_token_and_nothing_is_lost_or_comes_twice(on: Stage, pace: str) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace=pace, alive=False)
    anna.sound(opened, SPEECH[:9_000])
    on.pass_secs(0.2)
    seen = {frame.index: frame for frame in ears.frames()}
    anna.drop()
    ears.socket.close()
    on.pass_secs(0.05)
    again, new_ears = on.client(), on.subscriber("anna")
    assert again.refused(wire.Flush(session=1)).where == "$.session"
    resumed = again.ask(wire.Resume(token=opened.token), wire.Opened)
    assert (resumed.session, resumed.received, resumed.schema) == (1, 9_000, opened.schema)
    again.sound(resumed, SPEECH[8_000:], 8_000)
    again.send(wire.Flush(session=1))
    on.pass_secs(1.5)
    back = new_ears.frames()
    assert [frame.index for frame in back] == list(range(back[0].index, back[-1].index + 1))
    seen |= {frame.index: frame for frame in back}
    said = [seen[k] for k in sorted(seen) if seen[k].sample >= 0]
    if pace == "burst":
        assert values(said).tobytes() == alone(60)
    else:  # what played while nobody was there has played
        assert 56 <= len(said) <= 60
        assert said[-1].values.tobytes() == np.frombuffer(alone(60), np.float32)[-61:].tobytes()


def test_the_old_connection_has_no_say_after_a_takeover(on: Stage) -> None:
    anna, thief = on.client(), on.client()
    opened = anna.open()
    thief.ask(wire.Resume(token=opened.token), wire.Opened)
    assert anna.refused(wire.Close(session=1)).code == "session"
    assert thief.ask(wire.Close(session=1), wire.Pong)


def test_a_client_that_died_does_not_keep_its_subject(on: Stage) -> None:
    anna = on.client()
    anna.open()
    anna.drop()
    again = on.client()
    assert again.open().session == 2
    assert list(on.service.roster.voices) == [2]


def test_idle_sessions_end_and_a_ping_keeps_them() -> None:
    with stage(idle_secs=2.0) as on:
        idle, awake = on.client(), on.client()
        idle.open("idle", fps="1")
        awake.open("awake", fps="1")
        for _ in range(3):
            on.pass_secs(0.8)
            awake.ask(wire.Ping(number=7), wire.Pong)
        on.pass_secs(0.5)
        assert [voice.subject for voice in on.service.roster.voices.values()] == ["awake"]


def test_a_name_of_ones_own_for_the_connection_is_refused(on: Stage) -> None:
    client = on.client()
    named = on.context.socket(zmq.DEALER)
    on.sockets.append(named)
    named.setsockopt(zmq.IDENTITY, b"anna")
    named.connect(on.service.control_address)
    named.send(wire.encoded(wire.Open(subject="anna")))
    for _ in range(400):
        client.replies()
        if named.poll(5):
            break
    assert wire.reply(named.recv()).where == "routing id"


# --- limits

def test_who_comes_when_all_seats_are_taken_is_told() -> None:
    with stage(sessions=2) as on:
        client = on.client()
        client.open("a")
        client.open("b")
        refusal = client.refused(wire.Open(subject="c"))
        assert refusal.code == "full"
        assert "2 sessions" in refusal.what
        client.ask(wire.Close(session=1), wire.Pong)
        on.pass_secs(0.5)
        client.replies()
        client.open("c")
        on.service.roster.refusing = "the service works 97 % of the time"
        assert client.refused(wire.Open(subject="d")).code == "full"


def test_a_client_that_sends_too_many_messages_loses_its_own() -> None:
    with stage(messages_per_sec=50) as on:
        flood, quiet = on.client(), on.client()
        quiet.open("quiet")
        for number in range(500):
            flood.put(wire.Ping(number=number))
        for _ in range(1_000):
            on.service.tick(1)
            if on.figures["messages"] > 500:
                break
        assert quiet.ask(wire.Ping(number=3), wire.Pong).number in (0, 3)
        assert on.figures["refused_rate"] >= 400
        told = []
        while flood.socket.poll(50):
            told.append(wire.reply(flood.socket.recv()))
        assert [one.code for one in told if isinstance(one, wire.Refusal)] == ["rate"]


def test_directions_for_sound_to_come_are_bounded() -> None:
    with stage(wishes=5) as on:
        anna = on.client()
        anna.open()
        for k in range(5):
            anna.send(wire.Direct(session=1, at=10**9 + k, blink=True))
        assert anna.refused(wire.Direct(session=1, at=10**9, blink=True)).code == "wishes"


def test_a_subscriber_that_stops_reading_harms_nobody() -> None:
    with stage(subscriber_frames=1_000) as on:
        anna, ears = on.client(), on.subscriber("anna")
        slow = on.context.socket(zmq.SUB)
        on.sockets.append(slow)
        for option, least in ((zmq.RCVHWM, 1), (zmq.RCVBUF, 4_096)):
            slow.setsockopt(option, least)
        slow.connect(on.service.curves_address)
        slow.subscribe(b"")
        on.service.tick(200)
        anna.open(rig="metahuman")
        ears.frames()
        got: list[wire.Frame] = []
        for index in range(20_000):
            data = wire.Frame(0, index, -1, np.zeros(260, np.float32)).packed()
            on.service._publish(wire.topic("anna"), data)
            if index % 50 == 49:
                got += ears.frames()
                if on.figures.get("subscriber_drops", 0):
                    break
        assert on.figures["subscriber_drops"] >= 1
        assert [frame.index for frame in got] == list(range(index + 1))


@pytest.mark.parametrize("n", [2_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_garbage_is_answered_and_harms_nobody(n: int) -> None:
    with stage(messages_per_sec=10**6) as on:
        anna, ears, mallory = on.client(), on.subscriber("anna"), on.client()
        opened = anna.open(pace="burst", alive=False)
        draws = np.random.default_rng(n)
        seeds = [wire.encoded(one) for one in (
            wire.Open(subject="x"), wire.Audio(session=1, at=0, data=b"1234"), wire.Flush(session=1),
            wire.Direct(session=1, emotion="joy", gaze=[0.0, 0.0, 1.0]), wire.Interrupt(session=1),
            wire.Resume(token="0" * 32), wire.Ping(number=3), wire.Open(subject="y", fps="30", seed=4))]
        for k in range(n):
            mallory.socket.send_multipart(garbage(seeds[k % len(seeds)], draws))
            if k % 100 == 0:
                on.service.tick()
                while mallory.socket.poll(0):
                    wire.reply(mallory.socket.recv())
        anna.sound(opened, SPEECH)
        anna.send(wire.Flush(session=1))
        on.pass_secs(0.1)
        mallory.put(wire.Ping(number=4711))
        for _ in range(10_000):
            on.service.tick(1)
            if on.figures["messages"] >= n:
                break
        frames = [frame for frame in ears.frames() if frame.sample >= 0]
        assert values(frames).tobytes() == alone(60)
        assert on.figures["error_protocol"] > n / 4
        assert on.figures.get("error_fault", 0) == 0


def garbage(seed: bytes, draws: np.random.Generator) -> list[bytes]:
    """A message, damaged; or none at all."""
    kind = draws.integers(8)
    if kind == 0:
        return [draws.bytes(int(draws.integers(0, 300)))]
    if kind == 1:
        return [seed[: int(draws.integers(0, len(seed)))]]
    if kind == 2:
        return [seed] * int(draws.integers(2, 5))
    if kind == 3:
        return [b"\x91" * int(draws.integers(1, 5_000))]
    if kind == 4:
        return [b"\xdf\xff\xff\xff\xff" + draws.bytes(20)]
    damaged = bytearray(seed)
    for _ in range(int(draws.integers(1, 6))):
        damaged[int(draws.integers(len(damaged)))] = int(draws.integers(256))
    return [bytes(damaged)]


def test_a_fault_of_ours_ends_one_session_alone(on: Stage, caplog: pytest.LogCaptureFixture) -> None:
    anna, ben, ears = on.client(), on.client(), on.subscriber("ben")
    anna.open("anna")
    ben.open("ben")
    on.service.roster.voices[1].advance = lambda now_ns: 1 / 0  # type: ignore[method-assign,assignment]
    on.pass_secs(0.5)
    assert len(ears.frames()) > 20
    told = anna.replies()
    assert [one.code for one in told if isinstance(one, wire.Refusal)] == ["fault"]
    assert [one.reason for one in told if isinstance(one, wire.Closed)] == ["fault"]
    assert "ZeroDivisionError" in caplog.text


# --- what piles up

def test_flushes_without_end_do_not_pile_up_silence(on: Stage) -> None:
    anna = on.client()
    opened = anna.open(pace="burst", alive=False)
    for at in range(100):
        anna.put(wire.Audio(session=1, at=at, data=b"\0\0"))
        anna.put(wire.Flush(session=1))
    voice, waiting = on.service.roster.voices[opened.session], []
    step = voice.crowd.step
    voice.crowd.step = lambda *how: waiting.append(voice.crowd.waiting(voice.seat)) or step(*how)
    for _ in range(2_000):
        on.service.tick(1)
        on.work()
        if voice.received == 100 and not voice.crowd.waiting(voice.seat) and not voice._flushes:
            break
    assert voice.received == 100
    assert 15 <= max(waiting) <= 70


def test_openings_and_interruptions_cost_more_than_other_messages() -> None:
    with stage(messages_per_sec=60) as on:
        client, seen = on.client(), []
        for number in range(14):
            client.put(wire.Open(subject="anna", fps=f"{number}x"))  # never opened
        for _ in range(200):
            on.service.tick(1)
            while client.socket.poll(0):
                seen.append(wire.reply(client.socket.recv()).code)
        assert seen == ["config"] * 6 + ["rate"]


def test_a_service_that_cannot_keep_up_still_shows_the_newest(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open()
    anna.sound(opened, np.tile(SPEECH, 2)[:30_000])
    on.pass_secs(0.2)
    ears.frames()
    newest = []
    for _ in range(5):  # 0.3 s go by while a block of 20 ms is made
        on.now_ns += 300_000_000
        on.service.roster._waiting = iter([True, False]).__next__  # type: ignore[method-assign]
        on.work()
        newest.append(ears.frames()[-1].index)
    assert newest == sorted(set(newest))
    assert on.figures["frames_late"] + on.figures.get("frames_dropped", 0) >= 5
