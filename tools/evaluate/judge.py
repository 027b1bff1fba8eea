"""Per-phone judgements: one row for each phone, from which every figure is counted.

A p/b/m counts when the lips are sealed for HOLD_SECS on end within PAD_SECS of the phone and, where a vowel
stands beside it, open by OPEN_MM within REACH_SECS: a mouth that stays shut earns nothing. f/v counts when
the lower lip meets the teeth while the lips are apart. A vowel is wrong when sealed anywhere in its middle
half. Windows of phones that ask for nothing tell what a flapping mouth would earn by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np

from tools.evaluate.track import MIDDLE, STEP_SECS, Track, runs

OPEN_MM: Final = 2.0  # a mouth beside a vowel must show this much
REST_MM: Final = 2.0  # a mouth at rest may show this much
NEARLY_MM: Final = 2.0  # a bilabial that comes this near is "nearly" sealed
PAD_SECS: Final = 0.033  # two frames of 60 fps: what labels and lips may disagree by
REACH_SECS: Final = 0.180  # how far from a seal the open mouth may be
MIN_VOWEL_SECS: Final = 0.05  # shorter vowels have no middle half worth judging
MIN_PAUSE_SECS: Final = 0.5  # shorter pauses need not come to rest;
REST_AFTER_SECS, REST_BEFORE_SECS = 0.25, 0.2  # what a pause leaves for settling and for the next phone

Role = Literal["bilabial", "labiodental", "silence", "vowel", "glide", "consonant"]
# A label is in one role: the first class of this list that holds it.
_ROLES: Final[tuple[Role, ...]] = ("bilabial", "labiodental", "silence", "vowel", "glide")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the mouth did at one phone. None where the question does not arise."""

    label: str
    start_secs: float
    end_secs: float
    role: Role
    oddity: bool  # counted as a consonant by the reference figures, not by ours
    beside_pause: bool  # at a pause or at the end of the recording
    by_chance: bool  # counts for chance: asks for open lips, and so do its neighbours
    sealed: bool | None  # bilabial: the seal counts
    nearly: bool | None  # bilabial: lips within NEARLY_MM of each other
    onset_error_ms: float | None  # counted bilabial after no other: begin of the seal after the phone's start
    hold_ms: float | None  # counted bilabial: length of the longest seal
    coverage: float | None  # counted bilabial: share of the phone that is sealed
    window_held: bool  # a seal of HOLD_SECS within PAD_SECS
    window_contact: bool  # lower lip at the teeth within PAD_SECS
    midpoint_sealed: bool
    middle_half_sealed: bool | None  # vowel of MIN_VOWEL_SECS or more
    gap_mm: float  # at the midpoint, between the middles of the lips
    shape_mm: float  # at the midpoint
    at_rest: bool | None  # long pause: mouth shut throughout

    @classmethod
    def columns(cls) -> list[str]:
        return [field.name for field in fields(cls)]


def judged(track: Track) -> Iterator[Judgement]:
    """One row for each phone of the utterance."""
    for index in range(len(track.phones)):
        yield _judgement(track, index)


def role_of(track: Track, index: int) -> Role:
    """What the phone is counted as."""
    return next((role for role in _ROLES if track.is_a(index, role)), "consonant")


def beside_pause(track: Track, index: int) -> bool:
    """True where a pause or the recording's end stands beside the phone."""
    return any(track.is_a(j, "silence") or not 0 <= j < len(track.phones) for j in (index - 1, index + 1))


def seal_counts(track: Track, index: int) -> bool:
    """Whether a bilabial is sealed, and the mouth open nearby where a vowel stands beside it."""
    _, start, end = track.phones[index]
    if not track.held[track.span(start, end, PAD_SECS)].any():
        return False
    beside_vowel = track.is_a(index - 1, "vowel") or track.is_a(index + 1, "vowel")
    return not beside_vowel or bool((track.widest[track.span(start, end, REACH_SECS)] >= OPEN_MM).any())


def _judgement(track: Track, index: int) -> Judgement:
    label, start, end = track.phones[index]
    middle = track.span((start + end) / 2, (start + end) / 2).start
    window = track.span(start, end, PAD_SECS)
    role = role_of(track, index)
    lips = role == "bilabial"
    counts = lips and seal_counts(track, index)
    onset_ms, hold_ms = _seal_timing(track, index) if counts else (None, None)
    if track.is_a(index - 1, "bilabial"):  # one seal serves both, and began with the first
        onset_ms = None
    return Judgement(
        label=label, start_secs=start, end_secs=end, role=role, oddity=track.is_a(index, "oddity"),
        beside_pause=beside_pause(track, index),
        by_chance=role != "labiodental" and track.wants_open_lips(index),
        sealed=counts if lips else None,
        nearly=bool((np.abs(track.widest[window]) <= NEARLY_MM).any()) if lips else None,
        onset_error_ms=onset_ms, hold_ms=hold_ms,
        coverage=float(track.sealed[track.span(start, end)].mean()) if counts else None,
        window_held=bool(track.held[window].any()), window_contact=bool(track.contact[window].any()),
        midpoint_sealed=bool(track.sealed[middle]),
        middle_half_sealed=_middle_half_sealed(track, index, role),
        gap_mm=float(track.gap[middle, MIDDLE]), shape_mm=float(track.shape[middle]),
        at_rest=_at_rest(track, index, role))


def _seal_timing(track: Track, index: int) -> tuple[float, float]:
    """Start after the phone's start, and length, ms, of the longest seal in the phone's window."""
    _, start, end = track.phones[index]
    window = track.span(start, end, PAD_SECS)
    seals = [(first, stop) for first, stop in runs(track.held) if first < window.stop and stop > window.start]
    first, stop = max(seals, key=lambda run: min(run[1], window.stop) - max(run[0], window.start))
    return (first * STEP_SECS - start) * 1000, (stop - first) * STEP_SECS * 1000


def _middle_half_sealed(track: Track, index: int, role: Role) -> bool | None:
    _, start, end = track.phones[index]
    if role != "vowel" or end - start < MIN_VOWEL_SECS:
        return None
    quarter = (end - start) / 4
    return bool(track.sealed[track.span(start + quarter, end - quarter)].any())


def _at_rest(track: Track, index: int, role: Role) -> bool | None:
    _, start, end = track.phones[index]
    if role != "silence" or end - start <= MIN_PAUSE_SECS:
        return None
    return bool((track.widest[track.span(start + REST_AFTER_SECS, end - REST_BEFORE_SECS)] <= REST_MM).all())


def stray_seals(track: Track) -> int:
    """Seals that nobody asks for: wholly within phones of open lips, off any bilabial, glide or pause."""
    free = np.ones(len(track.grid), bool)  # also between phones, where some label sets leave the pauses out
    for _, start, end in track.phones:
        free[track.span(start, end)] = False
    for classes, (_, start, end) in zip(track.classes, track.phones, strict=True):
        if classes & {"bilabial", "glide", "silence", "oddity"}:
            free[track.span(start, end, PAD_SECS)] = True
    return sum(not free[start:stop].any() for start, stop in runs(track.held))
