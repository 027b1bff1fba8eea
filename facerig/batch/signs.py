"""Signs that a person should look at a line: each a sentence and how much it speaks for looking.

    found = signs(record)               # of a journal's record, the strongest first
    likelihood(found)                   # 0 to 1, by which the report sorts

A sign grows from 0, where its measure is usual, to its weight, where it is surely odd. The bounds of "usual"
stand between what good lines of the training's own speakers show (the worst of a hundred) and planted faults
(`python -m tools.bench planted` shows both, on other speakers). Signs are independent evidence: their
weights add up, as logarithms of odds do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import exp
from typing import Any, Final

BEFORE: Final = -3.0  # log odds that a line without any sign must be looked at: one in twenty
# What stands behind other signs, the surest first: nobody need hear that a silence is noisy and unsure.
_BESIDES: Final = frozenset(["noise", "unsure", "shut", "text"])
EXPLAINS: Final = {"quiet": _BESIDES | {"silence", "no speech"}, "no speech": _BESIDES | {"silence"},
                   "silence": _BESIDES}
ENGLISH: Final = ("en", "")


@dataclass(frozen=True, slots=True)
class Sign:
    """name: for filters; text: for people; weight: log odds."""

    name: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Rule:
    """From `usual` on a measure speaks for looking, at `odd` with all its weight; `odd` may be the lower."""

    name: str
    measure: str
    usual: float
    odd: float
    weight: float
    text: Callable[[float], str]


# name            measure            usual  odd    weight  in words
RULES: Final = (
    Rule("clipping", "clipped",          0.0005, 0.004, 5.0,
         lambda x: f"clipping: {100 * x:.1f} % of the samples are cut off"),
    Rule("silence", "spoken",             0.12,  0.02, 6.0,
         lambda x: f"hardly anybody speaks: {100 * x:.0f} % of the time"),
    Rule("quiet", "level_db",            -38.0, -50.0, 4.0,
         lambda x: f"very quiet: {x:.0f} dB below full scale"),
    Rule("noise", "snr_db",               25.0,  10.0, 4.0,
         lambda x: f"noisy: the voice is {x:.0f} dB above the rest"),
    Rule("no speech", "loud_unspoken",    0.30,  0.70, 6.0,
         lambda x: f"{100 * x:.0f} % of what is loud is no speech: music or effects"),
    Rule("unsure", "sure",                0.59,  0.47, 3.0,
         lambda x: f"unsure of what is said ({100 * x:.0f} %): mumbled, sung, or another language"),
    Rule("open", "open_in_silence",       0.15,  0.60, 4.0,
         lambda x: f"the mouth stands open for {x:.1f} s of silence"),
    Rule("shut", "shut_in_speech",        0.35,  0.65, 3.5,
         lambda x: f"the mouth is shut for {100 * x:.0f} % of what is voiced"),
    Rule("two speakers", "voices",        1.60,  2.8, 5.0,
         lambda x: "two people seem to speak"),
    Rule("limits", "at_limits",           0.10,  0.40, 2.5,
         lambda x: f"curves stand at their limits for {100 * x:.0f} % of the time"),
    Rule("emotion", "contradicts",        0.08,  0.40, 5.0,
         lambda x: "the voice says another emotion than the one that is told"),
)


def signs(record: Mapping[str, Any]) -> list[Sign]:
    """Of a line, the strongest first."""
    error = record.get("error")
    if error:
        return [Sign("failed", f"failed: {error['what']}", 60.0)]
    measures = dict((record.get("seen") or {}).get("measures") or {})
    if "level_db" in measures:
        measures["snr_db"] = measures["level_db"] - measures["noise_db"]
    found = [sign for rule in RULES if rule.measure in measures
             and (sign := _grown(rule, float(measures[rule.measure]))) is not None]
    found += _of_text(record)
    found += [Sign("remark", remark, 2.0) for remark in record.get("remarks") or ()
              if not (remark.startswith("clipped") and any(sign.name == "clipping" for sign in found))]
    return _telling(sorted(found, key=lambda sign: -sign.weight))


def likelihood(found: list[Sign]) -> float:
    """That a person must look."""
    return 1.0 / (1.0 + exp(-(BEFORE + sum(sign.weight for sign in found))))


def _grown(rule: Rule, value: float) -> Sign | None:
    share = min(1.0, (value - rule.usual) / (rule.odd - rule.usual))
    return Sign(rule.name, rule.text(value), rule.weight * share) if share > 0 else None


def _telling(found: list[Sign]) -> list[Sign]:
    """Without what another sign explains; the weight stays, in the sign that explains."""
    names = {sign.name for sign in found}
    cause = next((name for name in EXPLAINS if name in names), None)
    if cause is None:
        return found
    kept = [sign for sign in found if sign.name not in EXPLAINS[cause]]
    spared = sum(sign.weight for sign in found if sign.name in EXPLAINS[cause])
    return [replace(sign, weight=sign.weight + spared) if sign.name == cause else sign for sign in kept]


def _of_text(record: Mapping[str, Any]) -> list[Sign]:
    """What the text's alignment says."""
    script = record.get("script")
    if not script or script.get("words", 0) == 0:
        return []
    language = str((record.get("line") or {}).get("language") or "")
    if language.split("-")[0].casefold() not in ENGLISH:
        return []  # left to the ears: nothing was aligned
    if not script["used"]:
        return [Sign("text", f"the text was not used: {script['reason']}", 6.0)]
    missing = script["words"] - script["aligned"]
    share = missing / script["words"]
    if missing <= 0 or share < 0.1:
        return []
    words = ", ".join(list(script["missing"])[:6])
    return [Sign("words", f"{missing} of {script['words']} words were not found: {words}",
                 min(5.0, 7.5 * share))]
