"""`say` of the service: sound and curves of a text on one clock, one after the other, until interrupted."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from facerig.core.channels import INDEX
from facerig.crowd import Crowd
from facerig.errors import ProtocolError
from facerig.rig import Retarget, load_rig
from facerig.service import wire
from facerig.service.client import connect
from facerig.service.limits import Limits, Refused, ServiceSettings
from facerig.service.reciting import MOST_SPEAKING, MOST_WAITING, Reciting
from facerig.service.server import Service
from facerig.service.voice import Voice
from facerig.session import Session
from facerig.voices import speak
from facerig.voices.voice import Samples

RATE = 16_000
STEP_NS = 5_000_000


class Hummer:
    """Half a second of a hum a sentence; a sentence with X fails."""

    name, summary = "hummer", "a test's"
    languages: tuple[str, ...] = ("en",)
    sample_rate = 24_000

    def speak(self, text: str) -> Iterator[Samples]:
        yield (0.4 * np.sin(np.arange(12_000) / 24)).astype(np.float32)
        if "X" in text:
            raise OSError("lost its voice")


class Hesitant(Hummer):
    """Waits until it is let go."""

    name = "hesitant"

    def __init__(self) -> None:
        self.go = threading.Event()

    def speak(self, text: str) -> Iterator[Samples]:
        self.go.wait(60)
        yield from super().speak(text)


class Room:
    """Sessions in one crowd, and the texts that are spoken for them; time is the test's."""

    def __init__(self, n: int = 1, **how: Any) -> None:
        self.now_ns, self.crowd, self.hesitant = 10**15, Crowd("live"), Hesitant()
        self.reciting = Reciting({"hummer": Hummer(), "hesitant": self.hesitant})
        retarget = Retarget(load_rig("livelink"))
        self.voices = [Voice(wire.Open(subject=f"n{k}", **how), Session(RATE), self.crowd, retarget,
                             number=k + 1, token=secrets.token_hex(16), owner=b"me", limits=Limits(),
                             now_ns=self.now_ns) for k in range(n)]
        self.told: list[wire.Reply] = []
        self.failed: list[tuple[int, Exception]] = []
        self.frames: dict[int, list[wire.Frame]] = {voice.number: [] for voice in self.voices}

    def say(self, text: str, voice: str = "hummer", k: int = 0) -> None:
        self.reciting.say(self.voices[k], wire.Say(session=k + 1, text=text, voice=voice))

    def step(self) -> None:
        self.now_ns += STEP_NS
        self.told += [reply for _, reply in self.reciting.advance(
            self.now_ns, lambda voice, problem: self.failed.append((voice.number, problem)))]
        by_seat = {voice.seat: voice for voice in self.voices}
        for voice in self.voices:
            voice.advance(self.now_ns)
        while any(self.crowd.waiting(voice.seat) for voice in self.voices):
            for seat, clip in self.crowd.step(rounds=1).items():
                by_seat[seat].add(clip, by_seat[seat].retarget.values(clip.values))
        for voice in self.voices:
            self.frames[voice.number] += voice.leaving(self.now_ns)

    def until(self, n_last: int, then_secs: float = 0.3, most_secs: float = 60.0) -> None:
        """Time passes until so many texts are over, and then a little longer."""
        for _ in range(int(most_secs * 1e9 / STEP_NS)):
            self.step()
            for recital in self.reciting._recitals.values():  # the test's clock is faster than threads
                if recital.speaking is not None and not recital.pieces and recital.voice.credit:
                    recital.speaking.wait(10)
            if sum(isinstance(one, wire.Spoken) and one.last for one in self.told) >= n_last:
                break
        else:
            pytest.fail(f"no end: {self.told[-3:]}")
        for _ in range(int(then_secs * 1e9 / STEP_NS)):
            self.step()

    def sound(self, number: int = 1) -> np.ndarray[Any, np.dtype[np.int16]]:
        """What the client got, each piece where it belongs."""
        pieces = [one for one in self.told if isinstance(one, wire.Spoken) and one.session == number]
        at = 0
        for one in pieces:
            assert one.at == at
            at += len(one.data) // 2
        return np.frombuffer(b"".join(one.data for one in pieces), "<i2")


