"""The figures of batches: what is attributed to whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from facerig.errors import ConfigError
from tools.bench import batch
from tools.bench.batch_stages import STAGES, shares_of


def test_time_of_no_stage_counts_for_those_who_called() -> None:
    features, lips = ("/x/facerig/features/logmel.py", 1, "step"), ("/x/facerig/encoder/lips.py", 1, "decode")
    wrapper, builtin, root = ("/x/numpy/f.py", 1, "wrap"), ("~", 0, "<method 'sum'>"), ("/x/work.py", 1, "do")
    stats = {root: (1, 1, 0.5, 10.0, {}), features: (1, 1, 1.0, 4.0, {root: (1, 1, 1.0, 4.0)}),
             lips: (1, 1, 0.5, 5.5, {root: (1, 1, 0.5, 5.5)}),
             wrapper: (2, 2, 0.0, 4.0, {features: (1, 1, 0.0, 1.0), lips: (1, 1, 0.0, 3.0)}),
             builtin: (3, 3, 8.0, 8.0, {wrapper: (2, 2, 4.0, 4.0), features: (1, 1, 2.0, 2.0),
                                        lips: (1, 1, 2.0, 2.0)})}
    shares = shares_of(stats)
    assert set(shares) == {*STAGES, "rest"}
    assert shares["features"] == pytest.approx((1 + 2 + 1) / 10)
    assert shares["network, lips"] == pytest.approx((0.5 + 2 + 3) / 10)
    assert shares["rest"] == pytest.approx(0.05)
    assert sum(shares.values()) == pytest.approx(1)


def test_more_workers_are_compared_with_the_first() -> None:
    one = batch.Ran(1, lines=101, sound_secs=404, wall_secs=54, start_secs=4, driver=100, worker=400,
                    spent={"hear": 0.4, "write": 0.05, "judge": 0.01})
    two = batch.Ran(2, lines=102, sound_secs=408, wall_secs=36, start_secs=5, driver=100, worker=400,
                    spent=one.spent)
    speed, parts = batch._speed([one, two], 1000, "fbx", ""), batch._parts([one, two])
    assert [row["lines/s"] for row in speed.rows] == pytest.approx([2, 100 / 31])
    assert [row["efficiency"] for row in speed.rows] == pytest.approx([1, 50 / 62])
    assert speed.rows[0]["10,000 lines [core h]"] == pytest.approx(5000 / 3600)
    assert parts.rows[0]["wait, pass on"] == pytest.approx(40)


def test_without_the_sets_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(batch, "DATA", tmp_path / "none")
    with pytest.raises(ConfigError, match="development sets"):
        batch.tables(20, [1], "fbx", 1.0, print)
