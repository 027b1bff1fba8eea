"""The client in other ways: with asyncio, from the package, and as a value that loses its service at any
moment."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import facerig
from facerig.errors import ConfigError
from facerig.service import wire
from facerig.service.client import connect
from facerig.service.client_async import AsyncClient, connect_async
from facerig.service.conversation import Conversation
from facerig.service.link import Link
from tests.fake_service import CREDIT, FPS, RATE, STEP, FakeService, FakeSession, counted, fake_service


@pytest.fixture(name="fake")
def _fake() -> Iterator[FakeService]:
    with fake_service() as service:
        yield service


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
            assert fake.newest.sound == counted(20 * RATE).tolist()
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
