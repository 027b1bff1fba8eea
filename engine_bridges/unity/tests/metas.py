"""Write the .meta files of the Unity package: python engine_bridges/unity/tests/metas.py [--check]

Unity knows files by the GUIDs in them; scenes and assets break where one changes. Each is made of the
file's path in the package, so it stays as long as the file does. `--check` writes nothing and fails where a
file is not what would be written.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1] / "com.facerig.bridge"
HIDDEN: Final = ("~", ".meta")  # ends of names that Unity passes over, or that are these files

_REST: Final = "  externalObjects: {}\n  userData:\n  assetBundleName:\n  assetBundleVariant:\n"
# suffix     importer, and what it keeps
IMPORTERS: Final = {
    ".cs": "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n"
           "  executionOrder: 0\n  icon: {instanceID: 0}\n  userData:\n  assetBundleName:\n"
           "  assetBundleVariant:\n",
    ".asmdef": "AssemblyDefinitionImporter:\n" + _REST,
    ".json": "PackageManifestImporter:\n" + _REST,
    ".md": "TextScriptImporter:\n" + _REST,
    "": "DefaultImporter:\n" + _REST,
}


def assets(folder: Path = PACKAGE) -> Iterator[Path]:
    """Files and folders that Unity imports."""
    for path in sorted(folder.iterdir()):
        if not path.name.endswith(HIDDEN) and not path.name.startswith("."):
            yield path
            if path.is_dir():
                yield from assets(path)


def guid(path: Path) -> str:
    """Of an asset, for good."""
    return hashlib.md5(f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}".encode()).hexdigest()


def meta(path: Path) -> str:
    """What stands in the file beside an asset."""
    folder = "folderAsset: yes\n" if path.is_dir() else ""
    importer = IMPORTERS[path.suffix if path.is_file() else ""]
    return f"fileFormatVersion: 2\nguid: {guid(path)}\n{folder}{importer}"


def main(arguments: list[str]) -> int:
    """Write the files and take away those of nothing, or say whether all are as they should be."""
    wanted = {path.with_name(path.name + ".meta"): meta(path) for path in assets()}
    there = set(PACKAGE.rglob("*.meta"))
    wrong = [path for path, text in wanted.items() if path not in there or path.read_text("utf-8") != text]
    gone = there - set(wanted)
    if "--check" in arguments:
        print(", ".join(path.name for path in [*wrong, *gone]) or "all as they should be")
        return int(bool(wrong or gone))
    for path in wrong:
        path.write_text(wanted[path], "utf-8")
    for path in gone:
        path.unlink()
    print(f"{len(wanted)} files, changed: {len(wrong)}, gone: {len(gone)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
