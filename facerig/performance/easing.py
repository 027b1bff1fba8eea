"""How everything goes from 0 to 1, and to and fro: of sums and products alone, so that any split is exact."""

from __future__ import annotations

from typing import Any


def smooth(x: Any) -> Any:
    """0 to 1 for x in [0, 1], numbers or arrays, level at both ends (the cubic of Hermite)."""
    return x * x * (3.0 - 2.0 * x)


def wave(turns: Any) -> Any:
    """A smooth wave in [-1, 1] with a period of 1; 1 at whole turns."""
    return 2.0 * smooth(abs(2.0 * (turns - turns // 1.0) - 1.0)) - 1.0
