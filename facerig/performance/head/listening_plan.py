"""When a listener answers, and how: nods, shakes, tilts, smiles, frowns and raised brows.

When: Ward & Tsukahara 2000 ("Prosodic features which cue back-channel responses in English and Japanese"):
after a region of low pitch; and, as Hadar, Steiner & Clifford Rose 1985 saw ("Head movement during listening
turns in conversation"), in the other's pauses, while small movements go with the other's stressed syllables.
What: single, double and multiple nods, whose first cycle grows with their number while later ones shrink, the
last most (Mori, Den & Jokinen 2025, "Structure of nods in conversation"), about as fast as listeners' quick
nods (2.6 Hz and more: Hale et al. 2020). The shares of each attitude are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, radians
from statistics import NormalDist
from typing import Final, Literal, NamedTuple, get_args

from facerig.core.channels import INDEX
from facerig.core.cues import CUE
from facerig.errors import ConfigError
from facerig.performance.draws import uniforms
from facerig.performance.head.moves import BEAT, STAY, STILL, Step, Stroke, on_grid
from facerig.performance.head.rhythm import KNOT_SECS, VOICED, Beat, Rhythm
from facerig.performance.knobs import check, knob
from facerig.performance.timeline import Timeline

Attitude = Literal["positive", "neutral", "negative"]


class Manner(NamedTuple):
    """How an attitude listens: shares of 1, unless degrees.

    answers: of the opportunities; nods, shakes: of the answers; double, many: of the nods; nod: size of a
    single one, degrees; raise_, smile, frown: of the answers; tilt: of the other's phrases.
    """

    answers: float
    nods: float
    double: float
    many: float
    nod: float
    shakes: float
    raise_: float
    smile: float
    frown: float
    tilt: float


#                        answers nods  double many  nod  shakes raise smile frown tilt
MANNERS: Final[dict[Attitude, Manner]] = {
    "positive": Manner(   0.70,   0.92, 0.35,  0.30, 3.0, 0.00,  0.30, 0.45, 0.00, 0.25),
    "neutral":  Manner(   0.50,   0.88, 0.35,  0.10, 2.5, 0.00,  0.18, 0.10, 0.00, 0.20),
    "negative": Manner(   0.35,   0.35, 0.20,  0.00, 1.8, 0.35,  0.15, 0.00, 0.55, 0.35),
}  # fmt: skip

# Faces at full size; those of an attitude are there all the while, the rest come and go
FACES: Final = {
    "smile":    {"mouthSmile": 0.38, "cheekSquint": 0.18, "mouthDimple": 0.06},
    "raise":    {"browInnerUp": 0.42, "browOuterUp": 0.50, "eyeWide": 0.10},
    "frown":    {"browDown": 0.45, "eyeSquint": 0.15, "mouthFrown": 0.15, "mouthPress": 0.12},
    "positive": {"mouthSmile": 0.10, "cheekSquint": 0.04, "browOuterUp": 0.05},
    "negative": {"browDown": 0.18, "mouthFrown": 0.12, "mouthPress": 0.08},
}  # fmt: skip
FACE_SECS: Final = {"smile": (1.2, 2.2), "raise": (0.5, 0.9), "frown": (1.0, 2.0)}

LOW: Final = 0.26  # quantile of the pitch below which a region is low (Ward & Tsukahara)
LOW_SECS, SPOKEN_SECS, WAIT_SECS, APART_SECS = 0.11, 0.70, 0.70, 0.80  # theirs
LOW_START: Final = -0.13  # octaves: of a voice whose pitch varies by 2.4 semitones
LOW_STEP: Final = 0.006  # by which the estimate of the quantile moves, octaves a voiced knot
GAP_SECS: Final = 0.06  # of unvoiced sound inside a region
PAUSE_WAIT_SECS: Final = (0.05, 0.35)  # of an answer in the other's pause, which was noticed after 0.15 s
CYCLE_SECS: Final = (0.30, 0.42)  # of one of several nods
SINGLE_SECS: Final = (0.50, 0.75)
SLOWER_STROKE: Final = 1.3  # a stroke lasts so many cycles: the next begins before it has ended
RISING, SHRINKING, LAST = 0.12, 0.80, 0.75  # of the cycles: first by number, each after the other, the last
SHAKE_DEG: Final = 2.6
SYNCHRONY: Final = 0.3  # of the other's accents
SYNCHRONY_DEG: Final = 0.5  # for an accent of 1
STRONGEST: Final = 1.5  # accent: such movements are narrow
TILT_DEG: Final = (1.5, 4.0)  # of roll, with a little yaw
TILT_SECS: Final = (0.7, 1.2)
SIZE_SIGMA: Final = 0.25  # of the logarithm of any size

_FIRST_DRAW: Final = 4 << 40
_DRAWS: Final = 3  # counters of an event, four draws each
_NORMAL: Final = NormalDist().inv_cdf
_VOICE, _LOUDNESS, _PITCH, _VOICED = (CUE[name] for name in ("voice", "loudness", "pitch", "voiced"))


def _curves(name: str) -> list[str]:
    """The curves of a name: both sides of one that has sides."""
    return [name] if name in INDEX else [f"{name}Left", f"{name}Right"]


NAMES: Final = sorted({curve for face in FACES.values() for name in face for curve in _curves(name)})
LOOKS: Final = {face: tuple(next((value for name, value in values.items() if curve in _curves(name)), 0.0)
                            for curve in NAMES) for face, values in FACES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenSettings:
    """How a character listens."""

    answers: float = knob(1.0, 0.0, 1.5, "how often it answers; 0 only looks")
    nods: float = knob(1.0, 0.0, 2.0, "size of nods, shakes and tilts")
    face: float = knob(1.0, 0.0, 2.0, "size of smiles, frowns and raised brows")
    attitude: Attitude = "neutral"

    def __post_init__(self) -> None:
        check(self, "listening")
        checked_attitude(self.attitude)


def checked_attitude(attitude: str) -> Attitude:
    """`attitude` as given. Raises ConfigError for one that is none."""
    for known in get_args(Attitude):
        if attitude == known:
            return attitude  # type: ignore[return-value]
    raise ConfigError(f"{attitude!r} is no attitude", where="listening.attitude",
                      fix=f"give one of {', '.join(get_args(Attitude))}")


class Ear(NamedTuple):
    """What was heard of the other: the rhythm and the low quantile of the pitch; in knots, how long the pitch
    has been low, the voice unvoiced, and speech going on.
    """

    rhythm: Rhythm = Rhythm()
    quantile: float = LOW_START
    low: int = 0
    gap: int = 0
    spoken: int = 0

    def heard(self, voice: float, loudness: float, pitch: float, voiced: float) -> tuple[Ear, Beat, bool]:
        """After one more knot; the beat there; whether a region of low pitch has become long enough."""
        rhythm, beat = self.rhythm.heard(voice, loudness, pitch, voiced)
        spoken = self.spoken + 1 if rhythm.speaking else (0 if rhythm.told else self.spoken)
        if voiced <= VOICED:
            gap = self.gap + 1
            low = self.low if gap * KNOT_SECS <= GAP_SECS else 0
            return Ear(rhythm, self.quantile, low, gap, spoken), beat, False
        is_low = pitch < self.quantile
        quantile = self.quantile + LOW_STEP * (LOW - is_low)
        low = self.low + 1 if is_low else 0
        ripe = low == round(LOW_SECS / KNOT_SECS) and spoken * KNOT_SECS >= SPOKEN_SECS
        return Ear(rhythm, quantile, low, 0, spoken), beat, ripe


@dataclass(frozen=True, slots=True)
class ListeningState:
    """What was heard and what is under way.

    mode: share of listening, of a positive and of a negative attitude, over time; head, tilts, face:
    movements; `counter`: events drawn; `answered`: when the last answer begins, s.
    """

    ear: Ear
    mode: Timeline
    head: tuple[Stroke, ...]
    tilts: tuple[Step, ...]
    face: tuple[Stroke, ...]
    counter: int
    answered: float


class Answers:
    """A state under change, knot by knot."""

    def __init__(self, settings: ListenSettings, seed: int, state: ListeningState) -> None:
        self._settings, self._seed = settings, seed
        self._before, self.ear = state, state.ear
        self._head, self._tilts, self._face = list(state.head), list(state.tilts), list(state.face)
        self._counter, self._answered = state.counter, state.answered

    def state(self) -> ListeningState:
        """What it has become."""
        return ListeningState(self.ear, self._before.mode, tuple(self._head), tuple(self._tilts),
                              tuple(self._face), self._counter, self._answered)

    def hear(self, time: float, row: list[float], manner: Manner) -> None:
        """One knot of the other's voice."""
        self.ear, beat, low = self.ear.heard(row[_VOICE], row[_LOUDNESS], row[_PITCH], row[_VOICED])
        if low:
            self._opportunity(time, (WAIT_SECS, WAIT_SECS), manner)
        if beat.phrase is not None and beat.phrase >= SPOKEN_SECS:
            self._opportunity(time, PAUSE_WAIT_SECS, manner)
        if beat.accent:
            moves, size, aside, secs, *_ = self._draws()
            if moves < SYNCHRONY:
                far = radians(SYNCHRONY_DEG) * self._sized(size) * min(beat.accent, STRONGEST)
                self._head.append(Stroke(time, _within(SINGLE_SECS, secs), BEAT,
                                         (0.4 * far * _NORMAL(aside), far, 0.0)))
        if beat.pause is not None:
            self._tilt(time, manner)

    def _draws(self) -> list[float]:
        """Twelve draws of an event's own."""
        self._counter += 1
        return uniforms(self._seed, _FIRST_DRAW + _DRAWS * self._counter, 4 * _DRAWS)

    def _sized(self, draw: float) -> float:
        return self._settings.nods * exp(SIZE_SIGMA * _NORMAL(draw))

    def _opportunity(self, time: float, wait_secs: tuple[float, float], manner: Manner) -> None:
        """An answer, or none, after the wait."""
        if time < self._answered + APART_SECS:
            return
        answers, wait, moves, number, size, secs, raises, smiles, frowns, face, side, _ = self._draws()
        if answers >= manner.answers * self._settings.answers:
            return
        start = self._answered = time + _within(wait_secs, wait)
        if moves < manner.nods:
            self._nod(start, number, radians(manner.nod) * self._sized(size), secs, manner)
        elif moves < manner.nods + manner.shakes:
            self._shake(start, radians(SHAKE_DEG) * self._sized(size), secs, side)
        for name, draw, share in (("raise", raises, manner.raise_), ("smile", smiles, manner.smile),
                                  ("frown", frowns, manner.frown)):
            if draw < share and not any(one.end > start for one in self._face):
                far = self._settings.face * (0.7 + 0.6 * face)
                self._face.append(Stroke(start, _within(FACE_SECS[name], face), STAY,
                                         tuple(far * value for value in LOOKS[name])))

    def _nod(self, start: float, number: float, far: float, secs: float, manner: Manner) -> None:
        """One, two or three to four cycles down and up."""
        cycles = 1
        if number < manner.many:
            cycles = 3 if number < 0.6 * manner.many else 4
        elif number < manner.many + manner.double:
            cycles = 2
        period = _within(SINGLE_SECS, secs) / SLOWER_STROKE if cycles == 1 else _within(CYCLE_SECS, secs)
        far *= 1.0 + RISING * (cycles - 1)
        for cycle in range(cycles):
            here = far * (LAST if cycle and cycle == cycles - 1 else 1.0)
            self._head.append(Stroke(start + cycle * period, period * SLOWER_STROKE, BEAT, (0.0, here, 0.0)))
            far *= SHRINKING

    def _shake(self, start: float, far: float, secs: float, side: float) -> None:
        """Twice to either side."""
        period = _within(CYCLE_SECS, secs)
        far = far if side < 0.5 else -far
        for half in range(4):
            self._head.append(Stroke(start + 0.5 * half * period, period, BEAT, (far, 0.0, 0.0)))
            far *= -SHRINKING

    def _tilt(self, time: float, manner: Manner) -> None:
        """At a new phrase of the other: the head to one side, or back."""
        tilts, size, side, yaw, secs, *_ = self._draws()
        last = self._tilts[-1]
        if last.end > time or (tilts >= manner.tilt and last.after == STILL):
            return
        roll = radians(_within(TILT_DEG, size)) * self._settings.nods * (1.0 if side < 0.5 else -1.0)
        after = STILL
        if tilts < manner.tilt:
            after = on_grid(0.3 * roll * _NORMAL(yaw)), on_grid(0.2 * abs(roll)), on_grid(roll)
        self._tilts.append(Step(time, _within(TILT_SECS, secs), last.after, after))


def _within(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share
