"""Run by `fbx_ufbx`: python ufbx_child.py FILE FRAME ... prints what ufbx finds in an FBX file, as JSON.

Whatever ufbx gives is kept until the process ends, and that without tidying up: when an object of version
0.0.5 of its Python package is freed, it takes the scene with it. Nothing but ufbx is imported, so this is
quick.
"""

from __future__ import annotations

import json
import os
import sys
from fractions import Fraction
from typing import Any

_kept: list[Any] = []


def _keep(found: Any) -> Any:
    _kept.append(found)
    return found


def _all(listed: Any) -> list[Any]:
    _keep(listed)
    return [_keep(listed[i]) for i in range(len(listed))]


def _rate(fps: float) -> Fraction:
    """The rate that a rounded one means; ufbx rounds 30000/1001 to 29.97."""
    ntsc = Fraction(round(fps) * 1000, 1001)
    return ntsc if abs(fps / ntsc - 1) < 1e-4 else Fraction(fps).limit_denominator(1001)


def _told(path: str, posed: list[int]) -> dict[str, Any]:
    import ufbx  # type: ignore[import-not-found,import-untyped,unused-ignore]
    opened = _keep(ufbx.load_file(path))
    settings, stacks = _keep(opened.settings), _all(opened.anim_stacks)
    begin, end = (stacks[0].time_begin, stacks[0].time_end) if stacks else (0.0, 0.0)
    frames = round((end - begin) * settings.frames_per_second) + 1
    times = [begin + float(frame / _rate(settings.frames_per_second)) for frame in range(frames)]
    anim = _keep(stacks[0].anim) if stacks else None
    nodes = {node.element_id: node for node in _all(opened.nodes)}
    numbers, turns = {}, {}
    for found in _all(_all(stacks[0].layers)[0].anim_props) if stacks else ():
        element, value = _keep(found.element), _keep(found.anim_value)
        if found.prop_name == "Lcl Rotation":
            turns[element.name] = [list(nodes[element.element_id].evaluate_transform(anim, t).rotation)
                                   for t in times]
        else:
            weight = found.prop_name == "DeformPercent"
            numbers[element.name if weight else found.prop_name] = [
                value.evaluate_real(t) / (100 if weight else 1) for t in times]
    keys = [key for curve in _all(opened.anim_curves) for key in _all(curve.keyframes)]
    metadata = _keep(opened.metadata)
    return {
        "fps": str(_rate(settings.frames_per_second)), "time_mode": int(settings.time_mode), "begin": begin,
        "frames": frames, "version": metadata.version, "unit_metres": settings.unit_meters,
        "numbers": numbers, "turns": turns, "key_secs": [key.time for key in keys],
        "interpolations": sorted({int(key.interpolation) for key in keys}),
        "sounds": [[clip.relative_filename, clip.name] for clip in _all(opened.audio_clips)],
        "warnings": [warning.description for warning in _all(metadata.warnings)],
        "points": {frame: _points(opened, anim, times[frame]) for frame in posed}}


def _points(opened: Any, anim: Any, secs: float) -> list[list[float]]:
    mesh = _all(_keep(opened.evaluate(anim, secs, evaluate_skinning=True)).meshes)[0]
    position = _keep(mesh.skinned_position)
    values = _keep(position.values)
    return [list(values[i]) for i in range(mesh.num_vertices)]


if __name__ == "__main__":
    told = _told(sys.argv[1], [int(frame) for frame in sys.argv[2:]])
    sys.stdout.write(json.dumps(told))
    sys.stdout.flush()
    os._exit(0)
