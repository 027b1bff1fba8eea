"""facerig's own neutral output, measured as styles are. `python -m tools.style_reference` wrote it.

28 Kokoro voices, 11.2 minutes at 60 fps, model live, seeds 0 to 27: means over the voices.
"""

from __future__ import annotations

from typing import Final

from facerig.performance.style.events import BlinkHabits, GazeHabits, HeadHabits

#  curve or pair      low and high while speaking (style_measure.LOW_PERCENT, HIGH_PERCENT)
RANGES: Final = {
    "jawOpen":           (0.000, 0.304),
    "mouthClose":        (0.000, 0.078),
    "mouthFunnel":       (0.000, 0.240),
    "mouthPucker":       (0.000, 0.352),
    "mouthRollLower":    (0.001, 0.047),
    "mouthShrugLower":   (0.001, 0.197),
    "mouthShrugUpper":   (0.000, 0.027),
    "browInnerUp":       (0.003, 0.141),
    "cheekPuff":         (0.000, 0.000),
    "tongueOut":         (0.000, 0.112),
    "mouthSmile":        (0.003, 0.054),
    "mouthStretch":      (0.000, 0.142),
    "mouthPress":        (0.000, 0.057),
    "mouthLowerDown":    (0.000, 0.123),
    "mouthUpperUp":      (0.001, 0.076),
    "browOuterUp":       (0.001, 0.133),
    "eyeWide":           (0.001, 0.024),
}
BLINKS: Final = BlinkHabits(
    count=8,
    rate_per_min=21.082,
    length_secs=0.196,
    depth=0.963,
    closing_share=0.295,
    partial=0.098,
    double=0.077,
)
GAZE: Final[GazeHabits | None] = GazeHabits(
    share_near=0.464,
    shifts_per_min=75.771,
    look_secs=1.54,
)
HEAD: Final[HeadHabits | None] = HeadHabits(
    rms_degrees=1.708,
    speed_deg_per_sec=4.262,
)
