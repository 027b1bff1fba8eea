"""Blinks and gaze beside people's: rates, intervals, saccades, looks, over many made-up characters.

Everything is measured on what comes out (lids and eye rotations at the frames), not on what was planned.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy import stats

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import N_CUES
from facerig.performance.eyes import saccades
from facerig.performance.eyes.blinks import RATES, BlinkLayer, BlinkSettings, Occupation
from facerig.performance.eyes.gaze import GazeLayer
from facerig.performance.moment import Moment, Mood
from tools.evaluate.talk import Talk, quiet, talk

Floats = NDArray[np.float64]

LID_FPS, LOOK_FPS, TRUE_FPS = 200, 100, 1000
CHUNK_SECS: Final = 10.0
SHUTTING: Final = 0.2  # of a lid's way: more is a blink
FULL: Final = 0.9
ON_FACE_DEGREES: Final = 5.5  # of the listener's middle; looks aside go 7 and more
SHORTEST_LOOK_SECS: Final = 0.15  # eyes that pass over the face have not looked at it
TRACKED: Final = 30.0  # deg/s: faster is a saccade
SMALLEST_DEGREES: Final = 1.0  # saccades that are counted as such
EPS: Final = 1e-9

#                     95 % of people, blinks a minute (Doughty 2001)
DOUGHTY: Final[dict[Occupation, tuple[float, float]]] = {
    "conversation": (10.5, 32.5),
    "rest":         (8.0, 21.0),
    "reading":      (1.4, 14.4),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: ours, and what people do. `low`, `high`: the human range, where there is one."""

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
        return self.low - EPS <= self.value <= self.high + EPS


@dataclass(frozen=True, slots=True)
class Played:
    """What a character did in a talk: lids [n] at LID_FPS, gaze degrees off the other [n] at LOOK_FPS, its
    looks' direction (yaw, pitch) [n, 2] in degrees."""

    seed: int
    scene: Talk
    lid: Floats
    off: Floats
    gaze: Floats


def played(seed: int, scene: Talk, occupation: Occupation = "conversation") -> Played:
    """Both layers over a whole scene, piece by piece as a session runs them."""
    gaze, blinks = GazeLayer(seed), BlinkLayer(seed, BlinkSettings(state=occupation))
    eyes, lids = gaze.initial_state(), blinks.initial_state()
    target = eyes.mind.targets[0].aim
    lid, aims = [], []
    chunk = round(CHUNK_SECS * KNOT_RATE_HZ)
    for first in range(0, len(scene.cues), chunk):
        knots = scene.cues[first : first + chunk]
        secs = first / KNOT_RATE_HZ, (first + len(knots)) / KNOT_RATE_HZ
        moment, mood = a_moment(knots, first, secs, LID_FPS)
        eyes = gaze.plan(moment, mood, eyes, listening=scene.other[first : first + chunk])
        lids = blinks.plan(moment, mood, lids, gaze.shifts(eyes))
        lid.append(blinks.draw(moment.times, lids)[:, INDEX["eyeBlinkLeft"]])
        aims.append(gaze.gaze(frame_times(*secs, LOOK_FPS), eyes))
    aim = np.degrees(np.concatenate(aims)[:, :2])
    off = np.hypot(aim[:, 0] - math.degrees(target.yaw), aim[:, 1] - math.degrees(target.pitch))
    return Played(seed, scene, np.concatenate(lid).astype(np.float64), off, aim)


def frame_times(start: float, stop: float, fps: float) -> Floats:
    """Times of the frames in [start, stop)."""
    return np.arange(math.ceil(start * fps - EPS), math.ceil(stop * fps - EPS)) / fps


def a_moment(knots: NDArray[np.float32], first: int, secs: tuple[float, float], fps: float
             ) -> tuple[Moment, Mood]:
    """A piece of a stream in which nothing is said but the cues, in a calm mood."""
    times = frame_times(*secs, fps)
    moment = Moment(times, np.zeros((len(times), N_CHANNELS), np.float32),
                    np.zeros((len(times), N_CUES), np.float32), knots, first)
    return moment, Mood(np.zeros((len(times), 3), np.float32), np.zeros((len(knots), 3), np.float32))


def blink_starts(lid: Floats) -> Floats:
    """Times, s, at which a lid at LID_FPS passes SHUTTING."""
    return np.flatnonzero((lid[1:] > SHUTTING) & (lid[:-1] <= SHUTTING)) / LID_FPS


