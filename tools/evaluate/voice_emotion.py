"""How well the voice's emotion is heard: confusion by actor held out, arousal, valence, and neutral readers.

A fold's model never heard the actor it is judged on; the judge sees what a face would get: the rows of the
streaming stage, after 1, 2, 3 s and at the end of an utterance. Readers who are in no training part, and
whole sets left out of training, tell how often a neutral voice is taken for an emotional one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from facerig.features.voice_emotion import CLASSES, N_HEARD, TELLING, VoiceEmotion, VoiceEmotionModel
from facerig.features.voice_measures import MEASURES
from tools.evaluate.noise import Draw, condition
from tools.evaluate.sets import Utterance
from tools.train.voice_emotion import clips
from tools.train.voice_emotion.clips import Clip
from tools.train.voice_emotion.fitting import ACTED, Examples, Report, fitted, learnt
from tools.train.voice_emotion.sounds import rows_of

Array = NDArray[np.float32]
Counts = NDArray[np.int64]

NAMES: Final = tuple(CLASSES)
TIMES_SECS: Final = (1.0, 2.0, 3.0)
AROUSED: Final = ("joy", "anger")
AROUSED_FROM: Final = 0.3  # of the arousal column: half-way from neutral to what joy is given after 1 s
CONDITIONS: Final = ("clean", "pink10", "telephone", "quiet")
PROSODY: Final = ("energy", "attack", "pitch", "pitch_step")  # the baseline's measures, and both shares
DRAWS: Final = 2000  # of the bootstrap
Fit = Callable[[Sequence[Examples]], VoiceEmotionModel]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the stage said of one recording: rows [n, 5]."""

    clip: Clip
    rows: Array

    def at(self, secs: float | None = None) -> Array:
        """The five columns after so long, or at the end."""
        row = len(self.rows) if secs is None else min(len(self.rows), round(secs * 100))
        return np.asarray(self.rows[row - 1])

    def named(self, secs: float | None = None) -> str:
        """The class with the largest share; neutral has what is left."""
        shares = self.at(secs)[2:]
        return NAMES[int(np.argmax([1.0 - shares.sum(), *shares]))]


def rows_in(clip: Clip, condition_name: str, draw: Draw) -> Array:
    """Log-mel rows of a recording in a condition of tools.evaluate.noise."""
    utterance = Utterance(clip.set_name, clip.id, Path(clip.id), (), "", "", clip.speaker, {})
    return rows_of(condition(condition_name).change(clip.audio, utterance, draw))


def answers(model: VoiceEmotionModel, recordings: Iterable[Clip], rows: dict[str, Array]) -> list[Answer]:
    """The stage's rows for recordings whose log-mel rows are known by id."""
    stage = VoiceEmotion(model)
    return [Answer(clip, stage.step(rows[clip.id], stage.initial_state())[0]) for clip in recordings]


