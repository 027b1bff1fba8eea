"""Curves by the names that people write: one, both sides of a pair, or a region of the face."""

from __future__ import annotations

from typing import Final

from facerig.core.channels import BY_LOWER_NAME, CHANNELS, INDEX, NAMES
from facerig.core.toml_files import Table, one_of

_SIDES: Final = ("Left", "Right")
# A pair is named without its side: mouthSmile is mouthSmileLeft and mouthSmileRight. (jawLeft and mouthLeft
# are no pair but two directions: they keep their names.)
PAIRS: Final = {left.removesuffix("Left"): (left, left.removesuffix("Left") + "Right")
                for left in NAMES if left.endswith("Left") and left not in ("jawLeft", "mouthLeft")}
PAIRS_BY_LOWER_NAME: Final = {name.lower(): pair for name, pair in PAIRS.items()}
# For people the turns of the eyes and the shapes that follow them are one.
REGIONS: Final = {region: tuple(i for i, c in enumerate(CHANNELS)
                                if c.region == region or (c.region, region) == ("eyes", "gaze"))
                  for region in dict.fromkeys(c.region for c in CHANNELS) if region != "eyes"}
NAMED: Final = (*NAMES, *PAIRS)


def curves_named(name: str) -> tuple[int, ...]:
    """Positions of the curve or pair called `name` (any case); none where nothing is called so."""
    one = BY_LOWER_NAME.get(name.lower())
    names = (one,) if one is not None else PAIRS_BY_LOWER_NAME.get(name.lower(), ())
    return tuple(INDEX[n] for n in names)


def curve_tables(table: Table) -> list[tuple[str, Table]]:
    """The tables of `[curves.NAME]`, each with the name of a curve or pair as the channels write it.

    Pairs come first, so that what is said of one side is said last. Raises ConfigError for another name.
    """
    out = []
    for key in table.names():
        if not curves_named(key):
            raise table.bad(key, "is not a curve", f"use {one_of(NAMED, key)}")
        out.append((canonical(key), table.table(key)))
    return sorted(out, key=lambda named: named[0] not in PAIRS)


def canonical(name: str) -> str:
    """The name of a curve or pair in the channels' own case."""
    pair = PAIRS_BY_LOWER_NAME.get(name.lower())
    return BY_LOWER_NAME.get(name.lower()) or (pair[0].removesuffix(_SIDES[0]) if pair else name)
