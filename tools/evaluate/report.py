"""Tables of a run: on the terminal, as Markdown, as JSON."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from facerig.errors import ConfigError, OutputError
from tools.evaluate.noise import condition
from tools.evaluate.runner import Row

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its heading, the cell for a row's figures, and whether a terminal shows it."""

    heading: str
    cell: Callable[[Figures], str]
    on_terminal: bool = True


def _share(name: str, interval: str = "") -> Callable[[Figures], str]:
    def cell(figures: Figures) -> str:
        value, bounds = figures[name], figures.get(interval) if interval else None
        text = "-" if value is None else f"{value:.1%}"
        return f"{text} ({bounds[0]:.0%}-{bounds[1]:.0%})" if bounds else text

    return cell


def _number(name: str, digits: int = 2, scale: float = 1.0) -> Callable[[Figures], str]:
    return lambda f: "-" if f[name] is None else f"{f[name] * scale:.{digits}f}"


COLUMNS: Final = (
    Column("clips",            lambda f: str(f["utterances"])),
    Column("p/b/m sealed",     _share("bilabial_sealed", "bilabial_ci")),
    Column("n",                lambda f: str(f["bilabials"]), False),
    Column("chance",           _share("chance")),
    Column("skill",            _number("skill")),
    Column("at a pause",       _share("beside_pause"), False),
    Column("vowels sealed",    _share("vowel_sealed")),
    Column("others sealed",    _share("other_sealed")),
    Column("f/v contact",      _share("labiodental_contact")),
    Column("its chance",       _share("contact_chance"), False),
    Column("lag ms",           _number("best_lag_s", 0, 1000)),
    Column("onset ms",         _number("seal_onset_ms", 0)),
    Column("hold ms",          _number("seal_hold_ms", 0), False),
    Column("open/close",       _number("open_vs_close_auc"), False),
    Column("round/spread",     _number("rounded_vs_spread_auc"), False),
    Column("at rest",          _share("at_rest")),
    Column("stray/min",        _number("stray_seals_per_min", 1)),
    Column("crossed",          _share("crossed_share"), False),
    Column("turns/s",          _number("turns_per_s", 1), False),
)  # fmt: skip


def sections(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Rows by table: one for each set, language, condition and group, in the order of the run."""
    tables: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        tables.setdefault((row.set_name, row.language, row.noise, row.group), []).append(row)
    return [(_title(*key), members) for key, members in tables.items()]


def _title(set_name: str, language: str, noise: str, group: str) -> str:
    parts = [f"{set_name} ({language})" if language else set_name, condition(noise).text, group]
    return ", ".join(part for part in parts if part)


def print_tables(rows: Iterable[Row], console: Console) -> None:
    """One table for each section, on the terminal; what does not fit is in the Markdown and the JSON."""
    shown = [column for column in COLUMNS if column.on_terminal]
    for title, members in sections(rows):
        table = Table(title=title, title_justify="left")
        table.add_column("system", no_wrap=True)
        for heading in ("look-ahead", *(column.heading for column in shown)):
            table.add_column(heading, justify="right")
        for row in members:
            table.add_row(row.system, row.lookahead, *(column.cell(row.figures) for column in shown))
        console.print(table)


def markdown(rows: Iterable[Row], commands: Sequence[str]) -> str:
    """The same tables as Markdown, with the commands that made them."""
    heading = ["system", "look-ahead", *(column.heading for column in COLUMNS)]
    lines = ["Made by", "", *(f"    {command}" for command in commands), ""]
    for title, members in sections(rows):
        lines += [f"### {title}", "", _line(heading), _line(["---"] * len(heading))]
        lines += [_line(_cells(row)) for row in members]
        lines.append("")
    return "\n".join(lines)


def as_json(rows: Iterable[Row], command: str, settings: dict[str, Any]) -> str:
    """The rows with all figures, rounded to what they can mean."""
    document = {"command": command, "settings": settings, "rows": [_rounded(row.as_json()) for row in rows]}
    return json.dumps(document, indent=1)


def as_text(document: dict[str, Any]) -> str:
    """A document as JSON, rounded to what it can mean."""
    return json.dumps(_rounded(document), indent=1) + "\n"


def from_json(path: Path) -> tuple[str, list[Row]]:
    """The command and the rows of a file that `as_json` wrote. Raises ConfigError for any other file."""
    try:
        document = json.loads(path.read_text("utf-8"))
        return document["command"], [Row.from_json(entry) for entry in document["rows"]]
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"no figures of this tool ({error!r})", where=str(path),
                          fix="give a file that `run --json` wrote") from error


def write_phones(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """One CSV line for each judged phone."""
    rows = iter(rows)
    first = next(rows)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(first))
            writer.writeheader()
            writer.writerow(first)
            writer.writerows(rows)
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", where=str(path)) from error


def write_text(path: Path, text: str) -> None:
    """Write `text` beside `path` and rename, so that no half-written file is left."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        aside.write_text(text, "utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OutputError(f"cannot be written ({error.strerror})", where=str(path),
                          fix="give a path in a folder that exists") from error


def _cells(row: Row) -> list[str]:
    return [row.system, row.lookahead, *(column.cell(row.figures) for column in COLUMNS)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
