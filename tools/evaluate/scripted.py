"""facerig with a script: systems MODEL+text, MODEL+extra and MODEL+wrong.

    text    the words that were said
    extra   the same with foreign words put in, one after every fifth
    wrong   as many words of something else

    python -m tools.evaluate.scripted --model offline --sets kokoro,grid --noise clean,pink10

prints what became of the texts: how many were used, and how many of their words were found.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from facerig.core.curves import CurveClip
from facerig.errors import ConfigError
from facerig.performance.settings import STILL
from facerig.script.guide import ScriptReport
from facerig.script.words import read_script
from facerig.session import Session
from tools.evaluate import sets
from tools.evaluate.contract import Timed
from tools.evaluate.noise import Draw, condition
from tools.evaluate.sets import SAMPLE_RATE, Audio, Utterance

FPS: Final = 60
EXTRA_EVERY: Final = 5  # words
# Foreign words come from here, on from a place that the recording's name draws.
_FOREIGN: Final = """
Before the market opened, my brother carried four heavy boxes from the van and piled them up beside the
fountain. People began to move between the stalls, and somebody played an old waltz that nobody remembered.
A fisherman with a purple cap offered me half a bucket of mussels for the price of a newspaper. I bought
pepper, five plums, a bundle of thyme and the smallest pumpkin I have ever found. Later the wind blew the
paper bags over the bridge, so every baker ran after them and shouted at the pigeons. We laughed about it
for months. My mother, who never believes anything, keeps one of those bags above the kitchen table as proof
that it really happened.
"""
FOREIGN: Final = _FOREIGN.split()


def _drawn(utterance: Utterance) -> int:
    digest = blake2b(f"{utterance.set_name} {utterance.id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _foreign(utterance: Utterance, n: int) -> list[str]:
    first = _drawn(utterance) % len(FOREIGN)
    return (FOREIGN * (n // len(FOREIGN) + 2))[first : first + n]


def right(utterance: Utterance) -> str:
    """What was said. Raises ConfigError for a set that does not tell."""
    if not isinstance(utterance.facts.get("text"), str):
        raise ConfigError(f"nobody told what is said in {utterance.set_name}/{utterance.id}",
                          where="--systems",
                          fix="judge systems with a text on kokoro, an4 or grid")
    return str(utterance.facts["text"])


def with_extra(utterance: Utterance) -> str:
    """What was said, and foreign words between."""
    words = right(utterance).split()
    foreign = iter(_foreign(utterance, len(words)))
    return " ".join(word if i % EXTRA_EVERY else f"{next(foreign)} {word}" for i, word in enumerate(words, 3))


def wrong(utterance: Utterance) -> str:
    """Something else, as long."""
    return " ".join(_foreign(utterance, len(right(utterance).split())))


TEXTS: Final[dict[str, Callable[[Utterance], str]]] = {"text": right, "extra": with_extra, "wrong": wrong}


@dataclass(frozen=True, slots=True)
class Scripted:
    """facerig that is given a text with each recording. `options` go to the Session: model, lips, ..."""

    name: str
    text_of: Callable[[Utterance], str]
    options: dict[str, Any]
    lookahead: str = "whole clip"

    def curves_of(self, audio: Audio, utterance: Utterance) -> Timed:
        """The curves of `audio`, float32 mono at SAMPLE_RATE, with the text of `utterance`."""
        clip, _ = self.animated(audio, utterance)
        return clip.times_secs, clip.values

    def animated(self, audio: Audio, utterance: Utterance) -> tuple[CurveClip, ScriptReport]:
        """The clip, and what became of the text."""
        script = read_script(self.text_of(utterance), utterance.language)
        session = Session(SAMPLE_RATE, performance=STILL, script=script, **{"fps": FPS, **self.options})
        clip = CurveClip.joined([session.feed(audio), session.flush()])
        if session.script_report is None:
            raise ConfigError("the session did not report on its text", where=self.name)
        return clip, session.script_report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.evaluate.scripted", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="offline")
    parser.add_argument("--sets", default="kokoro,grid")
    parser.add_argument("--noise", default="clean,pink10,babble10")
    parser.add_argument("--limit", type=int, help="of each set")
    parser.add_argument("--data", type=Path, default=sets.DATA)
    given = parser.parse_args()
    for name in given.sets.split(","):
        english = [u for u in sets.development_set(name, given.data) if u.language == "en"]
        found = sets.spread(english, given.limit)
        for noise in given.noise.split(","):
            for kind, text_of in TEXTS.items():
                system = Scripted(kind, text_of, {"model": given.model})
                told = [system.animated(condition(noise).change(u.audio(), u, Draw(0, given.data)), u)[1]
                        for u in found]
                print(summary(f"{name} {noise} {kind}", told), flush=True)


def summary(title: str, told: list[ScriptReport]) -> str:
    """How many texts were used, and how many of their words were found, in a line."""
    used = [report for report in told if report.used]
    words, aligned = sum(r.words for r in used), sum(r.aligned for r in used)
    scores = sorted(report.score for report in told)
    return (f"{title}: {len(used)} of {len(told)} texts used; of their {words} words {aligned} found "
            f"({aligned / max(words, 1):.1%}); score {scores[0]:.2f} to {scores[-1]:.2f}")


if __name__ == "__main__":
    main()
