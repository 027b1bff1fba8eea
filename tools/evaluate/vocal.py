"""Does the face hold when the voice laughs, sobs, sighs, sings or whispers? Judged beside plain speech.

    opens      share of the time of `open` and `held` spans with lips more than OPEN_MM apart
    seals      wrong seals in them: lips shut for SEAL_SECS on end, a minute of them
    drift      how much a held note's lips wander, mm: standard deviation of their gap in a span, settled
    pressed    share of the time of `breath` spans with lips pressed together
    flutter    turns a second of the lips' gap or the jaw, whichever turns more, of TURN_MM at least
    rests      s after the sound's end until gap and jaw are within REST_MM of where they end; the worst
    ajar       widest gap from AJAR_SECS after the end on, mm, against before the sound; the worst
    step       largest change from frame to frame: of the mouth mm, of brows and cheeks in percent; of the
               head in degrees
    head       95th percentile of the head's speed, deg/s
    shake      what of head and of brows trembles at SHAKE_HZ, root mean square, degrees and percent
    blinks     a minute
    broken     clips with a value that is not finite or out of its range

Systems with `~joy` act joy at full, and hear ACTED alone; others act as by default, heard emotion and all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.progress import track as progress
from scipy.signal import butter, sosfiltfilt

from facerig.core.channels import CHANNELS, INDEX
from facerig.core.mouth import mouth_geometry
from facerig.performance.settings import Performance
from tools.evaluate.contract import System
from tools.evaluate.sets import SAMPLE_RATE
from tools.evaluate.systems import FPS, Facerig
from tools.evaluate.track import MIDDLE, SEAL_MM, runs
from tools.evaluate.vocal_clips import BEFORE_SECS, Vocal

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

OPEN_MM: Final = 2.0
SEAL_SECS: Final = 0.03
SETTLES_SECS: Final = (0.30, 0.12)  # of a held span: at its beginning and end the mouth is on its way
PRESSED: Final = 0.12  # of mouthShrugLower: the chin that makes a seal firm has 0.22
TURN_MM: Final = 1.0
REST_MM: Final = 1.0
AJAR_SECS: Final = 1.0
EASED_SECS: Final = 0.2  # before the end of a clip: the session's own easing is not judged
LATE_SECS: Final = 0.2  # a span's movement may lag behind the sound by so much at its beginning
SHAKE_HZ: Final = (3.5, 9.0)  # bursts of laughter, a vibrato
BLINK: Final = 0.6  # of eyeBlink
ACTED: Final = ("speech", "laugh", "chuckle")  # what is heard by a character that is told its feeling

_BROWS: Final = [i for i, c in enumerate(CHANNELS) if c.region == "brows"]
_CHEEKS: Final = [i for i, c in enumerate(CHANNELS) if c.region in ("cheeks", "nose")]
_HEAD: Final = [i for i, c in enumerate(CHANNELS) if c.region == "head"]
_LIDS: Final = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
_JAW, _CHIN = INDEX["jawOpen"], INDEX["mouthShrugLower"]
_LOW, _HIGH = (np.array([getattr(c, end) for c in CHANNELS]) for end in ("low", "high"))


@dataclass(frozen=True, slots=True)
class Judged:
    """One clip, or the mean (and the worst of `rests`, `ajar`, `*_step`, `broken`) of a kind.

    None where the clip has no such span. Seconds of each: `secs`.
    """

    system: str
    kind: str
    clip: str
    secs: float
    opens: float | None
    seals: float | None
    drift: float | None
    pressed: float | None
    flutter: float
    rests: float
    ajar: float
    mouth_step: float
    brow_step: float
    head_step: float
    head: float
    head_shake: float
    brow_shake: float
    blinks: float
    broken: float


class Face:
    """What the judge sees of a clip: the mouth in mm, the rest as curves, at `times`, s."""

    def __init__(self, times: Floats, values: NDArray[np.floating], clip: Vocal) -> None:
        self.times, self.values, self.clip = times, np.asarray(values, np.float64), clip
        self.gap: Floats = mouth_geometry().gaps_mm(self.values)[:, MIDDLE]
        self.shut: Mask = mouth_geometry().gaps_mm(self.values).max(1) <= SEAL_MM
        self.jaw: Floats = self.values[:, _JAW] * mouth_geometry().gap[_JAW, MIDDLE]

    def within(self, start: float, end: float) -> Mask:
        return np.asarray((self.times >= start) & (self.times < end))

    def spans(self, *labels: str, settles: tuple[float, float] = (0.0, 0.0)) -> list[Mask]:
        """Frames of the spans of these labels, without their edges."""
        found = [self.within(start + settles[0], end - settles[1])
                 for label, start, end in self.clip.spans if label in labels]
        return [mask for mask in found if mask.any()]

    @property
    def sounding(self) -> Mask:
        return self.within(self.clip.start_secs, self.clip.end_secs + LATE_SECS)


def judged(system: System, clip: Vocal) -> Judged:
    """One system in one clip."""
    times, values = system.curves(clip.audio, SAMPLE_RATE, clip.name)
    face = Face(np.asarray(times, np.float64), values, clip)
    finite = bool(np.isfinite(values).all())
    inside = finite and bool(((values >= _LOW) & (values <= _HIGH)).all())
    steps = np.abs(np.diff(face.values, axis=0))
    speed = _speed(face)
    heard = face.sounding
    return Judged(
        system.name, clip.kind, clip.name, len(clip.audio) / SAMPLE_RATE, *_lips(face),
        flutter=max(_turns(face.gap[heard]), _turns(face.jaw[heard])) / max(float(heard.sum()) / FPS, 1e-9),
        rests=_rests(face), ajar=_ajar(face),
        mouth_step=float(np.abs(np.diff(face.gap)).max()),
        brow_step=100 * float(steps[:, _BROWS + _CHEEKS].max()), head_step=float(speed.max() / FPS),
        head=float(np.percentile(speed[heard[1:]], 95)),
        head_shake=_shake(np.degrees(face.values[:, _HEAD]), heard),
        brow_shake=100 * _shake(face.values[:, _BROWS], heard), blinks=_blinks(face),
        broken=float(not inside))


def _lips(face: Face) -> tuple[float | None, float | None, float | None, float | None]:
    """opens, seals, drift, pressed."""
    voiced, held = face.spans("open", "held"), face.spans("held", settles=SETTLES_SECS)
    breaths = face.spans("breath")
    opens = seals = drift = pressed = None
    if voiced:
        whole = np.concatenate([face.gap[mask] for mask in voiced])
        opens = float((whole > OPEN_MM).mean())
        shut = [stop - start for mask in voiced for start, stop in runs(face.shut & mask)]
        seals = sum(n >= SEAL_SECS * FPS for n in shut) / (len(whole) / FPS / 60)
    if held:
        drift = float(np.mean([face.gap[mask].std() for mask in held]))
    if breaths:
        firm = (face.values[:, _CHIN] > PRESSED) & face.shut
        pressed = float(np.concatenate([firm[mask] for mask in breaths]).mean())
    return opens, seals, drift, pressed


def _turns(track: Floats) -> int:
    """How often a track turns back by TURN_MM at least."""
    turns, way, far = 0, 0, float(track[0]) if len(track) else 0.0
    low = high = far
    for value in track.tolist():
        low, high = min(low, value), max(high, value)
        if way >= 0 and high - value >= TURN_MM:
            turns, way, low, high = turns + (way > 0), -1, value, value
        elif way <= 0 and value - low >= TURN_MM:
            turns, way, low, high = turns + (way < 0), 1, value, value
    return turns


def _rests(face: Face) -> float:
    """When the mouth is where it ends, and stays, s after the sound."""
    end = face.times[-1] - EASED_SECS
    last = face.within(end - 0.3, end)
    away = np.zeros(len(face.times), np.bool_)
    for track in (face.gap, face.jaw):
        away |= np.abs(track - np.median(track[last])) > REST_MM
    moves = np.flatnonzero(away & (face.times < end))
    return max(0.0, float(face.times[moves[-1]]) - face.clip.end_secs) if len(moves) else 0.0


def _ajar(face: Face) -> float:
    before = face.within(BEFORE_SECS / 2, BEFORE_SECS - 0.05)
    after = face.within(face.clip.end_secs + AJAR_SECS, face.times[-1] - EASED_SECS)
    return float(face.gap[after].max() - np.median(face.gap[before]))


def _speed(face: Face) -> Floats:
    """Of the head, deg/s [n - 1]."""
    return np.asarray(np.linalg.norm(np.diff(np.degrees(face.values[:, _HEAD]), axis=0), axis=1) * FPS)


def _shake(tracks: Floats, heard: Mask) -> float:
    """Root mean square of what of the tracks [n, k] lies in SHAKE_HZ, while the clip sounds."""
    band = butter(2, SHAKE_HZ, "bandpass", fs=FPS, output="sos")
    shaken = sosfiltfilt(band, tracks, axis=0)[heard]
    return float(np.sqrt((shaken**2).sum(1).mean()))


def _blinks(face: Face) -> float:
    closed = runs(np.asarray(face.values[:, _LIDS].min(1) > BLINK))
    return len(closed) / (float(face.times[-1]) / 60)


def systems(names: Sequence[str], seed: int = 0) -> list[System]:
    """live, offline and the like, whole faces; `~joy` acts joy at full."""
    found: list[System] = []
    for name in names:
        model, _, feeling = name.partition("~")
        performance = Performance().with_(emotion=feeling or None)
        found.append(Facerig(name, model=model, performance=performance, seed=seed))
    return found


def measure(clips: Sequence[Vocal], judges: Sequence[System]) -> list[Judged]:
    """Every system in every clip that it is to hear."""
    return [judged(one, clip) for clip in progress(clips, "listening", transient=True) for one in judges
            if "~" not in one.name or clip.kind in ACTED]
