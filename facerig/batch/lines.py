"""One voiced line as it is to be animated: plain values, so that it can go to any worker.

A line is settled before work begins: where its row, its character and the defaults differ, the nearest has
won (facerig/batch/manifest.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

from facerig.animation import AnimateSettings
from facerig.audio.channels import parse_channel
from facerig.core.clock import parse_fps
from facerig.exporting import ExportSettings
from facerig.performance.directions import as_feeling
from facerig.performance.settings import staged
from facerig.performance.style.scene import SceneSettings, read_scene, read_style_apart

MODEL: Final = "offline"  # nobody waits for a batch: the surest lips


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """place: where it is asked for ("lines.csv:12"); audio: path or address of the sound; out: of its files,
    beside the output folder and without an ending ("guards/halt_01"); endings: of the files (".fbx").

    settings: of a scene file; style: of a style file. None: not said.
    """

    place: str
    audio: str
    out: str
    endings: tuple[str, ...]
    text: str | None = None
    language: str = "en"
    character: str = ""
    emotion: str | None = None
    settings: str | None = None
    style: str | None = None
    rig: str | None = None
    fps: str | None = None
    model: str | None = None
    seed: int | None = None
    channel: str = "mix"
    timecode: str | None = None
    every_frame: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """Its files, seen from the output folder."""
        return tuple(self.out + ending for ending in self.endings)

    @property
    def files(self) -> tuple[str, ...]:
        """What it is made from besides the sound: files that it names."""
        rig = self.rig if self.rig is not None and self.rig.endswith(".toml") else None
        model = self.model if self.model is not None and self.model.endswith(".onnx") else None
        return tuple(one for one in (self.settings, self.style, rig, model) if one is not None)


def settings_of(line: Line) -> AnimateSettings:
    """How a line is animated. Raises FacerigError for wishes that are none; reads the files that it names."""
    scene = SceneSettings() if line.settings is None else read_scene(Path(line.settings))
    if line.style is not None:
        scene = scene.restyled(read_style_apart(Path(line.style)))
    performance = staged(scene)
    if line.emotion is not None:
        performance = performance.with_(emotion=as_feeling(line.emotion))
    fps = parse_fps(line.fps) if line.fps is not None else scene.fps
    defaults = AnimateSettings()
    return AnimateSettings(
        fps=fps or defaults.fps, model=line.model or scene.model or MODEL, seed=seed_of(line, scene),
        channel=parse_channel(line.channel), performance=performance, text=line.text, language=line.language,
        export=ExportSettings(rig=line.rig, timecode=line.timecode, every_frame=line.every_frame))


def seed_of(line: Line, scene: SceneSettings) -> int:
    """A character has the same habits in all of its lines: without a seed its name is one."""
    if line.seed is not None:
        return line.seed
    return scene.seed if scene.seed is not None else crc32(line.character.encode())

