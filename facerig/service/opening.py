"""From what a client asks for to what the engine takes; mistakes name the field of the message."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from facerig.core.clock import parse_fps
from facerig.core.toml_files import one_of, parse_toml
from facerig.errors import FacerigError, RigError
from facerig.performance.cast import Cast
from facerig.performance.directions import Direction, check_strengths
from facerig.performance.settings import Performance
from facerig.performance.style.style import style_of
from facerig.rig.catalogue import MADE_BY, load_rig, rig_files
from facerig.rig.retarget import Retarget
from facerig.service import wire
from facerig.service.limits import SAMPLE_RATES, Refused, ServiceSettings
from facerig.service.sound import check_encoding
from facerig.session import Session

MOST_KEPT: Final = 64  # sessions to copy: a model takes 0.1 s to load, and all others would wait
_PLAIN: Final = ("emotion", "mode", "attitude", "layers", "transition_secs")  # wishes that go on as they are


class Opening:
    """Makes sessions and rigs, and keeps what many of them share."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._like: OrderedDict[tuple[str, int, Fraction], Session] = OrderedDict()
        self._retargets: dict[str, Retarget] = {}

    def session(self, asked: wire.Open) -> Session:
        """A fresh session. Raises FacerigError."""
        self._check(asked)
        with field("fps"):
            fps = parse_fps(asked.fps)
        if fps > self._settings.limits.fps:
            raise Refused("config", f"{asked.fps} frames a second", where="$.fps",
                          fix=f"ask for {self._settings.limits.fps} at most")
        performance = replace(Performance(), mode=asked.mode)
        if asked.emotion:
            with field("emotion"):
                performance = performance.with_(emotion=asked.emotion)
        session = copy.copy(self._kept(asked.model, asked.sample_rate, fps))
        with field("seed"):
            session.state = replace(session.state, cast=Cast.of(performance, asked.seed))
        return session

    def retarget(self, rig: str) -> Retarget:
        """To a rig's curves. Raises RigError."""
        if rig not in self._retargets:
            with field("rig"):
                known = [*rig_files(), *MADE_BY]
                if rig not in known:  # a file of the client's is not here
                    raise RigError(f"there is no rig {rig!r} here", fix=f"give {one_of(known, rig)}")
                self._retargets[rig] = Retarget(load_rig(rig))
        return self._retargets[rig]

    def _check(self, asked: wire.Open) -> None:
        if asked.version != wire.VERSION:
            raise Refused("version", f"version {asked.version} of the protocol is not spoken here",
                          where="$.version", fix=f"speak version {wire.VERSION}")
        check_encoding(asked.encoding, asked.sample_rate)
        if asked.sample_rate not in SAMPLE_RATES:
            raise Refused("audio", f"{asked.sample_rate} Hz", where="$.sample_rate",
                          fix=f"send {one_of([str(rate) for rate in SAMPLE_RATES], str(asked.sample_rate))}")
        if asked.model not in self._settings.models:
            raise Refused("config", f"the model {asked.model!r} is not offered here", where="$.model",
                          fix=f"ask for {' or '.join(self._settings.models)}")

    def _kept(self, model: str, rate: int, fps: Fraction) -> Session:
        """One to copy: everything but the state is the same for all that are alike."""
        key = (model, rate, fps)
        if key not in self._like:
            self._like[key] = Session(rate, fps=fps, model=model)
        self._like.move_to_end(key)
        if len(self._like) > MOST_KEPT:
            self._like.popitem(last=False)
        return self._like[key]


def wishes_of(asked: wire.Direct) -> dict[str, Any]:
    """What `Session.direct` takes. Raises FacerigError for what it would not."""
    wishes = {name: getattr(asked, name) for name in _PLAIN if getattr(asked, name) is not None}
    if asked.gaze is not None:
        wishes["gaze"] = asked.gaze if isinstance(asked.gaze, str) else tuple(asked.gaze)
    if asked.blink:
        wishes["blink"] = True
    if asked.style is not None:
        with field("style"):
            wishes["style"] = style_of(parse_toml(asked.style.encode(), "style"))
    if asked.layers is not None:
        with field("layers"):
            check_strengths(asked.layers)
    for name, wish in wishes.items():
        with field(name):
            Direction.of(0.0, {name: wish})
    return wishes


def schema_of(asked: wire.Open, retarget: Retarget, fps: Fraction, lookahead: int) -> wire.Schema:
    """What frames of a session mean; lookahead: in samples."""
    curves = [wire.Curve(name=one.name, low=float(one.range[0]), high=float(one.range[1]))
              for one in retarget.rig.curves]
    return wire.Schema(subject=asked.subject, rig=asked.rig, fps=[fps.numerator, fps.denominator],
                       sample_rate=asked.sample_rate, latency_samples=lookahead, curves=curves)


@contextmanager
def field(name: str) -> Iterator[None]:
    """What goes wrong inside is the fault of a message's field."""
    try:
        yield
    except FacerigError as problem:
        raise type(problem)(problem.what, where=f"$.{name}", fix=problem.fix) from None
