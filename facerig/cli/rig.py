"""`facerig rig`: rig files of one's own: begin one, check one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import fit_flame, options
from facerig.cli.plan import make_writable
from facerig.cli.report import Report
from facerig.errors import FacerigError, OutputError, RigError

if TYPE_CHECKING:
    from facerig.core.curves import CurveClip
    from facerig.rig import Rig
    from facerig.rig_checking import RigReport

EXAMPLES = """
[bold]Examples[/bold]

  facerig rig new hero

  facerig rig new hero --from hero.glb -o hero.toml

  facerig rig check hero.toml

  facerig animate line.wav --rig hero.toml -o line.fbx

A head (glTF, FBX), a recording of curves or a text with a name a line gives the new rig its names; those that
are ARKit's in any spelling follow it at once.
"""

rig = typer.Typer(help="Rig files of your own: begin one, check one, compute FLAME's.", epilog=EXAMPLES,
                  invoke_without_command=True, rich_markup_mode="rich")

WIDTH = 110  # characters of a line
LABEL = 17  # of a line's label
SHOWN = 8  # names in a line
SAMPLE = ("speech", "hello.flac")  # in assets


@rig.callback()
def _help_of_its_own(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help(), end="")


@rig.command()
def new(
    name: Annotated[str, typer.Argument(
        metavar="NAME", help="Of the rig: lower-case letters, digits, dashes.")],
    out: Annotated[Path | None, typer.Option(
        "-o", "--out", metavar="FILE", help="The file to write.  [dim]\\[default: NAME.toml][/dim]")] = None,
    source: Annotated[Path | None, typer.Option(
        "--from", metavar="FILE",
        help="Whose curves: a head (.glb, .gltf, .fbx), a curve file, or names in a .txt.")] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Begin a rig file: its curves, and what they follow as far as their names tell."""
    from facerig.curve_files.listing import curve_names
    from facerig.rig import load_rig
    from facerig.rig.reading import is_rig_name, parse_rig
    from facerig.rig.starter import starter
    from facerig.sinks.files import written_aside

    report = Report(json=json, quiet=quiet)
    if not is_rig_name(name):
        raise RigError(f"{name[:60]!r} is no name of a rig", where="NAME",
                       fix="use lower-case letters, digits and dashes")
    target = out or Path(f"{name}.toml")
    if target.suffix.lower() != ".toml":
        raise OutputError("a rig is a TOML file", where=str(target), fix="end its name in .toml")
    if target.exists():
        raise OutputError("is there already", where=str(target), fix="name another file with -o")
    found = () if source is None else curve_names(source)
    made = starter(name, str(target), found, load_rig("oculus"))
    parse_rig(made.text.encode(), str(target))  # what a rig cannot hold is told now
    make_writable(target)
    with written_aside(target) as aside:
        aside.write_text(made.text, "utf-8")
    for known in _same_names(found):
        report.log(f"these are the curves of {known}: `--rig {known}` writes them as it is")
    if made.refused:
        report.log(f"left out, for they cannot be names of curves: {_names(made.refused)}")
    count = len(made.guessed) + len(made.open)
    report.result(f"{target}: {count} curves, {len(made.open)} of them to fill in; "
                  f"then `facerig rig check {target}`",
                  output=str(target), name=name, curves=(*made.guessed, *made.open), guessed=made.guessed,
                  open=made.open, refused=made.refused)
    return 0


