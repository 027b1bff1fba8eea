"""Figures as rows with names: for the eye by rich, for programs as they are."""

from __future__ import annotations

from dataclasses import dataclass

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
            table.add_row(*("" if row[name] is None else format(row[name], form)
                            for name, form in self.columns.items()))
        return table
