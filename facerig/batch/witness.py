"""What a line sounded like and how its face moved: what the report is made from.

    witness = Witness(line, sample_rate)
    witness.hear(samples)                  # as they pass
    witness.see(knots)                     # as the session makes them
    seen = witness.judged(clip, session, performance)

Measures are plain numbers (facerig/batch/signs.py says which of them are odd); the sketch, some 2 KB, is what
the report draws: the sound's outline, a few curves, and the whole face at six moments.
"""

from __future__ import annotations

from base64 import b64encode
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.batch.lines import Line
from facerig.batch.voices import two_voices
from facerig.core.channels import CHANNELS, INDEX
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.performance.emotion.poses import EMOTIONS
from facerig.performance.settings import Performance
from facerig.session import Session

Array = NDArray[np.float32]

HOP_SECS: Final = 0.01
FULL: Final = 0.985  # of the loudest sample: three in a row this high, near full scale, are cut off
CLIPS_FROM: Final = 0.9
LOUD_DB: Final = 22.0  # below the loudest is still loud
QUIET_DB: Final = 45.0  # below it nobody is heard
SPEAKS: Final = 0.5  # of the cue `talking`
OPEN_MM, SHUT_MM = 3.0, 1.0
AT_LIMIT: Final = 0.995  # of a curve's range
LONGEST_SECS: Final = 60.0  # of sound that voices are told apart in
SKETCH_HZ, MOST_COLUMNS = 12.5, 600
MOMENTS: Final = 6
# What the sketch draws: name and the curves whose mean it is
DRAWN: Final = {
    "jaw": ("jawOpen",), "smile": ("mouthSmileLeft", "mouthSmileRight"), "pucker": ("mouthPucker",),
    "blink": ("eyeBlinkLeft", "eyeBlinkRight"), "brows": ("browInnerUp",), "frown": ("browDownLeft",),
}
_LIMITED: Final = [k for k, channel in enumerate(CHANNELS)
                   if channel.name.startswith(("jaw", "mouth", "cheek", "brow"))]
_LOW, _HIGH = (np.array([getattr(channel, end) for channel in CHANNELS], np.float32)
               for end in ("low", "high"))


class Witness:
    """Of one line. Keeps a few numbers for each 10 ms, and the first minute of the sound."""

    def __init__(self, line: Line, sample_rate: int) -> None:
        self._line, self._rate = line, sample_rate
        self._hop = max(1, round(sample_rate * HOP_SECS))
        self._left = np.zeros(0, np.float32)
        self._levels: list[Array] = []
        self._peaks: list[Array] = []
        self._full = 0  # samples in runs at the top
        self._n = 0
        self._kept: list[Array] = []
        self._knots: list[Array] = []

    def hear(self, samples: Array) -> None:
        """The next mono samples [n]."""
        self._full += _at_the_top(samples)
        if self._n < LONGEST_SECS * self._rate:
            self._kept.append(samples)
        self._n += len(samples)
        whole = np.concatenate([self._left, samples])
        n = len(whole) // self._hop
        hops = whole[: n * self._hop].reshape(n, self._hop)
        self._left = whole[n * self._hop :].copy()
        self._levels.append((hops * hops).mean(1) if n else np.zeros(0, np.float32))
        self._peaks.append(np.abs(hops).max(1) if n else np.zeros(0, np.float32))

    def see(self, knots: Array) -> None:
        """Knots of speech [n, 61 + N_CUES] with what was heard."""
        self._knots.append(knots)

    def judged(self, clip: CurveClip, session: Session, performance: Performance) -> dict[str, Any]:
        """Measures and sketch, for the journal."""
        power = np.concatenate([*self._levels, np.zeros(0, np.float32)])
        peaks = np.concatenate([*self._peaks, np.zeros(0, np.float32)])
        knots = np.concatenate([np.zeros((0, len(CHANNELS) + len(CUE)), np.float32), *self._knots])
        measures = (self._sound(power, peaks) | _speech(power, knots) | self._voices(session)
                    | _face(clip) | _feeling(knots, performance) | _text(session))
        return {"measures": {name: round(float(value), 4) for name, value in measures.items()},
                "sketch": _sketch(clip, peaks)}

    def _sound(self, power: Array, peaks: Array) -> dict[str, float]:
        """Levels in dB against full scale."""
        level = 10 * np.log10(power + 1e-12) if len(power) else np.full(1, -120.0)
        return {"secs": self._n / self._rate, "peak": float(peaks.max(initial=0.0)),
                "clipped": self._full / max(1, self._n), "level_db": float(np.percentile(level, 95)),
                "noise_db": float(np.percentile(level, 8))}

    def _voices(self, session: Session) -> dict[str, float]:
        said = session.said
        phones = () if said is None else said.phones
        sound = np.concatenate(self._kept) if self._kept else np.zeros(0, np.float32)
        secs = sum(phone.end - phone.start for phone in phones)
        return {"sure": 0.0 if said is None else said.sureness,
                "phones_per_sec": len(phones) / max(0.1, secs),
                "spoken": secs / max(0.1, self._n / self._rate),
                "voices": two_voices(sound, self._rate, phones)}


