"""What a reader of ours, or a pipeline's script, may ask of a file beyond what its format says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from facerig.core.curves import CurveClip
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.face_scene import FaceScene
from facerig_exporters.livelink_csv import timecode


def facts(scene: FaceScene, clip: CurveClip | None, info: ExportInfo, path: Path) -> dict[str, Any]:
    """The exact frame rate, the first frame's timecode, the rig, the sound beside `path`, and what a full
    morph weight means where that is not 1."""
    out: dict[str, Any] = {
        "frameRate": str(info.fps), "frames": 0 if clip is None else len(clip),
        "startFrame": info.start_frame, "rig": info.rig,
        "timecode": timecode(0, info.fps, info.start_frame, drop_frame=info.drop_frame).removesuffix(".000")}
    if info.audio_path is not None:
        out["audio"] = beside(info.audio_path, path)
    full = {morph.name: morph.full for morph in scene.morphs if morph.full != 1}
    return out | ({"valueAtFullWeight": full} if full else {})


def beside(audio: Path, path: Path) -> str:
    """`audio` as seen from the folder of `path`, with forward slashes; whole where they share no disk."""
    try:
        return Path(os.path.relpath(audio, path.parent)).as_posix()
    except ValueError:
        return audio.resolve().as_posix()
