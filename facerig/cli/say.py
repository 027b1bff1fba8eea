"""`facerig say`: text to sound and the face that speaks it. `facerig voices`: who can say it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from facerig.cli import options, plan
from facerig.cli.acting import Acting, performance_of, scene_of, with_acting
from facerig.cli.remarks import late, remarks_on
from facerig.cli.report import Report
from facerig.cli.texts import LARGEST_BYTES
from facerig.cli.writing import Writing, export_settings, with_writing
from facerig.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from fractions import Fraction

    from facerig.animation import AnimateReport, AnimateSettings
    from facerig.saying import SayReport
    from facerig.voices import Voice

STDIN: Final = "-"
PANEL: Final = "Who says it"
NAMED_WORDS: Final = 8  # of those that were not found

EXAMPLES: Final = """
[bold]Examples[/bold]

  facerig say "Hello there." -o line.wav --curves line.csv

  facerig say "Halt! Who goes there?" -o line.wav --curves line.glb --emotion anger:0.6

  facerig say --text-file speech.txt -o speech.flac --curves speech.fbx --fps 24

  facerig say "Bonjour." -o line.wav --curves line.csv --voice-command "espeak-ng -v fr -w {out} {text}"

  facerig say "Hello." -o line.wav --sample-rate 48000 --voice amy.toml

