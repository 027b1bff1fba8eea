"""A folder of golden files as it should be: what is made is written, what is no longer made goes."""

from __future__ import annotations

from pathlib import Path


def main(folder: Path, files: dict[str, bytes]) -> int:
    """Write the files of a folder, and take away all others but its README.md."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in {*files, "README.md"}:
            path.unlink()
    here = {name: folder / name for name in files}
    changed = [name for name, path in here.items() if not path.is_file() or path.read_bytes() != files[name]]
    for name in changed:
        here[name].write_bytes(files[name])
    print(f"{folder.name}: {len(files)} files, changed: {', '.join(changed) or 'none'}")
    return 0
