"""The head beside a person's: how fast and how far it moves, what it does with phrases, how listeners answer.

The person is GRID's speaker 1, whose head MediaPipe followed: commands of 1.7 s, read sitting, 3 s a clip, 25
frames a second. Ours is measured at the same frames of the same recordings, through the same smoothing,
without emotion and gaze; then on longer talk, and listening to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.progress import track as progress
from scipy.ndimage import gaussian_filter1d

from facerig.core.channels import N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE
from facerig.errors import ConfigError
from facerig.hearing import Hearing
from facerig.performance.head.head import HeadLayer, HeadSettings
from facerig.performance.moment import Moment, Mood
from tools.evaluate.motion import GRID
from tools.evaluate.sets import SAMPLE_RATE, Utterance, development_set, read_mono, spread
from tools.train.split import part_of

Floats = NDArray[np.float64]
Array = NDArray[np.float32]

PERCENTILES: Final = (50, 90, 95, 99)
SMOOTH_FRAMES: Final = 1.0  # Gaussian, 40 ms: what MediaPipe trembles
TALKS, RESTS = 0.5, 0.05  # of the voice cue: speech above the first, silence below the second
SPAN_SECS: Final = 3.0  # a GRID clip: spreads are of such spans
PAUSES_SECS: Final = (0.4, 1.4)  # between the sentences of a talk
LAGS_SECS: Final = (0.0, 0.08, 0.16, 0.24)  # of the head behind the voice
AROUND_SECS: Final = (-0.6, 1.2)  # of the beginning and the end of speech


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound's cues float32 [m, N_CUES] at 100 Hz and, if known, the head of who said it, degrees [n, 3]."""

    cues: Array
    head: Floats | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """How a head moved: speeds in deg/s, spreads and means in degrees, in spans of SPAN_SECS.

    talking, resting: PERCENTILES of the speed; spread: standard deviation of yaw, pitch, roll in a span, root
    mean square; pitch, loudness: what `follows` says of them; begins, ends: mean head pitch around these.
    """

    talking: list[float]
    resting: list[float]
    spread: list[float]
    pitch: list[float]
    loudness: list[float]
    begins: list[float]
    ends: list[float]


def cues_of(hearing: Hearing, audio: Array) -> Array:
    """The cues of a sound at 100 Hz."""
    knots, state = hearing.step(audio, hearing.initial_state())
    rest, _ = hearing.flush(state)
    return np.concatenate([knots, rest])[:, N_CHANNELS:]


def recorded(data: Path, limit: int | None) -> list[Recording]:
    """GRID's held-out clips. Raises ConfigError where the set is missing."""
    folder = data / GRID
    if not (folder / "curves.npz").is_file():
        raise ConfigError("the set is missing", where=str(folder), fix="give --data, the folder of the sets")
    stored, hearing = np.load(folder / "curves.npz"), Hearing(SAMPLE_RATE, "live")
    clips = [(str(i), matrix) for i, matrix in zip(stored["ids"], stored["head_matrix"], strict=True)
             if part_of("grid", {"id": str(i)}) == "test"][:limit]
    return [Recording(cues_of(hearing, read_mono(folder / "audio" / f"{i}.opus")), angles(matrix))
            for i, matrix in progress(clips, "hearing GRID", transient=True)]


def angles(matrices: NDArray[np.floating]) -> Floats:
    """Yaw, pitch, roll [n, 3] in degrees, with the signs of core.channels, of MediaPipe's [n, 4, 4].

    Its camera sees x to the right, y up, z towards it; its yaw and roll are the mirror images of ours.
    """
    turn = np.asarray(matrices[:, :3, :3], np.float64)
    turn = turn / np.cbrt(np.linalg.det(turn))[:, None, None]
    yaw: Floats = np.arctan2(turn[:, 0, 2], turn[:, 2, 2])
    pitch = np.arcsin(np.clip(-turn[:, 1, 2], -1, 1))
    roll = np.arctan2(turn[:, 1, 0], turn[:, 1, 1])
    return np.asarray(np.degrees(np.stack([-yaw, pitch, -roll], 1)))


