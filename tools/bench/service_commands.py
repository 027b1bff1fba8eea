"""The verbs that measure and break the live service, and the one that writes its page of figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from tools.bench import service_latency as latency_bench
from tools.bench import service_load as load_bench
from tools.bench import soak as soak_bench
from tools.bench.faults import suite
from tools.bench.machine import machine
from tools.bench.serving import REPO
from tools.bench.showing import put_into, show
from tools.bench.speakers import Load
from tools.bench.tables import Table

PAGE: Final = REPO / "docs" / "live-figures.md"
COUNTS: Final = [1, 16, 64, 128, 255]
BEYOND: Final = 400  # more than anybody promised
# What the page shows: sessions, level of detail, share that speaks.
PUBLISHED: Final = (*((n, 1, 1.0) for n in COUNTS), (BEYOND, 1, 1.0), (128, 2, 1.0), (255, 2, 1.0),
                    (255, 4, 1.0), (64, 1, 0.25), (128, 1, 0.25), (255, 1, 0.25), (255, 4, 0.25))
# Hours, and by how many ppm the sound card is fast: cheap ones are off by as much.
RUNS: Final = ((1.0, 0.0), (0.25, 100.0), (0.25, -100.0))

Json = Annotated[Path | None, typer.Option("--json", help="Write all figures here.")]
Secs = Annotated[float, typer.Option(help="Seconds of talk that are measured.", min=1)]
Into = Annotated[bool, typer.Option("--publish", help="Put the tables into docs/live-figures.md.")]


def service_latency(counts: Annotated[list[int] | None, typer.Argument(help="Sessions; 1 100.")] = None,
                    secs: Secs = 10.0, publish: Into = False, json: Json = None) -> None:
    """From sound sent to curve received, over sockets, apart from the look-ahead."""
    _shown(latency_bench.tables(counts or [1, 100], secs, _log), "service-latency", json, publish=publish)


def service_load(counts: Annotated[list[int] | None, typer.Argument(
                     help="Sessions; 1 16 64 128 255.")] = None,
                 detail: Annotated[list[int] | None, typer.Option(
                     help="Every so many frames: 1, 2, 4; may be given again.")] = None,
                 speaking: Annotated[float, typer.Option(
                     help="Share of the sessions that speak; the others live.", min=0, max=1)] = 1.0,
                 pace: Annotated[str, typer.Option(help="burst or realtime.")] = "burst",
                 fps: Annotated[int, typer.Option(help="Frames per second of everybody.")] = 60,
                 secs: Secs = 10.0, json: Json = None) -> None:
    """How many sessions a service holds on one core, and what breaks first."""
    load = Load(sessions=1, pace=pace, fps=fps, speaking=speaking)
    _shown(load_bench.tables(counts or COUNTS, load, detail or [1], secs, _log), "service-load", json)


def soak(minutes: Annotated[float, typer.Option(help="In real time.", min=0.2)] = 10.0,
         publish: Into = False, json: Json = None) -> None:
    """Characters that speak for a long time: drift, losses, memory."""
    _shown(soak_bench.tables(minutes, _log), f"soak --minutes {minutes:g}", json, publish=publish)


def hours(count: Annotated[float, typer.Argument(help="Of sound, where --ppm is given.", min=0.001)] = 1.0,
          ppm: Annotated[list[float] | None, typer.Option(
              help="By how much the sound card is fast; may be given again.")] = None,
          publish: Into = False, json: Json = None) -> None:
    """Hours in minutes, with clocks that are turned by hand and sound cards that are not right."""
    runs = [(count, one) for one in ppm] if ppm else list(RUNS)
    _shown(soak_bench.accelerated(runs, _log), "hours", json, publish=publish)


def faults(only: Annotated[list[str] | None, typer.Argument(help="Names of faults; all if none.")] = None,
           publish: Into = False, json: Json = None) -> None:
    """Kill, freeze, flood and starve the service, and look what a session beside it loses."""
    _shown(suite.tables(only or [], _log), "faults", json, publish=publish)


def live_figures(secs: Secs = 10.0, json: Json = None) -> None:
    """Measure again what docs/live-figures.md shows, but for the soak; on a quiet machine."""
    service_latency(None, secs, publish=True)
    rows = [load_bench.measured(replace(Load(sessions=n), detail=detail, speaking=share), secs)
            for n, detail, share in PUBLISHED if _log(f"{n} sessions") is None]
    tables = [Table("service_load", load_bench.title(Load(sessions=1)), load_bench.COLUMNS, rows)]
    _shown(tables, "live-figures", json, publish=True)
    hours(1.0, None, publish=True)
    faults(None, publish=True)


VERBS: Final = (service_latency, service_load, soak, hours, faults, live_figures)


def _log(text: str) -> None:
    Console(stderr=True).print(text)


def _shown(tables: list[Table], command: str, json: Path | None, *, publish: bool = False) -> None:
    about = machine()
    show(tables, about, json)
    if publish:
        put_into(PAGE, tables, about, f"python -m tools.bench {command}")
