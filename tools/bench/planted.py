"""How many of 20 planted faults the report of a batch ranks in its first 20.

Good lines are voices that nothing here was tuned on (`--part test`; the bounds of facerig/batch/signs.py were
set on `--part validate`): Kokoro and AN4 with their texts, EmoDB without, half of its actors for either part.
Into 20 of them a fault is planted, of ten kinds in turn.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from facerig.batch.engine import Local
from facerig.batch.journal import Journal, Record
from facerig.batch.lines import Line
from facerig.batch.running import run
from facerig.batch.signs import RULES, likelihood, signs
from tools.bench.tables import Row, Table
from tools.evaluate.sets import DATA, SAMPLE_RATE, Utterance, development_set
from tools.train.nonspeech import clip as nonspeech

Sound = NDArray[np.float32]
Random = np.random.Generator

FAULTS: Final = 20
LEAST_SECS: Final = 1.2  # shorter lines say little of anything
LEAST_TEXT: Final = 20  # characters
TOLD: Final = {"happiness": "joy:0.7", "anger": "anger:0.7", "sadness": "sadness:0.7"}
SETS: Final = {"kokoro": 0.5, "an4": 0.25, "emodb": 0.25}  # shares of the good lines


@dataclass(frozen=True, slots=True)
class Planted:
    """A line as it would be delivered. kind: of its fault, "" for none."""

    kind: str
    sound: Sound
    text: str | None
    language: str
    emotion: str | None = None
    speaker: str = ""


def tables(lines: int, draws: int, part: str, seed: int, progress: Callable[[str], None]) -> list[Table]:
    """A row a draw, the faults that were missed, and what good lines show of each measure."""
    rows: list[Row] = []
    kinds: dict[str, list[int]] = {}
    measured: dict[str, list[float]] = {}
    for draw in range(draws):
        progress(f"draw {draw + 1} of {draws}")
        random = np.random.default_rng([seed, draw])
        planted = _lines(lines, part, random)
        records = _records(planted)
        likely = [likelihood(signs(record)) for record in records]
        order = np.argsort([-one for one in likely], kind="stable").tolist()
        found = sum(bool(planted[k].kind) for k in order[:FAULTS])
        rows.append({"draw": str(draw + 1), "lines": len(planted), "faults": FAULTS, "in the first 20": found,
                     "in the first 40": sum(bool(planted[k].kind) for k in order[: 2 * FAULTS])})
        for place, k in enumerate(order):
            if planted[k].kind:
                kinds.setdefault(planted[k].kind, []).append(place + 1)
            else:
                _keep(measured, records[k])
    return [Table("planted", f"Planted faults, voices of the part {part!r}",
                  {"draw": "", "lines": ".0f", "faults": ".0f", "in the first 20": ".0f",
                   "in the first 40": ".0f"}, rows),
            Table("planted_kinds", "Places of each kind of fault, all draws",
                  {"fault": "", "places": ""}, [{"fault": kind, "places": " ".join(map(str, sorted(places)))}
                                                for kind, places in sorted(kinds.items())]),
            Table("planted_usual", "What good lines show (percentiles), and from where on it is a sign",
                  {"measure": "", "1": ".3f", "50": ".3f", "99": ".3f", "usual": ".3f", "odd": ".3f"},
                  _usual(measured))]


def _usual(measured: dict[str, list[float]]) -> list[Row]:
    rows: list[Row] = []
    for rule in RULES:
        values = measured.get(rule.measure, [0.0])
        low, middle, high = (float(np.percentile(values, p)) for p in (1, 50, 99))
        rows.append({"measure": rule.measure, "1": low, "50": middle, "99": high, "usual": rule.usual,
                     "odd": rule.odd})
    return rows


def _keep(measured: dict[str, list[float]], record: Record) -> None:
    measures = dict(record["seen"].get("measures", {}))
    if measures:
        measures["snr_db"] = measures["level_db"] - measures["noise_db"]
    for name, value in measures.items():
        measured.setdefault(name, []).append(value)


def _records(planted: list[Planted]) -> list[Record]:
    """Through a batch, as a user's lines go."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = []
        for k, one in enumerate(planted):
            path = folder / f"{k:04d}.wav"
            soundfile.write(path, one.sound, SAMPLE_RATE, subtype="PCM_16")
            lines.append(Line(place=str(k), audio=str(path), out=f"{k:04d}", endings=(".csv",), text=one.text,
                              language=one.language, emotion=one.emotion, character=one.speaker))
        run(lines, folder / "out", Local())
        journal = Journal(folder / "out")
        records = [journal.last(line.out) or {} for line in lines]
        journal.close()
    return records


