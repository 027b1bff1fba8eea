"""What a script changes in the tracks: closures where its words say so, shapes nearer to their phones.

A stage of the session between the network and the lips. It waits for the end of the recording, for only then
can a text be aligned and judged. The text decides about lips and shape inside of words that were surely said;
everything else, and whether anybody speaks at all, stays the network's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from facerig.core.said import Said
from facerig.script import articulation
from facerig.script.align import Spoken
from facerig.script.articulation import RATE_HZ
from facerig.script.ear import heard_phones, said_phones, said_words, sureness
from facerig.script.phones import CLASS, CURVES, PAUSE, Phone, parse
from facerig.script.trust import MATCH, Match, matched
from facerig.script.words import Script

Array = NDArray[np.float32]

N_CURVES: Final = len(CURVES)
JAW: Final = CURVES.index("jawOpen")
N_TRACKS: Final = N_CURVES + 3  # seal, contact, voice behind the curves
SEAL, CONTACT, VOICE = N_CURVES, N_CURVES + 1, N_CURVES + 2
SPEECH: Final = 0.5  # probability of a voice from which on a frame is speech
LEAST_SPEECH: Final = 10  # frames: less than 0.1 s holds no word
SHAPE_SHARE: Final = 0.7  # of the script's shape against the network's
PIECE_FRAMES: Final = 1000
REACH_SECS: Final = 1.0  # further away no phone is felt: its pull has fallen by e^-10
LOUDNESS: Final = (0.6, 2.0)  # times the table's jaw: murmured, shouted
LOUDNESS_FRAMES: Final = 60  # to either side: over a few words
EASE_FRAMES: Final = 3  # from the network to the script and back
# The runtime takes a closure for complete at a model's threshold, somewhere on a ramp, and holds it: so ramps
# are short here, and a seal begins a little after its phone does, and ends before it.
RAMP_SECS: Final = 0.015
INSET_SECS: Final = (0.008, 0.026)
NEUTRAL: Final = "ə"  # stands for speech that the script does not hold
NO_SPEECH: Final = "the recording holds no speech"


@dataclass(frozen=True, slots=True)
class ScriptReport:
    """What became of a text. `reason`: why it was not used, "" where it was.

    words: how many the text holds; aligned: how many of them were surely found; missing: the others, as the
    text writes them; score: how well it fits (nats a frame; at least `trust.MATCH` to be used).
    """

    used: bool
    reason: str
    words: int
    aligned: int
    missing: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class GuideState:
    """The rows so far; the report, and what was said, once they are complete."""

    rows: tuple[NDArray[np.floating], ...] = ()
    report: ScriptReport | None = None
    said: Said | None = None


class ScriptGuide:
    """Not quite a stage, for it waits for the end: rows float32 [n, N_TRACKS + len(INVENTORY)] of tracks and
    log-probabilities of phones in, tracks float32 [T, N_TRACKS] out of `flush`.

    A script without words lets everything pass, and `flush` reports why it has none.
    """

    def __init__(self, script: Script) -> None:
        self.script = script

    def initial_state(self) -> GuideState:
        """Nothing heard."""
        return GuideState()

    def step(self, rows: Array, state: GuideState) -> tuple[Array, GuideState]:
        """Keeps the rows and gives none."""
        if not self.script.words:
            return rows, state
        kept = (*state.rows, rows) if len(rows) else state.rows
        return np.zeros((0, N_TRACKS), np.float32), GuideState(kept)

    def flush(self, state: GuideState) -> tuple[Array, GuideState]:
        """The tracks of the whole recording."""
        if not state.rows:
            return np.zeros((0, N_TRACKS), np.float32), GuideState((), _report(self.script, None, ()))
        rows = np.asarray(np.concatenate(state.rows), np.float32)
        tracks, log_probs = rows[:, :N_TRACKS], rows[:, N_TRACKS:]
        sure, report = _found(tracks, log_probs, self.script)
        said = Said(tuple(said_words(sure, self.script.words, log_probs)),
                    tuple(said_phones(sure, self.script.words, log_probs)), sureness(log_probs))
        return _mixed(tracks, log_probs, sure) if sure else tracks, GuideState((), report, said)


class PhoneEar:
    """In the place of a `ScriptGuide` where there is no text to follow, and the phones are asked for.

    Lets the tracks pass as they come, and tells at the end which phones were heard. script: one that cannot
    be followed, for the report.
    """

    def __init__(self, script: Script | None = None) -> None:
        self.script = script

    def initial_state(self) -> GuideState:
        """Nothing heard."""
        return GuideState()

    def step(self, rows: Array, state: GuideState) -> tuple[Array, GuideState]:
        """rows float32 [n, N_TRACKS + len(INVENTORY)] in, the tracks float32 [n, N_TRACKS] out."""
        log_probs = np.asarray(rows[:, N_TRACKS:], np.float16)  # 27 MB an hour
        kept = (*state.rows, log_probs) if len(rows) else state.rows
        return rows[:, :N_TRACKS], GuideState(kept)

    def flush(self, state: GuideState) -> tuple[Array, GuideState]:
        """No more tracks, and the phones."""
        log_probs = np.concatenate(state.rows) if state.rows else np.zeros((0, len(CLASS)), np.float16)
        heard = log_probs.astype(np.float32)
        said = Said((), tuple(heard_phones(heard)), sureness(heard))
        report = None if self.script is None else _report(self.script, None, ())
        return np.zeros((0, N_TRACKS), np.float32), GuideState((), report, said)


def guided(tracks: Array, log_probs: Array, script: Script) -> tuple[Array, ScriptReport]:
    """Tracks [T, N_TRACKS] with the script's closures and shapes, and what became of the script."""
    sure, report = _found(tracks, log_probs, script)
    return _mixed(tracks, log_probs, sure) if sure else tracks, report


