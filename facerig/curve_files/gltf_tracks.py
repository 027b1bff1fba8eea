"""What a glTF animation says: checked tracks of nodes, and their values at any time.

Source: Khronos glTF 2.0 specification, section 3.11 and appendix C (interpolation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from facerig.mesh.gltf_file import GltfFile, Json

Array = NDArray[np.float64]

LATEST_SECS: Final = 1e6  # of a key: eleven days
LARGEST: Final = 1e9  # of a number in the JSON
_KINDS: Final = ("LINEAR", "STEP", "CUBICSPLINE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Keys of one property: ascending `times` [K] seconds, `values` [K, n]; for a CUBICSPLINE slopes, per
    second, before and after each key, `into` and `out` [K, n]."""

    kind: str
    times: Array
    values: Array
    into: Array
    out: Array

    def at(self, seconds: Array) -> Array:
        """Numbers [T, n]; level before the first key and after the last."""
        if len(self.times) == 1:
            return np.repeat(self.values, len(seconds), 0)
        seconds = np.clip(seconds, self.times[0], self.times[-1])
        before = np.clip(np.searchsorted(self.times, seconds, "right") - 1, 0, len(self.times) - 2)
        step = (self.times[before + 1] - self.times[before])[:, None]
        share = (seconds - self.times[before])[:, None] / step
        start, end = self.values[before], self.values[before + 1]
        if self.kind == "STEP":
            return np.where(share < 1, start, end)
        if self.kind == "LINEAR":
            return np.asarray(start + (end - start) * share)
        square, cube = share * share, share ** 3
        leaving, reaching = step * self.out[before], step * self.into[before + 1]
        return np.asarray((2 * cube - 3 * square + 1) * start + (cube - 2 * square + share) * leaving
                          + (3 * square - 2 * cube) * end + (cube - square) * reaching)

    def turns_at(self, seconds: Array) -> Rotation:
        """The same of quaternions (x, y, z, w), T rotations; on great arcs where they are LINEAR."""
        if self.kind == "LINEAR" and len(self.times) > 1:
            return Slerp(self.times, rotations(self.values))(np.clip(seconds, self.times[0], self.times[-1]))
        return rotations(self.at(seconds))


def rotations(xyzw: Array) -> Rotation:
    """Quaternions [T, 4] as rotations; one of length zero turns nothing."""
    none = np.linalg.norm(xyzw, axis=1, keepdims=True) < 1e-9
    return Rotation.from_quat(np.where(none, [0.0, 0.0, 0.0, 1.0], xyzw))


@dataclass(frozen=True, slots=True)
class Animated:
    """A property of a node: `kind` is weights or rotation."""

    node: int
    kind: str
    track: Track


def animated(file: GltfFile, counts: dict[int, int]) -> tuple[list[Animated], list[str]]:
    """Tracks of weights and rotations of all animations, and in words what was left out. `counts` are the
    morph targets by node. Where two animations move one node, the first counts."""
    found: dict[tuple[int, str], Animated] = {}
    remarks: list[str] = []
    for a, animation in enumerate(file.items("animations")):
        where = f"$.animations[{a}]"
        channels = file.sequence(animation, "channels", where)
        taken = set(found)
        for c, channel in enumerate(channels):
            place = f"{where}.channels[{c}]"
            target = file.mapping(_object(file, channel, place), "target", place)
            kind = target.get("path")
            if kind not in ("weights", "rotation") or "node" not in target:
                continue
            node = file.integer(target["node"], f"{place}.target.node", len(file.items("nodes")) - 1)
            width = 4 if kind == "rotation" else counts.get(node, 0)
            if (node, kind) in taken:
                name = str(animation.get("name", a))[:60]
                remarks.append(f"the animation {name!r} was left out: another one moves the same face")
                break
            if width:
                track = _track(file, animation, channel, width, where, place)
                found.setdefault((node, kind), Animated(node, kind, track))
    return list(found.values()), remarks


def _track(file: GltfFile, animation: Json, channel: Json, width: int, where: str, place: str) -> Track:
    samplers = file.sequence(animation, "samplers", where)
    number = file.integer(channel.get("sampler"), f"{place}.sampler", len(samplers) - 1)
    place = f"{where}.samplers[{number}]"
    sampler = _object(file, samplers[number], place)
    kind = sampler.get("interpolation", "LINEAR")
    if kind not in _KINDS:
        raise file.bad(f"{place}.interpolation", f"{str(kind)[:40]!r} is not one of {', '.join(_KINDS)}")
    times = _numbers(file, sampler, "input", place, ("SCALAR",)).ravel()
    if not len(times) or times[0] < 0 or times[-1] > LATEST_SECS or (np.diff(times) <= 0).any():
        raise file.bad(f"{place}.input", f"key times do not rise from 0 to at most {LATEST_SECS:g} s")
    numbers = _numbers(file, sampler, "output", place, ("SCALAR", "VEC4")).ravel()
    parts = 3 if kind == "CUBICSPLINE" else 1
    if len(numbers) != len(times) * width * parts:
        raise file.bad(f"{place}.output", f"{len(numbers)} numbers for {len(times)} keys of {width}")
    shaped = numbers.reshape(len(times), parts, width)
    return Track(kind=kind, times=times, values=shaped[:, parts // 2], into=shaped[:, 0], out=shaped[:, -1])


def _numbers(file: GltfFile, sampler: Json, key: str, place: str, kinds: tuple[str, ...]) -> Array:
    if key not in sampler:
        raise file.bad(place, f"has no {key}")
    return file.accessor(sampler[key], f"{place}.{key}", kinds).astype(np.float64)


def _object(file: GltfFile, value: Any, where: str) -> Json:
    if not isinstance(value, dict):
        raise file.bad(where, "is not an object")
    return value


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a JSON value is a number that a place or a weight may be."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST
