"""The client of the service: sound goes out once, faces come for their samples, whatever breaks between."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import numpy as np
import pytest
import zmq

from facerig.errors import ConfigError, ProtocolError
from facerig.service import wire
from facerig.service.client import Character, Client, connect
from facerig.service.key_files import ClientKeys
from facerig.service.sockets import Address
from tests.fake_service import CREDIT, FPS, RATE, STEP, FakeService, counted, fake_service


@pytest.fixture
def fake() -> Iterator[FakeService]:
    with fake_service() as service:
        yield service


@pytest.fixture
def client(fake: FakeService) -> Iterator[Client]:
    with connect(fake.address, curves_port=fake.ports[1]) as client:
        yield client


def anna_of(client: Client) -> Character:
    return client.open("anna", sample_rate=RATE, fps=FPS)


def right(frames: list[wire.Frame]) -> None:
    """Each frame shows the sound of its sample, and there is one for every step."""
    assert all(frame.values[0] == frame.sample % 30_000 for frame in frames)
    samples = [frame.sample for frame in frames]
    assert samples == list(range(samples[0], samples[-1] + 1, STEP))


def until(true: object, secs: float = 5.0) -> None:
    deadline = time.monotonic() + secs
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.002)


# --- speaking


def test_a_sound_goes_out_once_and_its_frames_come_back(fake: FakeService, client: Client) -> None:
    anna = anna_of(client)
    assert anna.names == ("jawOpen",)
    assert anna.latency_samples == 1600
    assert anna.say_sound(counted(3 * RATE)) == 0
    frames = list(anna.frames())
    right(frames)
    assert len(frames) == 3 * FPS
    assert frames[-1].flags & wire.Frame.LAST
    assert fake.newest.sound == counted(3 * RATE).tolist()
    assert anna.say_sound(counted(RATE, 3 * RATE)) == 3 * RATE == anna.end - RATE
    again = list(anna.frames())
    right([*frames, *again])
    assert anna.counts.received == 4 * FPS
    assert anna.counts.lost == 0


def test_chunks_of_any_size_are_streamed_within_credit(fake: FakeService, client: Client) -> None:
    anna, sound = anna_of(client), counted(4 * RATE)
    cuts = sorted(random.Random(1).sample(range(len(sound)), 40))
    assert anna.stream(np.split(sound, cuts)) == 0
    right(list(anna.frames()))
    assert fake.newest.sound == sound.tolist()
    longest = max(len(one.data) // 2 for one in fake.log if isinstance(one, wire.Audio))
    assert longest <= CREDIT  # what lies beyond is noted in `wrong`


@pytest.mark.parametrize(("samples", "sent"), [
    (np.array([0.5, -1.0, 1.0, 3.0]), [16384, -32767, 32767, 32767]),
    (np.array([1, -2, 32767], np.int16), [1, -2, 32767])])
def test_float_and_integer_sound_is_sent_as_integers(samples: np.ndarray, sent: list[int], fake: FakeService,
                                                     client: Client) -> None:
    anna = anna_of(client)
    anna.say_sound(samples)
    until(lambda: fake.newest.flushes)
    assert fake.newest.sound == sent


@pytest.mark.parametrize("samples", [np.zeros((2, 2)), np.array([1, 2]), np.array([0.0, np.nan])])
def test_what_is_no_sound_is_refused_here(samples: np.ndarray, client: Client) -> None:
    with pytest.raises(ConfigError, match="say_sound"):
        anna_of(client).say_sound(samples)


def test_more_sound_than_ten_minutes_does_not_wait_here(client: Client) -> None:
    with pytest.raises(ConfigError, match=r"stream\(chunks\)"):
        anna_of(client).say_sound(np.zeros(601 * RATE, np.int16))


def test_the_face_of_the_sample_that_plays(client: Client) -> None:
    anna = anna_of(client)
    anna.say_sound(counted(RATE))
    until(lambda: anna.counts.received == FPS)
    assert anna.at(5 * STEP + STEP // 2).values[0] == pytest.approx(5.5 * STEP)
    assert anna.at(6 * STEP).state == "speech"
    assert anna.late_samples is None  # the end is here, so nothing can be late


def test_wishes_are_sent_where_they_belong(fake: FakeService, client: Client) -> None:
    anna = anna_of(client)
    anna.direct(emotion="joy:0.6", gaze=(0.1, 0.0, 0.7))
    anna.direct(RATE, blink=True)
    until(lambda: len(fake.newest.directions) == 2)
    first, second = fake.newest.directions
    assert (first.at, first.emotion, first.gaze) == (-1, "joy:0.6", [0.1, 0.0, 0.7])
    assert (second.at, second.blink) == (RATE, True)


@pytest.mark.parametrize("wishes", [{"mood": "joy"}, {"gaze": (1.0, 2.0)}, {"emotion": 7},
                                    {"transition_secs": -1.0}, {"gaze": (1.0, 2.0, 1e9)}])
def test_what_is_no_wish_is_refused_here(wishes: dict[str, object], client: Client) -> None:
    with pytest.raises(ConfigError, match="fix:"):
        anna_of(client).direct(**wishes)


def test_the_services_voice_gives_sound_and_faces(client: Client) -> None:
    anna = anna_of(client)
    anna.say_sound(counted(RATE))
    anna.say("Hello there.")
    pieces = list(anna.sounds())
    assert [(piece.at, len(piece.samples), piece.last) for piece in pieces] == [(RATE, 3200, True)]
    assert anna.end == RATE + 3200
    right(list(anna.frames()))


def test_own_sound_waits_until_the_services_voice_is_done(fake: FakeService, client: Client) -> None:
    anna = anna_of(client)
    anna.say("Hello.")
    anna.say("And again.")
    anna.say_sound(counted(RATE, 6400))
    right(list(anna.frames()))
    assert [piece.at for piece in (next(anna.sounds()), next(anna.sounds()))] == [0, 3200]
    assert fake.newest.sound == counted(RATE + 6400).tolist()


# --- interruption


def test_an_interruption_raises_the_epoch_and_samples_go_on(fake: FakeService, client: Client) -> None:
    anna = anna_of(client)
    anna.say_sound(counted(2 * RATE))
    until(lambda: anna.counts.received > 10)
    anna.interrupt()
    begins = anna.say_sound(counted(RATE, 500))
    frames = list(anna.frames())
    assert {frame.epoch for frame in frames} == {1}
    assert [frame.values[0] for frame in frames] == [500 + k * STEP for k in range(FPS)]
    assert frames[0].sample == begins
    assert fake.newest.sound == counted(RATE, 500).tolist()
    assert anna.at(begins + STEP).state == "speech"


def test_interrupting_what_nobody_heard_needs_no_word(fake: FakeService, client: Client) -> None:
    anna = anna_of(client)
    anna.interrupt()
    anna.interrupt()
    anna.say_sound(counted(RATE))
    right(list(anna.frames()))
    assert sum(isinstance(one, wire.Interrupt) for one in fake.log) <= 1


# --- loss


@pytest.mark.parametrize("moment", [0.0, 0.004, 0.02])
def test_after_a_lost_connection_a_session_goes_on(moment: float, fake: FakeService, client: Client) -> None:
    anna, sound = anna_of(client), counted(20 * RATE)
    anna.direct(emotion="joy:0.6")
    anna.say_sound(sound)
    time.sleep(moment)
    fake.die()
    fake.live()
    frames = list(anna.frames())
    assert fake.newest.sound == sound.tolist()  # nothing lost, nothing twice
    samples = [frame.sample for frame in frames]
    assert samples == sorted(set(samples))
    assert samples[-1] == 20 * RATE - STEP
    assert all(frame.values[0] == frame.sample % 30_000 for frame in frames)
    assert fake.newest.directions[-1].emotion == "joy:0.6"
    assert client.losses >= 1


def test_a_service_that_knows_nobody_gets_the_sound_that_has_no_face(fake: FakeService,
                                                                     client: Client) -> None:
    anna, sound = anna_of(client), counted(20 * RATE)
    anna.direct(emotion="fear:0.4")
    anna.say_sound(sound)
    until(lambda: anna.counts.received > 5)
    fake.die(forget=True)
    fake.live()
    right(list(anna.frames()))  # no step is missing, none comes twice
    heard = fake.newest.sound
    assert len(heard) < len(sound)
    assert heard == sound[-len(heard):].tolist()
    assert fake.newest.directions[-1].emotion == "fear:0.4"


def test_the_face_goes_on_where_the_player_is_when_another_service_takes_over(fake: FakeService,
                                                                              client: Client) -> None:
    anna, plays = anna_of(client), RATE
    anna.at(0)
    anna.say_sound(counted(10 * RATE))
    until(lambda: anna.counts.received >= 3 * FPS)
    anna.at(plays)
    time.sleep(0.11)  # a jump is faded over a tenth of a second
    before = anna.at(plays).values[0]
    fake.die(forget=True)
    fake.live()
    until(lambda: anna.counts.received >= 12 * FPS)
    for picture in range(30):
        shown = anna.at(plays + picture * STEP)
        time.sleep(0.01)
    assert before == plays
    assert shown.values[0] == plays + 29 * STEP


def test_an_interruption_that_got_lost_is_made_up_for(fake: FakeService, client: Client) -> None:
    anna = anna_of(client)
    anna.say_sound(counted(RATE))
    assert list(anna.frames())
    fake.die()
    anna.interrupt()
    anna.say_sound(counted(RATE, 7))
    fake.live()
    assert [frame.values[0] for frame in anna.frames()] == [7 + k * STEP for k in range(FPS)]
    assert fake.newest.epoch == 1


def test_many_losses_lose_nothing(fake: FakeService, client: Client) -> None:
    anna, sound = anna_of(client), counted(60 * RATE)
    anna.say_sound(sound)
    for k in range(5):
        time.sleep(0.003 * k)
        fake.die()
        fake.live()
    assert list(anna.frames())
    assert fake.newest.sound == sound.tolist()


# --- what goes wrong


def test_a_refusal_says_what_the_service_said(fake: FakeService, client: Client) -> None:
    fake.refuse = wire.Refusal(code="full", what="255 sessions are open", where="open", fix="close one")
    with pytest.raises(ProtocolError, match=r"open: 255 sessions are open\n  fix: close one"):
        anna_of(client)
    assert anna_of(client).say_sound(counted(100)) == 0  # the name is free again


def test_where_no_service_is_open_says_so(fake: FakeService) -> None:
    fake.die()
    with connect(fake.address) as client, pytest.raises(ConfigError, match="no service answers"):
        client.open("anna", timeout_secs=0.1)
    fake.live()


@pytest.mark.parametrize("address", ["127.0.0.1", "udp://host", "tcp://", "tcp://host:port", "tcp://host:0",
                                     "tcp://host:99999"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="no address of a service"):
        connect(address)


def test_addresses_have_ports_by_default() -> None:
    assert Address.of("tcp://10.0.0.1") == Address("tcp://10.0.0.1:15680", "tcp://10.0.0.1:15681")
    assert Address.of("tcp://host:7", 9) == Address("tcp://host:7", "tcp://host:9")


@pytest.mark.parametrize("options", [{"sample_rate": 96_000}, {"fps": "fast"}, {"pace": "slow"}, {"sam": 1},
                                     {"encoding": "opus"}])
def test_options_are_checked_before_they_are_sent(options: dict[str, object], client: Client) -> None:
    with pytest.raises(ConfigError, match="fix:"):
        client.open("anna", **options)
    with pytest.raises(ConfigError, match="fix:"):
        client.open("an/na")


def test_a_name_is_open_once(client: Client) -> None:
    anna_of(client)
    with pytest.raises(ConfigError, match="open already"):
        anna_of(client)


def test_a_closed_session_says_so_and_its_name_is_free(fake: FakeService, client: Client) -> None:
    anna = anna_of(client)
    anna.say_sound(counted(RATE))
    anna.close()
    right(list(anna.frames()))
    until(lambda: anna.closed == "client")
    assert not fake.sessions
    with pytest.raises(ConfigError, match=r"over \(client\)"):
        anna.say_sound(counted(1))
    assert anna_of(client).closed == ""


def test_a_client_that_is_left_closes_its_sessions(fake: FakeService) -> None:
    with connect(fake.address, curves_port=fake.ports[1]) as client:
        anna_of(client).say_sound(counted(RATE))
        client.open("bob", sample_rate=RATE, fps=FPS)
    assert not fake.sessions
    with pytest.raises(ProtocolError, match="connection is closed"):
        client.open("carl", timeout_secs=1)


def test_garbage_of_a_service_does_no_harm(fake: FakeService, client: Client) -> None:
    anna, chance = anna_of(client), random.Random(2)
    fake.noise += [(None, chance.randbytes(chance.randrange(60))) for _ in range(300)]
    fake.noise += [(wire.topic("anna"), b"FRIG" + chance.randbytes(chance.randrange(60))) for _ in range(300)]
    fake.noise += [(None, wire.encoded(wire.Closed(session=99))), (b"\xff\0", b"x"), (b"", b"")]
    until(lambda: not fake.noise)
    anna.say_sound(counted(RATE))
    right(list(anna.frames()))
    assert client.losses == 0


def test_nobody_waits_for_ever(client: Client) -> None:
    anna = anna_of(client)
    with pytest.raises(ProtocolError, match="no frame came"):
        list(anna.frames(forever=True, timeout_secs=0.05))
    with pytest.raises(ProtocolError, match="no sound came"):
        list(anna.sounds(timeout_secs=0.05))
    assert client.statistics() == {"sessions": 1.0}


def test_keys_open_what_is_locked() -> None:
    (public, secret), (mine, my_secret), (other, _) = (zmq.curve_keypair() for _ in range(3))
    locked = FakeService(secret)
    for server, opens in ((public, True), (other, False), (None, False)):
        keys = server and ClientKeys(server=server.decode(), public=mine.decode(), secret=my_secret.decode())
        with connect(locked.address, curves_port=locked.ports[1], keys=keys) as client:
            if opens:
                anna = anna_of(client)
                anna.say_sound(counted(RATE))
                right(list(anna.frames()))
            else:
                with pytest.raises(ConfigError, match="no service answers"):
                    client.open("bob", timeout_secs=0.3)
    locked.die()


@pytest.mark.parametrize("wrong", ["short", "x" * 40 + " ", "~" * 40, "\n" * 40])
def test_what_is_no_key_is_refused(wrong: str) -> None:
    public, secret = (key.decode() for key in zmq.curve_keypair())
    with pytest.raises(ConfigError, match="is no CURVE key"):
        ClientKeys(server=wrong, public=public, secret=secret)
