"""Files to faces: a recording through a `Session`, as a stream of pieces, one clip, or a file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from facerig.audio.channels import Channel, select
from facerig.audio.reader import AudioSource, open_audio
from facerig.core.clock import parse_fps
from facerig.core.curves import CurveClip
from facerig.encoder.lips import LipSettings
from facerig.session import Session
from facerig.sinks.exporter import ExportInfo
from facerig.sinks.files import written_aside
from facerig.sinks.formats import exporter_for

Progress = Callable[[float, float | None], None]  # seconds done, seconds in all (None: unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimateSettings:
    """How a recording is animated; the same words as the command line's options."""

    fps: Fraction = Fraction(60)  # what engines play; animators ask for 24 or 30
    model: str = "live"  # "live", "offline" or the path of an .onnx file
    seed: int = 0  # another seed is another character: other blinks
    channel: Channel = "mix"  # mix, left, right or an index from 0
    blinks: bool = True
    lips: LipSettings | None = None  # None: the thresholds chosen for the model
    allow_truncated: bool = False  # animate what a damaged file still holds


@dataclass(frozen=True, slots=True)
class AnimateReport:
    """What `animate_to` did. `seconds`: of sound; `realtime_factor`: computing time per second of sound."""

    out: Path
    frames: int
    seconds: float
    fps: Fraction
    lookahead_ms: float
    realtime_factor: float
    remarks: tuple[str, ...]


def session_for(settings: AnimateSettings, sample_rate: int) -> Session:
    """A session of these settings."""
    return Session(sample_rate, fps=settings.fps, model=settings.model, seed=settings.seed,
                   blinks=settings.blinks, lips=settings.lips)


def pieces(source: AudioSource, session: Session, settings: AnimateSettings, progress: Progress | None = None
           ) -> Iterator[CurveClip]:
    """The frames of an open recording as they are computed, in constant memory; every piece holds frames."""
    total = None if source.claimed_frames is None else source.claimed_frames / source.sample_rate
    for block in source.blocks():
        clip = session.feed(select(block, settings.channel, str(source.path)))
        if progress is not None:
            progress(source.frames_read / source.sample_rate, total)
        if len(clip):
            yield clip
    if len(clip := session.flush()):
        yield clip


def stream(source: str | Path, settings: AnimateSettings | None = None, progress: Progress | None = None
           ) -> Iterator[CurveClip]:
    """The frames of a sound file as they are computed, in constant memory.

    Raises AudioError, ConfigError or ModelError for what cannot be used.
    """
    settings = settings or AnimateSettings()
    with open_audio(Path(source), allow_truncated=settings.allow_truncated) as audio:
        yield from pieces(audio, session_for(settings, audio.sample_rate), settings, progress)


def animate(source: str | Path, *, fps: str | int | float | Fraction = 60, model: str = "live", seed: int = 0,
            channel: Channel = "mix", blinks: bool = True, progress: Progress | None = None) -> CurveClip:
    """A sound file as one CurveClip: values float32 [T, 61], frame k at k / fps seconds of the sound.

    source: WAV, FLAC, OGG (Vorbis, Opus) or MP3, 8 to 192 kHz, any channel count, at least 50 ms.
    The other arguments are those of `AnimateSettings`. Raises AudioError, ConfigError or ModelError.
    """
    settings = AnimateSettings(fps=parse_fps(fps), model=model, seed=seed, channel=channel, blinks=blinks)
    return CurveClip.joined(list(stream(source, settings, progress)))


def animate_to(source: str | Path, out: str | Path, settings: AnimateSettings | None = None,
               progress: Progress | None = None) -> AnimateReport:
    """Animate a sound file into a curve file; the ending of `out` picks the exporter.

    The file is there whole or not at all. Raises OutputError besides what `stream` raises.
    """
    settings, out = settings or AnimateSettings(), Path(out)
    exporter, began = exporter_for(out), time.perf_counter()
    with open_audio(Path(source), allow_truncated=settings.allow_truncated) as audio:
        session = session_for(settings, audio.sample_rate)
        info = ExportInfo(fps=session.fps, sample_rate=audio.sample_rate, audio_path=Path(source))
        with written_aside(out) as aside:
            frames = exporter.write(aside, pieces(audio, session, settings, progress), info)
        seconds = audio.frames_read / audio.sample_rate
        remarks = tuple(audio.remarks)
    return AnimateReport(out, frames, seconds, session.fps, float(session.lookahead.total * 1000),
                         (time.perf_counter() - began) / seconds, remarks)
