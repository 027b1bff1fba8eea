"""Everything about how a character acts, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from facerig.errors import ConfigError
from facerig.performance.control.controls import Controls
from facerig.performance.control.overrides import Overrides
from facerig.performance.directions import (
    STRENGTHS,
    Direction,
    Gaze,
    as_feeling,
    as_targets,
    check_strengths,
)
from facerig.performance.emotion.layer import EmotionSettings
from facerig.performance.emotion.mixture import NONE, Feeling
from facerig.performance.eyes.blinks import BlinkSettings
from facerig.performance.eyes.gaze import GazeSettings
from facerig.performance.eyes.targets import CAMERA, Target
from facerig.performance.head.head import HeadSettings
from facerig.performance.head.listening import ListenSettings
from facerig.performance.style.scene import SceneSettings
from facerig.performance.style.style import AsymmetryStyle, Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What makes a face alive and is not phonetics. The defaults are a calm person in a conversation.

    emotion: what is felt from the start on; what it leaves open is left to the voice. gaze: what there is to
    look at. mode: "speak", or "listen" where the voice is another's. layers: strength in [0, 2] of each of
    directions.STRENGTHS; 0 is off. asymmetry: how far the sides of the face differ; 1 is natural, 0 mirrors.
    directions: what changes later. The rest are the layers' own settings.
    """

    emotion: Feeling = NONE
    gaze: tuple[Target, ...] = (CAMERA,)
    mode: str = "speak"
    layers: Mapping[str, float] = field(default_factory=dict)
    asymmetry: float = 1.0
    emotions: EmotionSettings = field(default_factory=EmotionSettings)
    blinks: BlinkSettings = field(default_factory=BlinkSettings)
    eyes: GazeSettings = field(default_factory=GazeSettings)
    head: HeadSettings = field(default_factory=HeadSettings)
    listening: ListenSettings = field(default_factory=ListenSettings)
    controls: Controls = field(default_factory=Controls)
    overrides: Overrides | None = None
    directions: tuple[Direction, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.emotion, Feeling) or not isinstance(self.gaze, tuple):
            raise ConfigError(f"{self.emotion!r}, {self.gaze!r} are no Feeling and no targets",
                              where="Performance",
                              fix='write Performance().with_(emotion="joy", gaze="camera")')
        Direction(mode=self.mode)  # raises for another
        check_strengths(self.layers)

    def with_(self, *, emotion: str | Feeling | None = None, gaze: Gaze | None = None) -> Performance:
        """The same with another emotion or gaze, as people write them. Raises ConfigError."""
        return replace(self, emotion=self.emotion if emotion is None else as_feeling(emotion),
                       gaze=self.gaze if gaze is None else as_targets(gaze))

    def strengths(self) -> tuple[float, ...]:
        """Of STRENGTHS, in their order."""
        return tuple(float(self.layers.get(name, 1.0)) for name in STRENGTHS)


STILL = Performance(layers={**dict.fromkeys(STRENGTHS, 0.0), "speech": 1.0})  # everything else rests


def staged(scene: SceneSettings) -> Performance:
    """The performance that a scene file describes. Raises ConfigError."""
    asked = Performance()
    directions = [Direction(at_secs=one.at, emotion=one.feeling, transition_secs=one.transition)
                  for one in scene.emotions]
    directions += [Direction(at_secs=one.at, gaze=one.targets) for one in scene.gazes]
    return Performance(
        emotion=scene.emotion or asked.emotion, gaze=asked.gaze if scene.gaze is None else scene.gaze,
        mode=scene.mode or asked.mode, layers=scene.layers,
        asymmetry=scene.on("asymmetry", AsymmetryStyle(amount=asked.asymmetry)).amount,
        emotions=scene.on("emotion", asked.emotions), blinks=scene.on("blinks", asked.blinks),
        eyes=scene.on("gaze", asked.eyes), head=scene.on("head", asked.head),
        listening=_listening(scene, asked.listening), controls=scene.all_controls(),
        directions=tuple(directions))

def styled(performance: Performance, style: Style) -> Performance:
    """`performance` with a style laid over its settings, as one told it at run time does."""
    asymmetry = style.on("asymmetry", AsymmetryStyle(amount=performance.asymmetry)).amount
    return replace(
        performance, asymmetry=asymmetry, emotions=style.on("emotion", performance.emotions),
        blinks=style.on("blinks", performance.blinks), eyes=style.on("gaze", performance.eyes),
        head=style.on("head", performance.head), listening=style.on("listening", performance.listening),
        controls=style.controls(performance.controls))


def _listening(scene: SceneSettings, asked: ListenSettings) -> ListenSettings:
    listening = scene.on("listening", asked)
    told: dict[str, Any] = {} if scene.attitude is None else {"attitude": scene.attitude}
    return replace(listening, **told)  # raises for another attitude