def _at_the_top(samples: Array) -> int:
    """Samples in runs of three and more at the top of a sound that reaches full scale."""
    loudest = float(np.abs(samples).max(initial=0.0))
    if loudest < CLIPS_FROM:
        return 0
    top = (np.abs(samples) >= FULL * loudest).astype(np.int8)
    runs = np.flatnonzero(np.diff(np.concatenate([[0], top, [0]])))
    lengths = runs[1::2] - runs[::2]
    return int(lengths[lengths >= 3].sum())


def _speech(power: Array, knots: Array) -> dict[str, float]:
    """Sound and mouth together: what is loud and not spoken, open in silence, shut in speech."""
    n = min(len(power), len(knots))
    if not n:
        return {"loud_unspoken": 0.0, "open_in_silence": 0.0, "shut_in_speech": 0.0}
    level, knots = 10 * np.log10(power[:n] + 1e-12), knots[:n]
    top = np.percentile(level, 98)
    talks = knots[:, len(CHANNELS) + CUE["talking"]] > SPEAKS
    voiced = knots[:, len(CHANNELS) + CUE["voiced"]] > SPEAKS
    gap = mouth_geometry().gaps_mm(knots[:, : len(CHANNELS)]).max(1)
    loud, quiet = level > top - LOUD_DB, level < top - QUIET_DB
    return {"loud_unspoken": float((loud & ~talks).sum() / max(1, loud.sum())),
            "open_in_silence": float((quiet & ~talks & (gap > OPEN_MM)).sum() / KNOT_RATE_HZ),
            "shut_in_speech": float((loud & voiced & (gap < SHUT_MM)).sum() / max(1, (loud & voiced).sum()))}


def _face(clip: CurveClip) -> dict[str, float]:
    """How much of the time a curve of speech or brows stands at its limit."""
    values = clip.values[:, _LIMITED]
    at = (values >= AT_LIMIT * _HIGH[_LIMITED]) & (_HIGH[_LIMITED] > 0)
    return {"at_limits": float(at.any(1).mean()) if len(clip) else 0.0}


def _feeling(knots: Array, performance: Performance) -> dict[str, float]:
    """How far what is told contradicts what the voice says, -1 to 1; above 0 they differ in sign."""
    told = performance.emotion.array.max(1)  # in the region that shows it most
    weights = dict(zip(EMOTIONS, told.tolist(), strict=True))
    glad = weights.get("joy", 0) - max(weights.get(name, 0) for name in ("anger", "sadness", "grief", "pain"))
    if not len(knots) or not glad:
        return {"contradicts": 0.0}
    cues = knots[:, len(CHANNELS) :]
    talks = cues[:, CUE["talking"]] > SPEAKS
    heard = cues[talks] if talks.any() else cues
    voice = float((heard[:, CUE["heard_joy"]] - heard[:, CUE["heard_anger"]] - heard[:, CUE["heard_sadness"]]
                   + 0.5 * heard[:, CUE["heard_valence"]]).mean())
    return {"contradicts": float(-np.sign(glad) * voice * min(1.0, abs(glad)))}


def _text(session: Session) -> dict[str, float]:
    """How the text fits; nothing where there is none."""
    told = session.script_report
    if told is None:
        return {}
    return {"text_used": float(told.used), "text_score": told.score,
            "words_found": told.aligned / max(1, told.words)}


def _sketch(clip: CurveClip, peaks: Array) -> dict[str, Any]:
    """What is drawn: bytes of 0 to 255 as base64."""
    secs = max(1e-3, len(clip) / float(clip.fps))
    columns = int(min(MOST_COLUMNS, max(2, secs * SKETCH_HZ)))
    edges = np.linspace(0, len(peaks), columns + 1).astype(int)
    outline = [peaks[a : max(b, a + 1)].max(initial=0.0) for a, b in pairwise(edges.tolist())]
    at = np.linspace(0, max(0, len(clip) - 1), columns).round().astype(int)
    curves = {name: _packed(clip.values[at][:, [INDEX[one] for one in of]].mean(1)) if len(clip) else ""
              for name, of in DRAWN.items()}
    moments = _moments(clip)
    span = _HIGH - _LOW
    faces = (clip.values[moments] - _LOW) / span if len(clip) else np.zeros((0, len(CHANNELS)))
    return {"columns": columns, "sound": _packed(np.array(outline)), "curves": curves,
            "moments": [round(k / float(clip.fps), 3) for k in moments], "faces": _packed(faces.ravel())}


def _moments(clip: CurveClip) -> list[int]:
    """The widest and the most closed frame of each third."""
    if len(clip) < MOMENTS:
        return list(range(len(clip)))
    gaps = mouth_geometry().gaps_mm(clip.values).max(1)
    out = []
    for part in np.array_split(np.arange(len(clip)), MOMENTS // 2):
        out += sorted({int(part[gaps[part].argmax()]), int(part[gaps[part].argmin()])})
    return out


def _packed(values: NDArray[Any]) -> str:
    return b64encode(np.clip(np.asarray(values) * 255, 0, 255).round().astype(np.uint8).tobytes()).decode()
