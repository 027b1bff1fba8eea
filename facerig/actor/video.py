"""Curves read off a video by MediaPipe's FaceLandmarker, with the user's own model file.

Google publishes `face_landmarker.task` on its page of the Face Landmarker; the Python package `mediapipe`
brings the runtime, but no model. Its 52 blendshapes are ARKit's without tongueOut, and it barely moves
cheekPuff, mouthFunnel,
mouthUpperUp, mouthShrug and tongueOut: what stays still in a recording keeps the shipped readout.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.actor.sound import ffmpeg
from facerig.core.channels import BY_LOWER_NAME, INDEX, N_CHANNELS
from facerig.core.clock import parse_fps
from facerig.core.curves import CurveClip
from facerig.errors import AudioError, ConfigError, ModelError

Picture = NDArray[np.uint8]
Scores = dict[str, float]
Reader = Callable[[Picture, int], Scores]  # a picture and its time in ms -> blendshapes by name; {}: no face

SAMPLE_RATE: Final = 48_000  # Hz: of a clip that knows no sound
WIDEST: Final = 1280  # pixels; wider pictures are made smaller: the landmarker looks at 256 x 256 anyway
TASK_URL: Final = "https://ai.google.dev/edge/mediapipe/solutions/vision/face_landmarker"


@contextmanager
def landmarker(task: Path) -> Iterator[Callable[[], Reader]]:
    """Opens readers with the landmarker of a .task file; a reader follows one video's face.

    Raises ConfigError where mediapipe is missing and ModelError for a file that it does not take.
    """
    vision, base, image = _mediapipe()
    if not task.is_file():
        raise ModelError("there is no such file", where=str(task), fix=f"download it from {TASK_URL}")
    open_now: list[Any] = []

    def reader() -> Reader:
        options = vision.FaceLandmarkerOptions(
            base_options=base(model_asset_path=str(task)), running_mode=vision.RunningMode.VIDEO, num_faces=1,
            output_face_blendshapes=True)
        try:
            found = vision.FaceLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"mediapipe does not take it as a face landmarker: {error}", where=str(task),
                             fix=f"download face_landmarker.task from {TASK_URL}") from None
        open_now.append(found)

        def read(picture: Picture, milliseconds: int) -> Scores:
            frame = image.Image(image_format=image.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
            faces = found.detect_for_video(frame, milliseconds).face_blendshapes
            return {shape.category_name: float(shape.score) for shape in faces[0]} if faces else {}

        return read

    try:
        yield reader
    finally:
        for one in open_now:
            one.close()


def _mediapipe() -> tuple[Any, Any, Any]:
    try:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision
    except ImportError:
        raise ConfigError("mediapipe is not installed, and faces are read off videos with it",
                          where="--landmarker", fix='pip install "facerig[fit-video]"') from None
    return vision, BaseOptions, mediapipe


def curves_of_video(path: Path, read: Reader) -> CurveClip:
    """The face of a video as a clip at the video's rate; rows without a face are zero.

    Raises AudioError for a file without readable pictures, ConfigError where no face is seen at all.
    """
    fps = _rate(path)
    with _pictures(path, fps) as pictures:
        rows = [canonical(read(picture, int(index * 1000 / fps))) for index, picture in enumerate(pictures)]
    values = np.stack(rows) if rows else np.zeros((0, N_CHANNELS), np.float32)
    if not np.any(values):
        raise ConfigError("no face is seen in the video", where=str(path),
                          fix="give a video that shows one face from the front, lit well")
    return CurveClip(values, fps, SAMPLE_RATE)


def canonical(scores: Scores) -> NDArray[np.float32]:
    """Blendshapes by name as the canonical curves [61]; what is not ARKit's (_neutral) is left out."""
    row = np.zeros(N_CHANNELS, np.float32)
    for name, score in scores.items():
        if name.lower() in BY_LOWER_NAME:
            row[INDEX[BY_LOWER_NAME[name.lower()]]] = score
    return row


def _rate(path: Path) -> Fraction:
    """Pictures a second, as ffmpeg tells them of the first video track."""
    done = subprocess.run([ffmpeg(), "-hide_banner", *_source(path)], capture_output=True, check=False)
    words = done.stderr.decode("utf-8", "replace")
    found = re.search(r"Stream #.*Video:.*?(\d+(?:\.\d+)?) fps", words)
    if found is None:
        last = words.strip().splitlines()[-2:-1]  # the last but one: then comes "at least one output file"
        raise AudioError(f"no pictures can be read from it ({' '.join(last) or 'no video track'})",
                         where=str(path), fix="convert it to MP4 (H.264) with a constant rate")
    return parse_fps(found[1])


def _source(path: Path) -> list[str]:
    return ["-nostdin", "-protocol_whitelist", "file", "-i", f"file:{path}"]


@contextmanager
def _pictures(path: Path, fps: Fraction) -> Iterator[Iterator[Picture]]:
    """A video's pictures, upright, at a constant rate from the start of its time."""
    smaller = f"fps={fps}:start_time=0,scale='min({WIDEST},iw)':-2"
    command = [ffmpeg(), "-loglevel", "error", *_source(path), "-map", "0:v:0", "-vf", smaller,
               "-f", "image2pipe", "-c:v", "ppm", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield _ppm(process.stdout) if process.stdout else iter(())
        finally:
            process.kill()


def _ppm(stream: IO[bytes]) -> Iterator[Picture]:
    """Pictures of a stream of binary PPM files, up to its end or to one that is cut short."""
    while stream.readline().startswith(b"P6"):
        width, height = (int(number) for number in stream.readline().split())
        stream.readline()  # 255
        data = stream.read(width * height * 3)
        if len(data) < width * height * 3:
            return
        yield np.frombuffer(data, np.uint8).reshape(height, width, 3)
