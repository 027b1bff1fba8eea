"""Sessions of `facerig serve` on many cores, simulated: how full cores get, who is refused, who has to move.

    python -m tools.simulate_cluster                       # a table
    python -m tools.simulate_cluster --publish             # ... into docs/cluster.md, with docs/cluster.png

A core is one service process. Sessions come by chance (Poisson), last for minutes (log-normal), and speak a
part of the time. What a session costs a core is given: `python -m tools.bench crowd` measures it. A step is a
second; the same seed gives the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from tools.bench.machine import machine
from tools.bench.showing import put_into, show
from tools.bench.tables import Row, Table

PAGE: Final = Path("docs/cluster.md")
PICTURE: Final = Path("docs/cluster.png")
LOADS: Final = (0.4, 0.5, 0.6, 0.7, 0.8)  # mean of all cores that is planned for
WARM_UP_SECS: Final = 3600  # until as many leave as come
STALE_SECS: Final = 5  # age of the figures that a matchmaker sees: a scrape of /metrics
DAY_SECS: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Of a simulation. speaking, silent: seconds of a core a second of a session; busy, most: where a service
    refuses (limits.busy, limits.sessions); a session speaks `speaks` of its time."""

    cores: int = 20
    hours: float = 6.0
    load: float = 0.6
    placing: str = "two"
    speaking: float = 0.016
    silent: float = 0.010
    speaks: float = 0.25
    busy: float = 0.9
    most: int = 255
    median_secs: float = 480.0  # of a session: a scene, a level, a visit
    sigma: float = 1.0  # of its logarithm
    drain_secs: float = 900.0  # that a core which is to be upgraded waits for its sessions
    deaths_a_day: float = 2.0  # of a core; far more than machines die, so that there is something to see
    restart_secs: float = 60.0
    seed: int = 1

    @property
    def mean_cost(self) -> float:
        """Of a session."""
        return self.speaks * self.speaking + (1 - self.speaks) * self.silent

    @property
    def arrivals_per_sec(self) -> float:
        """That make the load."""
        mean_secs = self.median_secs * math.exp(self.sigma**2 / 2)
        return self.load * self.cores / (self.mean_cost * mean_secs)


@dataclass(slots=True)
class Counts:
    """Of a run after it has warmed up."""

    opened: int = 0
    refused: int = 0  # by the first core that was asked; another one was tried
    turned_away: int = 0  # by all that were asked
    moved_drained: int = 0
    moved_dead: int = 0
    deaths: int = 0
    loads: list[NDArray[np.float64]] = field(default_factory=list)


