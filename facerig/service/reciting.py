"""Texts that the service speaks for its sessions (`say`): their sound goes the way that a client's goes.

    reciting.say(voice, asked)            -> nothing; raises Refused
    reciting.advance(now_ns, failed)      -> what to tell whom: `spoken` pieces, or why nothing comes

A text is spoken in a thread of its own (`facerig.voices.Speaking`). Its pieces are heard by the session and
sent to the client as one and the same 16-bit samples, as far as the session's credit goes, so sound and
curves are on one clock. An interruption ends it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

import facerig.voices.voice
from facerig.service import wire
from facerig.service.limits import Refused
from facerig.service.voice import Voice
from facerig.voices import Speaking

MOST_SPEAKING: Final = 4  # texts at a time: a voice takes from the core that animates
MOST_WAITING: Final = 16  # texts of a session
AHEAD_SECS: Final = 5.0  # of sound that a voice may be ahead of its session: 0.5 MB
FULL_SCALE: Final = 32767

Told = list[tuple[bytes, wire.Reply]]
Pieces = deque[NDArray[np.int16]]


@dataclass(slots=True)
class _Recital:
    """The texts of one session, since its epoch began. `spoken`: something of the present one was heard."""

    voice: Voice
    epoch: int
    texts: deque[tuple[str, str]] = field(default_factory=deque)
    speaking: Speaking | None = None
    pieces: Pieces = field(default_factory=Pieces)
    spoken: bool = False

    @property
    def dropped(self) -> bool:
        """Nobody waits for it any more."""
        return bool(self.voice.closing) or self.voice.epoch != self.epoch

    def stop(self) -> None:
        """Nothing more of it."""
        if self.speaking is not None:
            self.speaking.stop()
        self.speaking = None
        self.texts.clear()
        self.pieces.clear()


class Reciting:
    """All texts of a service. voices: of voice files, by name; the installed ones can be asked for, too."""

    def __init__(self, voices: Mapping[str, facerig.voices.voice.Voice] | None = None) -> None:
        self._voices = dict(voices or {})
        self._recitals: dict[int, _Recital] = {}

    def say(self, voice: Voice, asked: wire.Say) -> None:
        """After the texts that came before. Raises Refused where too many wait."""
        recital = self._recitals.get(voice.number)
        if recital is None or recital.dropped:
            self.stop(voice.number)
            recital = self._recitals[voice.number] = _Recital(voice, voice.epoch)
        if len(recital.texts) >= MOST_WAITING:
            raise Refused("voice", f"{MOST_WAITING} texts wait to be spoken", where="$.text",
                          fix="wait for the `spoken` that is the last of one")
        recital.texts.append((asked.text, asked.voice))

    def stop(self, number: int) -> None:
        """The session says no more: it was interrupted, or is gone."""
        recital = self._recitals.pop(number, None)
        if recital is not None:
            recital.stop()

    def advance(self, now_ns: int, failed: Callable[[Voice, Exception], None]) -> Told:
        """What was spoken since the last time, into the sessions and to their clients. failed: told of what
        no check had foreseen; the others are spoken on."""
        told: Told = []
        for number, recital in list(self._recitals.items()):
            try:
                told += [(recital.voice.owner, reply) for reply in self._recited(number, recital, now_ns)]
            except Exception as problem:
                self.stop(number)
                failed(recital.voice, problem)
        return told

    def _recited(self, number: int, recital: _Recital, now_ns: int) -> list[wire.Reply]:
        if recital.dropped or not (recital.speaking or recital.texts):
            self.stop(number)
            return []
        if recital.speaking is None and self._n_speaking() < MOST_SPEAKING:
            self._begin(recital)
        return [] if recital.speaking is None else _spoken(recital, recital.speaking, now_ns)

    def _begin(self, recital: _Recital) -> None:
        text, name = recital.texts.popleft()
        recital.speaking = Speaking(text, self._voices.get(name, name), sample_rate=recital.voice.rate,
                                    ahead_secs=AHEAD_SECS)
        recital.spoken = False

    @property
    def busy(self) -> bool:
        """Somebody is to speak: `advance` is worth calling soon."""
        return bool(self._recitals)

    def _n_speaking(self) -> int:
        return sum(recital.speaking is not None for recital in self._recitals.values())


def _spoken(recital: _Recital, speaking: Speaking, now_ns: int) -> list[wire.Reply]:
    """Pieces that the session has room for; at the end of the text the last, or what went wrong."""
    voice, replies = recital.voice, list[wire.Reply]()
    if not recital.pieces:
        recital.pieces.extend(_as_16_bit(piece) for piece in speaking.take())
    while recital.pieces and voice.credit:
        piece, room = recital.pieces.popleft(), voice.credit
        if len(piece) > room:
            recital.pieces.appendleft(piece[room:])
        replies.append(_heard(voice, piece[:room], now_ns))
        recital.spoken = True
    if recital.pieces or not speaking.over:
        return replies
    recital.speaking = None
    if recital.spoken:
        voice.flush()
    if speaking.error is not None:
        error = speaking.error
        replies.append(wire.Refusal(code="voice", what=error.what, where=error.where, fix=error.fix,
                                    session=voice.number))
    return [*replies, wire.Spoken(session=voice.number, epoch=voice.epoch, at=voice.received, data=b"",
                                  last=True)]


def _heard(voice: Voice, piece: NDArray[np.int16], now_ns: int) -> wire.Spoken:
    """One piece into the session; and as the client gets it."""
    at = voice.received
    voice.take((piece / np.float32(FULL_SCALE + 1)).astype(np.float32), now_ns)
    return wire.Spoken(session=voice.number, epoch=voice.epoch, at=at, data=piece.astype("<i2").tobytes())


def _as_16_bit(piece: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.round(piece * FULL_SCALE).astype(np.int16)
