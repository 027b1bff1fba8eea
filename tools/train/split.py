"""Which recordings train, which choose (thresholds, checkpoints), which only judge. Defined nowhere else.

    train     the rest
    validate  chooses the checkpoint and the lip thresholds; people and voices that `train` never holds
    test      the development test: never trained on, never tuned on

EmoDB is test throughout: it teaches the lips nothing. Russian and GRID have a single speaker each, so their
test part is other sentences of a known speaker, and says nothing about new people.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, Final, Literal

Part = Literal["train", "validate", "test"]

AN4_VALIDATE: Final = frozenset({"fash", "mjdr", "mblw", "fclc", "mewl", "fnsv"})
# Four English voices (two American, two British) and one voice of each other language that has more than one.
KOKORO_TEST: Final = frozenset({"af_nova", "am_liam", "bf_emma", "bm_fable",
                                "em_alex", "pm_santa", "im_nicola", "hm_psi"})
KOKORO_VALIDATE: Final = frozenset({"af_kore", "bm_lewis", "hf_beta"})
ONE_IN: Final = 10  # of the sentences of a single-speaker set
ONE_PERSON_IN: Final = 15  # of the people without labels


def _draw(identifier: str) -> int:
    return zlib.crc32(identifier.encode()) % ONE_IN


def part_of(set_name: str, record: Mapping[str, Any]) -> Part:
    """The part that a record of `phones.jsonl` belongs to.

    Sets are emodb, an4, kokoro, festvox_ru, grid, facegood, flite, and people of tools.train.extra.
    """
    if set_name == "emodb":
        return "test"
    if set_name == "flite":
        return "train"
    if set_name == "people":
        return "train" if zlib.crc32(record["speaker"].encode()) % ONE_PERSON_IN else "validate"
    if set_name == "an4":
        if record["part"] == "test":
            return "test"
        return "validate" if record["speaker"] in AN4_VALIDATE else "train"
    if set_name == "kokoro":
        voice = record["voice"]
        return "test" if voice in KOKORO_TEST else "validate" if voice in KOKORO_VALIDATE else "train"
    return "test" if _draw(record["id"]) == 0 else "validate" if _draw(record["id"]) == 1 else "train"
