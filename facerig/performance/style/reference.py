"""facerig's own neutral output, measured as styles are. `python -m tools.style_reference` wrote it.

28 Kokoro voices, 11.2 minutes at 60 fps, model live, seeds 0 to 27: means over the voices.
"""

from __future__ import annotations

from typing import Final

from facerig.performance.style.events import BlinkHabits, GazeHabits, HeadHabits

#  curve or pair      low and high while speaking (style_measure.LOW_PERCENT, HIGH_PERCENT)
RANGES: Final = {
    "jawOpen":           (0.000, 0.299),
    "mouthClose":        (0.000, 0.080),
    "mouthFunnel":       (0.000, 0.233),
    "mouthPucker":       (0.000, 0.359),
    "mouthRollLower":    (0.001, 0.045),
    "mouthShrugLower":   (0.002, 0.191),
    "mouthShrugUpper":   (0.000, 0.033),
    "browInnerUp":       (0.004, 0.154),
    "cheekPuff":         (0.000, 0.000),
    "tongueOut":         (0.000, 0.101),
    "mouthSmile":        (0.005, 0.059),
    "mouthStretch":      (0.000, 0.140),
    "mouthPress":        (0.001, 0.059),
    "mouthLowerDown":    (0.000, 0.120),
    "mouthUpperUp":      (0.001, 0.074),
    "browOuterUp":       (0.001, 0.135),
    "eyeWide":           (0.001, 0.029),
}
BLINKS: Final = BlinkHabits(
    count=8,
    rate_per_min=21.315,
    length_secs=0.196,
    depth=0.965,
    closing_share=0.296,
    partial=0.104,
    double=0.049,
)
GAZE: Final[GazeHabits | None] = GazeHabits(
    share_near=0.417,
    shifts_per_min=83.264,
    look_secs=1.373,
)
HEAD: Final[HeadHabits | None] = HeadHabits(
    rms_degrees=1.982,
    speed_deg_per_sec=4.549,
)