def talk(data: Path, secs: float, seed: int) -> Recording:
    """Sentences of held-out English voices, one voice after the other, with pauses between them."""
    rng, hearing = np.random.default_rng(seed), Hearing(SAMPLE_RATE, "live")
    chosen: Sequence[Utterance] = [u for u in development_set("kokoro", data) if u.language == "en"]
    pieces, length = [np.zeros(SAMPLE_RATE // 2, np.float32)], 0
    for utterance in sorted(spread(chosen, 400, seed), key=lambda u: u.speaker):
        audio, pause = utterance.audio(), rng.uniform(*PAUSES_SECS)
        pieces += [audio, np.zeros(round(pause * SAMPLE_RATE), np.float32)]
        length += len(pieces[-2]) + len(pieces[-1])
        if length > secs * SAMPLE_RATE:
            break
    return Recording(cues_of(hearing, np.concatenate(pieces)))


def moment_of(cues: Array, fps: int) -> Moment:
    """A whole sound as one moment."""
    times = np.arange(int((len(cues) - 1) * fps / KNOT_RATE_HZ)) / fps
    at = np.minimum((times * KNOT_RATE_HZ).astype(np.int64), len(cues) - 1)
    return Moment(times, np.zeros((len(times), N_CHANNELS), np.float32), cues[at], cues, 0)


def calm(moment: Moment) -> Mood:
    """No mood."""
    return Mood(np.zeros((len(moment.times), 3), np.float32), np.zeros((len(moment.knots), 3), np.float32))


def made(cues: Array, seed: int, fps: int, energy: float = 1.0) -> Floats:
    """Our head over a sound [n, 3], degrees."""
    layer, moment = HeadLayer(seed, HeadSettings(energy=energy)), moment_of(cues, fps)
    state = layer.plan(moment, calm(moment), layer.initial_state())
    return np.asarray(np.degrees(layer.draw(moment.times, None, None, state)))


def moves(recordings: Sequence[Recording], heads: Sequence[Floats], fps: int) -> Moves:
    """The measures of heads [n, 3] in degrees, one for each recording, at `fps`."""
    smooth = [gaussian_filter1d(head, SMOOTH_FRAMES * fps / 25, axis=0) for head in heads]
    speeds = [np.linalg.norm(np.diff(head, axis=0), axis=1) * fps for head in smooth]
    voices = [_at_frames(r.cues[:, CUE["voice"]], len(speed), fps)
              for r, speed in zip(recordings, speeds, strict=True)]
    speed, voice = np.concatenate(speeds), np.concatenate(voices)
    spans = [span for head in smooth for span in _spans(head, fps)]
    begins, ends = (_around(recordings, smooth, fps, rising) for rising in (True, False))
    return Moves(_percentiles(speed[voice > TALKS]), _percentiles(speed[voice < RESTS]),
                 np.sqrt(np.mean([span.var(0) for span in spans], 0)).tolist(),
                 follows(recordings, smooth, fps, "pitch"), follows(recordings, smooth, fps, "loudness"),
                 begins, ends)


def _percentiles(values: Floats) -> list[float]:
    return [float(v) for v in np.percentile(values, PERCENTILES)] if len(values) else []


def _at_frames(track: NDArray[np.floating], n: int, fps: int) -> Floats:
    """A track at 100 Hz at the first n frames."""
    return np.asarray(np.interp(np.arange(n) / fps, np.arange(len(track)) / KNOT_RATE_HZ, track))


def _spans(rows: Floats, fps: int) -> Iterable[Floats]:
    n = round(SPAN_SECS * fps)
    return [rows[at : at + n] for at in range(0, len(rows) - n + 1, n)]


def follows(recordings: Sequence[Recording], heads: Sequence[Floats], fps: int, cue: str) -> list[float]:
    """Pearson's r of the chin's height with a cue where the voice sounds, the head LAGS_SECS later.

    Over all spans, each without its mean.
    """
    tracks, chins = [], []
    for recording, head in zip(recordings, heads, strict=True):
        cues = np.stack([_at_frames(recording.cues[:, CUE[name]], len(head), fps)
                         for name in (cue, "voiced")], 1)
        tracks += list(_spans(cues, fps))
        chins += list(_spans(-head[:, 1], fps))
    return [_correlation(tracks, chins, round(lag * fps)) for lag in LAGS_SECS]


def _correlation(tracks: Sequence[Floats], chins: Sequence[Floats], lag: int) -> float:
    pairs = []
    for track, chin in zip(tracks, chins, strict=True):
        at = np.flatnonzero(track[:, 1] > TALKS)
        at = at[(at + lag >= 0) & (at + lag < len(chin))]
        if len(at) > 10:
            a, b = track[at, 0], chin[at + lag]
            pairs.append(np.stack([a - a.mean(), b - b.mean()]))
    if not pairs:
        return 0.0
    a, b = np.concatenate(pairs, 1)
    return float(a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-12))


def edges(voice: Array, rising: bool) -> NDArray[np.intp]:
    """Knots where speech begins (or ends) that have silence for 0.3 s before (behind)."""
    talks = voice > TALKS
    change = np.flatnonzero(talks[1:] != talks[:-1]) + 1
    out = []
    for at in change[talks[change] == rising]:
        quiet = talks[max(0, at - 30) : at] if rising else talks[at : at + 30]
        if not quiet.any():
            out.append(at)
    return np.array(out, np.intp)


def _around(recordings: Sequence[Recording], heads: Sequence[Floats], fps: int, rising: bool
            ) -> list[float]:
    """Mean head pitch around the beginnings or ends of speech, against its mean there, every 0.1 s."""
    offsets = np.arange(AROUND_SECS[0], AROUND_SECS[1] + 0.05, 0.1)
    rows = []
    for recording, head in zip(recordings, heads, strict=True):
        for knot in edges(recording.cues[:, CUE["voice"]], rising):
            places = (knot / KNOT_RATE_HZ + offsets) * fps
            if places[0] >= 0 and places[-1] <= len(head) - 1:
                rows.append(np.interp(places, np.arange(len(head)), head[:, 1]))
    if not rows:
        return []
    return [float(v) for v in np.mean(rows, 0) - np.mean(rows)]
