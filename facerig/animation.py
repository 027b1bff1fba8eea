"""Files to faces: a recording through a `Session`, as a stream of pieces, one clip, or a file."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from facerig.audio.channels import Channel, select
from facerig.audio.reader import AudioSource, open_audio
from facerig.core.clock import parse_fps
from facerig.core.curves import CurveClip
from facerig.encoder.lips import LipSettings
from facerig.exporting import ExportSettings, Origin, write_curves, writes_said
from facerig.performance.control.overrides_file import overrides_beside, read_overrides
from facerig.performance.directions import Gaze
from facerig.performance.emotion.mixture import Feeling
from facerig.performance.settings import Performance
from facerig.rig import Retarget, load_rig
from facerig.script.guide import ScriptReport
from facerig.script.words import read_script
from facerig.session import Session

DEFAULT_FPS: Final = Fraction(60)
Progress = Callable[[float, float | None], None]  # seconds done, seconds in all (None: unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimateSettings:
    """How a recording is animated; the same words as the command line's options."""

    fps: Fraction = DEFAULT_FPS  # what engines play; animators ask for 24 or 30
    model: str | None = None  # "live", "offline", the path of an .onnx file; None: see `session_for`
    seed: int = 0  # another seed is another character: other blinks, another leading side
    channel: Channel = "mix"  # mix, left, right or an index from 0
    performance: Performance = field(default_factory=Performance)  # emotion, eyes, head ...
    lips: LipSettings | None = None  # None: the thresholds chosen for the model
    allow_truncated: bool = False  # animate what a damaged file still holds
    text: str | None = None  # the words that are spoken, as the script writes them
    language: str = "en"  # of the text; others than English are left to the ears alone
    corrections: bool = True  # an animator's line.face.toml beside line.wav counts
    export: ExportSettings = field(default_factory=ExportSettings)  # rig, timecode, keys


@dataclass(frozen=True, slots=True)
class AnimateReport:
    """What `animate_to` did.

    seconds: of sound; realtime_factor: computing time per second of sound; lookahead_ms: None where a text
    was aligned, for which all is heard first; script: what became of the text, None without one.
    """

    out: Path
    frames: int
    seconds: float
    fps: Fraction
    lookahead_ms: float | None
    realtime_factor: float
    remarks: tuple[str, ...]
    script: ScriptReport | None = None


def session_for(settings: AnimateSettings, sample_rate: int, source: Path | None = None, *,
                phones: bool = False) -> Session:
    """A session of these settings for a sound, with the corrections that lie beside it.

    phones: what is said is asked for, too. Without a model in the settings it is the live one, and the
    offline one where a text or phones are asked for. Raises ConfigError where a text or a file of corrections
    cannot be read.
    """
    performance = settings.performance
    if settings.corrections and source is not None and performance.overrides is None:
        beside = overrides_beside(source)
        overrides = None if beside is None else read_overrides(beside)
        performance = replace(performance, overrides=overrides)
    script = None if settings.text is None else read_script(settings.text, settings.language)
    model = settings.model or ("live" if settings.text is None and not phones else "offline")
    return Session(sample_rate, fps=settings.fps, model=model, seed=settings.seed, performance=performance,
                   lips=settings.lips, script=script, phones=phones)


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
    """The frames of a sound file as they are computed, in constant memory; with a text, all at the end.

    Warns where a text was not used. Raises AudioError, ConfigError or ModelError for what cannot be used.
    """
    settings = settings or AnimateSettings()
    with open_audio(Path(source), allow_truncated=settings.allow_truncated) as audio:
        session = session_for(settings, audio.sample_rate, Path(source))
        yield from pieces(audio, session, settings, progress)
    told = session.script_report
    if told is not None and not told.used:
        warnings.warn(f"{source}: the text was not used, only the sound: {told.reason}", stacklevel=2)


def animate(source: str | Path, *, fps: str | int | float | Fraction = 60, model: str | None = None,
            text: str | None = None, language: str = "en", seed: int = 0, channel: Channel = "mix",
            emotion: str | Feeling | None = None, gaze: Gaze | None = None,
            performance: Performance | None = None, rig: str | Path | None = None,
            progress: Progress | None = None) -> CurveClip:
    """A sound file as one CurveClip: values float32 [T, 61], frame k at k / fps seconds of the sound.

    source: WAV, FLAC, OGG (Vorbis, Opus) or MP3, 8 to 192 kHz, any channel count, at least 50 ms.
    text: what is said, where that is known (English). Its words steer the lips; one that nobody says moves
        nothing, and a text that does not belong to the sound is left aside with a warning.
    emotion: "joy", "joy:0.6,surprise:0.3", "barely holding back tears", ... gaze: "camera", "none" or a point
        (x, y, z) in metres: left, up, ahead of the eyes.
    performance: all of it, and more; STILL is speech alone.
    rig: "metahuman", "vrm", ... or the path of a rig file: curves [T, n] of that rig under its names; the
        canonical ones are in the clip's `face`.
    The other arguments are those of `AnimateSettings`. Raises AudioError, ConfigError, ModelError or
    RigError.
    """
    engine = None if rig is None else Retarget(load_rig(rig))
    asked = (performance or Performance()).with_(emotion=emotion, gaze=gaze)
    settings = AnimateSettings(fps=parse_fps(fps), model=model, seed=seed, channel=channel, performance=asked,
                               text=text, language=language)
    clip = CurveClip.joined(list(stream(source, settings, progress)))
    return clip if engine is None else engine.clip(clip)


def animate_to(source: str | Path, out: str | Path, settings: AnimateSettings | None = None,
               progress: Progress | None = None) -> AnimateReport:
    """Animate a sound file into a curve file; the ending of `out` picks the exporter.

    The file is there whole or not at all. Raises OutputError or RigError besides what `stream` raises.
    """
    settings, out, began = settings or AnimateSettings(), Path(out), time.perf_counter()
    with open_audio(Path(source), allow_truncated=settings.allow_truncated) as audio:
        session = session_for(settings, audio.sample_rate, Path(source), phones=writes_said(out))
        origin = Origin(fps=session.fps, sample_rate=audio.sample_rate, audio_path=Path(source),
                        said=lambda: session.said)
        told: list[str] = []
        frames = write_curves(out, pieces(audio, session, settings, progress), settings.export, origin,
                              told.append)
        seconds = audio.frames_read / audio.sample_rate
        remarks = (*audio.remarks, *told)
    script = session.script_report
    lookahead_ms = None if script is not None and script.used else float(session.lookahead.total * 1000)
    return AnimateReport(out, frames, seconds, session.fps, lookahead_ms,
                         (time.perf_counter() - began) / seconds, remarks, script)
