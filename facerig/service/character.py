"""What both clients, the plain one and the one for asyncio, let one do with a character without waiting."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any, TypedDict, Unpack

from numpy.typing import ArrayLike

from facerig.core.clock import parse_fps
from facerig.errors import ConfigError, ProtocolError
from facerig.service import wire
from facerig.service.conversation import Conversation, Spoken, checked, raise_problem
from facerig.service.playout import Counts, Shown


class OpenOptions(TypedDict, total=False):
    """Of `Client.open`; see `open` in PROTOCOL.md. sample_rate: 8000 to 48000 (16000). rig: livelink, arkit,
    metahuman, ... (livelink). fps: 60. pace: realtime or burst. model: live or live-40. encoding: s16 or
    f32. detail: 1, 2 or 4: every so many frames come (1)."""

    sample_rate: int
    rig: str
    fps: str | int | float | Fraction
    pace: str
    model: str
    seed: int
    mode: str
    emotion: str
    alive: bool
    encoding: str
    detail: int


def opening(subject: str, **options: Unpack[OpenOptions]) -> wire.Open:
    """The message that opens a session. Raises ConfigError for a field that is out of range."""
    known: dict[str, Any] = dict(options)
    if "fps" in known:
        try:
            known["fps"] = str(parse_fps(known["fps"]))
        except ConfigError as problem:
            raise ConfigError(problem.what, where="$.fps", fix=problem.fix) from None
    try:
        message = wire.Open(subject=subject, **known)
    except TypeError as problem:
        raise ConfigError(str(problem), where="open",
                          fix=f"the options are {', '.join(OpenOptions.__annotations__)}") from None
    checked(message)
    return message


class CharacterBase:
    """One character of a service. Samples are counted from 0 at `open` and never go back."""

    def __init__(self, talk: Conversation, changing: Callable[[], AbstractContextManager[object]],
                 clock_ns: Callable[[], int]) -> None:
        self._talk, self._changing, self._clock_ns = talk, changing, clock_ns

    @property
    def schema(self) -> wire.Schema:
        """What frames mean: curves with their ranges, rig, rate."""
        if self._talk.schema is None:
            raise ProtocolError("the service has not said what its frames mean", where=self.subject,
                                fix="wait for open")
        return self._talk.schema

    @property
    def subject(self) -> str:
        """Its name."""
        return self._talk.opening.subject

    @property
    def names(self) -> tuple[str, ...]:
        """Of the curves, in the order of a frame's values."""
        return tuple(curve.name for curve in self.schema.curves)

    @property
    def latency_samples(self) -> int:
        """The look-ahead: a face needs sound that is so much later."""
        return self.schema.latency_samples

    @property
    def late_samples(self) -> int | None:
        """By how much the sound that plays must be delayed (a raw tap: a microphone, a mixer) for its
        faces to come in time, as measured by `at`; negative: so much is in hand; None: not known yet."""
        with self._changing():
            return None if self._talk.playout is None else self._talk.playout.late_samples

    @property
    def counts(self) -> Counts:
        """What became of its frames."""
        with self._changing():
            return Counts() if self._talk.playout is None else self._talk.playout.counts

    @property
    def end(self) -> int:
        """The sample that the next sound begins at."""
        with self._changing():
            return self._talk.out.end

    @property
    def closed(self) -> str:
        """Why the session is over (client, idle, shutdown, ...); empty while it is not."""
        return self._talk.reason

    def say_sound(self, samples: ArrayLike, *, flush: bool = True) -> int:
        """Speak a sound: mono, float in [-1, 1] or int16, of any length up to ten minutes. It is sent as
        fast as the service wants it; this does not wait. flush: the sentence ends here. Gives the sample
        it begins at."""
        with self._changing():
            return self._usable().say_sound(samples, flush=flush)

    def flush(self) -> None:
        """The sentence is over."""
        with self._changing():
            self._usable().flush()

    def say(self, text: str, *, voice: str = "") -> None:
        """Speak a text with the service's voice; the sound comes from `sounds`."""
        with self._changing():
            self._usable().say(text, voice)

    def direct(self, at: int | None = None, **wishes: Any) -> None:
        """Change how the character acts, from a sample on (None: now): emotion="joy:0.6", gaze=(0.1, 0.0,
        0.7), blink=True, mode="listen", ... Raises ConfigError for what is no wish."""
        with self._changing():
            self._usable().direct(at, wishes)

    def interrupt(self) -> None:
        """Stop speaking now: the mouth comes to rest, what was not played is dropped here and there."""
        with self._changing():
            self._usable().interrupt()

    def at(self, sample: int | None = None) -> Shown:
        """The face for the sample that plays now, between frames as well; None: no sound plays. Ask once a
        picture."""
        with self._changing():
            shown = self._talk.play(sample, self._clock_ns())
        if shown is None:
            raise ProtocolError("is not open", where=self.subject, fix="wait for open")
        return shown

    def close(self) -> None:
        """End the session once all sound is sent; this does not wait."""
        with self._changing():
            self._talk.close()

    def _frames_there(self, forever: bool) -> bool:
        """Whether a reader of frames need not wait: there are some, or none will come."""
        talk = self._talk
        return bool(talk.frames or talk.problem or talk.over or (not forever and talk.silent))

    def _sound_there(self) -> bool:
        """The same of a reader of sound."""
        return bool(self._talk.spoken or self._talk.problem or self._talk.over)

    def _next_sound(self) -> Spoken | None:
        """The next piece of sound, None where the session is over. Raises what went wrong."""
        raise_problem(self._talk)
        return self._talk.spoken.popleft() if self._talk.spoken else None

    def _usable(self) -> Conversation:
        raise_problem(self._talk)
        if self._talk.over:
            raise ConfigError(f"its session is over ({self._talk.reason})", where=self.subject,
                              fix="open it again")
        return self._talk
