"""One line from its sound to all of its files: what a worker does, on this machine or another.

The sound is decoded once and animated once, however many files it becomes. Whatever goes wrong with a line
is its outcome, never an exception: the others go on.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from facerig.animation import AnimateSettings, session_for
from facerig.audio.channels import select
from facerig.audio.reader import open_audio
from facerig.batch.address import Print
from facerig.batch.lines import Line, settings_of
from facerig.batch.stores import brought, is_address, target_of
from facerig.batch.witness import Witness
from facerig.core.curves import CurveClip
from facerig.errors import FacerigError, OutputError
from facerig.exporting import Origin, write_curves
from facerig.session import Session
from facerig.sinks.files import DISK_TROUBLE

_MODELS: Final[deque[object]] = deque(maxlen=2)  # of the last lines: loading one takes 0.1 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A line to do: into `folder`, at `address`, made from `inputs`."""

    line: Line
    folder: str
    address: str
    inputs: dict[str, Print]


@dataclass(slots=True)
class Spent:
    """Seconds by part."""

    hear: float = 0.0  # decoding, features, the network, lips, the layers
    write: float = 0.0
    judge: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a task. files: sizes and times of change of what was written (of a store: its
    tags as numbers); error: code, what, where, fix of what went wrong, None for nothing; seen: what a person
    should know of it (facerig.batch.witness).
    """

    out: str
    address: str
    secs: float = 0.0  # of sound
    frames: int = 0
    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)
    remarks: tuple[str, ...] = ()
    script: dict[str, Any] | None = None
    seen: dict[str, Any] = field(default_factory=dict)
    error: dict[str, str] | None = None

    @property
    def record(self) -> dict[str, Any]:
        """For the journal."""
        return asdict(self)


def perform(task: Task) -> Outcome:
    """Do it. The model stays loaded for the next one."""
    try:
        return _performed(task)
    except FacerigError as error:
        return _failed(task, error)
    except OSError as error:
        full = error.errno in DISK_TROUBLE
        return _failed(task, OutputError(error.strerror or str(error), where=str(error.filename or ""),
                                         fix="check the folder's free space and rights" if full else ""))
    except Exception as error:  # of one line; the night must go on
        bug = FacerigError(f"unexpected {type(error).__name__}: {error}", where=task.line.place,
                           fix="this is a bug in facerig; `facerig --debug animate` on this line shows it")
        return _failed(task, bug, "bug")


def failed_outcome(task: Task, code: str, what: str, fix: str) -> Outcome:
    """Of a task that no worker could end."""
    return Outcome(out=task.line.out, address=task.address,
                   error={"code": code, "what": what, "where": task.line.place, "fix": fix})


def _failed(task: Task, error: FacerigError, code: str | None = None) -> Outcome:
    return Outcome(out=task.line.out, address=task.address, error={
        "code": code or error.code, "what": error.what, "where": error.where, "fix": error.fix})


def _performed(task: Task) -> Outcome:
    line, spent, began = task.line, Spent(), time.perf_counter()
    settings = settings_of(line)
    with brought(line.audio, task.inputs) as sound, open_audio(sound) as source:
        session = session_for(settings, source.sample_rate, sound, phones=True)
        _MODELS.append(session.encoder)
        witness = Witness(line, source.sample_rate)
        session.observer = witness.see
        pieces = []
        for block in source.blocks():
            heard = select(block, settings.channel, line.audio)
            witness.hear(heard)
            pieces.append(session.feed(heard))
        pieces.append(session.flush())
        clip = CurveClip.joined([piece for piece in pieces if len(piece)])
        secs, remarks = source.frames_read / source.sample_rate, list(source.remarks)
    spent.hear = time.perf_counter() - began
    files = _written(line, task.folder, clip, session, settings, remarks)
    spent.write = time.perf_counter() - began - spent.hear
    seen = witness.judged(clip, session, settings.performance)
    spent.judge = time.perf_counter() - began - spent.hear - spent.write
    script = session.script_report
    return Outcome(out=line.out, address=task.address, secs=secs, frames=len(clip), files=files, spent=spent,
                   remarks=tuple(dict.fromkeys(remarks)), script=None if script is None else asdict(script),
                   seen=seen)


def _written(line: Line, folder: str, clip: CurveClip, session: Session, settings: AnimateSettings,
             remarks: list[str]) -> dict[str, tuple[int, int]]:
    """Write the files of a line; gives size and time of change of each."""
    target = target_of(folder)
    named = line.audio if is_address(line.audio) or is_address(folder) else None

    def write(path: Path, sound: Path) -> None:
        origin = Origin(fps=session.fps, sample_rate=session.sample_rate, audio_path=sound, audio_name=named,
                        said=lambda: session.said)
        write_curves(path, [clip], settings.export, origin, remarks.append)

    return {name: target.write(name, line.audio, write) for name in line.outputs}
