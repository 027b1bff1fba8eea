"""What `tools.evaluate.acting` measured, and the lips under every emotion: tables, JSON, a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import cycle, product
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from facerig.errors import ConfigError, OutputError
from facerig.performance.emotion.poses import EMOTIONS
from tools.evaluate import runner
from tools.evaluate.acting import INTENSITIES, NAMED_AT, Acted, Monotone
from tools.evaluate.noise import Draw
from tools.evaluate.runner import Row
from tools.evaluate.sets import Utterance

NEUTRAL: Final = "neutral"
BLUE, ORANGE, FAINT = "#2f6db3", "#e07b28", "#b8c4d4"
SET_COLOURS: Final = (BLUE, ORANGE, "#3a9a5b", "#b3402f", "grey")
# figure of the lips         heading          scale   better: 1 higher, -1 lower, 0 the same
LIPS: Final = {
    "bilabial_sealed":       ("p/b/m sealed",  100.0,  1),
    "vowel_sealed":          ("vowels sealed", 100.0,  -1),
    "other_sealed":          ("others sealed", 100.0,  -1),
    "labiodental_contact":   ("f/v contact",   100.0,  1),
    "best_lag_s":            ("lag ms",        1000.0, 0),
    "open_vs_close_auc":     ("open/close",    100.0,  1),
    "rounded_vs_spread_auc": ("round/spread",  100.0,  1),
}  # fmt: skip
DRAWN: Final = {"bilabial_sealed": "o", "labiodental_contact": "^", "vowel_sealed": "s"}


def lips(utterances: Sequence[Utterance], model: str, draw: Draw, jobs: int) -> list[Row]:
    """Figures of the lips with each emotion at full, neutral first."""
    names = [f"{model}~{name}" for name in EMOTIONS]
    return runner.run(utterances, ["clean"], names, draw=draw, jobs=jobs).rows()


def feeling_of(row: Row) -> str:
    """What a row's system acts."""
    return row.system.partition("~")[2]


def by_set(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, Any]]]:
    """Figures by set and language, then by emotion."""
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        out.setdefault(f"{row.set_name} {row.language}", {})[feeling_of(row)] = row.figures
    return out


def print_tables(found: Sequence[Acted], rows: Sequence[Row], console: Console) -> None:
    """Everything on a terminal."""
    table = Table(title="every emotion", title_justify="left")
    for heading in ("emotion", f"mm at {NAMED_AT}", "at 1", "one point", "goes back %", "in speech",
                    "sides %", "change", "of", "alone", f"named at {NAMED_AT} %", "mouth covered",
                    "else taken for"):
        left = heading in ("emotion", "of", "else taken for")
        table.add_column(heading, justify="left" if left else "right", no_wrap=left)
    for one in found:
        table.add_row(one.emotion, f"{one.far_mm[INTENSITIES.index(NAMED_AT)]:.2f}", f"{one.far_mm[-1]:.2f}",
                      f"{one.largest_mm:.1f}", _back(one.at_rest), _back(one.in_speech),
                      f"{100 * one.sides:.1f}", f"{one.change.most:.2f}", one.change.curve,
                      f"{one.change_still.most:.2f}", f"{100 * one.found:.0f}",
                      f"{100 * one.found_covered:.0f}", _mistaken(one))
    console.print(table)
    for title, figures in by_set(rows).items():
        console.print(_lips_table(title, figures))


def _back(figure: Monotone) -> str:
    return f"{100 * figure.back_share:.2f}" + (f" by {figure.largest_back:.3f}" if figure.back_share else "")


def _mistaken(one: Acted) -> str:
    """The emotion that it is most often taken for when it is not seen."""
    others = {name: share for name, share in zip(EMOTIONS, one.named, strict=True) if name != one.emotion}
    worst = max(others, key=lambda name: others[name])
    return f"{worst} {100 * others[worst]:.0f}" if others[worst] else ""


def _lips_table(title: str, figures: dict[str, dict[str, Any]]) -> Table:
    """Neutral as it is, the others beside it: the difference is what an emotion costs."""
    table = Table(title=f"lips on {title}, {figures[NEUTRAL]['utterances']} clips, all emotions at full; "
                        "in brackets: beside neutral", title_justify="left")
    table.add_column("emotion")
    for heading, _, _ in LIPS.values():
        table.add_column(heading, justify="right")
    for name, own in figures.items():
        table.add_row(name, *(_cell(own[key], figures[NEUTRAL][key], scale)
                              for key, (_, scale, _) in LIPS.items()))
    return table


def _cell(value: float | None, neutral: float | None, scale: float) -> str:
    if value is None:
        return "-"
    beside = "" if neutral is None else f" ({(value - neutral) * scale:+.1f})"
    return f"{value * scale:.1f}{beside}"


