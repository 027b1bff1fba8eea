"""Lines of each bridge that know the engine, against those that do not: python -m tools.bridges.lines

Shared is what knows nothing of an engine; in Godot, whose own language it is: nothing of scenes and the
editor. Counted are lines of code, neither empty nor a comment alone; what is made from the wire is counted by
itself, tests, stubs, demos and samples are not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.bridges.languages import FILES

REPO: Final = Path(__file__).resolve().parents[2]
BRIDGES: Final = REPO / "engine_bridges"
UNREAL: Final = BRIDGES / "unreal" / "FaceRig" / "Source"
UNITY: Final = BRIDGES / "unity" / "com.facerig.bridge"
GODOT: Final = BRIDGES / "godot" / "addons" / "facerig"
STUBS: Final = BRIDGES / "unreal" / "tests" / "engine_stubs"
INCLUDE: Final = re.compile(r'^\s*#include "([^"]+)"', re.M)
SCENES: Final = re.compile(r"^[^#\n]*\b(Node|Resource|Engine|AudioServer|AudioStream\w*)\b", re.M)
COMMENT: Final = re.compile(r"^\s*(//|#(?!include|pragma|if|endif|else|define|undef|elif)|/?\*)")


@dataclass(frozen=True, slots=True)
class Lines:
    """Of one bridge."""

    bridge: str
    shared: int
    made: int
    specific: int

    @property
    def share(self) -> float:
        """Of the lines written by hand, how many know the engine."""
        return self.specific / max(1, self.shared + self.specific)


def code_lines(path: Path) -> int:
    """Lines that are neither empty nor a comment alone."""
    lines = path.read_text("utf-8").splitlines()
    return sum(1 for line in lines if line.strip() and not COMMENT.match(line))


def knows_unreal(path: Path) -> bool:
    """Whether a file needs a header of the engine, by itself or through those that it includes."""
    seen, left = set[Path](), [path]
    while left:
        one = left.pop()
        seen.add(one)
        for name in INCLUDE.findall(one.read_text("utf-8")):
            near = [header for header in UNREAL.rglob(Path(name).name) if header.as_posix().endswith(name)]
            if not near and ((STUBS / name).is_file() or name.endswith(".generated.h")):
                return True
            left += [header for header in near[:1] if header not in seen]
    return path.name.endswith(".Build.cs")


def knows_unity(path: Path) -> bool:
    """Whether a file speaks of Unity."""
    return re.search(r"\bUnity(Engine|Editor)\b", path.read_text("utf-8")) is not None


def knows_scenes(path: Path) -> bool:
    """Whether a file of the Godot addon needs more than the language: scenes, sound, the editor, or what
    differs from one engine to the next."""
    return path.parent.name != "core" or SCENES.search(path.read_text("utf-8")) is not None


def counted() -> list[Lines]:
    """Every bridge that is here."""
    made = {REPO / path for path in FILES}
    rows = (("unreal", UNREAL, ("*.h", "*.cpp", "*.cs"), knows_unreal),
            ("unity", UNITY, ("*.cs",), knows_unity), ("godot", GODOT, ("*.gd",), knows_scenes))
    out = []
    for bridge, folder, endings, knows in rows:
        files = sorted({path for ending in endings for path in folder.rglob(ending)} - made)
        files = [path for path in files if "Samples~" not in path.parts]
        mine = [path for path in made if folder in path.parents and path.is_file()]
        specific = [path for path in files if knows(path)]
        out.append(Lines(bridge, total(set(files) - set(specific)), total(mine), total(specific)))
    return out


def total(files: Iterable[Path]) -> int:
    """Lines of code of all of them."""
    return sum(code_lines(path) for path in files)


def table() -> str:
    """As Markdown."""
    rows = [f"| {one.bridge} | {one.shared:,} | {one.made:,} | {one.specific:,} | {one.share:.0%} |"
            for one in counted()]
    head = ("| bridge | shared | made from the wire | engine-specific | engine's part of what is written |",
            "|---|---|---|---|---|")
    return "\n".join([*head, *rows])


if __name__ == "__main__":
    print(table())
    sys.exit(0)
