"""`facerig top`: what a running service does, now."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from facerig.cli import options
from facerig.cli.report import Report
from facerig.errors import ConfigError, ProtocolError

if TYPE_CHECKING:
    from rich.table import Table

    from facerig.service.client import Client

EXAMPLES = """
[bold]Examples[/bold]

  facerig top

  facerig top tcp://10.0.0.7 --keys game.key

  facerig top --once --json
"""
PATIENCE_SECS: Final = 5.0  # for an answer
MOST_NAMED: Final = 8  # kinds of errors in a row, the most frequent ones

Figures = Mapping[str, float]


def _per_cent(value: float) -> str:
    return f"{value:.1%}"


def _millis(value: float) -> str:
    return f"{1e3 * value:.2f} ms"


def _secs(value: float) -> str:
    return f"{value:.2f} s"


def _factor(value: float) -> str:
    return f"{value:.4f}"


def _count(value: float) -> str:
    return f"{value:,.0f}"


# Row                 figure                                   shown as
NOW: Final[tuple[tuple[str, str, Callable[[float], str]], ...]] = (
    ("sessions",         "sessions",                             _count),
    ("clients",          "clients",                              _count),
    ("load",             "busy",                                 _per_cent),
    ("real-time factor", "realtime_factor",                      _factor),
    ("tick p50",         "tick_secs_p50",                        _millis),
    ("tick p99",         "tick_secs_p99",                        _millis),
    ("step p99",         "step_secs_p99",                        _millis),
    ("backlog",          "backlog_secs",                         _secs),
    ("furthest behind",  "backlog_secs_of_the_furthest_behind",  _secs),
)
# Row                 counter, shown as so many a second and in all
COUNTED: Final[tuple[tuple[str, str], ...]] = (
    ("messages",         "messages"),
    ("frames sent",      "frames_sent"),
    ("frames late",      "frames_late"),
    ("frames dropped",   "frames_dropped"),
    ("slow subscribers", "subscriber_drops"),
    ("too many messages", "refused_rate"),
    ("opened",           "opened"),
)
FAMILIES: Final = (("errors", "error_"), ("closed", "closed_"))  # told apart by the rest of their names


def top(
    address: Annotated[str, typer.Argument(
        metavar="[ADDRESS]", help="Of the service: tcp://host or tcp://host:port.")] = "tcp://127.0.0.1",
    keys: Annotated[Path | None, typer.Option(
        metavar="FILE", help="Of a client, as `facerig keys new` wrote it.")] = None,
    every: Annotated[float, typer.Option(
        metavar="SECS", min=0.1, max=3600, help="Between two looks.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and leave.")] = False,
    json: options.Json = False,
) -> None:
    """Watch a service: sessions, load, how long its turns take, what is late or lost; until Ctrl-C."""
    try:
        from facerig.service.client import connect
    except ImportError as missing:
        raise ConfigError(f"the client needs {missing.name}", where="top",
                          fix='pip install "facerig[serve]"') from None
    report = Report(json=json)
    with connect(address, keys=keys) as client:
        first = _first_look(client, address)
        if once:
            report.result(_text(Look(first, first, 0.0)), service=address, figures=dict(first.figures))
            return
        try:
            if json or not sys.stdout.isatty():
                for look in _looks(client, first, every):
                    report.result(_text(look), service=address, figures=dict(look.now.figures),
                                  **({"silent_secs": look.silent_secs} if look.silent_secs else {}))
            else:
                _watch(_looks(client, first, every), address)
        except KeyboardInterrupt:  # how it is ended
            return


@dataclass(frozen=True, slots=True)
class Seen:
    """Figures of a service, and when they were seen (s)."""

    figures: Figures
    at_secs: float


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen last and the time before; the service has been silent for so long."""

    now: Seen
    before: Seen
    silent_secs: float

    def a_second(self, name: str) -> float:
        """How often something was counted; 0 where the service began anew."""
        secs = self.now.at_secs - self.before.at_secs
        more = self.now.figures.get(name, 0.0) - self.before.figures.get(name, 0.0)
        return max(0.0, more) / secs if secs > 0 else 0.0


def rows(look: Look) -> list[tuple[str, str, str]]:
    """Label, now, in all."""
    figures = look.now.figures
    out = [(label, shown(figures[name]), "") for label, name, shown in NOW if name in figures]
    out += [(label, f"{look.a_second(name):,.1f} /s", _count(figures.get(name, 0.0)))
            for label, name in COUNTED]
    for label, begin in FAMILIES:
        kinds = sorted(((n, name) for name, n in figures.items() if name.startswith(begin)), reverse=True)
        rate = sum(look.a_second(name) for _, name in kinds)
        told = ", ".join(f"{_plain(name.removeprefix(begin))} {_count(n)}" for n, name in kinds[:MOST_NAMED])
        out.append((label, f"{rate:,.1f} /s", told or "0"))
    return out


def _plain(text: str) -> str:
    """What a service sends is no command to the terminal."""
    return "".join(one if one.isprintable() else "?" for one in text[:40])


def _first_look(client: Client, address: str) -> Seen:
    try:
        return Seen(client.statistics(timeout_secs=PATIENCE_SECS), time.monotonic())
    except ProtocolError:
        raise ConfigError(f"no service answers at {address}", where="top",
                          fix="start one (facerig serve), or give its address and --keys") from None


def _looks(client: Client, first: Seen, every: float) -> Iterator[Look]:
    """Without end; also while the service is away."""
    before = now = first
    while True:
        time.sleep(every)
        try:
            before, now = now, Seen(client.statistics(timeout_secs=max(every, 1.0)), time.monotonic())
            yield Look(now, before, 0.0)
        except ProtocolError:
            yield Look(now, now, time.monotonic() - now.at_secs)


def _watch(looks: Iterator[Look], address: str) -> None:
    from rich.live import Live  # slow to import

    with Live(refresh_per_second=4, screen=False) as live:
        for look in looks:
            live.update(_table(look, address))


def _table(look: Look, address: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    silent = f": silent for {look.silent_secs:.0f} s" if look.silent_secs else ""
    table = Table(title=Text(f"{address}{silent}"), title_justify="left", box=None)
    for name in ("", "now", "in all"):
        table.add_column(name, justify="left" if name != "now" else "right")
    for row in rows(look):
        table.add_row(*map(Text, row))
    return table


def _text(look: Look) -> str:
    """For pipes and files."""
    silent = [f"silent for {look.silent_secs:.0f} s"] if look.silent_secs else []
    return "\n".join(silent + [f"{label:18} {now:>12}  {total}".rstrip() for label, now, total in rows(look)])
