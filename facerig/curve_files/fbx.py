"""Curves in an FBX file: blendshapes, animated attributes, and turns of head and eyes.

    curves = read(Path("take.fbx"))

Files of facerig itself, Maya, Blender and MotionBuilder, binary, FBX 2011 or newer. Weights come as 0 to 1.
Names come without the node's that they sit on ("blendShape1.jawOpen") and without a namespace ("ns:jawOpen").
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.curve_files.fbx_bones import head_and_eyes, turning
from facerig.curve_files.fbx_objects import Channel, Entity, Scene
from facerig.curve_files.fbx_tree import read_tree
from facerig.curve_files.named import NamedCurves, bad, named_curves, shown

Array = NDArray[np.float64]

PERCENT: Final = 100.0
MOST_VALUES: Final = 200_000_000  # frames times curves: nine hours of 61 curves at 100 fps
SAME: Final = 1e-4  # two curves of one name that never differ by more are one
_MOTION: Final = ("lcl translation", "lcl rotation", "lcl scaling", "visibility")
_NUMBERS: Final = ("number", "double", "float", "fraction")


def read(path: Path) -> NamedCurves:
    """The curves of `path` on the frames between its first and its last key. Raises ConfigError."""
    scene = Scene(path, read_tree(path))
    moving = [c for c in scene.channels if _name(scene, c) is not None] + turning(scene)
    if not moving:
        raise bad(path, "holds no animated blendshapes or attributes", "export it with its animation")
    first, last = _span(moving)
    n_frames, n_curves = last - first + 1, len(moving) + len(list(_still(scene)))
    if n_frames * n_curves > MOST_VALUES:
        raise bad(path, f"has keys {n_frames} frames apart: more than can be read", "split the animation")
    frames = np.arange(first, last + 1, dtype=np.float64)
    columns = _columns(scene, frames)
    known = {name.casefold() for name in columns}  # a rig with curves of its own for the head (a MetaHuman)
    turns = head_and_eyes(scene, frames)
    columns.update({name: values for name, values in turns.items() if name.casefold() not in known})
    begin = _sound_begins(scene, first)
    return named_curves(path, list(columns), np.stack(list(columns.values()), 1), scene.fps,
                        start=first - begin, start_frame=max(begin, 0), fps_known=scene.fps_known,
                        remarks=scene.remarks)


def shape_names(path: Path) -> list[str]:
    """Names of all blendshapes in `path`, animated or not. Raises ConfigError for what is no FBX file."""
    scene = Scene(path, read_tree(path))
    return list(dict.fromkeys(_shape_name(scene, one) for one in scene.of("Deformer", "BlendShapeChannel")))


def _span(channels: list[Channel]) -> tuple[int, int]:
    """First and last frame with a key."""
    curves = [layer.curve for channel in channels for layer in channel.layers]
    first, last = min(c.frames[0] for c in curves), max(c.frames[-1] for c in curves)
    return int(np.ceil(first - 0.5)), int(np.floor(last + 0.5))


def _columns(scene: Scene, frames: Array) -> dict[str, Array]:
    """Values [T] by name. Of curves of one name, as on each mesh of a head, the first counts."""
    columns: dict[str, Array] = {}
    spelt: dict[str, str] = {}  # as it is first
    differing = []
    for channel in scene.channels:
        name = _name(scene, channel)
        if name is None:
            continue
        values = channel.at(frames) / (PERCENT if _is_weight(channel) else 1.0)
        name = spelt.setdefault(name.casefold(), name)
        kept = columns.setdefault(name, values)
        if np.abs(kept - values).max() > SAME:
            differing.append(name)
    for name, value in _still(scene):
        columns.setdefault(spelt.setdefault(name.casefold(), name), np.full(len(frames), value))
    if differing:
        scene.remarks.append(f"{shown(differing[0])} and {len(differing) - 1} others are animated in several "
                             "places, and not alike; the first counts")
    return columns


def _is_weight(channel: Channel) -> bool:
    return channel.target.subclass == "BlendShapeChannel" and channel.to.casefold() == "deformpercent"


def _name(scene: Scene, channel: Channel) -> str | None:
    """The curve that a channel is; None for one that moves, turns or shows an object."""
    if _is_weight(channel):
        return _shape_name(scene, channel.target)
    to = channel.to
    if channel.target.kind not in ("Model", "NodeAttribute") or to.casefold() in _MOTION:
        return None
    if "U" not in channel.target.property(to).value(3, str):
        return None
    return _plain(to) if channel.part.casefold() == to.casefold() else f"{_plain(to)}_{channel.part}"


def _shape_name(scene: Scene, entity: Entity) -> str:
    name = _plain(entity.name)
    deformer = scene.above(entity.id, "Deformer")
    prefix = "" if deformer is None else _plain(deformer.name)
    for mark in ".", "_":
        if prefix and name.startswith(prefix + mark) and len(name) > len(prefix) + 1:
            return name.removeprefix(prefix + mark)
    return name


def _plain(name: str) -> str:
    """A name without its namespaces."""
    return name.rpartition(":")[2] or name


def _still(scene: Scene) -> Iterator[tuple[str, float]]:
    """Blendshapes and attributes that nothing animates, on objects of which something is animated."""
    moving = {(c.target.id, c.to.casefold()) for c in scene.channels}
    for entity in scene.of("Deformer", "BlendShapeChannel"):
        if (entity.id, "deformpercent") not in moving:
            percent = entity.node["DeformPercent"].value(0, float)
            yield _shape_name(scene, entity), percent / PERCENT
    for entity in {c.target.id: c.target for c in scene.channels if c.target.kind == "Model"}.values():
        for row in entity.node["Properties70"].all("P"):
            name, kind, flags = row.value(0, str), row.value(1, str), row.value(3, str)
            free = (entity.id, name.casefold()) not in moving
            if "A" in flags and "U" in flags and kind.casefold() in _NUMBERS and name and free:
                yield _plain(name), row.value(4, float)


def _sound_begins(scene: Scene, first: int) -> int:
    """The frame at which the file's sound begins; without any, the first."""
    for sound in scene.of("Audio"):
        row = sound.property("Offset")
        if len(row.values) > 4:
            begin = round(int(row.value(4, int)) / scene.ticks_per_frame)
            if begin <= first:
                return begin
    return first