The curves are made from the very sound that is written. `facerig voices` lists the voices, `facerig formats`
the endings of --curves.
"""


def _option(*names: str, **how: Any) -> Any:
    return typer.Option(*names, rich_help_panel=PANEL, **how)


@with_writing
@with_acting
def say(
    text: Annotated[str | None, typer.Argument(
        metavar="TEXT", help="What is said; - reads standard input.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(
        "-o", "--out", metavar="SOUND", help="Sound to write: .wav or .flac.", show_default=False)] = None,
    curves: Annotated[list[Path] | None, typer.Option(
        metavar="FILE", help="The face, in the format of the ending; may be given again.")] = None,
    text_file: Annotated[Path | None, typer.Option(metavar="FILE", help="The text from a file.")] = None,
    voice: Annotated[str, _option(
        metavar="NAME|FILE", help="A name of `facerig voices`, or a voice file: amy.toml.  "
                                  "[dim]\\[default: hibari][/dim]", show_default=False)] = "",
    voice_command: Annotated[str | None, _option(
        metavar="COMMAND", help='A program as the voice: "espeak-ng -w {out} {text}".')] = None,
    language: Annotated[str, _option(
        metavar="TAG", help="Of the text: en, de ...  [dim]\\[default: the voice's][/dim]",
        show_default=False)] = "",
    sample_rate: Annotated[int | None, _option(
        metavar="HZ", help="Of the sound.  [dim]\\[default: the voice's][/dim]")] = None,
    rig: options.Rig = None,
    fps: Annotated[str | None, typer.Option(
        metavar="RATE", help="Frames per second: 24, 29.97, 30000/1001, 60 ...  "
                             "[dim]\\[default: 60, or the format's own][/dim]")] = None,
    model: Annotated[str | None, typer.Option(
        metavar="NAME", help=f"{options.MODELS}  [dim]\\[default: offline][/dim]")] = None,
    seed: options.Seed = None,
    no_corrections: options.NoCorrections = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    *,
    acting: Acting,
    writing: Writing,
) -> None:
    """Speak a text: sound, and curves of the face that says it, on one clock."""
    from facerig.animation import DEFAULT_FPS, AnimateSettings
    from facerig.core.clock import parse_fps
    from facerig.saying import say_to

    report, scene, faces = Report(json=json, quiet=quiet), scene_of(acting), curves or []
    said = _text(text, text_file)
    if out is None:
        raise ConfigError("nothing to write", where="-o", fix="name the sound: -o line.wav")
    speaker = _voice(voice, voice_command)
    rate = scene.fps if fps is None else parse_fps(fps)
    settings = AnimateSettings(fps=rate or DEFAULT_FPS, model=options.model_of(model, scene, acting.settings),
                               seed=options.seed_of(seed, scene), performance=performance_of(acting, scene),
                               corrections=not no_corrections, export=export_settings(writing, rig))
    _check(out, faces, rate)
    for remark in remarks_on(acting, settings.performance):
        report.log(remark)
    with report.progress(out.name) as progress:
        done = say_to(said, out, faces, voice=speaker, language=language, sample_rate=sample_rate,
                      settings=settings, progress=progress)
    _tell(done, report, acting, settings)


def voices(
    files: Annotated[list[Path] | None, typer.Argument(
        metavar="FILE", help="Voice files to check and list beside the installed ones.")] = None,
    json: options.Json = False,
) -> None:
    """List the voices that `say` can use."""
    from facerig.voices import voices as installed
    from facerig.voices.voice import variants_of

    report, found = Report(json=json), installed().with_files(files or ())
    for voice in found.classes:
        _list(report, voice, variants_of(voice))
    for made in found.made.values():
        _list(report, made, ())
    for problem in found.problems:
        report.log(problem)


def _list(report: Report, voice: Voice | type[Voice], variants: tuple[str, ...]) -> None:
    spoken = " ".join(voice.languages) or "any"
    more = f" ({', '.join(f'{voice.name}:{one}' for one in variants)})" if variants else ""
    report.result(f"{voice.name:<12} {spoken:<8} {voice.summary}{more}", name=voice.name,
                  languages=voice.languages, summary=voice.summary, variants=variants)


def _text(text: str | None, file: Path | None) -> str:
    """What is said. Raises ConfigError where it comes from nowhere, or from two places."""
    if (text is None) == (file is None):
        raise ConfigError("no text" if text is None else "the text comes from two places", where="TEXT",
                          fix='give it in quotes, facerig say "Hello there." ..., or give --text-file')
    if text is not None and text != STDIN:
        return text
    try:
        data = sys.stdin.buffer.read(LARGEST_BYTES + 1) if file is None else _bytes(file)
        if len(data) > LARGEST_BYTES:
            raise ConfigError(f"more than {LARGEST_BYTES // 1_000_000} MB are no text",
                              where=str(file or "standard input"), fix="give a text")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"byte {error.start} is not UTF-8", where=str(file or "standard input"),
                          fix="save the text as UTF-8") from None


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"the text cannot be read ({error.strerror})", where=f"--text-file {file}",
                          fix="check the path") from None


def _voice(name: str, command: str | None) -> str | Voice:
    """The voice that is asked for; files and commands are opened here, for only users may name them."""
    from facerig.voices import CommandVoice, read_voice
    from facerig.voices.voice_file import ENDING

    if name and command is not None:
        raise ConfigError("--voice and --voice-command are two voices", where="--voice-command",
                          fix="give one of them")
    if command is not None:
        return CommandVoice.of_line(command)
    return read_voice(Path(name)) if name.endswith(ENDING) else name


def _check(out: Path, faces: list[Path], fps: Fraction | None) -> None:
    """Raises OutputError now for files that cannot be written, and not when all has been said."""
    from facerig.exporting import check_rate
    from facerig.saying import sound_format
    from facerig.sinks.formats import exporter_for

    sound_format(out)
    seen = {out.resolve()}
    for face in faces:
        exporter = exporter_for(face)
        if fps is not None:
            check_rate(exporter, fps, face)
        if face.resolve() in seen:
            raise OutputError("two outputs would be this one file", where=str(face), fix="name them apart")
        seen.add(face.resolve())
    for file in (out, *faces):
        plan.make_writable(file)


def _tell(done: SayReport, report: Report, acting: Acting, settings: AnimateSettings) -> None:
    remarks = (*done.remarks, *late(acting, done.seconds),
               *(remark for face in done.faces for remark in (*face.remarks, *_of_script(face))))
    for remark in dict.fromkeys(remarks):
        report.log(remark)
    written = ", ".join(f"{face.out}: {face.frames} frames at {face.fps} fps" for face in done.faces)
    report.result(
        f"{done.sound}: {done.seconds:.2f} s by {done.voice}{'; ' if written else ''}{written}",
        output=str(done.sound), voice=done.voice, seconds=done.seconds, sample_rate=done.sample_rate,
        remarks=(*remarks_on(acting, settings.performance), *dict.fromkeys(remarks)),
        curves=[{"output": str(face.out), "frames": face.frames, "fps": str(face.fps),
                 "script": asdict(face.script) if face.script else None} for face in done.faces])


def _of_script(face: AnimateReport) -> list[str]:
    """What became of the text as a guide for the lips, where it was not simply followed."""
    script = face.script
    if script is None:
        return []
    if not script.used:
        return [f"the text does not steer the lips: {script.reason}"]
    more = len(script.missing) - NAMED_WORDS
    words = ", ".join(script.missing[:NAMED_WORDS]) + (f" and {more} more" if more > 0 else "")
    return [f"not found in the sound: {words}"] if words else []
