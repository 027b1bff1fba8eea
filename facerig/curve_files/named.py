"""What every reader gives: curves under the file's own names, checked.

    return named_curves(path, names, values, fps, start_frame=..., remarks=[...])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import MAX_FPS, MIN_FPS
from facerig.errors import ConfigError

Values = NDArray[np.float64]

MOST_CURVES: Final = 4000  # of a file; a MetaHuman with everything on it has about a thousand
LARGEST: Final = 1e9  # of a value
READABLE: Final = "a Live Link Face CSV, a CSV with a time column, Audio2Face JSON, FBX or glTF"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCurves:
    """Curves as a file holds them: `values` float64 [T, len(names)], finite, a frame a row, T at least 1.

    Names differ from each other in more than upper and lower case. Morph weights are 0 to 1 (not percent),
    angles whatever the file's rig counts in.
    """

    names: tuple[str, ...]
    values: Values
    fps: Fraction
    start: int = 0  # frames from the beginning of the sound to the first one
    start_frame: int = 0  # what the timecode of the first frame counts, at `fps`
    fps_known: bool = True  # False: the file does not say, and `fps` is a guess
    drop_frame: bool = False  # its timecode leaves numbers out, see core.timecode
    maybe_ntsc: bool = False  # its timecodes count 24, 30 or 60 frames a second, as those of 29.97 do
    remarks: tuple[str, ...] = ()  # what was mended or left out, for people

    def __len__(self) -> int:
        return len(self.values)


def named_curves(path: Path, names: Sequence[str], values: NDArray[Any], fps: Fraction, *, start: int = 0,
                 start_frame: int = 0, fps_known: bool = True, drop_frame: bool = False,
                 maybe_ntsc: bool = False, remarks: Iterable[str] = ()) -> NamedCurves:
    """NamedCurves of the file `path`. Raises ConfigError for what no file of curves holds: no frames, no
    curves or too many, a name twice, a value that is no number, a rate out of range."""
    values = np.asarray(values, np.float64)
    if values.shape[1:] != (len(names),):
        raise ValueError(f"{values.shape} values for {len(names)} names")
    if not len(values):
        raise bad(path, "holds no frames")
    if not names:
        raise bad(path, "holds no curves")
    check_names(path, names)
    wrong = np.argwhere(~(np.abs(values) < LARGEST))  # true for NaN too
    if len(wrong):
        frame, column = (int(i) for i in wrong[0])
        found = f"frame {frame + 1} of {shown(names[column])} is {values[frame, column]:g}, not a number"
        raise bad(path, found, "export the curves again without it")
    if not MIN_FPS <= fps <= MAX_FPS:
        raise bad(path, f"has {float(fps):g} frames a second, not {MIN_FPS} to {MAX_FPS}",
                  "export it at another rate")
    return NamedCurves(names=tuple(names), values=values, fps=fps, start=start, start_frame=start_frame,
                       fps_known=fps_known, drop_frame=drop_frame, maybe_ntsc=maybe_ntsc,
                       remarks=tuple(remarks))


def check_names(path: Path, names: Sequence[str], thing: str = "curve", place: str = "") -> None:
    """Raises ConfigError for too many names, or one that stands twice. `thing` is what a message counts,
    `place` where in the file ("$.facsNames: ")."""
    if len(names) > MOST_CURVES:
        raise bad(path, f"{place}{len(names)} {thing}s", f"give a file of at most {MOST_CURVES}")
    first: dict[str, int] = {}
    for k, name in enumerate(names):
        before = first.setdefault(name.casefold(), k)
        if before != k:
            raise bad(path, f"{place}{thing}s {before + 1} and {k + 1} are both called {shown(name)}"
                            + ("" if names[before] == name else f" (once {shown(names[before])})"),
                      "rename or remove one of them")


def shown(text: str) -> str:
    """A text out of a file, as a message may show it: short, and no control characters."""
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}..."


def bad(path: Path, what: str, fix: str = f"give {READABLE}") -> ConfigError:
    """The error to raise for the file `path`."""
    return ConfigError(what, where=str(path), fix=fix)