def spans(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one past the last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def rates(people: list[Played]) -> Floats:
    """Blinks a minute of each."""
    return np.array([len(blink_starts(p.lid)) / p.scene.secs * 60 for p in people])


@dataclass(frozen=True, slots=True)
class Fit:
    """Log-normal fits of one character's intervals: mean and deviation of the logarithm, KS and its p."""

    mu: float
    sigma: float
    ks: float
    p: float


def fits(people: list[Played]) -> list[Fit]:
    """Of each character's intervals between blinks."""
    out = []
    for person in people:
        logs = np.log(np.diff(blink_starts(person.lid)))
        ks = stats.kstest(logs, "norm", (logs.mean(), logs.std()))
        out.append(Fit(float(logs.mean()), float(logs.std()), float(ks.statistic), float(ks.pvalue)))
    return out


@dataclass(frozen=True, slots=True)
class BlinkShape:
    """Of one full blink at 1 kHz: length s, share of it that is closing, and time shut (over 90 %)."""

    secs: float
    closing: float
    shut_secs: float


def blink_shapes(seeds: range) -> list[BlinkShape]:
    """Full blinks of three minutes of rest for each seed."""
    out = []
    scene = quiet(180.0)
    for seed in seeds:
        layer = BlinkLayer(seed)
        moment, mood = a_moment(scene.cues, 0, (0.0, scene.secs), TRUE_FPS)
        state = layer.plan(moment, mood, layer.initial_state())
        lid = layer.draw(moment.times, state)[:, INDEX["eyeBlinkLeft"]]
        for start, stop in spans(lid > 0.01):
            one = lid[start:stop]
            if one.max() > FULL and len(one) < TRUE_FPS // 2:
                peak = one.max()
                shut = int(np.argmax(one > 0.99 * peak))
                out.append(BlinkShape(len(one) / TRUE_FPS, shut / len(one), float((one > FULL).sum()) / TRUE_FPS))
    return out


@dataclass(frozen=True, slots=True)
class Jump:
    """One saccade as an eye tracker at 1 kHz sees it: degrees, peak deg/s, and length above TRACKED, s."""

    degrees: float
    peak: float
    secs: float


def jumps(seeds: range, secs: float = 120.0) -> tuple[list[Jump], list[float]]:
    """Saccades of eyes in a head that is held still, and the lengths of the fixations between them, s."""
    found: list[Jump] = []
    fixations: list[float] = []
    for seed in seeds:
        scene, layer = talk(secs, seed), GazeLayer(seed)
        state = layer.initial_state()
        columns = [INDEX["leftEyeYaw"], INDEX["leftEyePitch"]]
        turned = []
        chunk = round(CHUNK_SECS * KNOT_RATE_HZ)
        for first in range(0, len(scene.cues), chunk):
            knots = scene.cues[first : first + chunk]
            span = first / KNOT_RATE_HZ, (first + len(knots)) / KNOT_RATE_HZ
            moment, mood = a_moment(knots, first, span, TRUE_FPS)
            state = layer.plan(moment, mood, state, listening=scene.other[first : first + chunk])
            turned.append(layer.draw(moment.times, np.zeros((len(moment.times), 3)), state)[:, columns])
        one, between = tracked(np.degrees(np.concatenate(turned).astype(np.float64)))
        found += one
        fixations += between
    return found, fixations


def tracked(angles: Floats) -> tuple[list[Jump], list[float]]:
    """Saccades in eye angles [n, 2], degrees at TRUE_FPS, and what lies between them, s."""
    step = np.diff(angles, axis=0)
    speed = np.hypot(step[:, 0] * np.cos(np.radians(angles[:-1, 1])), step[:, 1]) * TRUE_FPS
    runs = []
    for start, stop in spans(speed > TRACKED):
        low, high = max(0, start - 15), min(len(speed), stop + 15)
        degrees = speed[low:high].sum() / TRUE_FPS
        runs.append((start, stop, Jump(degrees, float(speed[start:stop].max()), (stop - start) / TRUE_FPS)))
    runs = [run for run in runs if run[2].degrees >= SMALLEST_DEGREES]
    between = [(b[0] - a[1]) / TRUE_FPS for a, b in zip(runs, runs[1:], strict=False)]
    return [run[2] for run in runs], between


def looks(people: list[Played], turn: str) -> tuple[Floats, Floats]:
    """Share of the time on the other's face in `own` or `other` turns, by character; length of every look
    that begins in them, s."""
    shares, lengths = [], []
    for person in people:
        turns = getattr(person.scene, turn)
        on = person.off < ON_FACE_DEGREES
        shares.append(float(on[turns].mean()))
        lengths += [(stop - start) / LOOK_FPS for start, stop in spans(on)
                    if turns[start] and stop - start >= SHORTEST_LOOK_SECS * LOOK_FPS]
    return np.array(shares), np.array(lengths)


def middle(values: Floats) -> tuple[float, float, float]:
    """Median and the range that holds 95 %."""
    low, mid, high = np.quantile(values, [0.025, 0.5, 0.975]).tolist()
    return mid, low, high


@dataclass(frozen=True, slots=True)
class Measured:
    """All that the figures and the plots are made of."""

    rates: dict[Occupation, Floats]
    intervals: Floats
    fits: list[Fit]
    shapes: list[BlinkShape]
    jumps: list[Jump]
    fixations: Floats
    shares: dict[str, Floats]
    lengths: dict[str, Floats]
    gaze: Floats
    partial: float
    doubles: float
    first: Floats
    at_pauses: tuple[float, float]


def measured(n_seeds: int, secs: float) -> Measured:
    """Play the talks and measure: `n_seeds` characters of `secs` s each in each state."""
    people = [played(seed, talk(secs, seed)) for seed in range(n_seeds)]
    still = quiet(secs)
    by_state = {"conversation": rates(people)}
    for state in RATES:
        if state != "conversation":
            by_state[state] = rates([played(seed, still, state) for seed in range(n_seeds)])
    seeds = range(min(8, n_seeds))
    found, fixations = jumps(seeds)
    own, other = looks(people, "own"), looks(people, "other")
    peaks = np.array([p.lid[a:b].max() for p in people for a, b in spans(p.lid > SHUTTING)])
    gaps = np.concatenate([np.diff(blink_starts(p.lid)) for p in people])
    return Measured(by_state, gaps, fits(people), blink_shapes(seeds), found, np.array(fixations),  # type: ignore[arg-type]
                    {"own": own[0], "other": other[0]}, {"own": own[1], "other": other[1]},
                    np.concatenate([p.gaze[::10] for p in people[:10]]), float((peaks < FULL).mean()),
                    float((gaps < 0.55).mean()), np.array([blink_starts(p.lid)[0] for p in people]),
                    _at_pauses(people))


def _at_pauses(people: list[Played]) -> tuple[float, float]:
    """Blinks in the half second after a phrase, a second; and at all times."""
    near = total = secs = 0.0
    for person in people:
        voice = person.scene.cues[:, 0:].max(1) > 0.5
        starts = blink_starts(person.lid)
        ends = np.flatnonzero(voice[:-1] & ~voice[1:]) / KNOT_RATE_HZ
        after = (starts[:, None] - ends[None, :])
        near += float(((after >= 0) & (after < 0.5)).sum())
        secs += 0.5 * len(ends)
        total += len(starts) / person.scene.secs / len(people)
    return near / secs, total


def figures(found: Measured) -> list[Figure]:
    """The report."""
    return [*_blink_figures(found), *_gaze_figures(found)]


def _blink_figures(found: Measured) -> list[Figure]:
    out = []
    for state, of_state in found.rates.items():
        mid, low, high = middle(of_state)
        least, most = DOUGHTY[state]
        share = float(((of_state >= least) & (of_state <= most)).mean())
        out.append(Figure(f"blinks a minute, {state}", f"{mid:.1f} ({low:.1f} to {high:.1f})", mid,
                          f"{least:g} to {most:g}", "Doughty 2001, 95 %", least, most))
        out.append(Figure(f"  characters inside, {state}", f"{share:.0%}", share, "95 %", "Doughty 2001", 0.95, 1.0))
    sigma = np.array([fit.sigma for fit in found.fits])
    mid, low, high = middle(sigma)
    ks = float(np.median([fit.ks for fit in found.fits]))
    fit_well = float(np.mean([fit.p > 0.05 for fit in found.fits]))
    secs = np.array([shape.secs for shape in found.shapes])
    closing = np.array([shape.closing for shape in found.shapes])
    shut = min(shape.shut_secs for shape in found.shapes)
    near, all_ = found.at_pauses
    return [*out,
            Figure("interval, log-normal sigma", f"{mid:.2f} ({low:.2f} to {high:.2f})", mid, "0.7 to 0.9",
                   "brief of PEERS: log-normal", 0.7, 0.9),
            Figure("interval, log-normal mu", f"{np.mean([fit.mu for fit in found.fits]):.2f}",
                   float(np.mean([fit.mu for fit in found.fits])), "ln(60 / rate) - sigma^2 / 2", "log-normal"),
            Figure("interval, KS distance", f"{ks:.3f}; p > 0.05 in {fit_well:.0%}", fit_well,
                   "most characters", "log-normal", 0.8, 1.0),
            Figure("shortest interval, s", f"{found.intervals.min():.2f}", float(found.intervals.min()), "0.4 floor",
                   "between starts", 0.38, 1.0),
            Figure("first blink, s", f"{np.median(found.first):.1f} (to {found.first.max():.1f})",
                   float(found.first.max()), "in short clips too", "issue threads", 0.2, 3.2),
            Figure("full blink, ms", "{:.0f} ({:.0f} to {:.0f})".format(*(1000 * v for v in middle(secs))),
                   float(np.median(secs)), "100 to 400", "Schiffman 2001", 0.1, 0.4),
            Figure("  of it closing", "{:.2f} ({:.2f} to {:.2f})".format(*middle(closing)), float(np.median(closing)),
                   "about a third", "Sforza et al. 2008", 0.26, 0.40),
            Figure("  shut at least, ms", f"{1000 * shut:.0f}", shut, "a frame at 24 fps: 42", "arithmetic", 1 / 24, 0.2),
            Figure("partial blinks", f"{found.partial:.0%}", found.partial, "10 to 20 %", "Doane 1980: more", 0.1, 0.2),
            Figure("pairs within 0.55 s", f"{found.doubles:.0%}", found.doubles, "some", "-", 0.01, 0.12),
            Figure("blinks after a phrase, over chance", f"{near / all_:.1f}", near / all_, "above 1",
                   "Nakano & Kitazawa 2010", 1.2, 5.0)]


def _gaze_figures(found: Measured) -> list[Figure]:
    degrees = np.array([jump.degrees for jump in found.jumps])
    peak = np.array([jump.peak for jump in found.jumps]) / [saccades.peak_velocity(d) for d in degrees]
    length = np.array([jump.secs for jump in found.jumps]) / [saccades.duration(d) for d in degrees]
    worst_peak, worst_length = (float(np.quantile(np.abs(v - 1), 0.95)) for v in (peak, length[degrees >= 2]))
    own, other = found.shares["own"], found.shares["other"]
    own_secs, other_secs = (float(np.median(found.lengths[k])) for k in ("own", "other"))
    fixation = float(np.median(found.fixations))
    return [
        Figure("saccades: peak over main sequence", "{:.2f} ({:.2f} to {:.2f})".format(*middle(peak)), worst_peak,
               "500 (1 - exp(-A/12)) deg/s", "Leigh & Zee 2015", 0.0, 0.1),
        Figure("saccades of 2 deg and more: length over it", "{:.2f} ({:.2f} to {:.2f})".format(
            *middle(length[degrees >= 2])), worst_length, "21 + 2.2 A ms", "Carpenter 1988", 0.0, 0.15),
        Figure("saccade, degrees", "{:.1f} ({:.1f} to {:.1f})".format(*middle(degrees)), float(np.median(degrees)),
               "most below 15", "Bahill et al. 1975", 1.0, 15.0),
        Figure("fixation, s", "{:.2f} ({:.2f} to {:.2f})".format(*middle(found.fixations)), fixation,
               "0.2 to 0.7 on faces", "Rogers et al. 2018", 0.2, 0.7),
        Figure("on the listener, speaking", "{:.0%} ({:.0%} to {:.0%})".format(*middle(own)), float(np.median(own)),
               "41 %; 40 to 60", "Argyle & Ingham 1972, Kendon 1967", 0.4, 0.6),
        Figure("on the speaker, listening", "{:.0%} ({:.0%} to {:.0%})".format(*middle(other)),
               float(np.median(other)), "75 %; 70 to 80", "Argyle & Ingham 1972", 0.7, 0.8),
        Figure("look at the listener, speaking, s", f"{own_secs:.1f}", own_secs, "1 to 3", "Argyle & Cook 1976", 1.0, 3.0),
        Figure("look at the speaker, listening, s", f"{other_secs:.1f}", other_secs, "2 to 3; 2.2",
               "Argyle & Cook 1976, Rogers et al. 2018", 2.0, 3.2)]


def print_table(report: list[Figure], console: Console) -> None:
    """The report, a line a figure."""
    table = Table("figure", "ours: median (95 %)", "people", "source", "inside", box=None)
    for figure in report:
        inside = {True: "yes", False: "NO", None: ""}[figure.inside]
        table.add_row(figure.name, figure.ours, figure.human, figure.source, inside)
    console.print(table)


def as_document(report: list[Figure], command: str, n_seeds: int, secs: float) -> dict[str, Any]:
    """The report for a JSON file."""
    rows = [{**asdict(figure), "value": round(figure.value, 4), "inside": figure.inside} for figure in report]
    return {"command": command, "seeds": n_seeds, "secs": secs, "figures": rows}