class Cluster:
    """Cores with sessions, second by second."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes, self.counts = wishes, Counts()
        self._draws = np.random.default_rng(wishes.seed)
        self.sessions: list[dict[int, float]] = [{} for _ in range(wishes.cores)]  # number -> when it ends
        self._leaving: list[tuple[float, int, int]] = []  # when, which core, which session
        self.up = np.ones(wishes.cores, bool)
        self.taking = np.ones(wishes.cores, bool)  # not drained
        self.seen = np.zeros(wishes.cores)  # busy, as the last scrape has it
        self.busy = np.zeros(wishes.cores)
        self._back: list[tuple[float, int]] = []  # cores that start again
        self._number = 0

    def run(self) -> Counts:
        """All of it; cores are upgraded one after the other in the second half."""
        wishes = self.wishes
        total = round(WARM_UP_SECS + wishes.hours * 3600)
        half, drained = WARM_UP_SECS + (total - WARM_UP_SECS) // 2, -1
        for now in range(total):
            if now == WARM_UP_SECS:
                self.counts = Counts()
            self._leave(now)
            for _ in range(self._draws.poisson(wishes.arrivals_per_sec)):
                self._open(now + float(self._draws.lognormal(math.log(wishes.median_secs), wishes.sigma)))
            if now >= half and (now - half) % wishes.drain_secs == 0:
                drained = self._upgrade(drained, now)
            self._die(now)
            self._look(now)
        return self.counts

    def _leave(self, now: float) -> None:
        while self._leaving and self._leaving[0][0] <= now:
            _, core, number = heappop(self._leaving)
            self.sessions[core].pop(number, None)
        while self._back and self._back[0][0] <= now:
            core = heappop(self._back)[1]
            self.up[core] = self.taking[core] = True

    def _open(self, ends: float) -> None:
        """A session, on the first of the cores asked that takes it."""
        self.counts.opened += 1
        self._number += 1
        for asked, core in enumerate(PLACING[self.wishes.placing](self, self._number)):
            if self.up[core] and self.taking[core] and self._room(core):
                self.sessions[core][self._number] = ends
                heappush(self._leaving, (ends, core, self._number))
                return
            self.counts.refused += asked == 0
        self.counts.turned_away += 1

    def _room(self, core: int) -> bool:
        return len(self.sessions[core]) < self.wishes.most and bool(self.busy[core] <= self.wishes.busy)

    def _empty(self, core: int) -> int:
        """A core loses its sessions; they open again elsewhere. Gives how many."""
        lost = self.sessions[core]
        self.sessions[core] = {}
        for ends in lost.values():
            self.counts.opened -= 1  # it is no new one
            self._open(ends)
        return len(lost)

    def _upgrade(self, drained: int, now: float) -> int:
        """The core that was drained starts anew, the next one takes no more sessions. Gives the next one."""
        if 0 <= drained < self.wishes.cores and self.up[drained]:
            self._stop(drained, now)
            self.counts.moved_drained += self._empty(drained)
        if drained + 1 < self.wishes.cores:
            self.taking[drained + 1] = False
        return drained + 1

    def _stop(self, core: int, now: float) -> None:
        self.up[core] = False
        heappush(self._back, (now + self.wishes.restart_secs, core))

    def _die(self, now: float) -> None:
        draws = self._draws.random(self.wishes.cores)
        for core in np.flatnonzero(draws < self.wishes.deaths_a_day / DAY_SECS):
            if self.up[core]:
                self._stop(int(core), now)
                self.counts.deaths += 1
                self.counts.moved_dead += self._empty(int(core))

    def _look(self, now: float) -> None:
        here = np.array([len(one) for one in self.sessions])
        speak = self._draws.binomial(here, self.wishes.speaks)
        self.busy = speak * self.wishes.speaking + (here - speak) * self.wishes.silent
        self.counts.loads.append(self.busy[self.up])
        if now % STALE_SECS == 0:
            self.seen = np.where(self.up & self.taking, self.busy, np.inf)

    def by_hash(self, number: int) -> list[int]:
        """The order of cores for a subject: each session has its own, and all gateways the same."""
        weights = np.random.default_rng((number, 77)).random(self.wishes.cores)
        return [int(core) for core in np.argsort(weights) if self.up[core] and self.taking[core]][:3]

    def by_two(self, _number: int) -> list[int]:
        """The less busy of two, as a matchmaker last saw them, then the other."""
        taking = np.flatnonzero(np.isfinite(self.seen))
        two = self._draws.choice(taking, min(2, len(taking)), replace=False)
        return [int(core) for core in two[np.argsort(self.seen[two])]]

    def by_least(self, _number: int) -> list[int]:
        """The least busy of all, as a matchmaker last saw them: all that come between two looks go there."""
        return [int(core) for core in np.argsort(self.seen)[:3]]


PLACING: Final[dict[str, Callable[[Cluster, int], list[int]]]] = {
    "hash": Cluster.by_hash, "two": Cluster.by_two, "least": Cluster.by_least}


def row_of(wishes: Wishes) -> Row:
    """What became of it, as a row of figures."""
    counts = Cluster(wishes).run()
    loads = np.concatenate(counts.loads)
    return {"placing": wishes.placing, "planned": wishes.load, "mean": float(loads.mean()),
            "p99": float(np.percentile(loads, 99)), "above busy %": float(100 * (loads > wishes.busy).mean()),
            "sessions a core": wishes.load / wishes.mean_cost, "opened": float(counts.opened),
            "asked again %": 100 * counts.refused / max(1, counts.opened),
            "turned away %": 100 * counts.turned_away / max(1, counts.opened),
            "moved by upgrades": float(counts.moved_drained), "deaths": float(counts.deaths),
            "moved by deaths": float(counts.moved_dead)}


def table(wishes: Wishes) -> Table:
    """All ways of placing at all loads."""
    rows = [row_of(replace(wishes, placing=placing, load=load)) for placing in PLACING for load in LOADS]
    forms = {"placing": "", "planned": ".0%", "mean": ".0%", "p99": ".0%", "above busy %": ".2f",
             "sessions a core": ".0f", "opened": ",.0f", "asked again %": ".2f", "turned away %": ".2f",
             "moved by upgrades": ",.0f", "deaths": ".0f", "moved by deaths": ",.0f"}
    title = (f"{wishes.cores} cores, {wishes.hours:g} hours; a second of a session costs "
             f"{1000 * wishes.speaking:g} ms while it speaks, {1000 * wishes.silent:g} ms while it does not; "
             f"{wishes.speaks:.0%} speak")
    return Table("simulated", title, forms, rows)


def draw(rows: list[Row], busy: float, out: Path) -> None:
    """p99 of the load, and who has to ask another core, by planned load."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    parts: tuple[tuple[Any, str, str], ...] = (
        (axes[0], "p99", "p99 of a core's load"), (axes[1], "asked again %", "refused by the first asked, %"))
    for axis, column, label in parts:
        for placing in PLACING:
            mine = [row for row in rows if row["placing"] == placing]
            axis.plot([row["planned"] for row in mine], [row[column] for row in mine], "o-", label=placing)
        axis.set_xlabel("planned load of all cores")
        axis.set_ylabel(label)
        axis.grid(alpha=0.3)
    axes[0].axhline(busy, color="black", linewidth=0.8, linestyle="--")
    axes[0].legend()
    figure.savefig(out, dpi=110)
    plt.close(figure)


def main(cores: int = 20, hours: float = 6.0,
         speaking: Annotated[float, typer.Option(help="Seconds of a core a second of a session that speaks.")]
         = 0.016,
         silent: Annotated[float, typer.Option(help="... and of one that is silent.")] = 0.010,
         speaks: Annotated[float, typer.Option(help="Part of the time that a session speaks.")] = 0.25,
         seed: int = 1,
         publish: Annotated[bool, typer.Option("--publish", help="Into docs/cluster.md.")] = False) -> None:
    """Sessions of `facerig serve` on many cores: how full they get, who is refused, who has to move."""
    wishes = Wishes(cores=cores, hours=hours, speaking=speaking, silent=silent, speaks=speaks, seed=seed)
    found, about = table(wishes), machine()
    show([found], about, None)
    if publish:
        put_into(PAGE, [found], about, f"python -m tools.simulate_cluster --seed {seed}")
        draw(found.rows, wishes.busy, PICTURE)


if __name__ == "__main__":
    typer.run(main)
