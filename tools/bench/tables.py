"""Figures as rows with names: for the eye by rich, for programs as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.table import Table as RichTable

Row = dict[str, str | float | None]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` have the keys of `columns`, whose values say how a figure is written ("" for text)."""

    key: str
    title: str
    columns: dict[str, str]
    rows: list[Row]

    def as_rich(self) -> RichTable:
        """The table for a terminal, figures to the right."""
        table = RichTable(box=box.SIMPLE_HEAD)
        for name, form in self.columns.items():
            table.add_column(name, justify="right" if form else "left", no_wrap=True)
        for row in self.rows:
            table.add_row(*(_cell(row[name], form) for name, form in self.columns.items()))
        return table

    def as_markdown(self) -> str:
        """The table for a page of documentation."""
        sides = ("--:" if form else "---" for form in self.columns.values())
        rows = [[_cell(row[name], form) for name, form in self.columns.items()] for row in self.rows]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in (self.columns, sides, *rows))


def _cell(value: str | float | None, form: str) -> str:
    """A figure in its form; of a path (a model's) the name alone, so that the table stays narrow."""
    if value is None:
        return ""
    return Path(value).name if isinstance(value, str) else format(value, form)
