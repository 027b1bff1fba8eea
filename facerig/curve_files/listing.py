"""Which curves a file has, moving or not: the morph targets of a head, the columns of a recording, a plain
list."""

from __future__ import annotations

from pathlib import Path

from facerig.curve_files import fbx, gltf
from facerig.curve_files.dispatch import format_of, read_named
from facerig.curve_files.named import bad, check_names
from facerig.curve_files.sheet import read_text


def curve_names(path: Path) -> tuple[str, ...]:
    """The names in a file: glTF, FBX, any curve file, or a text with a name a line.

    Raises ConfigError for another file, one without names, and names that stand twice.
    """
    module = format_of(path).module
    if module == "gltf":
        names = gltf.target_names(path)
    elif module == "fbx":
        names = fbx.shape_names(path)
    elif module == "text" and path.suffix.lower() == ".txt":
        lines = (line.strip() for line in read_text(path).splitlines())
        names = [line for line in lines if line and not line.startswith("#")]
    else:
        names = list(read_named(path).names)
    if not names:
        raise bad(path, "names no curves",
                  "give a head with blendshapes, a curve file, or a text with a name a line")
    check_names(path, names)
    return tuple(names)
