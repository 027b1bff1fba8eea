"""Which input becomes which file: settled before hours of work can end in a clash of names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facerig.audio.channels import Channel, parse_channel
from facerig.errors import FacerigError, OutputError
from facerig.sinks.files import written_aside

STEM_FIELD: Final = "{stem}"
_FIELD: Final = re.compile(r"\{[A-Za-z_]*\}")  # as people write one; a folder may be called {8f-...}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One face to animate: a channel of a source, into a file."""

    source: Path
    channel: Channel
    out: Path


def plan(sources: list[Path], out: str, *, channel: str, ending: str, ending_of: Callable[[Path], str],
         channels_of: Callable[[Path], int]) -> list[Job]:
    """The jobs for `sources`.

    `out` is a file (one source), a folder (it exists, ends in a slash, or has no ending and is for several),
    or a pattern holding "{stem}".
    `ending` is what files in a folder end in; `ending_of` gives the ending that an exporter knows, and raises
    OutputError for another. Raises OutputError where two jobs would write one file, or a job an input.
    """
    several = len(sources) > 1
    targets = [_target(source, out, ending, several=several) for source in sources]
    jobs = [job for source, target in zip(sources, targets, strict=True)
            for job in _jobs_of(source, target, channel, ending_of, channels_of)]
    for job in jobs:
        check_no_input(job.out, sources)
    _check_distinct(jobs)
    return jobs


def _target(source: Path, out: str, ending: str, *, several: bool) -> Path:
    _check_fields(out)
    if STEM_FIELD in out:
        return Path(out.replace(STEM_FIELD, source.stem))
    if out.endswith(("/", os.sep)) or Path(out).is_dir() or (several and not Path(out).suffix):
        return Path(out) / f"{source.stem}{ending}"
    if several:
        raise OutputError("several inputs cannot go into one file", where=out,
                          fix=f"give a folder (`-o {out}/`) or a pattern (`-o \"{STEM_FIELD}.csv\"`)")
    return Path(out)


def _check_fields(out: str) -> None:
    """Raises OutputError for a placeholder that nothing fills."""
    unknown = [field for field in _FIELD.findall(out) if field != STEM_FIELD]
    if unknown:
        raise OutputError(f"a pattern knows {STEM_FIELD} only, not {unknown[0]}", where=out,
                          fix=f"write {STEM_FIELD} where the input's name shall stand")


def _jobs_of(source: Path, out: Path, channel: str, ending_of: Callable[[Path], str],
             channels_of: Callable[[Path], int]) -> list[Job]:
    ending = ending_of(out)
    if channel != "each":
        return [Job(source=source, channel=parse_channel(channel, "--channel", "each, "), out=out)]
    try:
        count = channels_of(source)
    except FacerigError:  # what cannot be read fails when its turn comes, and does not stop the others
        count = 1
    if count == 1:
        return [Job(source=source, channel="mix", out=out)]
    names = ["left", "right"] if count == 2 else [f"ch{n}" for n in range(1, count + 1)]
    base, ending = out.name[: -len(ending)], out.name[-len(ending):]  # in the case that the user wrote
    return [Job(source=source, channel=index, out=out.with_name(f"{base}.{name}{ending}"))
            for index, name in enumerate(names)]


def _same(path: Path) -> str:
    """Equal for two spellings of one file."""
    return os.path.normcase(path.resolve())


def check_no_input(out: Path, sources: Iterable[Path]) -> None:
    """Raises OutputError where `out` is one of `sources`."""
    if _same(out) in {_same(source) for source in sources}:
        raise OutputError("this is an input; it would be overwritten", where=str(out),
                          fix="choose another output")


def _check_distinct(jobs: list[Job]) -> None:
    seen: dict[str, Job] = {}
    for job in jobs:
        key = _same(job.out)
        if key in seen:
            raise OutputError(f"{seen[key].source} and {job.source} would both be written here",
                              where=str(job.out), fix="rename one, or animate them into two folders")
        seen[key] = job


class _NotNow(Exception):
    """Leaves `written_aside` without writing."""


def make_writable(out: Path) -> None:
    """Make the folder of `out` if need be, and raise OutputError where the file cannot be written."""
    with suppress(OSError):  # then there is no such folder, and the next line says why
        out.parent.mkdir(parents=True, exist_ok=True)
    with suppress(_NotNow), written_aside(out):
        raise _NotNow
