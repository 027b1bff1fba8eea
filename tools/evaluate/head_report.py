"""What `tools.evaluate.head` measured, beside a person: a table, a JSON document, plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import facerig_assets
from facerig.core.channels import INDEX
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE
from facerig.errors import ConfigError
from facerig.hearing import Hearing
from facerig.performance.head.listening import Attitude, ListeningLayer, ListenSettings
from tools.evaluate.head import (
    AROUND_SECS,
    LAGS_SECS,
    PERCENTILES,
    SPAN_SECS,
    Moves,
    Recording,
    cues_of,
    made,
    moment_of,
    moves,
    recorded,
    talk,
)
from tools.evaluate.nods import FPS, Listened, cost_us, listened
from tools.evaluate.sets import SAMPLE_RATE, read_mono

Floats = NDArray[np.float64]
PERSON, PERSON_FPS = "GRID's speaker", 25
LIVELY: Final = 1.5  # an energy
BLUE, ORANGE, FAINT = "#2f6db3", "#e07b28", "#b8c4d4"
SHOWN_SECS: Final = 14.0
ATTITUDES: Final[dict[Attitude, str]] = {"positive": "#3a9a5b", "neutral": "#2f6db3", "negative": "#b3402f"}


@dataclass(frozen=True, slots=True)
class Measured:
    """The whole report. moves: by what moved; cost_us: by layer and frames a step; minutes: of the talk."""

    moves: dict[str, Moves]
    silent_deg_s: list[float]
    listened: list[Listened]
    cost_us: dict[str, float]
    minutes: float


def measured(person: Sequence[Recording], long: Recording, characters: int) -> Measured:
    """Everything: a person's recordings (may be none), a long talk, characters with seeds of their own."""
    found, seeds = dict[str, Moves](), range(characters)
    if person:
        found[PERSON] = moves(person, [r.head for r in person if r.head is not None], PERSON_FPS)
        for energy in (1.0, LIVELY):
            heads = [made(r.cues, seed, PERSON_FPS, energy)[: len(r.head)]
                     for seed in seeds for r in person if r.head is not None]
            found[f"ours, same clips, energy {energy:g}"] = moves([*person] * characters, heads, PERSON_FPS)
    talks = [made(long.cues, seed, PERSON_FPS) for seed in seeds]
    found["ours, long talk"] = moves([long] * characters, talks, PERSON_FPS)
    quiet = np.zeros((60 * KNOT_RATE_HZ, long.cues.shape[1]), np.float32)
    idle = [made(quiet, seed, PERSON_FPS) for seed in seeds]
    still = moves([Recording(quiet)] * characters, idle, PERSON_FPS)
    heard = [listened(long.cues, attitude, list(seeds)) for attitude in get_args(Attitude)]
    costs = {f"{name}, {n} frames a step": cost_us(long.cues[:3000], n, name == "listening")
             for name in ("head", "listening") for n in (1, 60)}
    return Measured(found, still.resting, heard, costs, len(long.cues) / KNOT_RATE_HZ / 60)


def measured_from(data: Path, limit: int | None, secs: float, characters: int, seed: int
                  ) -> tuple[Measured, Recording]:
    """The report on the sets in a folder, or without them on the sample clip; and the sample clip, heard."""
    clip = read_mono(facerig_assets.path("speech", "hello.flac"))
    sample = Recording(cues_of(Hearing(SAMPLE_RATE, "live"), np.tile(clip, 4)))
    if not data.is_dir():
        return measured([], sample, characters), sample
    return measured(recorded(data, limit), talk(data, secs, seed), characters), sample


def as_document(found: Measured, command: str) -> dict[str, Any]:
    """For JSON, rounded."""
    document = {"command": command, "speed_percentiles": list(PERCENTILES), "span_secs": SPAN_SECS,
                "lags_secs": list(LAGS_SECS), "around_secs": list(AROUND_SECS), **asdict(found)}
    rounded = _rounded(document)
    if not isinstance(rounded, dict):
        raise TypeError("a document is a dict")
    return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value


def print_tables(found: Measured, console: Console) -> None:
    """The figures on a terminal."""
    table = Table(title="heads: degrees; deg/s at percentiles 50, 90, 95, 99; r, 0, 80, 160, 240 ms later")
    for heading in ("head", "speed talking", "resting", "spread in 3 s: yaw pitch roll",
                    "chin with pitch", "with loudness"):
        table.add_column(heading, justify="left" if heading == "head" else "right")
    for name, moved in found.moves.items():
        table.add_row(name, *(_numbers(values, form) for values, form in (
            (moved.talking, "{:.1f}"), (moved.resting, "{:.1f}"), (moved.spread, "{:.2f}"),
            (moved.pitch, "{:+.2f}"), (moved.loudness, "{:+.2f}"))))
    table.add_row("ours, a minute of silence", "", _numbers(found.silent_deg_s, "{:.1f}"))
    console.print(table)
    heard = Table(title=f"listening to {found.minutes:.1f} min of talk, a minute")
    for heading in ("attitude", "nods", "shakes", "smiles", "frowns", "largest nod, degrees"):
        heard.add_column(heading, justify="left" if heading == "attitude" else "right")
    for row in found.listened:
        rates = (row.nods, row.shakes, row.smiles, row.frowns, row.largest_deg)
        heard.add_row(row.attitude, *(f"{value:.1f}" for value in rates))
    console.print(heard)
    for name, value in found.cost_us.items():
        console.print(f"{name}: {value:.1f} us a frame")


