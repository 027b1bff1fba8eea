"""A model file for an actor, from takes to file: the recipe in one place.

    report = fit_to([Path("takes/")], Path("anna.onnx"), FitSettings(name="Anna"))

Takes are split by leaving out: every take is judged by a readout that never saw it, through the same lips
that will animate. The file written is taught by all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.actor import timing, writing
from facerig.actor.hidden import Heard, Listener
from facerig.actor.judging import CurveResult, Judged, decoded, judged
from facerig.actor.learning import Learned, learn
from facerig.actor.sound import read_sound
from facerig.actor.takes import TakeFiles, find_takes
from facerig.actor.targets import SPEECH, Lesson, face_seen, lesson, tracks_of
from facerig.actor.video import Reader, curves_of_video, landmarker
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.curves import CurveClip
from facerig.curve_files import read_curves
from facerig.encoder.lips import LipSettings
from facerig.encoder.tracks import CURVE_TRACKS, TRACKS
from facerig.errors import ConfigError, FacerigError, ModelError

Floats = NDArray[np.float64]
Progress = Callable[[float, float | None], None]  # takes done, takes in all
Loaded = tuple[TakeFiles, Heard, CurveClip, timing.Match]
Problem = tuple[TakeFiles, FacerigError]

LEAST_SPEECH_SECS: Final = 30.0  # all takes together; a readout learnt from less is noise
LARGEST: Final = 1.5  # a curve beyond it is not in ARKit's range
AROUND_KNOTS: Final = 30  # of speech, that tell its lag as well
_JAW, _VOICE = CURVE_TRACKS.index("jawOpen"), TRACKS.index("voice")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """How an actor's model is made."""

    name: str = "actor"  # written into the file
    source: str = ""  # where the data comes from, in words; the file says so
    model: str = "live"  # what is fitted: "live", "offline" or the path of an .onnx file
    landmarker: Path | None = None  # MediaPipe's face_landmarker.task, for videos without curves
    keep: tuple[str, ...] = ()  # curves to leave as shipped: what the tracker hardly sees


@dataclass(frozen=True, slots=True)
class Take:
    """A recording as the model hears it and as a tracker saw it; lag and clock are taken off `frame_secs`."""

    name: str
    heard: Heard
    clip: CurveClip
    frame_secs: Floats
    lesson: Lesson
    lag: timing.Lag

    @property
    def speech_secs(self) -> float:
        """Seconds of speech with a face."""
        return float((self.lesson.speech & self.lesson.seen).sum()) / KNOT_RATE_HZ


@dataclass(frozen=True, slots=True)
class FitReport:
    """What `fit_to` did. `shown` is the take that a picture would show, judged while left out."""

    out: Path
    name: str
    kind: str
    takes: tuple[Take, ...]
    curves: tuple[CurveResult, ...]
    width: CurveResult
    shown: Judged
    remarks: tuple[str, ...]

    @property
    def speech_secs(self) -> float:
        """Seconds of speech that the fit had."""
        return _speech_secs(self.takes)


def _speech_secs(takes: Sequence[Take]) -> float:
    return sum(take.speech_secs for take in takes)


def fit_to(inputs: Sequence[Path], out: Path, settings: FitSettings | None = None,
           progress: Progress | None = None) -> FitReport:
    """Fit a model to the takes among `inputs` (files, folders) and write it to `out`.

    The file is there whole or not at all, and has been opened as `--model` opens it. Raises ConfigError for
    takes that cannot teach (no partner, another range, too little speech), AudioError, ModelError or
    OutputError.
    """
    settings = settings or FitSettings()
    writing.check_ending(out)
    _check_keep(settings.keep)
    listener = Listener(settings.model)
    files, remarks = find_takes(inputs, videos=settings.landmarker is not None)
    takes, problems = hear_takes(files, listener, settings, progress)
    remarks = [*remarks, *problems]
    learned = learn([take.heard for take in takes], [take.lesson for take in takes], listener, settings.keep)
    found = judged([take.heard for take in takes], [(t.frame_secs, t.clip.values) for t in takes], learned,
                   listener.info.lips)
    source = settings.source or f"recordings of {settings.name}"
    writing.write_model(out, listener, learned.weight, learned.bias, name=settings.name, source=source,
                        facts={"takes": len(takes), "speech_secs": round(_speech_secs(takes), 1),
                               "fitted": [r.track for r in found.curves if not r.kept]})
    return FitReport(out, settings.name, listener.info.kind, tuple(takes), found.curves, found.width,
                     found.shown, tuple([*remarks, *_notices(takes, learned)]))


