"""The options of how a character acts, shared by the verbs that animate sound."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from facerig.cli.groups import with_group
from facerig.errors import ConfigError

if TYPE_CHECKING:
    from facerig.performance.directions import Direction
    from facerig.performance.settings import Performance
    from facerig.performance.style.scene import SceneSettings

PANEL: Final = "How the character acts"
EXAMPLES: Final = {"--emotion-at": "anger:0.6", "--gaze-at": "camera"}


def _option(*names: str, **how: Any) -> Any:
    return typer.Option(*names, rich_help_panel=PANEL, **how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """What was asked for on the command line."""

    emotion: Annotated[str | None, _option(
        metavar="FEELING", help='joy, joy:0.6, "joy:0.6,surprise:0.3", "brows=anger:0.5;mouth=joy", '
                                '"vad:0.4,-0.2,0.1" or plain words; `facerig emotions` shows them.')] = None
    emotion_at: Annotated[list[str] | None, _option(
        metavar="SECS=FEELING", help="From then on, such as 2.5=anger:0.6; may be given again.")] = None
    voice_emotion: Annotated[float | None, _option(
        metavar="X", min=0, max=1, help="How far the emotion heard in the voice shows; 0 is off.")] = None
    gaze: Annotated[str | None, _option(
        metavar="WHERE", help="camera, none, x,y,z in metres (left, up, ahead), or several: "
                              '"camera:3; 0.4,0,1:1".')] = None
    gaze_at: Annotated[list[str] | None, _option(
        metavar="SECS=WHERE", help="From then on; may be given again.")] = None
    blink_at: Annotated[list[float] | None, _option(
        metavar="SECS", min=0, help="Blink then; may be given again.")] = None
    style: Annotated[Path | None, _option(
        metavar="FILE", help="A style file: ranges, habits, energy; `facerig style` makes them.")] = None
    settings: Annotated[Path | None, _option(
        metavar="FILE", help="A scene file with all of this; what is given here wins, a style too.")] = None
    listen: Annotated[bool, _option(
        "--listen", help="The sound is the other speaker's: nod and answer with the face.")] = False
    attitude: Annotated[str | None, _option(
        metavar="HOW", help="Of a listener: positive, neutral, negative.")] = None
    no_emotion: Annotated[bool, _option("--no-emotion", help="Neither chosen nor heard; no accents.")] = False
    no_blinks: Annotated[bool, _option("--no-blinks", help="Leave the eyelids alone.")] = False
    no_gaze: Annotated[bool, _option("--no-gaze", help="Eyes straight ahead.")] = False
    no_head: Annotated[bool, _option("--no-head", help="Hold the head still.")] = False
    asymmetry: Annotated[float | None, _option(
        metavar="X", min=0, max=5, help="How far the sides of the face differ; 0 mirrors.")] = None


with_acting = with_group("acting", Acting)


def scene_of(acting: Acting) -> SceneSettings:
    """The scene file that was given, or an empty one. Raises ConfigError for mistakes in it."""
    from facerig.performance.style.scene import SceneSettings, read_scene

    return SceneSettings() if acting.settings is None else read_scene(acting.settings)


def performance_of(acting: Acting, scene: SceneSettings) -> Performance:
    """The performance that options and scene ask for; options win. Raises ConfigError."""
    from facerig.performance.directions import Direction, as_targets
    from facerig.performance.emotion.mixture import parse_feeling
    from facerig.performance.settings import staged
    from facerig.performance.style.scene import read_style_apart

    if acting.style is not None:
        scene = scene.restyled(read_style_apart(acting.style))
    with _called("--attitude"):
        Direction(attitude=acting.attitude)  # raises for another
    layers = dict(scene.layers)
    for layer in ("emotion", "blinks", "gaze", "head"):
        if getattr(acting, f"no_{layer}"):
            layers[layer] = 0.0
    chosen = staged(replace(scene, layers=layers, mode="listen" if acting.listen else scene.mode,
                            attitude=acting.attitude or scene.attitude))
    if acting.emotion is not None:
        chosen = replace(chosen, emotion=parse_feeling(acting.emotion))
    if acting.gaze is not None:
        with _called("--gaze"):
            chosen = replace(chosen, gaze=as_targets(acting.gaze))
    if acting.voice_emotion is not None:
        chosen = replace(chosen, emotions=replace(chosen.emotions, voice=acting.voice_emotion))
    if acting.asymmetry is not None:
        chosen = replace(chosen, asymmetry=acting.asymmetry)
    return replace(chosen, directions=(*chosen.directions, *_directions(acting)))


def _directions(acting: Acting) -> list[Direction]:
    from facerig.performance.directions import Direction

    told: list[Direction] = []
    for option, wish, items in (("--emotion-at", "emotion", acting.emotion_at),
                                ("--gaze-at", "gaze", acting.gaze_at)):
        for item in items or ():
            at, what = timed(option, item)
            with _called(option):
                told.append(Direction.of(at, {wish: what}))
    with _called("--blink-at"):
        return [*told, *(Direction(at_secs=at, blink=True) for at in acting.blink_at or ())]


@contextmanager
def _called(option: str) -> Iterator[None]:
    """What is wrong inside is told as wrong with `option`."""
    try:
        yield
    except ConfigError as error:
        place = error.where.removeprefix("--emotion") if error.where.startswith("--emotion") else ""
        raise ConfigError(error.what, where=option + place, fix=error.fix) from None


def timed(option: str, item: str) -> tuple[float, str]:
    """"2.5=anger:0.6" -> (2.5, "anger:0.6"). Raises ConfigError for what has no time or says nothing."""
    time, equals, what = (part.strip() for part in item.partition("="))
    example = f"such as {option} 2.5={what or '...'}"
    if not equals and (match := re.match(r"\s*([0-9]+[.,]?[0-9]*)\s*:\s*(.+)", item)):
        raise ConfigError(f"{item!r} has a colon behind the seconds", where=option,
                          fix=f"write {option} {match[1].replace(',', '.')}={match[2]}")
    if equals and re.fullmatch(r"[0-9]+,[0-9]+", time):
        raise ConfigError(f"{time!r} has a comma", where=option,
                          fix=f"write {option} {time.replace(',', '.')}={what}")
    try:
        at = float(time) if equals else math.nan
    except ValueError:
        at = math.nan
    if not math.isfinite(at):
        raise ConfigError(f"{item!r} has no time", where=option, fix=f"write seconds first, {example}")
    if at < 0:
        raise ConfigError(f"{time} s lies before the sound", where=option,
                          fix=f"give 0 s or later, {example}")
    if not what:
        wanted = "feeling" if option == "--emotion-at" else "target"
        raise ConfigError(f"{item!r} has no {wanted}", where=option,
                          fix=f"write it behind the =, such as {option} {time}={EXAMPLES[option]}")
    return at, what
