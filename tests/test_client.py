"""The client of the service: sound goes out once, faces come for their samples, whatever breaks between."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import facerig
from facerig.errors import ConfigError, ProtocolError
from facerig.service import wire
from facerig.service.client import Character, Client, connect
from facerig.service.client_async import AsyncClient, connect_async
from facerig.service.conversation import Conversation
from facerig.service.key_files import ClientKeys
from facerig.service.link import Link
from facerig.service.sockets import Address
from tests.fake_service import CREDIT, FPS, RATE, STEP, FakeService, FakeSession, counted


@pytest.fixture
def fake() -> Iterator[FakeService]:
    service = FakeService()
    yield service
    service.die()
    assert not service.wrong


@pytest.fixture
def client(fake: FakeService) -> Iterator[Client]:
    with connect(fake.address, curves_port=fake.ports[1]) as client:
        yield client


def anna_of(client: Client) -> Character:
    return client.open("anna", sample_rate=RATE, fps=FPS)


def session_of(fake: FakeService) -> FakeSession:
    return list(fake.sessions.values())[-1]


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
    assert session_of(fake).sound == counted(3 * RATE).tolist()
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
    assert session_of(fake).sound == sound.tolist()
    longest = max(len(one.data) // 2 for one in fake.log if isinstance(one, wire.Audio))
    assert longest <= CREDIT  # what lies beyond is noted in `wrong`


@pytest.mark.parametrize(("samples", "sent"), [
    (np.array([0.5, -1.0, 1.0, 3.0]), [16384, -32767, 32767, 32767]),
    (np.array([1, -2, 32767], np.int16), [1, -2, 32767])])
def test_float_and_integer_sound_is_sent_as_integers(samples: np.ndarray, sent: list[int], fake: FakeService,
                                                     client: Client) -> None:
    anna = anna_of(client)
    anna.say_sound(samples)
    until(lambda: session_of(fake).flushes)
    assert session_of(fake).sound == sent


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
    until(lambda: len(session_of(fake).directions) == 2)
    first, second = session_of(fake).directions
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
    assert session_of(fake).sound == counted(RATE + 6400).tolist()


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
    assert session_of(fake).sound == counted(RATE, 500).tolist()
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
    assert session_of(fake).sound == sound.tolist()  # nothing lost, nothing twice
    samples = [frame.sample for frame in frames]
    assert samples == sorted(set(samples))
    assert samples[-1] == 20 * RATE - STEP
    assert all(frame.values[0] == frame.sample % 30_000 for frame in frames)
    assert session_of(fake).directions[-1].emotion == "joy:0.6"
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
    heard = session_of(fake).sound
    assert len(heard) < len(sound)
    assert heard == sound[-len(heard):].tolist()
    assert session_of(fake).directions[-1].emotion == "fear:0.4"


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
    assert session_of(fake).epoch == 1


def test_many_losses_lose_nothing(fake: FakeService, client: Client) -> None:
    anna, sound = anna_of(client), counted(60 * RATE)
    anna.say_sound(sound)
    for k in range(5):
        time.sleep(0.003 * k)
        fake.die()
        fake.live()
    assert list(anna.frames())
    assert session_of(fake).sound == sound.tolist()


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


# --- asyncio


def test_the_same_with_asyncio(fake: FakeService) -> None:
    async def scene(client: AsyncClient) -> list[wire.Frame]:
        async with client as service:
            anna = await service.open("anna", sample_rate=RATE, fps=FPS)
            with pytest.raises(ConfigError, match="open already"):
                await service.open("anna")
            await anna.stream(np.split(counted(10 * RATE), 20), flush=False)
            fake.die()
            fake.live()
            anna.say_sound(counted(10 * RATE, 10 * RATE))
            frames = [frame async for frame in anna.frames()]
            assert await service.statistics() == {"sessions": 1.0}
            assert session_of(fake).sound == counted(20 * RATE).tolist()
            anna.interrupt()
            anna.say("Hello.")
            assert [piece.last async for piece in anna.sounds()] == [True]
        assert not fake.sessions
        return frames

    frames = asyncio.run(scene(connect_async(fake.address, curves_port=fake.ports[1])))
    assert frames[-1].sample == 20 * RATE - STEP
    assert all(frame.values[0] == frame.sample % 30_000 for frame in frames)


def test_without_a_service_asyncio_says_so(fake: FakeService) -> None:
    async def scene() -> None:
        async with connect_async(fake.address) as service:
            with pytest.raises(ConfigError, match="no service answers"):
                await service.open("anna", timeout_secs=0.05)
        with pytest.raises(ConfigError, match="async with"):
            await service.open("anna")

    fake.die()
    asyncio.run(scene())
    fake.live()


def test_connect_is_the_packages_own() -> None:
    assert facerig.connect is connect
    assert facerig.connect_async is connect_async


@pytest.mark.parametrize("missing", ["zmq", "msgspec"])
def test_without_the_extra_connect_says_what_to_install(missing: str) -> None:
    script = (f"import sys; sys.modules[{missing!r}] = None\nimport facerig\n"
              "try: facerig.connect\nexcept facerig.ConfigError as error: print(error)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert f"needs {missing}" in done.stdout
    assert 'pip install "facerig[serve]"' in done.stdout


# --- without sockets


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(["say", "send", "lose", "forget", "interrupt"]),
                          st.integers(1, 9000)), max_size=25))
def test_whatever_breaks_sound_arrives_once_and_in_order(steps: list[tuple[str, int]]) -> None:
    """The service, here as a value, has each sample of an epoch once, in order, up to the last."""
    link = Link()
    talk = link.open(wire.Open(subject="anna", sample_rate=RATE))
    one, now, said = FakeSession(1, "anna"), 0, list[int]()
    for kind, size in [*steps, ("send", 9000)]:
        now += 10**10
        if kind == "say":
            talk.say_sound(counted(size, len(said)), flush=size % 2 == 0)
            said += counted(size, len(said)).tolist()
        elif kind == "send":
            while answers := [_heard(one, message) for message in link.due(now)]:
                for answer in filter(None, answers):
                    link.answered(wire.encoded(answer), now)
                link.published(wire.topic("anna"), wire.encoded(one.schema))
                now += 1
        elif kind == "lose":
            for message in link.due(now)[: size % 5]:  # some arrive, no answer does
                _heard(one, message)
            link.lost(now)
        elif kind == "interrupt":
            talk.interrupt()
            said = []
        elif one.received == 0:  # a service that is new has heard nothing
            one = FakeSession(1, "anna")
            link.lost(now)
    assert one.sound[len(one.sound) - len(said):] == said
    if not any(kind == "interrupt" for kind, _ in steps):
        assert one.sound == said
    assert isinstance(talk, Conversation)
    assert talk.out.empty


def _heard(one: FakeSession, message: wire.Request) -> wire.Reply | None:
    """A service without faces."""
    if isinstance(message, wire.Open | wire.Resume):
        if isinstance(message, wire.Resume) and message.token != one.token:
            return wire.Refusal(code="token", what="unknown")
        return wire.Opened(session=1, token=one.token, schema=one.schema, epoch=one.epoch,
                           received=one.received, credit=CREDIT)
    if isinstance(message, wire.Audio) and message.epoch == one.epoch:
        sound = np.frombuffer(message.data, "<i2").tolist()
        assert message.at <= one.received
        one.sound += sound[one.received - message.at:] if message.at + len(sound) > one.received else []
    if isinstance(message, wire.Interrupt):
        one.epoch, one.first, one.sound = one.epoch + 1, one.received, []
        return wire.Interrupted(session=1, epoch=one.epoch, at=one.first)
    return wire.Progress(session=1, epoch=one.epoch, received=one.received, animated=one.received,
                         credit=CREDIT)
