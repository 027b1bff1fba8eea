"""Figures of many utterances, counted from the judgements.

Figures under the names of the project's reference metrics keep their definitions. Added by us:

    *_ci               95 % interval of every share: Wilson, which takes phones as independent
    *_ci_speakers      95 % interval by drawing whole speakers again (bootstrap): the honest one
    bilabial_nearly    lips within 2 mm: tells a near miss from a missed closure
    seal_onset_ms      begin of the counted seals after the phone's start: median, 10th, 90th percentile
    seal_hold_ms       median length of the counted seals; `bilabial_ms` is that of the phones
    seal_coverage      share of the phone spent sealed
    inner_vowel_sealed like vowel_sealed, without vowels at a pause or an end, whose labels may run into it
    consonant_sealed   like other_sealed, without labels that are no open-lipped consonants (`oddity`)
    stray_seals_per_min  seals that no bilabial, glide or pause asks for, where a viewer sees the lips flap
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tools.evaluate.judge import Judgement, judged, stray_seals
from tools.evaluate.track import CROSS_MM, STEP_SECS, Track

LAG_RANGE_SECS: Final = 0.2  # shifts that are tried, to both sides
MIN_LAG_SCORE: Final = 0.3  # below this no shift fits
VOICED_BILABIALS: Final = frozenset({"b", "m", "bb", "mm"})  # the closure of a p is silent, its label unsure
MIN_SPEED_MM: Final = 0.2  # per 10 ms: slower movement is no turn
BOOTSTRAP_DRAWS: Final = 400
MIN_SPEAKERS: Final = 5  # fewer speakers say nothing about people
Z95: Final = 1.96

Interval = tuple[float, float]
Hits = list[bool]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class Utterances:
    """Judgements of one table row, gathered utterance by utterance."""

    tracks: list[Track] = field(default_factory=list)
    rows: list[list[Judgement]] = field(default_factory=list)
    speakers: list[str] = field(default_factory=list)

    def add(self, track: Track, speaker: str = "") -> None:
        self.tracks.append(track)
        self.rows.append(list(judged(track)))
        self.speakers.append(speaker)


Rule = tuple[Callable[[Judgement], bool], Callable[[Judgement], bool | None]]
# share                  counted phones                                        hit
SHARES: Final[dict[str, Rule]] = {
    "bilabial_sealed":     (lambda j: j.role == "bilabial" and not j.beside_pause, lambda j: j.sealed),
    "beside_pause":        (lambda j: j.role == "bilabial" and j.beside_pause,     lambda j: j.sealed),
    "bilabial_nearly":     (lambda j: j.role == "bilabial" and not j.beside_pause, lambda j: j.nearly),
    "chance":              (lambda j: j.by_chance,                            lambda j: j.window_held),
    "vowel_sealed":        (lambda j: j.middle_half_sealed is not None,       lambda j: j.middle_half_sealed),
    "inner_vowel_sealed":  (lambda j: j.middle_half_sealed is not None and not j.beside_pause,
                            lambda j: j.middle_half_sealed),
    "other_sealed":        (lambda j: j.role == "consonant" and j.by_chance,  lambda j: j.midpoint_sealed),
    "consonant_sealed":    (lambda j: j.role == "consonant" and j.by_chance and not j.oddity,
                            lambda j: j.midpoint_sealed),
    "labiodental_contact": (lambda j: j.role == "labiodental",                lambda j: j.window_contact),
    "labiodental_sealed":  (lambda j: j.role == "labiodental",                lambda j: j.midpoint_sealed),
    "contact_chance":      (lambda j: j.by_chance,                            lambda j: j.window_contact),
    "at_rest":             (lambda j: j.at_rest is not None,                  lambda j: j.at_rest),
}  # fmt: skip
BY_SPEAKER: Final = ("bilabial_sealed", "vowel_sealed", "other_sealed", "labiodental_contact")


def hits(rows: Iterable[Judgement], share: str) -> Hits:
    """Outcome of every phone that the share counts."""
    counted, hit = SHARES[share]
    return [bool(hit(row)) for row in rows if counted(row)]


def mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def wilson(n_hits: int, n: int) -> Interval | None:
    """95 % interval of a share (Wilson 1927)."""
    if not n:
        return None
    share, z2 = n_hits / n, Z95 * Z95
    centre = share + z2 / (2 * n)
    half = Z95 * float(np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)))
    return max(0.0, (centre - half) / (1 + z2 / n)), min(1.0, (centre + half) / (1 + z2 / n))


def speaker_interval(got: Utterances, share: str, seed: int = 0) -> Interval | None:
    """95 % interval of a share over speakers drawn again; None for fewer than MIN_SPEAKERS."""
    counts: dict[str, list[int]] = {}
    for speaker, rows in zip(got.speakers, got.rows, strict=True):
        outcome = hits(rows, share)
        total = counts.setdefault(speaker, [0, 0])
        total[0] += sum(outcome)
        total[1] += len(outcome)
    table = np.array([c for c in counts.values() if c[1]], np.float64)
    if len(table) < MIN_SPEAKERS:
        return None
    draws = np.random.default_rng(seed).integers(len(table), size=(BOOTSTRAP_DRAWS, len(table)))
    sums = table[draws].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, 1], (2.5, 97.5))
    return float(low), float(high)


def auc(high: Sequence[float], low: Sequence[float]) -> float | None:
    """Probability that a draw from `high` exceeds one from `low` (Mann-Whitney)."""
    if not high or not low:
        return None
    ranks = rankdata(np.concatenate([high, low]))
    above = float(ranks[: len(high)].sum()) - len(high) * (len(high) + 1) / 2
    return above / (len(high) * len(low))


def best_lag(tracks: Sequence[Track]) -> float | None:
    """Shift in s that fits sealed frames best (F1) to voiced bilabials, > 0 for late lips; None: no fit."""
    lags = np.arange(-LAG_RANGE_SECS, LAG_RANGE_SECS + 1e-4, STEP_SECS)
    totals = np.zeros((len(lags), 3))  # sealed and asked for; asked for, not sealed; sealed, not asked for
    for track in tracks:
        totals += _overlaps(track, lags)
    scores = 2 * totals[:, 0] / np.maximum(1, 2 * totals[:, 0] + totals[:, 1] + totals[:, 2])
    top = float(scores.max(initial=0.0))
    return None if top < MIN_LAG_SCORE else float(lags[scores >= top - 1e-9].mean())


def _overlaps(track: Track, lags: Floats) -> Floats:
    before = np.concatenate(([0], np.cumsum(track.sealed)))
    out = np.zeros((len(lags), 3))
    n = len(track.sealed)
    for index, (label, start, end) in enumerate(track.phones):
        first = np.maximum(0, np.ceil((start + lags) / STEP_SECS - 1e-9).astype(int))
        last = np.trunc((end + lags) / STEP_SECS + 1e-9).astype(int)
        first, stop = np.minimum(first, n - 1), np.minimum(np.maximum(first, last) + 1, n)
        sealed = before[stop] - before[first]
        if label.lower() in VOICED_BILABIALS:
            out[:, 0] += sealed
            out[:, 1] += stop - first - sealed
        elif not track.classes[index] & {"silence", "bilabial"}:
            out[:, 2] += sealed
    return out


def turns(track: Track) -> int:
    """How often the mouth turns from opening to closing or back, slow movement left out."""
    speed = np.diff(track.widest[::2])
    return int((np.diff(np.sign(speed[np.abs(speed) > MIN_SPEED_MM])) != 0).sum())


def figures(got: Utterances) -> dict[str, Any]:
    """Every figure of the utterances, by name; None where nothing was counted."""
    rows = [row for utterance in got.rows for row in utterance]
    outcomes = {share: hits(rows, share) for share in SHARES}
    shares = {share: mean([float(hit) for hit in outcome]) for share, outcome in outcomes.items()}
    return {
        "utterances": len(got.tracks), "speakers": len(set(got.speakers)),
        "seconds": sum(track.end_secs for track in got.tracks),
        "bilabials": len(outcomes["bilabial_sealed"]), "vowels": len(outcomes["vowel_sealed"]),
        "others": len(outcomes["other_sealed"]), "labiodentals": len(outcomes["labiodental_contact"]),
        **shares, "skill": _skill(shares["bilabial_sealed"], shares["chance"]),
        "bilabial_ci": wilson(sum(outcomes["bilabial_sealed"]), len(outcomes["bilabial_sealed"])),
        **{f"{share}_ci": wilson(sum(outcome), len(outcome)) for share, outcome in outcomes.items()},
        **{f"{share}_ci_speakers": speaker_interval(got, share) for share in BY_SPEAKER},
        **_openings(got, rows), **_timing(got, rows), **_motion(got),
    }


def _skill(sealed: float | None, chance: float | None) -> float | None:
    return None if sealed is None or chance is None or chance == 1.0 else (sealed - chance) / (1 - chance)


def _openings(got: Utterances, rows: Sequence[Judgement]) -> dict[str, Any]:
    kind = got.tracks[0].kind
    vowels = [(row, kind.classes_of(row.label)) for row in rows if row.role == "vowel"]
    gap = {c: [row.gap_mm for row, classes in vowels if c in classes] for c in ("vowel", "open", "close")}
    shape = {c: [row.shape_mm for row, classes in vowels if c in classes] for c in ("rounded", "spread")}
    return {"vowel_gap_mm": median(gap["vowel"]), "open_vs_close_auc": auc(gap["open"], gap["close"]),
            "rounded_vs_spread_auc": auc(shape["rounded"], shape["spread"])}


def _timing(got: Utterances, rows: Sequence[Judgement]) -> dict[str, Any]:
    medial = [row for row in rows if row.role == "bilabial" and not row.beside_pause]
    onset = [row.onset_error_ms for row in medial if row.onset_error_ms is not None]
    low, high = (float(p) for p in np.percentile(onset, (10, 90))) if onset else (None, None)
    return {
        "best_lag_s": best_lag(got.tracks), "seal_onset_ms": median(onset),
        "seal_onset_p10_ms": low, "seal_onset_p90_ms": high,
        "seal_hold_ms": median([row.hold_ms for row in medial if row.hold_ms is not None]),
        "bilabial_ms": median([1000 * (row.end_secs - row.start_secs) for row in medial]),
        "seal_coverage": mean([row.coverage for row in medial if row.coverage is not None]),
    }


def _motion(got: Utterances) -> dict[str, Any]:
    seconds = sum(track.end_secs for track in got.tracks)
    widest = np.concatenate([track.widest for track in got.tracks])
    return {"crossed_share": float((widest <= -CROSS_MM).mean()),
            "turns_per_s": sum(turns(track) for track in got.tracks) / seconds,
            "stray_seals_per_min": 60 * sum(stray_seals(track) for track in got.tracks) / seconds}
