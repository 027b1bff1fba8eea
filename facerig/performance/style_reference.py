"""facerig's own neutral output, measured as styles are. `python -m tools.style_reference` writes this.

28 Kokoro voices, 11.2 minutes at 60 fps, model live, seeds 0 to 27.
"""

from __future__ import annotations

from typing import Final

from facerig.performance.style_events import BlinkHabits, GazeHabits, HeadHabits

#  curve or pair      low and high while speaking (style_measure.LOW_PERCENT, HIGH_PERCENT)
RANGES: Final = {
    "jawOpen":           (0.000, 0.298),
    "mouthClose":        (0.000, 0.080),
    "mouthFunnel":       (0.000, 0.233),
    "mouthPucker":       (0.000, 0.359),
    "mouthRollLower":    (0.000, 0.043),
    "mouthShrugLower":   (0.000, 0.184),
    "mouthShrugUpper":   (0.000, 0.019),
    "cheekPuff":         (0.000, 0.000),
    "tongueOut":         (0.000, 0.101),
    "mouthSmile":        (0.000, 0.046),
    "mouthStretch":      (0.000, 0.140),
    "mouthPress":        (0.000, 0.057),
    "mouthLowerDown":    (0.000, 0.119),
    "mouthUpperUp":      (0.000, 0.067),
}
BLINKS: Final = BlinkHabits(
    count=9,
    rate_per_min=22.808,
    length_secs=0.238,
    depth=0.964,
    closing_share=0.24,
    partial=0.0,
    double=0.067,
)
GAZE: Final[GazeHabits | None] = None
HEAD: Final[HeadHabits | None] = None
