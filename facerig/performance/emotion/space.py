"""Emotions as points of valence, arousal and dominance, each -1 to 1, and points as mixtures of emotions."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.performance.emotion.poses import EMOTION, EMOTIONS

# RM77: mean ratings of the word in quotes in Russell & Mehrabian 1977, Evidence for a three-factor theory of
# emotions, as their table is commonly quoted. own: no rating was found; set between its neighbours.
# emotion      valence arousal dominance  by a point   source
_TABLE: Final = """
neutral          0.00    0.00    0.00     -            the origin
joy              0.76    0.48    0.35     yes          RM77 "joyful"
anger           -0.51    0.59    0.25     yes          RM77 "angry"
sadness         -0.63   -0.27   -0.33     yes          RM77 "sad"
fear            -0.64    0.60   -0.43     yes          RM77 "fearful"
disgust         -0.60    0.35    0.11     yes          RM77 "disgusted"
surprise         0.16    0.88   -0.15     yes          RM77 "astonished"
contempt        -0.32   -0.11    0.05     yes          RM77 "disdainful"
amazement        0.40    0.67   -0.13     yes          RM77 "surprised", which readers rated as pleasant
cheekiness       0.45    0.30    0.55     yes          own: as pleasant as amused, and on top of things
grief           -0.85    0.20   -0.65     yes          own: beyond sadness, and agitated
outofbreath     -0.15    0.50   -0.30     no           own; a state of the body, no point tells it
pain            -0.65    0.50   -0.35     no           own; likewise
"""
AXES: Final = ("valence", "arousal", "dominance")
NEAREST: Final = 3  # emotions that a point is mixed of
BEYOND: Final = 0.3  # a point twice as far out as an emotion is as far from it as one 17 degrees beside it

_ROWS: Final = {words[0]: words[1:] for words in (line.split() for line in _TABLE.strip().splitlines())}
POINTS: Final = np.array([[float(x) for x in _ROWS[name][:3]] for name in EMOTIONS])  # [13, 3]
_LIKELY_ROWS: Final = np.array([k for k, name in enumerate(EMOTIONS) if _ROWS[name][3] == "yes"])
_LIKELY: Final = POINTS[_LIKELY_ROWS]
_LENGTHS: Final = np.sqrt((_LIKELY * _LIKELY).sum(1))


def mixture_at(valence: float, arousal: float, dominance: float) -> NDArray[np.float64]:
    """Weights [13], of sum 1, for a point: the emotions in whose direction it lies, as far as it lies there.

    Which: the NEAREST by direction, weighed as in Franke & Little's form of Shepard's interpolation, which is
    continuous where the next one takes over. How much: the point's share of the way to each. The rest is
    neutral. So the origin is neutral, an emotion's own point that emotion, and all between is continuous.
    """
    point = np.array([valence, arousal, dominance])
    length = float(np.sqrt((point * point).sum()))
    weights = np.zeros(len(EMOTIONS))
    if length > 1e-9:
        along = (_LIKELY * point).sum(1)
        way = along / _LENGTHS**2  # 1 at the emotion's point
        away = np.sqrt(((_LIKELY / _LENGTHS[:, None] - point / length) ** 2).sum(1))  # between unit vectors
        away += BEYOND * np.maximum(way - 1.0, 0.0)
        reach = float(np.sort(away)[NEAREST]) + 1e-9
        pull = np.maximum(1.0 / np.maximum(away, 1e-9) - 1.0 / reach, 0.0) ** 2
        weights[_LIKELY_ROWS] = pull / pull.sum() * np.clip(way, 0.0, 1.0)
    weights[EMOTION["neutral"]] = max(0.0, 1.0 - weights.sum())
    return weights


def point_of(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Valence, arousal and dominance [..., 3] of weights of the emotions [..., 13]."""
    return np.asarray(np.asarray(weights, np.float64) @ POINTS, np.float64)
