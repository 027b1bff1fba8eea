"""Figures on the screen, in a JSON file, in a page of the documentation."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from facerig.errors import OutputError
from tools.bench.tables import Table

PAGE_COLUMNS: Final = 160  # where there is no terminal to ask


def show(tables: list[Table], about: dict[str, str], out: Path | None) -> None:
    """Print the tables and the machine; write them where --json says."""
    console = Console(width=None if sys.stdout.isatty() else PAGE_COLUMNS)
    for table in tables:
        console.print(f"\n{table.title}", highlight=False, soft_wrap=True)
        console.print(table.as_rich())
    console.print(*(f"{key}: {value}" for key, value in about.items()), sep="\n", highlight=False)
    if out is None:
        return
    figures = {"command": shlex.join(["python", "-m", "tools.bench", *sys.argv[1:]]), "machine": about,
               "tables": {table.key: table.rows for table in tables}}
    try:
        out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"the figures cannot be written: {error.strerror}", where=str(out),
                          fix="choose a folder that exists and can be written") from None


def put_into(page: Path, tables: list[Table], about: dict[str, str], command: str) -> None:
    """Each table in its place, between `<!-- made: KEY -->` and `<!-- end -->`, with what it was measured by
    and on. Raises OutputError where there is no such place."""
    text = page.read_text("utf-8")
    for table in tables:
        place = re.compile(rf"(<!-- made: {table.key} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not place.search(text):
            raise OutputError(f"there is no place for {table.key}", where=str(page),
                              fix=f"write <!-- made: {table.key} --> and <!-- end --> where it belongs")
        machine = ", ".join(about[name] for name in ("cpu", "busy", "python"))
        made = f"\n{table.title} (`{command}`; {machine}):\n\n{table.as_markdown()}\n\n"
        text = place.sub(lambda found, made=made: found[1] + made + found[2], text)
    page.write_text(text, "utf-8")
