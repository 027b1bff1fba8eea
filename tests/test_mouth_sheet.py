"""The sheet of mouths: a tile for every phone, at the phone's own time."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.mesh.head import shipped_head
from tools import mouth_sheet

PHONES = [("SIL", 0.0, 0.1), ("AA", 0.1, 0.2), ("M", 0.2, 0.3), ("AA", 0.3, 0.4)]


def clip() -> CurveClip:
    values = np.zeros((30, N_CHANNELS), np.float32)
    values[6:12, INDEX["jawOpen"]] = values[18:24, INDEX["jawOpen"]] = 0.4
    return CurveClip(values, Fraction(60), 16_000, 0)


def test_every_sounding_phone_has_a_tile_that_shows_its_middle(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    file = tmp_path / "phones.json"
    file.write_text(json.dumps(PHONES))
    phones = mouth_sheet.read_phones(file, (0.0, np.inf))
    assert [p[0] for p in phones] == ["AA", "M", "AA"]
    assert [mouth_sheet.frame_of(p, clip()) for p in phones] == [9, 15, 21]
    picture = mouth_sheet.sheet(clip(), phones, shipped_head())
    tile = len(mouth_sheet.VIEWS) * mouth_sheet.TILE[0] + mouth_sheet.GAP_PX
    assert picture.shape[1] == mouth_sheet.COLUMNS * tile + mouth_sheet.GAP_PX
    below = mouth_sheet.GAP_PX + mouth_sheet.LABEL_PX + mouth_sheet.TILE[1] + 1
    rules = [tuple(picture[below, mouth_sheet.GAP_PX + k * tile + 20]) for k in range(3)]
    assert rules == [mouth_sheet.PAPER, mouth_sheet.SEALED, mouth_sheet.PAPER]


def test_the_bundled_clips_phones_lie_within_it_and_in_order() -> None:
    phones = mouth_sheet.read_phones(mouth_sheet.BUNDLED_PHONES, mouth_sheet.BUNDLED_SPAN)
    assert {"F", "V", "B", "P", "M", "W"} <= {p[0] for p in phones}
    assert all(start < end for _, start, end in phones)
    assert all(a[2] <= b[1] + 1e-6 for a, b in pairwise(phones))
