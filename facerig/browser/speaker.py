"""The session behind one page."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from facerig.browser.inbox import Samples, Task
from facerig.browser.limits import ClockNs
from facerig.browser.orders import Open, Wish
from facerig.core.channels import CHANNELS
from facerig.core.version import VERSION
from facerig.errors import FacerigError, ProtocolError
from facerig.performance.emotion.poses import EMOTIONS
from facerig.performance.settings import Performance
from facerig.session import Session

HEADER: Final = struct.Struct("<4I")  # stream, index of the first frame, frames, microseconds of computing
LIVE_MODELS: Final = ("live", "live-40")  # that answer within a conversation
_U32: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What every page is offered: who acts, how, and the models to choose from, the first to begin with."""

    models: tuple[str, ...] = LIVE_MODELS
    fps: Fraction = Fraction(60)
    seed: int = 0
    performance: Performance = field(default_factory=Performance)

    @property
    def welcome(self) -> dict[str, Any]:
        """The first message to a page."""
        return {"type": "welcome", "version": VERSION, "models": self.models, "emotions": EMOTIONS,
                "feeling": _evenly(self.performance), "layers": dict(self.performance.layers),
                "curves": [[one.name, one.livelink_name] for one in CHANNELS],
                "fps": [self.fps.numerator, self.fps.denominator]}


def _evenly(performance: Performance) -> dict[str, float]:
    """Weights by emotion, of the region that shows most of it."""
    weights = zip(EMOTIONS, performance.emotion.weights, strict=True)
    return {name: max(row) for name, row in weights if max(row) > 0}


class Speaker:
    """Does what a page wants, one thing after the other. Computes: call it off the event loop."""

    def __init__(self, offer: Offer, clock_ns: ClockNs = time.monotonic_ns) -> None:
        self._offer, self._clock_ns = offer, clock_ns
        self._session: Session | None = None
        self._stream = 0

    def did(self, task: Task) -> dict[str, Any] | bytes | None:
        """The answer to a task, if there is one. A wish that cannot be granted is answered, too, and the
        session goes on.

        Frames are HEADER and float32 [frames, 61]. Raises ProtocolError for what comes before `open`.
        """
        if isinstance(task, Open):
            return self._begun(task)
        if self._session is None:
            raise ProtocolError("there is no stream yet", where="live", fix="send open first")
        if isinstance(task, Wish):
            return _told(self._session, task)
        return self._heard(self._session, task)

    def _begun(self, order: Open) -> dict[str, Any]:
        self._session = Session(order.rate, fps=self._offer.fps, model=order.model, seed=self._offer.seed,
                                performance=self._offer.performance)
        self._stream += 1
        return {"type": "opened", "stream": self._stream, "model": order.model, "rate": order.rate,
                "lookahead_secs": float(self._session.lookahead.total)}

    def _heard(self, session: Session, samples: Samples) -> bytes | None:
        began_ns = self._clock_ns()
        clip = session.feed(samples)
        if not len(clip):
            return None
        micros = min((self._clock_ns() - began_ns) // 1000, _U32)
        head = HEADER.pack(self._stream, clip.start & _U32, len(clip), micros)
        return head + clip.values.astype("<f4", copy=False).tobytes()


def _told(session: Session, wish: Wish) -> dict[str, Any] | None:
    try:
        session.direct(**wish.wishes)
    except FacerigError as error:
        return {"type": "refused", "what": error.what, "where": error.where, "fix": error.fix}
    return None
