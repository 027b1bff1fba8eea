"""What `tools.evaluate.eyes` measured, beside people: a table, a JSON document, plots."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from facerig.performance.eyes import saccades
from tools.evaluate.eyes import DOUGHTY, Measured

Floats = NDArray[np.float64]

OURS, PEOPLE, FAINT = "#2f6db3", "#e07b28", "#b8c4d4"
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: ours, and what people do; `low`, `high`: their range for `value`, if any."""

    name: str
    ours: str
    value: float
    human: str
    source: str
    low: float | None = None
    high: float | None = None

    @property
    def inside(self) -> bool | None:
        """Whether the value lies in the human range."""
        if self.low is None or self.high is None:
            return None
        return bool(self.low - _TINY <= self.value <= self.high + _TINY)


def figures(found: Measured) -> list[Figure]:
    """The report."""
    return [*_rates(found), *_blinks(found), *_saccades(found), *_looks(found), *_of_recordings(found)]


def _range(values: Floats, form: str = "{:.2f}") -> str:
    """Median and the range that holds 95 %."""
    low, mid, high = (form.format(v) for v in np.quantile(values, [0.025, 0.5, 0.975]).tolist())
    return f"{mid} ({low} to {high})"


def _rates(found: Measured) -> list[Figure]:
    out = []
    for state, rates in found.rates.items():
        low, high = DOUGHTY[state]
        inside = float(((rates >= low) & (rates <= high)).mean())
        out += [Figure(f"blinks a minute, {state}", _range(rates, "{:.1f}"), float(np.median(rates)),
                       f"{low:g} to {high:g}", "Doughty 2001, 95 %", low, high),
                Figure("  characters inside", f"{inside:.0%}", inside, "95 %", "Doughty 2001", 0.95, 1.0)]
    return out


def _blinks(found: Measured) -> list[Figure]:
    sigmas = np.array([fit.sigma for fit in found.fits])
    mu = float(np.mean([fit.mu for fit in found.fits]))
    ks = float(np.median([fit.ks for fit in found.fits]))
    well = float(np.mean([fit.p > 0.05 for fit in found.fits]))
    secs = np.array([shape.secs for shape in found.shapes])
    closing = np.array([shape.closing for shape in found.shapes])
    shut = min(shape.shut_secs for shape in found.shapes)
    shortest, last_first = float(found.intervals.min()), float(found.first.max())
    near = found.at_pauses[0] / found.at_pauses[1]
    #      figure                          ours                  value   people              source    range
    return [
        Figure("intervals: log-normal sigma", _range(sigmas), float(np.median(sigmas)), "0.7 to 0.9",
               "design", 0.7, 0.9),
        Figure("intervals: log-normal mu", f"{mu:.2f}", mu, "ln(60 / rate) - sigma^2 / 2", "log-normal"),
        Figure("intervals: KS distance", f"{ks:.3f}; p > 0.05 for {well:.0%}", well, "log-normal",
               "design", 0.8, 1.0),
        Figure("intervals: shortest, s", f"{shortest:.2f}", shortest, "floor 0.4", "design", 0.38, 0.6),
        Figure("first blink, s", f"{np.median(found.first):.1f} (to {last_first:.1f})", last_first,
               "in short clips too", "design", 0.0, 3.2),
        Figure("full blink, ms", _range(1000 * secs, "{:.0f}"), float(np.median(secs)), "100 to 400",
               "Schiffman 2001", 0.1, 0.4),
        Figure("  share of it closing", _range(closing), float(np.median(closing)), "about a third",
               "Sforza et al. 2008", 0.26, 0.40),
        Figure("  shut, ms, at least", f"{1000 * shut:.0f}", shut, "a frame at 24 fps: 42", "design", 1 / 24,
               0.2),
        Figure("partial blinks", f"{found.partial:.0%}", found.partial, "10 to 20 % (up to half)",
               "design; Ousler et al. 2014", 0.1, 0.2),
        Figure("pairs within 0.55 s", f"{found.doubles:.0%}", found.doubles, "some", "design", 0.01, 0.12),
        Figure("after a phrase, over chance", f"{near:.1f}", near, "above 1", "Nakano & Kitazawa 2010", 1.2,
               5.0),
    ]