def hear_takes(files: Sequence[TakeFiles], listener: Listener, settings: FitSettings,
               progress: Progress | None = None) -> tuple[list[Take], list[str]]:
    """Every take that can teach, and a remark for each that cannot.

    Raises the error of the first take where none can, and ConfigError for too little speech.
    """
    loaded, problems = _loaded(files, listener, settings, progress)
    takes, remarks = [], [f"{file.name} is left out: {error.what}" for file, error in problems]
    lags = timing.lags([found for *_, found in loaded])
    for (file, heard, clip, _), lag in zip(loaded, lags, strict=True):
        if problem := _mismatch(lag):
            remarks.append(f"{file.name} is left out: {problem}")
            continue
        frame_secs = clip.times_secs * lag.clock - lag.secs
        taught = lesson(heard, clip, frame_secs, listener.info.lips.strength)
        takes.append(Take(file.name, heard, clip, frame_secs, taught, lag))
    if not loaded:
        raise problems[0][1]
    _check_enough(takes, remarks)
    return takes, remarks


def _loaded(files: Sequence[TakeFiles], listener: Listener, settings: FitSettings, progress: Progress | None
            ) -> tuple[list[Loaded], list[Problem]]:
    loaded, problems = list[Loaded](), list[Problem]()
    with ExitStack() as stack:
        reader = stack.enter_context(landmarker(settings.landmarker)) if settings.landmarker else None
        for done, file in enumerate(files):
            if progress is not None:
                progress(done, len(files))
            try:
                clip = _clip(file, reader)
                heard = listener.hear(*read_sound(file.sound))
            except FacerigError as error:
                if isinstance(error, ModelError):  # it would fail every take
                    raise
                problems.append((file, error))
                continue
            loaded.append((file, heard, clip, _match(heard, clip, listener.info.lips)))
    return loaded, problems


def _clip(file: TakeFiles, reader: Callable[[], Reader] | None) -> CurveClip:
    if file.curves is None:
        if reader is None or file.video is None:  # `find_takes` gives none such
            raise ConfigError("there are no curves", where=str(file.sound), fix="give --landmarker")
        return curves_of_video(file.video, reader())
    clip = read_curves(file.curves)
    top = float(np.max(tracks_of(clip.values), initial=0.0))
    if top > LARGEST:
        raise ConfigError(f"its curves reach {top:.3g}, ARKit's end at 1", where=str(file.curves),
                          fix="export the curves from 0 to 1, not in percent")
    return clip


def _match(heard: Heard, clip: CurveClip, lips: LipSettings) -> timing.Match:
    speech = heard.tracks.reshape(-1, len(TRACKS))[:, _VOICE] > SPEECH
    near = np.convolve(speech, np.ones(min(2 * AROUND_KNOTS + 1, len(speech))), "same") > 0.5
    jaw = tracks_of(decoded(heard, lips))[:, _JAW]
    return timing.match(heard.times_secs.ravel(), jaw, near.astype(np.float64), clip.times_secs,
                        tracks_of(clip.values)[:, _JAW])


def _mismatch(lag: timing.Lag) -> str:
    """Why a take's curves and sound do not belong together, or nothing."""
    if lag.r < timing.LEAST_R:
        return f"its jaw does not follow its sound (r {lag.r:.2f}); are they of one take?"
    if abs(lag.secs) > timing.MAX_LAG_SECS:
        return (f"its curves are {abs(lag.secs):.2f} s {'behind' if lag.secs > 0 else 'ahead of'} its sound; "
                "cut both to one start")
    return ""


def _check_keep(names: Sequence[str]) -> None:
    for name in names:
        if name not in CURVE_TRACKS:
            raise ConfigError(f"there is no curve {name!r} to keep", where="--keep",
                              fix=f"give some of {', '.join(CURVE_TRACKS)}")


def _check_enough(takes: Sequence[Take], remarks: Sequence[str]) -> None:
    found = _speech_secs(takes)
    if found < LEAST_SPEECH_SECS:
        raise ConfigError(f"there are {found:.0f} s of speech with a face to it; a fit needs at least "
                          f"{LEAST_SPEECH_SECS:.0f} s" + "".join(f"; {r}" for r in remarks[:3]), where="fit",
                          fix="record more: two to five minutes of varied sentences are right")


def _notices(takes: Sequence[Take], learned: Learned) -> list[str]:
    said = [f"{take.name}: curves {abs(take.lag.secs) * 1000:.0f} ms "
            f"{'behind' if take.lag.secs > 0 else 'ahead of'} the sound, moved by it"
            for take in takes if abs(take.lag.secs) >= 0.02]
    if len(said) > 3:
        lags_ms = [take.lag.secs * 1000 for take in takes]
        said = [f"curves behind the sound by {np.median(lags_ms):.0f} ms (median of {len(takes)} takes; "
                f"{min(lags_ms):.0f} to {max(lags_ms):.0f}), moved by it"]
    said += [f"{take.name}: its clock runs {'slow' if take.lag.clock > 1 else 'fast'} by 0.1 %, as 29.97 fps "
             "taken for 30 does; set right" for take in takes if take.lag.clock != 1.0]
    lost = sum(float((~face_seen(take.clip.values)).sum() / take.clip.fps) for take in takes)
    if lost >= 1.0:
        said.append(f"no face for {lost:.0f} s, left out")
    return said + learned.notices()
