"""Write the constants of the wire for the engines' libraries: python -m tools.bridges [--check]

`--check` writes nothing and fails where a file is not what would be written.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tools.bridges.facts import groups
from tools.bridges.languages import COMMAND, FILES

REPO: Final = Path(__file__).resolve().parents[2]


def sources() -> dict[Path, str]:
    """Every file, by its path in the repository."""
    facts = groups()
    return {path: written(facts) for path, written in FILES.items()}


def main(arguments: list[str], root: Path = REPO) -> int:
    """Write the files, or say whether they are what would be written."""
    files = {root / path: text for path, text in sources().items()}
    old = [path for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text]
    if "--check" in arguments:
        names = ", ".join(path.name for path in old)
        print(f"{names}: old; run {COMMAND}" if old else "all as they should be")
        return int(bool(old))
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], "utf-8")
    print(f"{len(files)} files, changed: {', '.join(path.name for path in old) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