@rig.command()
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A rig file, or the name of a rig.")],
    picture: Annotated[Path | None, typer.Option(
        metavar="PNG", help="Draw faces as they are, and as the rig gives them back.")] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Read a rig and tell what is wrong with it; where nothing is, what it moves, seals and loses."""
    from facerig.rig import load_rig
    from facerig.rig_checking import check_rig

    report = Report(json=json, quiet=quiet)
    read = load_rig(file)
    if picture is not None:
        make_writable(picture)
    found = check_rig(read, _sample_speech(report))
    report.result(_text(read, found), file=read.file, name=read.name, curves=found.curves, still=found.still,
                  unused=found.unused, untold=found.untold, asymmetric=found.asymmetric, seals=found.seals,
                  opens=found.opens, touches=found.touches,
                  lips={face: asdict(lips) for face, lips in found.lips.items()},
                  speech=None if found.speech is None else asdict(found.speech))
    if picture is not None:
        from facerig.rig_picture import draw_rig

        draw_rig(read, picture)
        report.result(str(picture), output=str(picture))
    return 0


rig.command("fit-flame", epilog=fit_flame.EXAMPLES)(fit_flame.fit_flame)


def _same_names(found: tuple[str, ...]) -> list[str]:
    """Rigs that have just these curves."""
    from facerig.retargeting import known_rigs

    return [one.name for one in known_rigs() if found and set(one.names) == set(found)]


def _sample_speech(report: Report) -> CurveClip | None:
    """The shipped clip animated; None, with a word on it, where there is nothing to run the model with."""
    import facerig_assets
    from facerig.animation import animate

    try:
        return animate(facerig_assets.path(*SAMPLE))
    except FacerigError as problem:
        report.log(f"not tried on speech: {problem.what}")
        return None


def _text(read: Rig, found: RigReport) -> str:
    lines = [f"{read.file or read.name}: right. {read.name}: {read.summary}" if read.summary else
             f"{read.file or read.name}: right."]
    for label, text in [*_curves(found), *_lips(found), *_speech(found)]:
        lines += wrap(text, WIDTH, initial_indent=f"  {label:<{LABEL}}", subsequent_indent=" " * (LABEL + 2))
    return "\n".join(lines)


def _curves(found: RigReport) -> list[tuple[str, str]]:
    rows = [("curves", f"{found.curves}, {len(found.still)} of them never moved: {_names(found.still)}"
             if found.still else f"{found.curves}, all of them moved")]
    if found.unused:
        rows.append(("left aside", f"{_names(found.unused)} move nothing"))
    pairs = [one if one == other else f"{one} / {other}" for one, other in found.asymmetric]
    rows.append(("left and right", f"differ in {_names(pairs)}" if pairs else "alike"))
    if found.untold:
        rows.append(("cannot be read", f"back from it: {_names(found.untold)}"))
    return rows


def _lips(found: RigReport) -> list[tuple[str, str]]:
    seal, contact, vowel = (found.lips[face] for face in ("seal", "contact", "vowel"))
    return [("p b m", "sealed" if found.seals else f"not sealed, {seal.gap_mm:.1f} mm apart: mouthClose must "
             "take jawOpen back, or lipsTogether close the lips"),
            ("f v", "the lower lip meets the teeth" if found.touches else
             f"no lower lip at the upper teeth: {contact.teeth_mm:.1f} mm below them, lips "
             f"{contact.gap_mm:.1f} mm apart"),
            ("open vowels", f"{vowel.gap_mm:.0f} mm" + ("" if found.opens else ": hardly open"))]


def _speech(found: RigReport) -> list[tuple[str, str]]:
    speech = found.speech
    if speech is None:
        return []
    (mean, most), (mm, most_mm), (still, of) = speech.residual, speech.gap_error_mm, speech.sealed
    rows = [(
        "there and back",
        f"speech: its curves within {100 * mean:.2f} % (rms of a frame; {100 * most:.1f} % in the worst), "
        f"lips within {mm:.2f} mm ({most_mm:.1f} at worst), {still} of {of} sealed frames sealed")]
    if speech.lost:
        rows.append(("lost most", ", ".join(f"{name} {error:.2f}" for name, error in speech.lost[:SHOWN])))
    return rows


def _names(names: tuple[str, ...] | list[str]) -> str:
    more = len(names) - SHOWN
    shown = ", ".join(name if name.isprintable() else ascii(name) for name in names[:SHOWN])
    return shown + (f" and {more} more" if more > 0 else "")
