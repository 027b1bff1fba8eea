"""A service from its start to its end: where it listens, whom it lets in, how it stops; and its one clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st
from zmq.auth.thread import ThreadAuthenticator

from facerig.encoder import model as models
from facerig.errors import ConfigError, ModelError
from facerig.service import wire
from facerig.service.limits import Limits, ServiceSettings
from facerig.service.pacing import SILENCE, Playhead, SoundMap
from facerig.service.server import Service
from tests.services import Stage, speech, stage

SPEECH = speech(1.0)


@pytest.fixture(name="on")
def _on() -> Iterator[Stage]:
    with stage() as one:
        yield one


def test_an_upgrade_of_the_package_leaves_a_running_service_its_models(
        on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        raise ModelError("is not there any more", where=name)

    anna = on.client()
    monkeypatch.setattr(models, "model_path", gone)
    opened = anna.open("anna", sample_rate=44_100, fps="23.976")  # none like it was open
    anna.sound(opened, speech(0.5, 44_100))
    on.pass_secs(0.5)
    assert on.service.roster.voices[1].animated > 0
    assert not [one for one in anna.replies() if isinstance(one, wire.Refusal)]


def test_other_addresses_than_loopback_need_more() -> None:
    for bind in ("0.0.0.0", "192.168.0.1", "::", "example.org"):
        with pytest.raises(ConfigError, match="open to others"):
            Service(ServiceSettings(bind=bind, control_port=0, curves_port=0))
    with pytest.raises(ConfigError, match=r"limits\.sessions"):
        Limits(sessions=0)
    with pytest.raises(ConfigError, match="--model"):
        ServiceSettings(models=("offline",))


def test_a_port_that_is_taken_is_told(on: Stage) -> None:
    port = int(on.service.control_address.rpartition(":")[2])
    with pytest.raises(ConfigError, match="cannot listen"):
        Service(ServiceSettings(control_port=port, curves_port=0, models=("live",)))


class Keys:
    """A guard that lets one public key in."""

    def __init__(self, allowed: bytes) -> None:
        self.public, self.secret = zmq.curve_keypair()
        self._allowed, self._watch = allowed, None

    def start(self, context: zmq.Context) -> None:
        self._watch = ThreadAuthenticator(context)
        self._watch.start()
        self._watch.configure_curve_callback(credentials_provider=self)

    def callback(self, domain: str, key: bytes) -> bool:
        return key == self._allowed

    def secure(self, socket: zmq.Socket) -> None:
        socket.curve_server, socket.curve_secretkey, socket.curve_publickey = True, self.secret, self.public

    def stop(self) -> None:
        self._watch.stop()


def test_a_guard_keeps_out_who_has_no_key() -> None:
    mine, others = zmq.curve_keypair(), zmq.curve_keypair()
    guard = Keys(mine[0])
    service = Service(ServiceSettings(bind="0.0.0.0", control_port=0, curves_port=0, models=("live",)),
                      guard=guard)
    thread = threading.Thread(target=service.run)
    thread.start()
    address, answered = service.control_address.replace("0.0.0.0", "127.0.0.1"), []
    try:
        with zmq.Context() as context:
            for keys in (mine, others, None):
                with context.socket(zmq.DEALER) as socket:
                    socket.setsockopt(zmq.LINGER, 0)
                    if keys is not None:
                        socket.curve_publickey, socket.curve_secretkey = keys
                        socket.curve_serverkey = guard.public
                    socket.connect(address)
                    socket.send(wire.encoded(wire.Ping(number=1)))
                    answered.append(socket.poll(20_000 if keys is mine else 700) != 0)
    finally:
        service.stop()
        thread.join(20)
    assert answered == [True, False, False]
    assert not thread.is_alive()


def test_a_stop_lets_what_was_sent_play_to_its_end() -> None:
    service = Service(ServiceSettings(control_port=0, curves_port=0, models=("live",)))
    context, got = zmq.Context(), []
    control, curves = context.socket(zmq.DEALER), context.socket(zmq.SUB)
    control.connect(service.control_address)
    curves.connect(service.curves_address)
    curves.subscribe(wire.topic("anna"))
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        control.send(wire.encoded(wire.Open(subject="anna", alive=False)))
        assert isinstance(wire.reply(control.recv()), wire.Opened)
        control.send(wire.encoded(wire.Audio(session=1, at=0, data=SPEECH.tobytes())))
        control.send(wire.encoded(wire.Ping()))
        assert isinstance(wire.reply(control.recv()), wire.Pong)
        service.stop()
        replies = []
        while not replies or not isinstance(replies[-1], wire.Closed):
            assert control.poll(20_000)
            replies.append(wire.reply(control.recv()))
        thread.join(20)
        while curves.poll(200):
            got.append(wire.published(curves.recv_multipart()[1]))
    finally:
        service.stop()
        thread.join(20)
        control.close(0)
        curves.close(0)
        context.term()
    assert replies[-1].reason == "shutdown"
    assert not thread.is_alive()
    said = [one for one in got if isinstance(one, wire.Frame) and one.sample >= 0]
    assert said[-1].sample >= 16_000 - 267


# --- one clock

@given(st.integers(0, 2**62), st.sampled_from([8_000, 11_025, 44_100, 48_000]),
       st.lists(st.integers(0, 4 * 3_600 * 10**9), min_size=1, max_size=20))
def test_an_hour_is_an_hour(begin_ns: int, rate: int, later: list[int]) -> None:
    head = Playhead(begin_ns, -1_440, rate)
    for after in later:
        sample = head.at(begin_ns + after)
        assert sample == -1_440 + after * rate // 10**9
        assert head.at(head.due_ns(sample)) == sample
        assert head.at(head.due_ns(sample) - 1) == sample - 1


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 5_000), st.booleans()), max_size=40))
def test_the_map_knows_every_sample(stretches: list[tuple[int, bool]]) -> None:
    known, truth, sound = SoundMap(), [], 0
    for n, speaks in stretches:
        known.add(len(truth), sound if speaks else SILENCE)
        truth += [sound + k for k in range(n)] if speaks else [SILENCE] * n
        sound += n if speaks else 0
    places = list(range(0, len(truth), 97))
    assert [known.sound(at) for at in places] == [truth[at] for at in places]
    for at in places:
        if truth[at] != SILENCE:
            assert known.sample(truth[at]) == at
    known.forget(len(truth) // 2)
    assert [known.sound(at) for at in places if at > len(truth) // 2] == [
        truth[at] for at in places if at > len(truth) // 2]


@pytest.mark.parametrize("secs", [10, pytest.param(3_600, marks=pytest.mark.slow)])
def test_no_sample_is_lost_in_an_hour(on: Stage, secs: int) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(fps="29.97", sample_rate=44_100, pace="burst", alive=False)
    piece, at, last = speech(1.0, 44_100), 0, -1
    while at < secs * 44_100:
        anna.sound(opened, piece, at)
        at += len(piece)
        on.pass_secs(1.0, step_ns=500_000_000)
        for frame in ears.frames():
            assert frame.index == last + 1
            assert frame.sample == frame.index * 44_100 * 1_001 // 30_000
            last = frame.index
    assert last >= (secs - 1) * 30_000 // 1_001
