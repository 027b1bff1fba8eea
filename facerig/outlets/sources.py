"""Frames of a file at the rates that outlets want, computed ahead of time by a bounded stretch.

Each rate has a session of its own. Layers are closed forms of time and closures are placed at frames by the
session's frame clock, so a 60 fps and a 24 fps outlet show the same events, and every seal; frames of one
rate are never made from those of another. A curve file changes its rate through `core.rate_change`, which
keeps seals, contacts and blinks.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from facerig.animation import AnimateSettings, session_for
from facerig.audio.channels import select
from facerig.audio.reader import open_audio
from facerig.core.clock import sample_of_frame
from facerig.core.curves import CurveClip
from facerig.core.rate_change import at_rate
from facerig.curve_files.dispatch import curve_endings
from facerig.outlets.outlet import Posed, Row
from facerig.retargeting import read_take
from facerig.rig import Retarget, load_rig

BLOCK_SECS: Final = 0.1  # of sound at once: a longer block keeps the sending thread waiting
AHEAD_SECS: Final = 2.0  # frames wait so long at most; a hiccup of the machine is far shorter
STOP_SECS: Final = 5.0

Pieces = Callable[[Fraction], Iterator[CurveClip]]  # canonical, gapless, from frame 0 on


def pieces_of(path: Path, settings: AnimateSettings, *, loop: bool = False) -> Pieces:
    """The frames of a sound or curve file at any rate; with `loop` without end.

    A sound that loops is one long sound to the session: nothing starts anew, and no time is lost at the seam.
    Raises ConfigError or RigError for a curve file that cannot be read; sounds raise when frames are asked
    for.
    """
    if not is_curves(path):
        return lambda fps: _of_sound(path, replace(settings, fps=fps), loop=loop)
    face = read_take(path).face
    clip = CurveClip(face.values, face.fps, face.sample_rate)
    return lambda fps: _looped(clip, fps) if loop and len(clip) else iter([at_rate(clip, fps)])


def is_curves(path: Path) -> bool:
    """Whether a file's ending says that it holds curves, and not sound."""
    return path.name.lower().endswith(curve_endings())


class Frames:
    """Frames in order, made in a thread of their own, at most AHEAD_SECS in advance.

    `rigs`: whose curves they hold besides the canonical ones. Close it when done.
    """

    def __init__(self, pieces: Iterable[CurveClip], fps: Fraction, rigs: Mapping[str, Retarget]) -> None:
        self.fps, self._pieces, self._rigs = fps, pieces, rigs
        self._made: deque[Posed] = deque()
        self._most = max(2, round(AHEAD_SECS * fps))
        self._changed = threading.Condition()
        self._stopped = self._all_made = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._make, name="facerig frames", daemon=True)
        self._thread.start()

    def ready(self) -> None:
        """Wait for the first frames, or for the end. Raises what the making raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._all_made or len(self._made) >= self._most)
            if self._error is not None:
                raise self._error

    def until(self, index: int) -> tuple[Posed | None, int]:
        """The newest frame up to `index`, None where there is none yet, and how many before it are passed
        over."""
        taken: list[Posed] = []
        with self._changed:
            if self._error is not None and not self._made:
                raise self._error
            while self._made and self._made[0].index <= index:
                taken.append(self._made.popleft())
            self._changed.notify_all()
        return (taken[-1], len(taken) - 1) if taken else (None, 0)

    def on_rigs(self, face: Row) -> dict[str, Row]:
        """A canonical face [61] on the rigs that frames hold."""
        return {name: rig.values(face[None])[0] for name, rig in self._rigs.items()}

    @property
    def ended(self) -> bool:
        """No frame is left and none will come."""
        with self._changed:
            return self._all_made and not self._made and self._error is None

    def close(self) -> None:
        """Make no more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(STOP_SECS)

    def _make(self) -> None:
        try:
            for clip in self._pieces:
                if not self._put(clip):
                    return
        except BaseException as error:  # told where frames are taken
            self._error = error
        finally:
            with self._changed:
                self._all_made = True
                self._changed.notify_all()

    def _put(self, clip: CurveClip) -> bool:
        shown = {name: rig.values(clip.values) for name, rig in self._rigs.items()}
        for k in range(len(clip)):
            index = clip.start + k
            posed = Posed(index, sample_of_frame(index, clip.fps, clip.sample_rate), clip.fps, clip.values[k],
                          {name: values[k] for name, values in shown.items()})
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or len(self._made) < self._most)
                if self._stopped:
                    return False
                self._made.append(posed)
                self._changed.notify_all()
        return True


def engines(names: Iterable[str | None]) -> dict[str, Retarget]:
    """Retargets of the rigs that outlets named. Raises RigError."""
    return {name: Retarget(load_rig(name)) for name in names if name is not None}


def _of_sound(path: Path, settings: AnimateSettings, *, loop: bool) -> Iterator[CurveClip]:
    with open_audio(path, allow_truncated=settings.allow_truncated) as audio:
        session = session_for(settings, audio.sample_rate, path)
    while True:
        with open_audio(path, allow_truncated=settings.allow_truncated) as audio:
            for block in audio.blocks(BLOCK_SECS):
                yield session.feed(select(block, settings.channel, str(path)))
        if not loop:
            yield session.flush()
            return


def _looped(clip: CurveClip, fps: Fraction) -> Iterator[CurveClip]:
    """`clip` over and over at `fps`; one time through lasts as many of its own frames as it has, exactly."""
    round_ = np.concatenate([clip.values, clip.values[:1]])
    start = 0
    while True:
        again = at_rate(CurveClip(round_, clip.fps, clip.sample_rate, start), fps)
        start += len(clip)
        stop = -(-start * fps * clip.fps.denominator // clip.fps.numerator)  # frames before the next round
        kept = again.values[: int(stop) - again.start]
        yield replace(again, values=kept)
