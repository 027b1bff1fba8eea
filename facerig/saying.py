"""Text to a speaking face: a voice says it, the sound is written, and the face is animated from that sound.

    done = say_to("Hello there.", "line.wav", ["line.csv", "line.glb"])
    spoken = say("Hello there.")                 # spoken.samples and spoken.clip, on one clock

Curves are made from the very samples that are written, so frame k stands at k / fps seconds of the file. An
English text also steers the lips (facerig.script), as in `animate --text`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from facerig.animation import AnimateReport, AnimateSettings, animate_to, session_for
from facerig.core.curves import CurveClip
from facerig.encoder.model import open_model
from facerig.errors import ConfigError, OutputError
from facerig.exporting import rate_of
from facerig.rig import Retarget, load_rig
from facerig.script.guide import ScriptReport
from facerig.script.words import check_reader, is_english
from facerig.sinks.files import written_aside
from facerig.voices import Speech, Voice, speak

# ending  how soundfile calls it; no lossy format, for those begin a little later than they say
SOUND_FORMATS: Final = {".wav": "WAV", ".flac": "FLAC"}
MODEL: Final = "offline"  # the whole line is there: nothing is gained by not hearing ahead
Progress = Callable[[float, float | None], None]  # seconds done, seconds in all (None: unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class SayReport:
    """What `say_to` did. seconds: of sound; remarks: on the text; faces: of each file of curves."""

    sound: Path
    voice: str
    seconds: float
    sample_rate: int
    remarks: tuple[str, ...]
    faces: tuple[AnimateReport, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as sound, float32 [n] in [-1, 1] at `sample_rate`, and the face that says it.

    script: what became of the text as a guide for the lips, None where it was none.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    clip: CurveClip
    script: ScriptReport | None = None


def say_to(text: str, sound: str | Path, curves: Iterable[str | Path] = (), *, voice: str | Voice = "",
           language: str = "", sample_rate: int | None = None, settings: AnimateSettings | None = None,
           progress: Progress | None = None) -> SayReport:
    """Speak `text` into `sound` (.wav or .flac, 16 bit, mono), and its face into each file of `curves`.

    voice, language, sample_rate: see `facerig.voices.speak`. settings: how the face is animated; their text
    and language are those of this text, their model "offline" where they name none, and their rate gives way
    to the only one that a format has.

    Every file is there whole or not at all; the sound comes first. Raises ConfigError, AudioError,
    OutputError and what `animate_to` raises.
    """
    sound, outs = Path(sound), [Path(out) for out in curves]
    kind = sound_format(sound)
    rates = {out: rate_of(out) for out in outs}  # raises for an ending that nobody writes
    speech = speak(text, voice, language=language, sample_rate=sample_rate)
    settings, guide = guided(speech, settings or AnimateSettings()) if outs else (settings, ())
    n_samples = 0
    with written_aside(sound) as aside, soundfile.SoundFile(
            aside, "w", samplerate=speech.sample_rate, channels=1, format=kind, subtype="PCM_16") as file:
        for piece in speech:
            file.write(piece)
            n_samples += len(piece)
            if progress is not None:
                progress(n_samples / speech.sample_rate, None)
    faces = tuple(animate_to(sound, out, _at(settings or AnimateSettings(), rates[out]), progress)
                  for out in outs)
    return SayReport(sound=sound, voice=speech.voice.name, seconds=n_samples / speech.sample_rate,
                     sample_rate=speech.sample_rate, remarks=(*speech.remarks, *guide), faces=faces)


def say(text: str, *, voice: str | Voice = "", language: str = "", sample_rate: int | None = None,
        settings: AnimateSettings | None = None) -> Spoken:
    """`text` as sound and face at once; the arguments are those of `say_to`. The rig is the settings'."""
    speech = speak(text, voice, language=language, sample_rate=sample_rate)
    settings, _ = guided(speech, settings or AnimateSettings())
    engine = None if settings.export.rig is None else Retarget(load_rig(settings.export.rig))
    session = session_for(settings, speech.sample_rate)
    heard, clips = list[NDArray[np.float32]](), list[CurveClip]()
    for piece in speech:
        heard.append(piece)
        clips.append(session.feed(piece))
    clip = CurveClip.joined([*clips, session.flush()])
    return Spoken(np.concatenate(heard), speech.sample_rate, clip if engine is None else engine.clip(clip),
                  session.script_report)


def sound_format(sound: Path) -> str:
    """How soundfile calls what `sound` ends in. Raises OutputError for another ending."""
    kind = SOUND_FORMATS.get(sound.suffix.lower())
    if kind is None:
        raise OutputError(f"sound is not written as {sound.suffix or sound.name!r}", where=str(sound),
                          fix=f"use one of the endings {', '.join(SOUND_FORMATS)}")
    return kind


def guided(speech: Speech, settings: AnimateSettings) -> tuple[AnimateSettings, Sequence[str]]:
    """The settings with the text that is spoken where it can steer the lips, and a remark where not."""
    settings = replace(settings, model=settings.model or MODEL, text=None)
    if speech.language and not is_english(speech.language):
        return settings, (f"the text does not steer the lips: only English does, not {speech.language!r}",)
    if not open_model(settings.model or MODEL)[1].phones:
        return settings, (f"the text does not steer the lips: the model {settings.model!r} hears no phones",)
    try:
        check_reader()
    except ConfigError as problem:
        return settings, (f"the text does not steer the lips: {problem.what}; {problem.fix}",)
    return replace(settings, text=speech.text, language="en"), ()


def _at(settings: AnimateSettings, rate: Fraction | None) -> AnimateSettings:
    return settings if rate is None else replace(settings, fps=rate)