@pytest.mark.parametrize(("pace", "encoding"), [("burst", "s16"), ("realtime", "f32")])
def test_every_frame_carries_its_sample_of_the_sound_that_is_sent(pace: str, encoding: str) -> None:
    room = Room(pace=pace, encoding=encoding)
    room.say("One. Two. Three. Four. Five.")  # longer than the credit
    room.until(1, then_secs=2.5)  # realtime: what was sent has to play
    sound = room.sound()
    assert len(sound) == 5 * RATE // 2 == room.voices[0].received
    spoken = [frame.sample for frame in room.frames[1] if frame.sample >= 0]
    assert len(spoken) == pytest.approx(len(sound) * 60 / RATE, abs=1)
    assert set(np.diff(spoken)) == {RATE // 60, RATE // 60 + 1}
    assert [bool(frame.flags & wire.Frame.LAST) for frame in room.frames[1] if frame.sample >= 0][-1]


def test_the_curves_are_those_that_a_client_gets_who_sends_that_sound() -> None:
    room, other = Room(pace="burst", alive=False), Room(pace="burst", alive=False)
    room.say("One. Two.")
    room.until(1)
    sound = room.sound()
    other.voices[0].hear(wire.Audio(session=1, at=0, data=sound.tobytes()), other.now_ns)
    other.voices[0].flush()
    for _ in range(100):
        other.step()
    np.testing.assert_array_equal([frame.values for frame in room.frames[1]],
                                  [frame.values for frame in other.frames[1]])
    assert len(sound) == RATE
    assert len(room.frames[1]) >= 60


def test_one_text_after_the_other_and_then_silence() -> None:
    room = Room(pace="burst")
    room.say("One. Two.")
    room.say("Three.")
    assert room.reciting.busy
    room.until(2)
    assert len(room.sound()) == 3 * RATE // 2
    assert sum(one.last for one in room.told if isinstance(one, wire.Spoken)) == 2
    assert not room.reciting.busy


def test_an_interruption_ends_it_and_the_next_text_is_heard() -> None:
    room = Room(pace="realtime")
    room.say("One. " * 40)
    room.say("Never said.")
    for _ in range(100):
        room.step()
        recital = room.reciting._recitals[1]
        if recital.speaking is not None and not recital.pieces:
            recital.speaking.wait(10)
    before = room.voices[0].received
    assert 0 < before < 20 * RATE
    room.voices[0].interrupt(room.now_ns)
    room.told.clear()
    room.step()
    assert room.told == []
    assert not room.reciting.busy
    room.say("Two.")
    room.until(1)
    heard = [one for one in room.told if isinstance(one, wire.Spoken)]
    assert {one.epoch for one in heard} == {1}
    assert sum(len(one.data) for one in heard) == RATE


@pytest.mark.parametrize(("text", "voice", "message"), [
    ("...", "hummer", "nothing to say"),
    ("One. X.", "hummer", "lost its voice"),
    ("One.", "/etc/passwd", "there is no voice '/etc/passwd'"),
    ("One.", "amy.toml", "there is no voice"),
])
def test_what_cannot_be_said_is_told_and_the_next_text_comes(text: str, voice: str, message: str) -> None:
    room = Room(pace="burst")
    room.say(text, voice)
    room.say("Two.")
    room.until(2)
    refusals = [one for one in room.told if isinstance(one, wire.Refusal)]
    assert [(one.code, one.session) for one in refusals] == [("voice", 1)]
    assert message in refusals[0].what
    n_texts = 3 if text.startswith("One. X") else 1
    assert len(room.sound()) == pytest.approx(n_texts * RATE // 2, abs=RATE // 500)


def test_too_many_texts_are_refused_and_few_are_spoken_at_a_time() -> None:
    room = Room(n=MOST_SPEAKING + 2, pace="burst")
    for _ in range(MOST_WAITING):
        room.say("One.", "hesitant")
    with pytest.raises(Refused, match="16 texts wait"):
        room.say("One.")
    for k in range(1, len(room.voices)):
        room.say("One.", "hesitant", k=k)
    room.step()
    room.step()
    assert room.reciting._n_speaking() == MOST_SPEAKING
    room.reciting.stop(1)
    room.hesitant.go.set()
    room.until(len(room.voices) - 1)
    assert all(len(room.sound(k + 1)) == RATE // 2 for k in range(1, len(room.voices)))


def test_a_session_that_is_gone_says_no_more() -> None:
    room = Room(pace="realtime")
    room.say("One. " * 40)
    room.step()
    speaking = room.reciting._recitals[1].speaking
    assert speaking is not None
    room.reciting.stop(1)
    assert speaking.over
    room.reciting.stop(1)  # again does no harm
    room.say("One.")
    room.voices[0].close("client")
    room.step()
    assert not room.reciting.busy


def test_a_fault_of_ours_ends_one_recital_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(2, pace="burst")
    monkeypatch.setattr(room.voices[0], "take", lambda samples, now_ns: 1 / 0)
    for k in range(2):
        room.say("One.", k=k)
    room.until(1)
    assert [(number, type(problem)) for number, problem in room.failed] == [(1, ZeroDivisionError)]
    assert len(room.sound(2)) == RATE // 2
    assert not room.reciting.busy


def test_a_client_hears_the_service_speak() -> None:
    pytest.importorskip("hibari", reason='needs hibari-tts: pip install "facerig[say]"')
    calm = Limits(busy=100, late_secs=10, stall_secs=10)  # whatever else this machine does
    service = Service(ServiceSettings(control_port=0, curves_port=0, models=("live",), limits=calm))
    running = threading.Thread(target=service.run, daemon=True)
    running.start()
    try:
        curves_port = int(service.curves_address.rpartition(":")[2])
        with connect(service.control_address, curves_port=curves_port) as us:
            anna = us.open("anna", pace="burst")
            anna.say("My puppy.")
            sound = np.concatenate([one.samples for one in anna.sounds(timeout_secs=60)])
            faces = [frame for frame in anna.frames(timeout_secs=60) if frame.sample >= 0]
            anna.say("Oh.", voice="nobody")
            with pytest.raises(ProtocolError, match="there is no voice 'nobody'"):
                list(anna.sounds(timeout_secs=60))
    finally:
        service.stop()
        service.stop()
        running.join(30)
    assert not running.is_alive()
    spoken = speak("My puppy.", sample_rate=RATE).samples()
    np.testing.assert_allclose(sound / 32_767, spoken, atol=1e-4)
    assert set(np.diff([frame.sample for frame in faces])) == {RATE // 60, RATE // 60 + 1}
    assert len(faces) == pytest.approx(len(sound) * 60 / RATE, abs=1)
    assert max(frame.values[INDEX["jawOpen"]] for frame in faces) > 0.1