def _lines(n: int, part: str, random: Random) -> list[Planted]:
    """Good lines, 20 of them spoilt."""
    good: list[tuple[Utterance, Planted]] = []
    for name, share in SETS.items():
        labelled = "emodb" if name == "emodb" else f"{name}:{part}".removesuffix(":test")
        choice = [one for one in development_set(labelled, DATA) if _usable(one, part)]
        picked = random.choice(len(choice), min(len(choice), round(n * share)), replace=False)
        good += [(choice[k], _as_delivered(choice[k])) for k in picked]
    order = random.permutation(len(good)).tolist()
    shuffled = [good[k] for k in order]
    kinds = [kind for _ in range(FAULTS // len(KINDS) + 1) for kind in KINDS][:FAULTS]
    out = [one for _, one in shuffled]
    for kind in kinds:
        at = next(_fitting(kind, shuffled, out, random))
        out[at] = replace(KINDS[kind](out[at], shuffled[at][0], shuffled, random), kind=kind)
    return out


def _usable(one: Utterance, part: str) -> bool:
    apart = one.set_name != "emodb" or (int(one.speaker) % 2 == 0) == (part == "validate")
    return apart and float(one.facts.get("duration", 0)) >= LEAST_SECS


def _as_delivered(one: Utterance) -> Planted:
    """Acted lines are told the emotion that they are acted with."""
    text = one.facts.get("text") if one.language == "en" else None
    return Planted("", one.audio(), text, one.language, TOLD.get(str(one.facts.get("emotion"))), one.speaker)


def _fitting(kind: str, good: list[tuple[Utterance, Planted]], out: list[Planted], random: Random
             ) -> Iterator[int]:
    """Lines without a fault that a kind can be planted into."""
    for k in random.permutation(len(good)).tolist():
        one = good[k][0]
        texts = kind not in ("wrong text", "half the text") or _telling(out[k].text)
        moods = kind != "other emotion" or one.facts.get("emotion") in TOLD
        tongues = kind != "wrong language" or one.language == "en"
        if not out[k].kind and texts and moods and tongues:
            yield k


def _telling(text: str | None) -> bool:
    """Long enough to be another's."""
    return text is not None and len(text) > LEAST_TEXT


Plant = Callable[[Planted, Utterance, list[tuple[Utterance, Planted]], Random], Planted]


def _wrong_text(one: Planted, _: Utterance, all_: list[Any], random: Random) -> Planted:
    texts = [other.text for _, other in all_ if _telling(other.text) and other.text != one.text]
    return replace(one, text=texts[int(random.integers(len(texts)))])


def _half_text(one: Planted, _: Utterance, all_: list[Any], random: Random) -> Planted:
    """The actor says the first half of a line that goes on."""
    other = _wrong_text(one, _, all_, random)
    return replace(one, text=f"{one.text} {other.text}")


def _clipped(one: Planted, *_: Any) -> Planted:
    gain = 3.5 / float(np.abs(one.sound).max())
    return replace(one, sound=np.clip(one.sound * gain, -1, 1).astype(np.float32))


def _music(one: Planted, _: Utterance, __: list[Any], random: Random) -> Planted:
    sound = nonspeech(["music"], len(one.sound), random)
    return replace(one, sound=(0.5 * sound / max(1e-6, float(np.abs(sound).max()))).astype(np.float32))


def _under_music(one: Planted, _: Utterance, __: list[Any], random: Random) -> Planted:
    music = nonspeech(["music"], len(one.sound), random)
    level = float(np.sqrt((one.sound**2).mean())) / max(1e-6, float(np.sqrt((music**2).mean())))
    return replace(one, sound=np.clip(one.sound + level * music, -1, 1).astype(np.float32))


def _silence(one: Planted, _: Utterance, __: list[Any], random: Random) -> Planted:
    return replace(one, sound=(1e-4 * random.standard_normal(len(one.sound))).astype(np.float32))


def _two_speakers(one: Planted, own: Utterance, all_: list[Any], random: Random) -> Planted:
    """Somebody else answers, in the same file; the text is of the first."""
    others = [other for u, other in all_ if u.speaker != own.speaker and u.set_name == own.set_name]
    gap = np.zeros(int(0.4 * SAMPLE_RATE), np.float32)
    other = others[int(random.integers(len(others)))]
    text = None if one.text is None else f"{one.text} {other.text or ''}".strip()
    return replace(one, sound=np.concatenate([one.sound, gap, other.sound]), text=text)


def _wrong_language(one: Planted, own: Utterance, all_: list[Any], random: Random) -> Planted:
    """The English line was recorded in another language."""
    others = [other for u, other in all_ if u.language not in ("en", own.language)]
    texts = [other.text for _, other in all_ if _telling(other.text)]
    other = others[int(random.integers(len(others)))]
    return replace(one, sound=other.sound, text=texts[int(random.integers(len(texts)))], language="en")


def _other_emotion(one: Planted, own: Utterance, *_: Any) -> Planted:
    glad = own.facts.get("emotion") == "happiness"
    return replace(one, emotion="anger:0.8" if glad else "joy:0.8")


def _quiet_noise(one: Planted, _: Utterance, __: list[Any], random: Random) -> Planted:
    """A microphone across the room: 3 dB above its noise."""
    speech = one.sound / max(1e-6, float(np.sqrt((one.sound**2).mean())))
    noise = random.standard_normal(len(speech)) * 10 ** (-3 / 20)
    return replace(one, sound=(0.02 * (speech + noise)).astype(np.float32))


KINDS: Final[dict[str, Plant]] = {
    "wrong text": _wrong_text, "half the text": _half_text, "clipping": _clipped, "music": _music,
    "under music": _under_music, "silence": _silence, "two speakers": _two_speakers,
    "wrong language": _wrong_language, "other emotion": _other_emotion, "noise": _quiet_noise,
}