def _found(tracks: Array, log_probs: Array, script: Script) -> tuple[tuple[Spoken, ...], ScriptReport]:
    """The words that were surely said, none where the script is not used, and what became of it."""
    speech = int((tracks[:, VOICE] >= SPEECH).sum())
    if script.refused or speech < LEAST_SPEECH:
        return (), _report(script, None, (), script.refused or NO_SPEECH)
    match = matched(log_probs, speech, script.words)
    sure = tuple(s for s, sureness in zip(match.spoken, match.sure, strict=True) if sureness > 0)
    if match.score < MATCH or not sure:
        return (), _report(script, match, sure, "the text is not what the recording says")
    return sure, _report(script, match, sure)


def _report(script: Script, match: Match | None, sure: tuple[Spoken, ...], refused: str = "") -> ScriptReport:
    refused = refused or script.refused
    found = {s.word for s in sure}
    missing = tuple(w.text for i, w in enumerate(script.words) if i not in found and not w.optional)
    return ScriptReport(not refused, refused, len(script.words), len(found), missing,
                        match.score if match else 0.0)


def _mixed(tracks: Array, log_probs: Array, spoken: tuple[Spoken, ...]) -> Array:
    timed = timed_phones(spoken, len(tracks))
    known = np.zeros(len(tracks), np.float32)
    for phone in timed:
        if phone.name != PAUSE:
            known[round(phone.start * RATE_HZ) : round(phone.end * RATE_HZ)] = 1.0
    weight = _around(known, EASE_FRAMES)[:, None]
    shapes, closures = articulated([_gap(p, log_probs) for p in timed], len(tracks))
    shapes[:, JAW] *= _loudness(tracks[:, JAW], shapes[:, JAW], known)
    out = tracks.copy()
    out[:, :N_CURVES] += SHAPE_SHARE * weight * (shapes - out[:, :N_CURVES])
    out[:, SEAL:VOICE] = np.maximum(out[:, SEAL:VOICE] * (1 - np.maximum(known[:, None], weight)), closures)
    return out


def timed_phones(spoken: tuple[Spoken, ...], n_frames: int) -> list[Phone]:
    """The phones of the words, times in s; between words that do not touch a PAUSE."""
    labels = [[phone, start / RATE_HZ, end / RATE_HZ]
              for word in spoken for phone, start, end in word.timed()]
    return parse(labels, "ipa", n_frames / RATE_HZ)


def _loudness(heard: Array, written: Array, known: Array) -> Array:
    """How far this voice's jaw opens around each frame, against the table's: a text does not say."""
    ours, theirs = (_around(jaw * known, LOUDNESS_FRAMES) for jaw in (heard, written))
    return np.asarray(np.clip(ours / np.maximum(theirs, 1e-4), *LOUDNESS), np.float32)


def _around(track: Array, frames: int) -> Array:
    """Mean of a track over `frames` to either side."""
    return np.asarray(uniform_filter1d(track, 2 * frames + 1, mode="constant"), np.float32)


def articulated(phones: list[Phone], n_frames: int) -> tuple[Array, Array]:
    """Shapes [n_frames, N_CURVES], seal and contact [n_frames, 2] of phones that cover the time without gaps.

    Piece by piece: the work is that of every phone on every frame near it.
    """
    ends = np.array([p.end for p in phones])
    starts = np.array([p.start for p in phones])
    shapes, closures = [], []
    for first in range(0, n_frames, PIECE_FRAMES):
        n = min(PIECE_FRAMES, n_frames - first)
        at = first / RATE_HZ
        low = int(np.searchsorted(ends, at - REACH_SECS))
        high = int(np.searchsorted(starts, at + n / RATE_HZ + REACH_SECS))
        near = [Phone(p.name, p.start - at, p.end - at) for p in phones[low:high]]
        shapes.append(articulation.shapes(near, n))
        closures.append(_closures(near, n))
    return np.concatenate(shapes), np.concatenate(closures)


def _gap(phone: Phone, log_probs: Array) -> Phone:
    """The phone itself; NEUTRAL for a pause between words in which somebody speaks."""
    inside = log_probs[round(phone.start * RATE_HZ) : round(phone.end * RATE_HZ), CLASS[PAUSE]]
    if phone.name != PAUSE or len(inside) == 0 or float(np.exp(inside).mean()) >= SPEECH:
        return phone
    return Phone(NEUTRAL, phone.start, phone.end)


def _closures(phones: list[Phone], n_frames: int) -> Array:
    """seal and contact [n_frames, 2]: articulation's, the seals drawn in by INSET_SECS."""
    times = np.arange(n_frames) / RATE_HZ
    out = articulation.activations(phones, n_frames)[:, :2]
    out[:, 0] = 0.0
    for on, off in _seals(phones):
        corners = (on - RAMP_SECS, on, off, off + RAMP_SECS)
        seal = np.interp(times, corners, (0.0, 1.0, 1.0, 0.0)).astype(np.float32)
        np.maximum(out[:, 0], seal, out=out[:, 0])
    return out


def _seals(phones: list[Phone]) -> Iterator[tuple[float, float]]:
    """Start and end of every closure of the lips, s; p, b and m that follow each other share one."""
    for shut, group in groupby(range(len(phones)), lambda i: phones[i].name in articulation.BURST):
        if shut:
            run = list(group)
            after_pause = run[0] == 0 or phones[run[0] - 1].name == PAUSE
            on, _ = articulation.closure_of(phones[run[0]], after_pause)
            _, off = articulation.closure_of(phones[run[-1]], False)
            yield on + INSET_SECS[0], off - INSET_SECS[1]