def _saccades(found: Measured) -> list[Figure]:
    degrees = np.array([jump.degrees for jump in found.jumps])
    peaks = np.array([jump.peak / saccades.peak_velocity(jump.degrees) for jump in found.jumps])
    seen = [jump for jump in found.jumps if jump.degrees >= 2]
    lengths = np.array([jump.secs / saccades.duration(jump.degrees) for jump in seen])
    off_peak, off_length = (float(np.quantile(np.abs(v - 1), 0.95)) for v in (peaks, lengths))
    fixation = float(np.median(found.fixations))
    return [
        Figure("saccades: peak velocity over law", _range(peaks), off_peak, "500 (1 - exp(-A/12)) deg/s",
               "Leigh & Zee 2015", 0.0, 0.1),
        Figure("saccades over 2 deg: length over law", _range(lengths), off_length, "21 + 2.2 A ms",
               "Carpenter 1988", 0.0, 0.15),
        Figure("saccades: degrees", _range(degrees, "{:.1f}"), float(np.median(degrees)), "most below 15",
               "Bahill et al. 1975", 1.0, 15.0),
        Figure("fixations, s", _range(found.fixations), fixation, "0.2 to 0.7 (scenes: 0.33)", "Rayner 1998",
               0.2, 0.7),
    ]


def _looks(found: Measured) -> list[Figure]:
    own, other = (float(np.median(found.shares[turn])) for turn in ("own", "other"))
    own_secs, other_secs = (float(np.median(found.lengths[turn])) for turn in ("own", "other"))
    return [
        Figure("on the listener, speaking", _range(found.shares["own"], "{:.0%}"), own, "41 %; 40 to 60",
               "Argyle & Ingham 1972, Kendon 1967", 0.4, 0.6),
        Figure("on the speaker, listening", _range(found.shares["other"], "{:.0%}"), other, "75 %; 70 to 80",
               "Argyle & Ingham 1972", 0.7, 0.8),
        Figure("look at the listener, s", f"{own_secs:.1f}", own_secs, "1 to 3", "Argyle & Cook 1976", 1.0,
               3.0),
        Figure("look at the speaker, s", f"{other_secs:.1f}", other_secs, "2 to 3; both: 2.2",
               "Argyle & Cook 1976, Rogers et al. 2018", 2.0, 3.2),
    ]


def _of_recordings(found: Measured) -> list[Figure]:
    """What the live session makes of recorded speech, one speaker without a break."""
    heard = found.heard
    if heard is None:
        return []
    low, high = DOUGHTY["conversation"]
    sigmas = np.array([fit.sigma for fit in heard.fits])
    near = heard.at_pauses[0] / heard.at_pauses[1]
    return [
        Figure("recordings: blinks a minute", _range(heard.rates, "{:.1f}"), float(np.median(heard.rates)),
               f"{low:g} to {high:g}", "Doughty 2001, 95 %", low, high),
        Figure("recordings: log-normal sigma", _range(sigmas), float(np.median(sigmas)), "0.7 to 0.9",
               "design", 0.7, 0.9),
        Figure("recordings: after a phrase, over chance", f"{near:.1f}", near, "above 1",
               "Nakano & Kitazawa 2010", 1.2, 5.0),
        Figure("recordings: on the listener", _range(heard.shares, "{:.0%}"), float(np.median(heard.shares)),
               "41 %; 40 to 60", "Argyle & Ingham 1972, Kendon 1967", 0.4, 0.6),
    ]


def print_table(report: list[Figure], console: Console) -> None:
    """The report, a line a figure."""
    table = Table("figure", "ours: median (95 %)", "people", "source", "inside", box=None)
    for figure in report:
        inside = {True: "yes", False: "NO", None: ""}[figure.inside]
        table.add_row(figure.name, figure.ours, figure.human, figure.source, inside)
    console.print(table)


def as_document(report: list[Figure], command: str, n_seeds: int, secs: float) -> dict[str, Any]:
    """The report for a JSON file."""
    rows = [{**asdict(one), "value": round(float(one.value), 4), "inside": one.inside} for one in report]
    return {"command": command, "characters": n_seeds, "secs": secs, "figures": rows}


