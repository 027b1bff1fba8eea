"""Curves in a glTF or GLB file: morph weights, and turns of head and eyes.

    curves = read(Path("take.glb"))

Curves are called as `extras.targetNames` says, else as the targets' accessors are, else by number. Meshes
that share a name act together; the rotations of nodes called head, leftEye and rightEye become headYaw and so
on, as turns away from how they rest. A file of facerig's states its frame rate; else it is the rate on whose
frames all keys stand.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import MIN_FPS, parse_fps
from facerig.curve_files.gltf_joints import joint_angles
from facerig.curve_files.gltf_tracks import Animated, animated, is_number
from facerig.curve_files.named import NamedCurves, bad, named_curves, shown
from facerig.curve_files.timing import COMMON_RATES, DEFAULT_FPS, snapped
from facerig.errors import ConfigError, ModelError
from facerig.mesh.gltf_file import GltfFile, Json

Array = NDArray[np.float64]

MOST_VALUES: Final = 200_000_000  # frames times curves: nine hours of 61 curves at 100 fps
MOST_TARGETS: Final = 100_000  # of a mesh
SAME: Final = 1e-4  # two curves of one name that never differ by more are one
ON_FRAME: Final = 0.01  # of a frame; glTF's times are float32
TIME_STEP: Final = 2.0 ** -23  # of a float32, relative
LEAST_STEP_SECS: Final = 1e-3  # between frames
BETWEEN: Final = 0.1  # of a frame: so far from one, a key stands between frames
_EXTRAS: Final = ("frameRate", "startFrame", "valueAtFullWeight")


def read(path: Path) -> NamedCurves:
    """The curves of `path` from its first key to its last. Raises ConfigError, with the place in the file."""
    try:
        return _Face(GltfFile(path)).curves()
    except ModelError as error:
        raise ConfigError(error.what, where=error.where, fix=error.fix) from None


def target_names(path: Path) -> list[str]:
    """Names of all morph targets in `path`, animated or not. Raises ConfigError for what is no glTF file."""
    try:
        face = _Face(GltfFile(path))
    except ModelError as error:
        raise ConfigError(error.what, where=error.where, fix=error.fix) from None
    return list(dict.fromkeys(name for names in face.names.values() for name in names))


class _Face:
    """An open file: names of its targets by node, tracks, and what was left out."""

    def __init__(self, file: GltfFile) -> None:
        self.file = file
        self.names = {k: self._target_names(node["mesh"]) for k, node in enumerate(file.items("nodes"))
                      if "mesh" in node}
        self._animated, self.remarks = animated(file, {k: len(names) for k, names in self.names.items()})
        self._extras = _own_extras(file)

    def curves(self) -> NamedCurves:
        """Everything on frames."""
        path, moving = self.file.path, [a for a in self._animated if a.kind == "weights"]
        if not moving:
            raise bad(path, "holds no animated morph targets", "export it with animation and shape keys")
        times = np.concatenate([a.track.times for a in self._animated])
        fps, known = self._rate(times)
        first, last = (round(float(edge) * float(fps)) for edge in (times.min(), times.max()))
        if (last - first + 1) * sum(a.track.values.shape[1] for a in moving) > MOST_VALUES:
            raise bad(path, f"has keys {last - first} frames apart: more than can be read",
                      "split the animation")
        seconds = np.arange(first, last + 1) / float(fps)
        columns = self._weights(moving, seconds)
        for name, values in joint_angles(self.file, self._animated, seconds).items():
            columns.setdefault(name, values)
        stated = self._extras.get("startFrame")
        return named_curves(path, list(columns), np.stack(list(columns.values()), 1), fps, start=first,
                            start_frame=int(stated) if is_number(stated) else 0, fps_known=known,
                            remarks=self.remarks)

    def _weights(self, moving: list[Animated], seconds: Array) -> dict[str, Array]:
        """Values [T] by name. Of curves of one name, as of each mesh of a head, the one that moves counts."""
        full = self._extras.get("valueAtFullWeight")
        columns: dict[str, Array] = {}
        differing: list[str] = []
        for one in moving:
            for name, values in zip(self.names[one.node], one.track.at(seconds).T, strict=True):
                kept = columns.setdefault(name, values)
                if np.abs(kept - values).max() <= SAME:
                    continue
                if np.ptp(kept) <= SAME:
                    columns[name] = values
                elif np.ptp(values) > SAME:
                    differing.append(name)
        if differing:
            self.remarks.append(f"{shown(differing[0])} and {len(differing) - 1} others move differently on "
                                "several meshes; the first counts")
        scales = {n: v for n, v in full.items() if is_number(v)} if isinstance(full, dict) else {}
        return {name: values * scales.get(name, 1.0) for name, values in columns.items()}

    def _target_names(self, index: Any) -> list[str]:
        """What the targets of a mesh are called."""
        file, mesh = self.file, self.file.item("meshes", index)
        where = f"$.meshes[{index}]"
        primitives = file.sequence(mesh, "primitives", where)
        first = primitives[0] if primitives and isinstance(primitives[0], dict) else {}
        targets = file.sequence(first, "targets", f"{where}.primitives[0]")
        if len(targets) > MOST_TARGETS:
            raise file.bad(where, f"{len(targets)} morph targets")
        names: list[Any] = []
        for holder in (mesh, first):
            extras = holder.get("extras")
            listed = extras.get("targetNames") if isinstance(extras, dict) else None
            if isinstance(listed, list) and not names:
                names = listed
        if len(names) == len(targets) and all(isinstance(n, str) and n for n in names):
            return names
        return [self._accessor_name(target) or f"target_{k}" for k, target in enumerate(targets)]

    def _accessor_name(self, target: Any) -> str:
        index = target.get("POSITION") if isinstance(target, dict) else None
        name = None if index is None else self.file.item("accessors", index).get("name")
        return name if isinstance(name, str) else ""

    def _rate(self, times: Array) -> tuple[Fraction, bool]:
        """The frame rate, and whether the file states it."""
        stated = self._extras.get("frameRate")
        if isinstance(stated, str | int | float):
            try:
                return parse_fps(stated), True
            except ConfigError:
                self.remarks.append(f"the frame rate {shown(str(stated))} is none; it was read off the keys")
        for fps in COMMON_RATES:  # whole ones first
            places = times * float(fps)
            if (np.abs(places - places.round()) <= ON_FRAME + places * TIME_STEP).all():
                return fps, False
        steps = np.diff(np.unique(times))
        step = float(np.median(steps)) if len(steps) else 0.0
        measured = snapped(1 / step) if step > LEAST_STEP_SECS else Fraction(0)
        places = times * float(measured)
        if measured >= MIN_FPS and np.abs(places - places.round()).max() < BETWEEN:
            return measured, False
        self.remarks.append("keys lie between the frames of any usual rate; they were read at "
                            f"{DEFAULT_FPS} a second")
        return DEFAULT_FPS, False


def _own_extras(file: GltfFile) -> Json:
    """What facerig states beside its animation; empty in files of others."""
    for animation in file.items("animations"):
        extras = animation.get("extras")
        if isinstance(extras, dict) and "frameRate" in extras:
            return {key: extras[key] for key in _EXTRAS if key in extras}
    return {}
