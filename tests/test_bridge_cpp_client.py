"""The C++ client, as test_client.py has the Python one: sound goes out once, faces come for their samples,
whatever breaks between. Its program runs under sanitizers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import zmq

from facerig.service import wire
from facerig.service.key_files import ClientKeys
from tests.bridges.cpp import PATIENCE_SECS, Talk, talking
from tests.fake_service import CREDIT, FPS, RATE, STEP, FakeService, counted, fake_service

EPOCH, INDEX, SAMPLE, FLAGS, VALUE, ORDER = range(6)  # of a frame as it is told


@pytest.fixture
def fake() -> Iterator[FakeService]:
    with fake_service() as service:
        yield service


@pytest.fixture
def talk(fake: FakeService) -> Iterator[Talk]:
    with talking(fake.address, fake.ports[1]) as one:
        yield one


def until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.003)


def ended(frames: list[list[Any]]) -> bool:
    return bool(frames) and bool(frames[-1][FLAGS] & wire.Frame.LAST)


def right(frames: list[list[Any]]) -> None:
    """Each frame shows the sound of its sample, and there is one for every step."""
    assert all(frame[VALUE] == frame[SAMPLE] % 30_000 for frame in frames)
    samples = [frame[SAMPLE] for frame in frames]
    assert samples == list(range(samples[0], samples[-1] + 1, STEP))


# --- speaking


def test_a_sound_goes_out_once_and_its_frames_come_back(fake: FakeService, talk: Talk) -> None:
    talk.open()
    assert talk.ask("counted", "anna", 0, 3 * RATE, 1) == {"begins": 0}
    frames = talk.frames(ended)
    right(frames)
    assert len(frames) == 3 * FPS
    assert fake.newest.sound == counted(3 * RATE).tolist()
    longest = max(len(one.data) // 2 for one in fake.log if isinstance(one, wire.Audio))
    assert longest <= CREDIT  # what lies beyond is noted in `wrong`
    assert talk.ask("counted", "anna", 3 * RATE, RATE, 1) == {"begins": 3 * RATE}
    right(frames + talk.frames(ended))
    info = talk.ask("info", "anna")
    assert (info["end"], info["received"], info["lost"], info["latency"]) == (4 * RATE, 4 * FPS, 0, 1600)
    assert (info["state"], info["silent"], info["curves"], info["late"]) == ("open", True, 1, None)


def test_floats_are_sent_as_integers_and_nan_not_at_all(fake: FakeService, talk: Talk) -> None:
    talk.open()
    assert talk.ask("floats", "anna", 0.5, -1, 1, 3, -7) == {"begins": 0}
    assert "finite" in talk.ask("floats", "anna", 0.5, "nan")["error"]
    assert "600 s" in talk.ask("counted", "anna", 0, 601 * RATE, 0)["error"]
    assert talk.ask("floats", "anna", 0) == {"begins": 5}
    talk.ask("flush", "anna")
    until(lambda: fake.newest.flushes)
    assert fake.newest.sound == [16384, -32767, 32767, 32767, -32767, 0]


def test_the_face_of_the_sample_that_plays(talk: Talk) -> None:
    talk.open()
    talk.ask("counted", "anna", 0, RATE, 1)
    until(lambda: talk.ask("info", "anna")["received"] == FPS)
    shown = talk.ask("at", "anna", 5 * STEP + STEP // 2)
    assert shown == {"index": 5, "state": "speech", "value": pytest.approx(5.5 * STEP)}
    assert talk.ask("info", "anna")["ahead"] == RATE - STEP


def test_wishes_are_sent_where_they_belong(fake: FakeService, talk: Talk) -> None:
    talk.open()
    assert talk.ask("direct", "anna", -1, "joy:0.6") == {}
    assert talk.ask("direct", "anna", RATE, "fear:0.2") == {}
    assert "direct: at" in talk.ask("direct", "anna", -2, "joy")["error"]
    assert "direct: emotion" in talk.ask("direct", "anna", -1, "x" * 201)["error"]
    until(lambda: len(fake.newest.directions) == 2)
    told = [(one.at, one.emotion) for one in fake.newest.directions]
    assert told == [(-1, "joy:0.6"), (RATE, "fear:0.2")]


def test_own_sound_waits_until_the_services_voice_is_done(fake: FakeService, talk: Talk) -> None:
    talk.open()
    talk.ask("counted", "anna", 0, RATE, 1)
    talk.ask("say", "anna", "Hello there.")
    talk.ask("counted", "anna", RATE + 3200, RATE, 1)
    right(talk.frames(lambda frames: ended(frames) and frames[-1][SAMPLE] > 2 * RATE))
    spoken = talk.wait("spoken")[-1]
    assert (spoken["at"], spoken["n"], spoken["last"]) == (RATE, 3200, 1)
    assert fake.newest.sound == counted(2 * RATE + 3200).tolist()


def test_an_interruption_raises_the_epoch_and_samples_go_on(fake: FakeService, talk: Talk) -> None:
    talk.open()
    talk.ask("counted", "anna", 0, 2 * RATE, 1)
    talk.frames(lambda frames: len(frames) > 10)
    talk.ask("interrupt", "anna")
    begins = talk.ask("counted", "anna", 500, RATE, 1)["begins"]
    frames = talk.frames(ended)
    interrupted = talk.wait("interrupted")[-1]
    assert interrupted["epoch"] == 1
    assert {frame[EPOCH] for frame in frames if frame[ORDER] > interrupted["order"]} == {1}
    new = [frame for frame in frames if frame[EPOCH] == 1 and frame[SAMPLE] >= 0]
    assert [frame[VALUE] for frame in new] == [500 + k * STEP for k in range(FPS)]
    assert new[0][SAMPLE] == begins
    assert fake.newest.sound == counted(RATE, 500).tolist()


# --- loss


@pytest.mark.parametrize("moment", [0.0, 0.004, 0.02])
def test_after_a_lost_connection_a_session_goes_on(moment: float, fake: FakeService, talk: Talk) -> None:
    talk.open()
    talk.ask("direct", "anna", -1, "joy:0.6")
    talk.ask("counted", "anna", 0, 20 * RATE, 1)
    time.sleep(moment)
    fake.die()
    fake.live()
    frames = talk.frames(ended)
    assert fake.newest.sound == counted(20 * RATE).tolist()  # nothing lost, nothing twice
    samples = [frame[SAMPLE] for frame in frames]
    assert samples == sorted(set(samples))
    assert samples[-1] == 20 * RATE - STEP
    assert all(frame[VALUE] == frame[SAMPLE] % 30_000 for frame in frames)
    assert fake.newest.directions[-1].emotion == "joy:0.6"
    events = talk.wait("resumed")
    assert [one["event"] for one in events] == ["lost", "resumed"]
    assert talk.ask("client")["losses"] >= 1


def test_dropping_the_connection_by_wish_loses_nothing(fake: FakeService, talk: Talk) -> None:
    talk.open()
    for k in range(5):
        talk.ask("counted", "anna", 4 * k * RATE, 4 * RATE, int(k == 4))
        talk.ask("reconnect")
        assert talk.wait("resumed")
    talk.frames(ended)
    assert fake.newest.sound == counted(20 * RATE).tolist()


def test_a_service_that_knows_nobody_gets_the_sound_that_has_no_face(fake: FakeService, talk: Talk) -> None:
    talk.open()
    talk.ask("direct", "anna", -1, "fear:0.4")
    talk.ask("counted", "anna", 0, 20 * RATE, 1)
    frames = talk.frames(lambda frames: len(frames) > 5)
    fake.die(forget=True)
    fake.live()
    right(frames + talk.frames(ended))  # no step is missing, none comes twice
    heard = fake.newest.sound
    assert len(heard) < 20 * RATE
    assert heard == counted(20 * RATE)[-len(heard):].tolist()
    assert fake.newest.directions[-1].emotion == "fear:0.4"
    assert talk.wait("opened")


def test_the_face_goes_on_where_the_player_is_when_another_service_takes_over(fake: FakeService,
                                                                              talk: Talk) -> None:
    talk.open()
    talk.ask("at", "anna", 0)
    talk.ask("counted", "anna", 0, 10 * RATE, 1)
    until(lambda: talk.ask("info", "anna")["received"] >= 3 * FPS)
    talk.ask("at", "anna", RATE)
    fake.die(forget=True)
    fake.live()
    until(lambda: talk.ask("info", "anna")["received"] >= 12 * FPS)
    talk.ask("at", "anna", RATE)
    time.sleep(0.11)  # a jump is faded over a tenth of a second
    assert talk.ask("at", "anna", RATE + 29 * STEP)["value"] == RATE + 29 * STEP


def test_an_interruption_that_got_lost_is_made_up_for(fake: FakeService, talk: Talk) -> None:
    talk.open()
    talk.ask("counted", "anna", 0, RATE, 1)
    talk.frames(ended)
    fake.die()
    talk.ask("interrupt", "anna")
    talk.ask("counted", "anna", 7, RATE, 1)
    fake.live()
    frames = [frame for frame in talk.frames(ended) if frame[SAMPLE] >= 0]
    assert [frame[VALUE] for frame in frames] == [7 + k * STEP for k in range(FPS)]
    assert fake.newest.epoch == 1


def test_it_connects_when_the_service_comes(fake: FakeService) -> None:
    fake.die()
    with talking(fake.address, fake.ports[1]) as talk:
        assert talk.ask("open", "anna", RATE, FPS, "realtime", 1) == {}
        assert talk.ask("counted", "anna", 0, RATE, 1) == {"begins": 0}
        assert talk.ask("info", "anna")["state"] == "opening"
        assert not talk.ask("client")["connected"]
        fake.live()
        right(talk.frames(ended))
        assert talk.ask("client")["connected"]


# --- what goes wrong


def test_a_refusal_says_what_the_service_said(fake: FakeService, talk: Talk) -> None:
    fake.refuse = wire.Refusal(code="full", what="255 sessions are open", where="open", fix="close one")
    talk.ask("open", "anna", RATE, FPS, "realtime", 1)
    events = talk.wait("closed")
    assert events[0]["error"] == "open: 255 sessions are open (fix: close one)"
    assert events[-1]["reason"] == "refused"
    talk.open()  # the name is free again
    assert "open already" in talk.ask("open", "anna", RATE, FPS, "realtime", 1)["error"]


@pytest.mark.parametrize(("words", "where"), [
    (("=anna", RATE, FPS, "burst", 1), "open: subject"), (("an/na", RATE, FPS, "burst", 1), "open: subject"),
    (("anna", 96_000, FPS, "burst", 1), "open: sample_rate"),
    (("anna", RATE, "fast", "burst", 1), "open: fps"), (("anna", RATE, FPS, "slow", 1), "open: pace")])
def test_options_are_checked_before_they_are_sent(words: tuple[object, ...], where: str, fake: FakeService,
                                                  talk: Talk) -> None:
    error = talk.ask("open", *words)["error"]
    assert error.startswith(f"{where}: ")
    assert "(fix: " in error
    assert not fake.log


@pytest.mark.parametrize("address", ["127.0.0.1", "udp://host", "tcp://", "tcp://host:port", "tcp://host:0",
                                     "tcp://host:99999", "tcp://127.0.0.1:65535"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with talking(address, 0) as talk:
        assert "no address of a service" in talk.ask("client")["failure"]
        assert "no address of a service" in talk.ask("open", "anna", RATE, FPS, "burst", 1)["error"]


def test_a_closed_session_says_so_and_its_name_is_free(fake: FakeService, talk: Talk) -> None:
    talk.open()
    talk.ask("counted", "anna", 0, RATE, 1)
    talk.ask("close", "anna")
    assert talk.wait("closed")[-1]["reason"] == "client"
    right(talk.frames(bool))
    assert not fake.sessions
    assert "session is over" in talk.ask("counted", "anna", 0, 1, 0)["error"]
    talk.open()
    talk.ask("drop", "anna")  # a character that nobody holds any more
    until(lambda: not fake.sessions)


def test_a_client_that_is_left_closes_its_sessions(fake: FakeService, talk: Talk) -> None:
    talk.open()
    talk.open("bob", rate=RATE, fps=FPS)
    talk.ask("counted", "anna", 0, 5 * RATE, 0)
    talk.ask("shutdown")
    assert not fake.sessions
    assert talk.ask("info", "bob")["state"] == "over"


def test_a_service_that_says_anything_harms_nobody(fake: FakeService, talk: Talk) -> None:
    """Random bytes, and messages that are well-formed and out of all measure."""
    talk.open()
    talk.ask("counted", "anna", 0, RATE, 1)
    talk.frames(ended)
    one, draw = fake.newest, np.random.default_rng(3)
    most, topic = 2**62, wire.topic("anna")
    said: list[Any] = [wire.Progress(session=one.number, received=most, animated=most, credit=most),
                       wire.Spoken(session=one.number, at=most, data=b"\1\2" * 50, last=True),
                       wire.Spoken(session=one.number, at=0, data=b"\1"),
                       wire.Interrupted(session=one.number, epoch=2**31 - 1, at=most),
                       wire.Interrupted(session=one.number, epoch=1, at=0),
                       wire.Opened(session=9, token="f" * 32, schema=one.schema, received=most, credit=most),
                       wire.Refusal(code="gap", what="?", session=one.number)]
    fake.noise += [(None, wire.encoded(message)) for message in said]
    fake.noise += [(topic, wire.Frame(epoch, most, sample, np.zeros(1, np.float32), flags).packed())
                   for epoch in (0, 2**31) for sample in (-1, 0, most) for flags in (0, 255)]
    fake.noise += [(where, draw.bytes(int(draw.integers(0, 300)))) for where in (None, topic)
                   for _ in range(200)]
    until(lambda: not fake.noise)
    until(lambda: talk.ask("client")["garbage"] >= 350)
    for sample in (-1, 0, most):
        assert talk.ask("at", "anna", sample)["state"] in ("speech", "held", "idle", "rest")
    talk.open("bob", rate=RATE, fps=FPS)
    talk.ask("counted", "bob", 0, RATE, 1)
    right(talk.frames(ended, "bob"))


def test_figures_are_asked_for(talk: Talk) -> None:
    talk.open()
    talk.ask("statistics")
    until(lambda: talk.ask("client")["figures"] == 1)


# --- keys


def test_a_key_pair_opens_a_service_that_has_keys() -> None:
    server, secret = zmq.curve_keypair()
    mine = zmq.curve_keypair()
    other = zmq.curve_keypair()[0].decode()
    fake = FakeService(secret_key=secret)
    keys = ClientKeys(server=server.decode(), public=mine[0].decode(), secret=mine[1].decode())
    with talking(fake.address, fake.ports[1], keys=keys) as talk:
        talk.open()
        talk.ask("counted", "anna", 0, RATE, 1)
        right(talk.frames(ended))
    wrong = ClientKeys(server=other, public=mine[0].decode(), secret=mine[1].decode())
    with talking(fake.address, fake.ports[1], keys=wrong) as talk:
        talk.ask("open", "anna", RATE, FPS, "realtime", 1)
        assert not talk.wait("opened", secs=0.3)
        assert not talk.ask("client")["connected"]
    with talking(fake.address, fake.ports[1]) as talk:  # none at all
        talk.ask("open", "anna", RATE, FPS, "realtime", 1)
        assert not talk.wait("opened", secs=0.3)
    fake.die()
    assert not fake.wrong
