"""Objects of an FBX file, how they hang together, and what is animated on them in one take.

    scene = Scene(path, read_tree(path))
    for channel in scene.channels: ...      # one number that changes: an object's property, and its curve
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.curve_files.fbx_curves import TICKS_PER_SEC, FbxCurve, fbx_curve, on_frames
from facerig.curve_files.fbx_tree import Node, array
from facerig.curve_files.named import shown
from facerig.curve_files.timing import COMMON_RATES, DEFAULT_FPS, snapped

Array = NDArray[np.float64]

# FbxTime::EMode; 0 and 14 say no rate by themselves.
_RATES: Final = {
    1: Fraction(120), 2: Fraction(100), 3: Fraction(60), 4: Fraction(50), 5: Fraction(48), 6: Fraction(30),
    7: Fraction(30), 8: Fraction(30000, 1001), 9: Fraction(30000, 1001), 10: Fraction(25), 11: Fraction(24),
    12: Fraction(1000), 13: Fraction(24000, 1001), 15: Fraction(96), 16: Fraction(72),
    17: Fraction(60000, 1001), 18: Fraction(120000, 1001)}
_CUSTOM: Final = 14
_OVERRIDES: Final = (1, 2)  # ways in which a layer replaces those below; with others it is added
ON_FRAME: Final = 0.02  # of a frame: a key so near stands on it
MOSTLY: Final = 0.9  # of the keys


@dataclass(frozen=True, slots=True)
class Entity:
    """An object: `kind` is Model, Deformer ..., `subclass` LimbNode, BlendShapeChannel ..."""

    id: int
    kind: str
    name: str
    subclass: str
    node: Node

    def property(self, name: str) -> Node:
        """The row of a property: name, type, label, flags, values; an empty one where it is not given."""
        rows = self.node["Properties70"].all("P")
        return next((row for row in rows if row.value(0, str).casefold() == name.casefold()), Node("P"))

    def numbers(self, name: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """The values of a property of numbers."""
        row = self.property(name)
        if len(row.values) < 4 + len(default):
            return default
        found = tuple(row.value(4 + i, float) for i in range(len(default)))
        return found if np.isfinite(found).all() else default


@dataclass(frozen=True, slots=True)
class Layer:
    """A curve of one animation layer, and how it meets the layers below."""

    curve: FbxCurve
    share: float
    replaces: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """A number that is animated: `part` ("X", or a name) of the property `to` of `target`; undermost layer
    first."""

    target: Entity
    to: str
    part: str
    layers: tuple[Layer, ...]

    def at(self, frames: Array) -> Array:
        """Values at `frames` [T]."""
        out = np.zeros(len(frames))
        for level, layer in enumerate(self.layers):
            values = layer.curve.at(frames)
            if level == 0:
                out = values
            elif layer.replaces:
                out = out + (values - out) * layer.share
            else:
                out = out + values * layer.share
        return out


class Scene:
    """What the file `path` holds."""

    def __init__(self, path: Path, tree: Node) -> None:
        self.path, self.tree = path, tree
        self.entities = {e.id: e for e in map(_entity, tree["Objects"].children)}
        self._sources: dict[int, list[tuple[int, str]]] = {}  # what is connected to each object, and where
        self._targets: dict[int, list[tuple[int, str]]] = {}
        for link in tree["Connections"].children:
            child, parent, to = link.value(1, int), link.value(2, int), link.value(3, str)
            self._sources.setdefault(parent, []).append((child, to))
            self._targets.setdefault(child, []).append((parent, to))
        self.settings = Entity(0, "GlobalSettings", "", "", tree["GlobalSettings"])
        self.remarks: list[str] = []
        self._stack = self._take()
        self.fps, self.fps_known = self._rate()
        self.channels = tuple(self._channels())

    @property
    def ticks_per_frame(self) -> Fraction:
        """Of FBX's clock."""
        return TICKS_PER_SEC / self.fps

    def of(self, kind: str, subclass: str = "") -> Iterator[Entity]:
        """All objects of a kind."""
        return (e for e in self.entities.values() if e.kind == kind and subclass in ("", e.subclass))

    def below(self, parent: int, kind: str) -> Iterator[Entity]:
        """Objects of a kind that are connected to `parent` itself, not to a property of it."""
        found = (self.entities.get(id_) for id_, to in self._sources.get(parent, ()) if not to)
        return (e for e in found if e is not None and e.kind == kind)

    def above(self, child: int, kind: str) -> Entity | None:
        """The object of a kind that `child` is connected to."""
        found = (self.entities.get(id_) for id_, to in self._targets.get(child, ()) if not to)
        return next((e for e in found if e is not None and e.kind == kind), None)

    def channels_on(self, entity: Entity, to: str) -> dict[str, Channel]:
        """What is animated of a property, by part."""
        return {c.part: c for c in self.channels
                if c.target.id == entity.id and c.to.casefold() == to.casefold()}

    def _take(self) -> Entity | None:
        """The animation stack that the file opens with, or else the first."""
        stacks = list(self.of("AnimationStack"))
        wanted = {row.value(4, str) for document in self.tree["Documents"].all("Document")
                  for row in document["Properties70"].all("P") if row.value(0, str) == "ActiveAnimStackName"}
        wanted.add(self.tree["Takes"]["Current"].value(0, str))
        chosen = next((s for s in stacks if s.name in wanted - {""}), stacks[0] if stacks else None)
        if chosen is not None and len(stacks) > 1:
            self.remarks.append(f"of {len(stacks)} takes, {shown(chosen.name)} is read")
        return chosen

    def _layers(self) -> list[Entity]:
        if self._stack is None:
            return list(self.of("AnimationLayer"))
        return list(self.below(self._stack.id, "AnimationLayer"))

    def _channels(self) -> Iterator[Channel]:
        found: dict[tuple[int, str, str], list[Layer]] = {}
        for layer in self._layers():
            blend = int(layer.numbers("BlendMode", (0.0,))[0])
            share = layer.numbers("Weight", (100.0,))[0] / 100
            for node in self.below(layer.id, "AnimationCurveNode"):
                for part, curve in self._parts(node):
                    for target, to in self._targets.get(node.id, ()):
                        if to:
                            key = (target, to, part)
                            found.setdefault(key, []).append(Layer(curve, share, blend in _OVERRIDES))
        for (target, to, part), layers in found.items():
            if target in self.entities:
                yield Channel(self.entities[target], to, part, tuple(layers))

    def _parts(self, node: Entity) -> Iterator[tuple[str, FbxCurve]]:
        for id_, part in self._sources.get(node.id, ()):
            curve = self.entities.get(id_)
            if curve is not None and curve.kind == "AnimationCurve" and part:
                made = fbx_curve(self.path, curve.node, self.fps)
                if made is not None:
                    yield part.removeprefix("d|"), made

    def _rate(self) -> tuple[Fraction, bool]:
        """The file's frame rate, unless its keys plainly stand on another's frames; and whether that is
        known."""
        mode = int(self.settings.numbers("TimeMode", (0.0,))[0])
        custom = self.settings.numbers("CustomFrameRate", (0.0,))[0]
        said = _RATES.get(mode)
        if mode == _CUSTOM and 1 <= custom <= 1000:
            said = snapped(custom)
        secs = self._key_secs()
        fits = [rate for rate in (*([said] if said else []), *COMMON_RATES) if _on_frames(secs, rate)]
        if said is None:
            return (fits[0] if fits else DEFAULT_FPS), bool(fits)
        if not fits or fits[0] == said:
            return said, True
        self.remarks.append(f"the keys stand on frames of {fits[0]} a second, though the file says {said}")
        return fits[0], True

    def _key_secs(self) -> Array:
        """Times of the take's keys."""
        ids = {id_ for layer in self._layers() for node in self.below(layer.id, "AnimationCurveNode")
               for id_, _ in self._sources.get(node.id, ())}
        curves = (self.entities[id_] for id_ in ids if id_ in self.entities)
        times = [array(self.path, c.node["KeyTime"]) for c in curves if c.kind == "AnimationCurve"]
        joined = np.concatenate([np.zeros(0, np.int64), *(t for t in times if t.dtype.kind == "i")])
        return np.asarray(np.unique(joined) / TICKS_PER_SEC)


def _entity(node: Node) -> Entity:
    name = node.value(1, str)
    name = name.split("\0\1")[0] if "\0\1" in name else name.partition("::")[2] or name  # binary, text
    return Entity(node.value(0, int), node.name, name, node.value(2, str), node)


def _on_frames(secs: Array, rate: Fraction) -> bool:
    """Whether all but a few of the times are those of whole frames."""
    frames = on_frames(secs * float(rate))
    return bool((np.abs(frames - np.round(frames)) <= ON_FRAME).mean() >= MOSTLY) if len(secs) else True