def as_document(found: Sequence[Acted], rows: Sequence[Row], command: str, settings: dict[str, Any]
                ) -> dict[str, Any]:
    """For JSON. `worst`: what emotions cost each figure of the lips at most, over all emotions and sets."""
    emotions = [{**asdict(one), "found": one.found, "found_covered": one.found_covered} for one in found]
    return {"command": command, "settings": settings, "intensities": list(INTENSITIES),
            "named_at": NAMED_AT, "emotions": emotions, "worst": worst(rows),
            "lips": [row.as_json() for row in rows]}


def worst(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """The emotion and set in which each figure of the lips falls farthest behind that of neutral, if any."""
    out: dict[str, dict[str, Any]] = {}
    for title, figures in by_set(rows).items():
        for (name, own), (key, (_, _, better)) in product(figures.items(), LIPS.items()):
            if own[key] is None or figures[NEUTRAL][key] is None:
                continue
            apart = own[key] - figures[NEUTRAL][key]
            worse = -better * apart if better else abs(apart)
            if worse > out.get(key, {"worse": 0.0})["worse"]:
                out[key] = {"worse": worse, "emotion": name, "set": title}
    return out


def draw(found: Sequence[Acted], rows: Sequence[Row], png: Path) -> None:
    """One picture of it. Raises ConfigError without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        raise ConfigError("matplotlib is not installed", where="--png",
                          fix='pip install "facerig[evaluate]"') from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    picture, panels = pyplot.subplots(2, 2, figsize=(14, 11), layout="constrained")
    _plot_far(panels[0, 0], found)
    _plot_sides(panels[1, 0], found)
    _plot_named(panels[0, 1], found)
    _plot_lips(panels[1, 1], by_set(rows))
    try:
        picture.savefig(png, dpi=80)
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", where=str(png),
                          fix="give a path in a folder that exists") from error
    finally:
        pyplot.close(picture)


def _plot_far(panel: Any, found: Sequence[Acted]) -> None:
    """From neutral, by intensity."""
    felt = sorted((one for one in found if one.emotion != NEUTRAL), key=lambda one: -one.far_mm[-1])
    last = np.inf
    for one in felt:
        panel.plot(INTENSITIES, one.far_mm, color=BLUE, lw=1.4)
        last = min(one.far_mm[-1], last - 0.23)  # names do not lie over each other
        panel.annotate(one.emotion, (1, one.far_mm[-1]), (1.03, last), fontsize=9, va="center")
    panel.set(xlabel="intensity told", ylabel="mm from neutral, root mean square over the face",
              xlim=(0, 1.25), xticks=(0, 0.2, 0.4, 0.6, 0.8, 1.0), ylim=(0, None), title="How far, at rest")


def _plot_named(panel: Any, found: Sequence[Acted]) -> None:
    """Confusions; in brackets how often it was found with the mouth covered."""
    shares = np.array([one.named for one in found])
    panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:
            panel.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=8,
                       color="white" if share > 0.5 else "black")
    labels = [f"{one.emotion} ({100 * one.found_covered:.0f})" for one in found]
    panel.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=60, ha="right")
    panel.set_yticks(range(len(found)), labels)
    panel.set(title=f"Told at {NAMED_AT} in speech: nearest pose, % of seconds (mouth covered)")


def _plot_sides(panel: Any, found: Sequence[Acted]) -> None:
    """Sides, and changes beside those of speech."""
    rows = np.arange(len(found))
    panel.barh(rows - 0.2, [100 * one.sides for one in found], 0.4, color=BLUE, label="left against right, %")
    panel.barh(rows + 0.2, [100 * one.change.most for one in found], 0.4, color=ORANGE,
               label="largest change in a 60th of a second, % of a curve")
    still = 100 * found[0].change_still.most
    panel.axvline(still, color="black", lw=1, ls=":", label="that of speech alone")
    panel.set_yticks(rows, [one.emotion for one in found])
    panel.invert_yaxis()
    panel.legend(frameon=False, fontsize=9)
    panel.set(title="At full, in speech", xlabel="%")


def _plot_lips(panel: Any, sets: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Each emotion's lips beside neutral's."""
    names = [name for name in EMOTIONS if name != NEUTRAL]
    for (title, figures), colour in zip(sets.items(), cycle(SET_COLOURS), strict=False):
        for key, marker in DRAWN.items():
            apart = [(figures[name][key] or 0) - (figures[NEUTRAL][key] or 0) for name in names]
            panel.plot(100 * np.array(apart), np.arange(len(names)), marker, color=colour, ms=7, alpha=0.7,
                       label=f"{LIPS[key][0]}, {title}")
    panel.axvspan(-2, 2, color=FAINT, alpha=0.3, lw=0)
    panel.set_yticks(range(len(names)), names)
    panel.invert_yaxis()
    if sets:
        panel.legend(frameon=False, fontsize=8)
    panel.set(title="Lips at full emotion beside neutral: points (grey: 2)", xlabel="points")
