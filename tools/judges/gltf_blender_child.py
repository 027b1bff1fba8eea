"""Run by Blender for `gltf_blender`: imports a glTF, writes what it plays as JSON, and exports it again."""

from __future__ import annotations

import json
import sys
from typing import Any

import bpy  # type: ignore[import-not-found,unused-ignore]
import numpy as np

if not hasattr(np, "bool"):
    np.bool = bool  # Debian pairs Blender 3.4, whose importer asks for it, with a numpy that dropped the name


def main() -> None:
    asked = json.loads(sys.argv[sys.argv.index("--") + 1])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = asked["clock"]  # the importer counts keys by it
    bpy.ops.import_scene.gltf(filepath=asked["file"])
    curves = [curve for action in bpy.data.actions for curve in action.fcurves]
    shapes = {curve.data_path.split('"')[1]: curve for curve in curves
              if curve.data_path.startswith("key_blocks")}
    told = {"numbers": {name: [curve.evaluate(frame) for frame in asked["frames"]]
                        for name, curve in shapes.items()},
            "keys": sum(len(curve.keyframe_points) for curve in shapes.values()),
            "points": [posed(scene, frame) for frame in asked["posed"]]}
    with open(asked["told"], "w", encoding="utf-8") as file:
        json.dump(told, file)
    if asked["export"]:
        scene.frame_start, scene.frame_end = 0, int(asked["frames"][-1])
        bpy.ops.export_scene.gltf(filepath=asked["export"], export_format="GLB", export_frame_range=True,
                                  export_force_sampling=True)


def posed(scene: Any, frame: float) -> list[float]:
    """Points of all meshes in the file's axes (y up), metres; Blender's z is up."""
    scene.frame_set(int(frame), subframe=frame - int(frame))
    graph = bpy.context.evaluated_depsgraph_get()
    numbers: list[float] = []
    for thing in scene.objects:
        if thing.type == "MESH" and thing.name in bpy.context.view_layer.objects:
            face = thing.evaluated_get(graph)
            points = [face.matrix_world @ vertex.co for vertex in face.data.vertices]
            numbers += [number for p in points for number in (p.x, p.z, -p.y)]
    return numbers


main()
