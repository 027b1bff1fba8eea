"""Run by Blender for `fbx_blender`: imports an FBX and writes what it holds as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import bpy  # type: ignore[import-not-found,unused-ignore]

IMPORT_OFFSET = 1  # the importer's default: the file's frame 0 is Blender's frame 1


def main() -> None:
    asked = json.loads(sys.argv[sys.argv.index("--") + 1])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.fbx(filepath=asked["file"])
    scene = bpy.context.scene
    curves = [curve for action in bpy.data.actions for curve in action.fcurves]
    key_frames = [key.co[0] for curve in curves for key in curve.keyframe_points]
    late = lateness(key_frames, scene.render.fps_base)
    frames = [(asked["first"] + k) * late + IMPORT_OFFSET for k in range(asked["frames"])]
    numbers = {name: [curve.evaluate(frame) for frame in frames]
               for curve in curves if (name := named(curve.data_path)) is not None}
    told = {"fps": scene.render.fps / scene.render.fps_base, "numbers": numbers, "key_frames": key_frames,
            "late": late, "points": {frame: posed(scene, frame + IMPORT_OFFSET) for frame in asked["posed"]}}
    with open(asked["told"], "w", encoding="utf-8") as file:
        json.dump(told, file)
    if asked["export"]:
        scene.frame_start, scene.frame_end = int(min(key_frames)), int(max(key_frames))
        bpy.ops.export_scene.fbx(filepath=asked["export"], add_leaf_bones=False,
                                 bake_anim_simplify_factor=0.0, bake_anim_use_all_actions=False,
                                 bake_anim_use_nla_strips=False)


def lateness(key_frames: list[float], base: float) -> float:
    """How much later than the file says keys are. Blender 3.4 sets the scene to 29.97 frames a second, but
    counts the keys' frames at 30."""
    def off(factor: float) -> float:
        places = [(frame - IMPORT_OFFSET) / factor for frame in key_frames]
        return sum(abs(place - round(place)) for place in places)
    return min((1.0, base), key=off)


def named(path: str) -> str | None:
    """The name in `key_blocks["jawOpen"].value`; None for what moves a bone."""
    return path.split('"')[1] if path.startswith("key_blocks") else None


def posed(scene: Any, frame: int) -> list[float]:
    """Points of the mesh in the file's centimetres, y up; Blender turned them to metres, z up."""
    scene.frame_set(frame)
    face = next(o for o in scene.objects if o.type == "MESH")
    mesh = face.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = [mesh.matrix_world @ vertex.co for vertex in mesh.data.vertices]
    return [100 * number for p in points for number in (p.x, p.z, -p.y)]


main()