def draw(found: Measured, folder: Path) -> list[Path]:
    """Plots `eyes-blinks.png`, `eyes-saccades.png` and `eyes-looks.png` in `folder`; needs matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    paths = []
    for name, plot in (("blinks", _plot_blinks), ("saccades", _plot_saccades), ("looks", _plot_looks)):
        figure = plot(found)
        paths.append(folder / f"eyes-{name}.png")
        figure.savefig(paths[-1], dpi=110)
    return paths


def _panels(n: int) -> tuple[Any, list[Any]]:
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(4.6 * n, 3.7), layout="constrained")
    panels = [canvas.add_subplot(1, n, k + 1) for k in range(n)]
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
    return canvas, panels


def _plot_blinks(found: Measured) -> Any:
    canvas, (rates, intervals, fits) = _panels(3)
    rng = np.random.default_rng(0)
    for k, (state, values) in enumerate(found.rates.items()):
        low, high = DOUGHTY[state]
        rates.fill_between([k - 0.35, k + 0.35], low, high, color=PEOPLE, alpha=0.25, lw=0,
                           label="people, 95 % (Doughty 2001)" if k == 0 else None)
        rates.scatter(k + rng.uniform(-0.2, 0.2, len(values)), values, s=9, color=OURS,
                      label="a character each" if k == 0 else None)
    rates.set_xticks(range(len(found.rates)), list(found.rates))
    rates.set(ylabel="blinks a minute", ylim=(0, 36))
    rates.legend(frameon=False, fontsize=8, loc="upper right")
    logs = np.log(found.intervals)
    edges = np.linspace(np.log(0.3), np.log(30), 45)
    intervals.hist(logs, edges, density=True, color=FAINT, label="intervals in conversation")
    bell = np.exp(-((edges - logs.mean()) ** 2) / (2 * logs.var())) / np.sqrt(2 * np.pi * logs.var())
    intervals.plot(edges, bell, color=OURS, label=f"log-normal, mu {logs.mean():.2f}, sigma {logs.std():.2f}")
    intervals.set_xticks(np.log([0.4, 1, 2, 4, 8, 16]), ["0.4", "1", "2", "4", "8", "16"])
    intervals.set(xlabel="s between blinks, all characters", ylabel="density")
    intervals.legend(frameon=False, fontsize=8)
    fits.axvspan(0.7, 0.9, color=PEOPLE, alpha=0.25, lw=0, label="people")
    fits.scatter([f.sigma for f in found.fits], [f.ks for f in found.fits], s=12, color=OURS,
                 label="a character each")
    fits.set(xlabel="sigma of its log-normal fit", ylabel="KS distance from the fit", xlim=(0.6, 1.0),
             ylim=(0, 0.15))
    fits.legend(frameon=False, fontsize=8)
    return canvas


def _plot_saccades(found: Measured) -> Any:
    canvas, (peaks, lengths, rest) = _panels(3)
    degrees = np.array([jump.degrees for jump in found.jumps])
    line = np.linspace(0.5, max(30.0, degrees.max()), 100)
    peaks.scatter(degrees, [jump.peak for jump in found.jumps], s=6, color=OURS, label="ours at 1 kHz")
    peaks.plot(line, [saccades.peak_velocity(d) for d in line], color=PEOPLE, label="500 (1 - exp(-A / 12))")
    peaks.set(xlabel="amplitude, degrees", ylabel="peak velocity, deg/s")
    lengths.scatter(degrees, [1000 * jump.secs for jump in found.jumps], s=6, color=OURS,
                    label="ours, above 30 deg/s")
    lengths.plot(line, [1000 * saccades.duration(d) for d in line], color=PEOPLE, label="21 + 2.2 A")
    lengths.set(xlabel="amplitude, degrees", ylabel="length, ms")
    rest.axvspan(0.2, 0.7, color=PEOPLE, alpha=0.25, lw=0, label="medians of people")
    rest.hist(found.fixations, np.linspace(0, 2.5, 50), color=OURS, alpha=0.8, label="ours")
    rest.axvline(float(np.median(found.fixations)), color="black", lw=1, label="our median")
    rest.set(xlabel="fixation, s", ylabel="count")
    for panel in (peaks, lengths, rest):
        panel.legend(frameon=False, fontsize=8)
    return canvas


def _plot_looks(found: Measured) -> Any:
    canvas, (shares, lengths, where) = _panels(3)
    rng = np.random.default_rng(0)
    for k, (turn, low, high) in enumerate((("own", 0.4, 0.6), ("other", 0.7, 0.8))):
        values = found.shares[turn]
        shares.fill_between([k - 0.3, k + 0.3], 100 * low, 100 * high, color=PEOPLE, alpha=0.25, lw=0,
                            label="people" if k == 0 else None)
        shares.scatter(k + rng.uniform(-0.15, 0.15, len(values)), 100 * values, s=9, color=OURS,
                       label="a character each" if k == 0 else None)
    shares.set_xticks([0, 1], ["speaking", "listening"])
    shares.set(ylabel="% of the time on the other's face", ylim=(0, 100), xlim=(-0.5, 1.5))
    shares.legend(frameon=False, fontsize=8, loc="lower right")
    edges = np.geomspace(0.15, 20, 40)
    for turn, label, colour in (("own", "speaking", OURS), ("other", "listening", PEOPLE)):
        lengths.hist(found.lengths[turn], edges, histtype="step", color=colour, density=True, lw=1.5,
                     label=f"{label}: median {np.median(found.lengths[turn]):.1f} s")
    lengths.set(xscale="log", xlabel="look at the other, s", ylabel="density")
    lengths.legend(frameon=False, fontsize=8)
    where.hexbin(-found.gaze[:, 0], -found.gaze[:, 1], gridsize=45, bins="log", cmap="Blues", mincnt=1,
                 extent=(-30, 30, -25, 25))
    where.set(xlabel="gaze to the left, degrees", ylabel="up, degrees", xlim=(-30, 30), ylim=(-25, 25))
    return canvas