def columns_of(measures: Collection[str]) -> NDArray[np.bool_]:
    """Where both shares and these measures stand in what was heard, for each of BANDS [2, N_HEARD]."""
    one = ["loud", "voiced", *MEASURES, *MEASURES]
    names = one * (N_HEARD // len(one))
    return np.asarray(TELLING & [name in (*measures, "loud", "voiced") for name in names])


def held_out_models(examples: Sequence[Examples], fit: Fit = fitted) -> dict[str, VoiceEmotionModel]:
    """For each actor a model that never heard the actor."""
    return {actor: fit([e for e in examples if e.clip.speaker != actor]) for actor in _actors(examples)}


def by_held_out_actor(models: dict[str, VoiceEmotionModel], recordings: Sequence[Clip], rows: dict[str, Array]
                      ) -> list[Answer]:
    """Answers for each actor by the model that never heard the actor."""
    return [answer for actor, model in models.items()
            for answer in answers(model, [c for c in recordings if c.speaker == actor], rows)]


def by_held_out_sentences(examples: Sequence[Examples], recordings: Sequence[Clip], rows: dict[str, Array]
                          ) -> list[Answer]:
    """Answers by models that heard neither the actor nor that half of the sentences (a01..a07, b01..b10)."""
    found = []
    for half in ("a", "b"):
        models = held_out_models([e for e in examples if not e.clip.sentence.startswith(half)])
        found += by_held_out_actor(models, [c for c in recordings if c.sentence.startswith(half)], rows)
    return found


def _actors(examples: Sequence[Examples]) -> list[str]:
    return sorted({e.clip.speaker for e in examples if e.clip.set_name == ACTED})


def confusion(found: Sequence[Answer], secs: float | None = None) -> Counts:
    """Counts [true, named] over CLASSES."""
    table = np.zeros((len(NAMES), len(NAMES)), np.int64)
    for answer in found:
        table[NAMES.index(answer.clip.emotion), NAMES.index(answer.named(secs))] += 1
    return table


def unweighted_recall(table: Counts) -> float:
    """Mean over the classes of the share that was named right."""
    said = table.sum(1)
    return float((np.diag(table)[said > 0] / said[said > 0]).mean())


def recall_interval(found: Sequence[Answer], seed: int = 0) -> tuple[float, float]:
    """95 % of the unweighted recall: a bootstrap over the actors, and over the utterances of each."""
    rng = np.random.default_rng(seed)
    true = np.array([NAMES.index(a.clip.emotion) for a in found])
    named = np.array([NAMES.index(a.named()) for a in found])
    speakers = np.array([a.clip.speaker for a in found])
    piles = [np.flatnonzero(speakers == speaker) for speaker in sorted(set(speakers.tolist()))]
    recalls = []
    for _ in range(DRAWS):
        chosen = [piles[i] for i in rng.integers(len(piles), size=len(piles))]
        index = np.concatenate([rng.choice(pile, len(pile)) for pile in chosen])
        table = np.zeros((len(NAMES), len(NAMES)), np.int64)
        np.add.at(table, (true[index], named[index]), 1)
        recalls.append(unweighted_recall(table))
    low, high = np.percentile(recalls, [2.5, 97.5])
    return float(low), float(high)


def figures(found: Sequence[Answer]) -> dict[str, Any]:
    """All that is said of acted utterances."""
    table = confusion(found)
    aroused = np.array([a.clip.emotion in AROUSED for a in found])
    ends = np.array([a.at() for a in found])
    wanted = np.array([CLASSES[a.clip.emotion] for a in found])
    pair = [a for a in found if a.clip.emotion in AROUSED]
    right = [(a.at()[2] > a.at()[3]) == (a.clip.emotion == "joy") for a in pair]
    return {
        "confusion": table.tolist(),
        "uar": _round(unweighted_recall(table)),
        "uar_95": [_round(x) for x in recall_interval(found)],
        "uar_after": {f"{t:g} s": _round(unweighted_recall(confusion(found, t))) for t in TIMES_SECS},
        "by_actor": {actor: _round(unweighted_recall(confusion(own))) for actor, own in _by_actor(found)},
        "arousal_accuracy": _round(float(((ends[:, 0] > AROUSED_FROM) == aroused).mean())),
        "arousal_r": _round(float(np.corrcoef(ends[:, 0], wanted[:, 0])[0, 1])),
        "valence_r": _round(float(np.corrcoef(ends[:, 1], wanted[:, 1])[0, 1])),
        "joy_or_anger": _round(float(np.mean(right))),
    }


def _by_actor(found: Sequence[Answer]) -> list[tuple[str, list[Answer]]]:
    actors = sorted({a.clip.speaker for a in found})
    return [(actor, [a for a in found if a.clip.speaker == actor]) for actor in actors]


def neutral_figures(found: Sequence[Answer]) -> dict[str, Any]:
    """How often readers, who are neutral, are heard otherwise."""
    ends = np.array([a.at() for a in found])
    named = [a.named() for a in found]
    return {
        "recordings": len(found), "speakers": len({a.clip.speaker for a in found}),
        "taken_for": {name: _round(named.count(name) / len(named)) for name in NAMES[1:]},
        "emotional_share": _round(float(ends[:, 2:].sum(1).mean())),
        "arousal": _round(float(ends[:, 0].mean())),
        "arousal_sd": _round(float(ends[:, 0].std())),
    }


def reader_figures(model: VoiceEmotionModel, readers: Sequence[Clip], rows: dict[str, Array]
                   ) -> dict[str, Any]:
    """`neutral_figures` of each set."""
    sets = dict.fromkeys(c.set_name for c in readers)
    return {name: neutral_figures(answers(model, [c for c in readers if c.set_name == name], rows))
            for name in sets}


def left_out_figures(examples: Sequence[Examples], readers: Sequence[Clip], rows: dict[str, Array]
                     ) -> dict[str, Any]:
    """`neutral_figures` of each set by a model that never heard of the set."""
    found = {}
    for name in dict.fromkeys(c.set_name for c in readers):
        model = fitted([e for e in examples if e.clip.set_name != name])
        found[name] = neutral_figures(answers(model, [c for c in readers if c.set_name == name], rows))
    return found


def learnt_and_judged(data: Path, seed: int, extra: Path | None, report: Report
                      ) -> tuple[list[Examples], dict[str, Any]]:
    """What training hears of the data sets, and every figure; `extra`: the folder of tools.train.extra."""
    examples = learnt(data, seed, report)
    readers = [*clips.readers(data, "test"), *clips.no_speech(clips.JUDGED_SECS, clips.JUDGED_SEED)]
    document = judged(examples, readers, Draw(seed, data), report)
    if extra:
        report("strangers")
        strangers = list(clips.strangers(extra))
        rows = {c.id: rows_of(c.audio) for c in strangers}
        document["strangers"] = reader_figures(fitted(examples), strangers, rows)
    return examples, document


def judged(examples: Sequence[Examples], readers: Sequence[Clip], draw: Draw,
           report: Report = lambda text: None) -> dict[str, Any]:
    """Every figure: by actor held out in each condition, new sentences too, the baseline, and the readers.

    readers: recordings that trained nothing and are neutral.
    """
    acted = list({e.clip.id: e.clip for e in examples if e.clip.set_name == ACTED}.values())
    rows = {name: {c.id: rows_in(c, name, draw) for c in (*acted, *readers)} for name in CONDITIONS}
    clean = rows["clean"]
    report("actors held out")
    models = held_out_models(examples)
    held_out = {name: figures(by_held_out_actor(models, acted, rows[name])) for name in CONDITIONS}
    report("sentences held out too")
    sentences = figures(by_held_out_sentences(examples, acted, clean))
    report("baseline")
    prosody = held_out_models(examples, partial(fitted, told=columns_of(PROSODY)))
    report("readers")
    whole = fitted(examples)
    return {
        "utterances": len(acted), "classes": list(NAMES), "actor_held_out": held_out,
        "actor_and_sentences_held_out": sentences,
        "prosody_only": figures(by_held_out_actor(prosody, acted, clean)),
        "readers": {name: reader_figures(whole, readers, rows[name]) for name in CONDITIONS},
        "readers_of_sets_left_out": left_out_figures(examples, readers, clean),
    }


def print_tables(document: dict[str, Any], console: Console) -> None:
    """The figures that matter, for a terminal."""
    acted = Table("held out", "UAR, % (95 %)", *(f"after {t:g} s" for t in TIMES_SECS), "arousal, %",
                  "joy or anger, %")
    kinds = [(f"actor, {name}", own) for name, own in document["actor_held_out"].items()]
    kinds += [("actor and sentences", document["actor_and_sentences_held_out"]),
              ("actor, prosody only", document["prosody_only"])]
    for name, own in kinds:
        low, high = own["uar_95"]
        acted.add_row(name, f"{100 * own['uar']:.0f} ({100 * low:.0f}-{100 * high:.0f})",
                      *(f"{100 * uar:.0f}" for uar in own["uar_after"].values()),
                      f"{100 * own['arousal_accuracy']:.0f}", f"{100 * own['joy_or_anger']:.0f}")
    console.print(acted)
    counted = Table("true, clean", *NAMES)
    for name, row in zip(NAMES, document["actor_held_out"]["clean"]["confusion"], strict=True):
        counted.add_row(name, *map(str, row))
    console.print(counted)
    neutral = Table("readers", "recordings", *(f"{name}, %" for name in NAMES[1:]), "arousal")
    kinds = [(f"{name}, {condition_name}", own) for condition_name, sets in document["readers"].items()
             for name, own in sets.items()]
    kinds += [(f"{name}, set left out", own) for name, own in document["readers_of_sets_left_out"].items()]
    kinds += [(f"{name}, strangers", own) for name, own in document.get("strangers", {}).items()]
    for name, own in kinds:
        neutral.add_row(name, str(own["recordings"]), *(f"{100 * x:.0f}" for x in own["taken_for"].values()),
                        f"{own['arousal']:+.2f}")
    console.print(neutral)


def _round(x: float) -> float:
    return round(x, 3)