def _numbers(values: Sequence[float], form: str) -> str:
    return " ".join(form.format(value) for value in values)


def draw(found: Measured, sample: Recording, folder: Path) -> None:
    """head.png and listening.png into a folder. Raises ConfigError without matplotlib."""
    pyplot = _pyplot()
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"head": _plot_head(pyplot, found, sample), "listening": _plot_heard(pyplot, sample)}
    for name, picture in pictures.items():
        picture.savefig(folder / f"{name}.png", dpi=80)
        pyplot.close(picture)


def _pyplot() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise ConfigError("matplotlib is not installed", where="--plots",
                          fix='pip install "facerig[evaluate]"') from None
    matplotlib.use("Agg")
    from matplotlib import pyplot
    return pyplot


def _plot_head(pyplot: Any, found: Measured, sample: Recording) -> Any:
    picture = pyplot.figure(figsize=(13, 7.2), layout="constrained")
    grid = picture.add_gridspec(3, 3, height_ratios=(0.8, 1.3, 1.5))
    voice, angles = picture.add_subplot(grid[0, :]), picture.add_subplot(grid[1, :])
    cues = sample.cues[: round(SHOWN_SECS * KNOT_RATE_HZ)]
    at = np.arange(len(cues)) / KNOT_RATE_HZ
    _plot_voice(voice, cues)
    head = made(cues, 1, FPS)
    for axis, (name, colour) in enumerate((("yaw", FAINT), ("chin up", BLUE), ("roll", ORANGE))):
        track = head[:, axis] * (-1 if axis == 1 else 1)
        angles.plot(np.arange(len(head)) / FPS, track, color=colour, lw=1.6, label=name)
    angles.set(xlim=(0, at[-1]), ylabel="degrees", xlabel="s")
    speeds = picture.add_subplot(grid[2, 0])
    for name, moved in found.moves.items():
        if moved.talking:
            style = "o--" if f"{LIVELY:g}" in name else "o:" if "talk" in name else "o-"
            speeds.plot(moved.talking, PERCENTILES, style, color=_colour(name), label=name)
    speeds.set(xlabel="speed while talking, deg/s", ylabel="percentile", xlim=(0, None))
    for column, (name, label) in enumerate((("begins", "speech begins"), ("ends", "speech ends")), 1):
        panel = picture.add_subplot(grid[2, column])
        for who, moved in found.moves.items():
            track = np.array(getattr(moved, name))
            if len(track) and f"{LIVELY:g}" not in who:
                offsets = AROUND_SECS[0] + 0.1 * np.arange(len(track))
                panel.plot(offsets, -track, "--" if "talk" in who else "-", color=_colour(who), label=who)
        panel.axvline(0, color="black", lw=0.8)
        panel.set(xlabel=f"s after {label}", ylabel="mean chin up, degrees", ylim=(-1, 1))
        panel.legend(frameon=False, fontsize=8)
    for panel in (angles, speeds):
        panel.legend(frameon=False, fontsize=8, loc="lower right")
    return picture


def _colour(name: str) -> str:
    return ORANGE if name == PERSON else BLUE


def _plot_voice(panel: Any, cues: NDArray[np.float32]) -> None:
    at = np.arange(len(cues)) / KNOT_RATE_HZ
    awake, voiced = cues[:, CUE["voice"]] > 0.5, cues[:, CUE["voiced"]] > 0.5
    pitch = np.where(voiced, cues[:, CUE["pitch"]], np.nan)
    panel.fill_between(at, -1, 1, where=awake, color=FAINT, alpha=0.3, lw=0, label="voice")
    panel.plot(at, cues[:, CUE["loudness"]], color="grey", lw=1, label="loudness, 10 dB")
    panel.plot(at, pitch, color="black", lw=1.6, label="pitch, octaves")
    panel.set(xlim=(0, at[-1]), ylim=(-1, 1))
    panel.legend(frameon=False, fontsize=8, loc="lower right", ncols=3)


def _plot_heard(pyplot: Any, sample: Recording) -> Any:
    picture, (voice, nods, smiles, brows) = pyplot.subplots(
        4, 1, figsize=(13, 7.2), layout="constrained", sharex=True, height_ratios=(0.8, 1.3, 0.8, 0.8))
    cues = sample.cues[: round(2 * SHOWN_SECS * KNOT_RATE_HZ)]
    _plot_voice(voice, cues)
    voice.set(title="the other's voice")
    moment = moment_of(cues, FPS)
    for attitude, colour in ATTITUDES.items():
        layer = ListeningLayer(3, ListenSettings(attitude=attitude))
        state = layer.plan(moment, layer.initial_state(listening=True))
        head, values = layer.draw(moment.times, state)
        nods.plot(moment.times, -np.degrees(head[:, 1]), color=colour, lw=1.6, label=attitude)
        nods.plot(moment.times, np.degrees(head[:, 0]), color=colour, lw=1.0, ls=":")
        smiles.plot(moment.times, values[:, INDEX["mouthSmileLeft"]], color=colour, lw=1.6)
        raised, down = values[:, INDEX["browOuterUpLeft"]], values[:, INDEX["browDownLeft"]]
        brows.plot(moment.times, raised - down, color=colour, lw=1.6)
    nods.set(ylabel="head, degrees: chin up\n(dotted: yaw)")
    smiles.set(ylabel="smile", ylim=(0, 0.7))
    brows.set(ylabel="brows, up and down", xlabel="s")
    nods.legend(frameon=False, fontsize=8, loc="lower right", ncols=3)
    return picture
