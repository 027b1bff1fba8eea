"""facerig's own neutral output, measured as styles are. `python -m tools.style_reference` wrote it.

28 Kokoro voices, 11.2 minutes at 60 fps, model live, seeds 0 to 27: means over the voices.
"""

from __future__ import annotations

from typing import Final

from facerig.performance.style.events import BlinkHabits, GazeHabits, HeadHabits

#  curve or pair      low and high while speaking (style_measure.LOW_PERCENT, HIGH_PERCENT)
RANGES: Final = {
    "jawOpen":           (0.000, 0.329),
    "mouthClose":        (0.000, 0.086),
    "mouthFunnel":       (0.000, 0.236),
    "mouthPucker":       (0.000, 0.382),
    "mouthRollLower":    (0.001, 0.061),
    "mouthShrugLower":   (0.001, 0.203),
    "mouthShrugUpper":   (0.000, 0.042),
    "browInnerUp":       (0.003, 0.140),
    "cheekPuff":         (0.000, 0.000),
    "tongueOut":         (0.000, 0.113),
    "mouthSmile":        (0.003, 0.054),
    "mouthStretch":      (0.000, 0.143),
    "mouthPress":        (0.001, 0.061),
    "mouthLowerDown":    (0.000, 0.125),
    "mouthUpperUp":      (0.000, 0.084),
    "browOuterUp":       (0.001, 0.133),
    "eyeWide":           (0.001, 0.024),
}
BLINKS: Final = BlinkHabits(
    count=8,
    rate_per_min=21.082,
    length_secs=0.196,
    depth=0.963,
    closing_share=0.296,
    partial=0.108,
    double=0.069,
)
GAZE: Final[GazeHabits | None] = GazeHabits(
    share_near=0.456,
    shifts_per_min=77.603,
    look_secs=1.433,
)
HEAD: Final[HeadHabits | None] = HeadHabits(
    rms_degrees=1.704,
    speed_deg_per_sec=4.271,
)
