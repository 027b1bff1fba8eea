"""A Unity AnimationClip, read by PyYAML and played as Unity plays it: cubic Hermite curves between keys.

Keys, which are most of a file, are taken out of it first, by the lines that Unity writes; PyYAML alone
(`document`) says the same in minutes.

Blendshapes come as 0 to 1 under their names (a rig whose curves reach beyond 1 as shares of the farthest),
bones as the canonical angles in radians (`headYaw` is `localEulerAngles.y` of the object called head).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tools.judges import Judged, JudgeMissing

Array = NDArray[np.float64]

LARGEST_DENOMINATOR: Final = 1001  # of frame rates
KEY_LINES: Final = 9
KEYS: Final = re.compile(r"      m_Curve:\n((?:      - serializedVersion: 3\n(?:        \w+: .*\n){8})+)")
NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
AXES: Final = (("Yaw", "y"), ("Pitch", "x"), ("Roll", "z"))


def document(path: Path) -> dict[str, Any]:
    """The AnimationClip as YAML has it. Raises JudgeMissing without PyYAML."""
    return parsed(path.read_text("utf-8"))


def parsed(text: str) -> dict[str, Any]:
    """The same from its text."""
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        raise JudgeMissing("Unity clips need PyYAML: pip install pyyaml") from None

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    def plain(loader: Any, _tag: str, node: Any) -> Any:
        return loader.construct_mapping(node, deep=True)

    Loader.add_multi_constructor("tag:unity3d.com,2011:", plain)
    return dict(yaml.load(text, Loader)["AnimationClip"])


def read(path: Path) -> Judged:
    """What Unity would show at every frame."""
    blocks: list[str] = []

    def taken(match: re.Match[str]) -> str:
        blocks.append(match[1])
        return f"      m_Curve: {len(blocks) - 1}\n"

    clip = parsed(KEYS.sub(taken, path.read_text("utf-8")))
    fps = Fraction(str(clip["m_SampleRate"])).limit_denominator(LARGEST_DENOMINATOR)
    n_frames = round(clip["m_AnimationClipSettings"]["m_StopTime"] * fps) + 1
    times = np.arange(n_frames) / float(fps)
    names, columns, keys = [], [], 0
    for curve in clip["m_FloatCurves"]:
        rows = keys_of(blocks[curve["curve"]["m_Curve"]])
        names.append(curve["attribute"].removeprefix("blendShape."))
        columns.append(played(rows, times) / 100)
        keys += len(rows)
    for curve in clip["m_EulerCurves"]:
        rows = keys_of(blocks[curve["curve"]["m_Curve"]])
        joint = curve["path"].rsplit("/", 1)[-1]
        for angle, axis in AXES:
            names.append(joint + angle)
            columns.append(np.radians(played(rows, times, axis)))
        keys += len(rows)
    return Judged(names=tuple(names), fps=fps, values=np.stack(columns, 1), keys=keys)


def keys_of(block: str) -> list[dict[str, Any]]:
    """The keys that stand in a block of lines."""
    lines = block.splitlines()
    return [dict(_entry(line) for line in lines[k + 1:k + KEY_LINES])
            for k in range(0, len(lines), KEY_LINES)]


def _entry(line: str) -> tuple[str, Any]:
    name, value = line.strip().split(": ", 1)
    numbers: Iterable[float] = map(float, NUMBER.findall(value))
    return name, dict(zip("xyz", numbers, strict=True)) if value.startswith("{") else float(value)


def played(keys: list[dict[str, Any]], times: Array, axis: str = "") -> Array:
    """A curve at `times`, as AnimationCurve.Evaluate does it: level before the first key and after the last.
    """
    def of(name: str) -> Array:
        return np.array([float(k[name][axis] if axis else k[name]) for k in keys])

    at, value = np.array([float(k["time"]) for k in keys]), of("value")
    into, out = of("inSlope"), of("outSlope")
    if len(keys) == 1:
        return np.full(len(times), value[0])
    left = np.clip(np.searchsorted(at, times, "right") - 1, 0, len(at) - 2)
    length = at[left + 1] - at[left]
    s = np.clip((times - at[left]) / length, 0.0, 1.0)
    start, end = value[left], value[left + 1]
    leaving, arriving = length * out[left], length * into[left + 1]
    return np.asarray((2 * s**3 - 3 * s**2 + 1) * start + (s**3 - 2 * s**2 + s) * leaving
                      + (3 * s**2 - 2 * s**3) * end + (s**3 - s**2) * arriving)


def turned(yaw: float, pitch: float, roll: float) -> Array:
    """Unity's rotation matrix of localEulerAngles (pitch, yaw, roll), radians: z first, then x, then y."""
    def about(axis: int, angle: float) -> Array:
        a, b = ((1, 2), (2, 0), (0, 1))[axis]
        out = np.eye(3)
        out[a, a] = out[b, b] = np.cos(angle)
        out[a, b], out[b, a] = -np.sin(angle), np.sin(angle)
        return out

    return np.asarray(about(1, yaw) @ about(0, pitch) @ about(2, roll))
