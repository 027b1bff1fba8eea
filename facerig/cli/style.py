"""`facerig style`: extract a character's style from recorded curves, show it, blend two."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import options, plan
from facerig.cli.report import Report
from facerig.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from facerig.performance.style.measure import Measured
    from facerig.performance.style.style import Style

EXAMPLES = """
[bold]Examples[/bold]

  facerig style extract ref.csv -o hero.toml

  facerig style show hero.toml

  facerig style blend calm.toml hero.toml 0.3 -o c.toml

  facerig animate line.wav -o line.csv --style hero.toml

The reference is a Live Link Face CSV, a CSV with a time column, or Audio2Face's JSON: a minute of speech is
right. The file can be edited by hand; docs/style.md says what may stand in it.
"""

style = typer.Typer(help="How one character moves, as a small file: extract, show, blend.", epilog=EXAMPLES,
                    invoke_without_command=True, rich_markup_mode="rich")

WIDTH = 110  # characters of a line
KEPT = "\u00a0"  # a space at which no line is broken
UNRANGED = {  # what settings do that are no numbers
    "blinks.state": "what the character is at: conversation, rest or reading",
    "listening.attitude": "of the listener: positive, neutral or negative",
    "curves.active": "false takes the curve out",
}
CLAMPS = ("min", "max")  # of a curve: none by default

Out = Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="The style file to write, .toml.")]


@style.callback()
def _help_of_its_own(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help(), end="")


@style.command()
def extract(
    reference: Annotated[list[Path], typer.Argument(
        metavar="REF", help="Curves of one character: Live Link Face CSV, CSV with times, JSON.")],
    out: Out,
    name: Annotated[str, typer.Option(metavar="NAME", help="The character; without it, the file's.")] = "",
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Find a character's style in recorded curves: ranges, sides, blinks, looks, head."""
    import numpy as np

    from facerig.curve_files import read_curves
    from facerig.performance.style.extract import extracted
    from facerig.performance.style.measure import measured

    report = Report(json=json, quiet=quiet)
    _check(out, reference)
    clips = [read_curves(path) for path in reference]
    for path, clip in zip(reference, clips, strict=True):
        if clip.fps != clips[0].fps:
            raise ConfigError(f"has {clip.fps} frames a second, {reference[0]} {clips[0].fps}",
                              where=str(path), fix="extract a style from each, and blend them")
    found = measured(np.concatenate([clip.values for clip in clips]), float(clips[0].fps))
    made = extracted(found, name or out.stem)
    _write(made.style, out)
    for remark in made.remarks:
        report.log(remark)
    text = f"{out}: the style of {found.secs:.0f} s of curves\n{_found_text(found)}\n\n{made.style.text()}"
    report.result(text.rstrip(), output=str(out), found=asdict(found), style=made.style.document(),
                  remarks=made.remarks)
    return 0


@style.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="STYLE", help="A style file.")],
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Check a style file, and show what it changes: value, what it is without, what it does."""
    from facerig.performance.style.style import read_style

    it = read_style(file)
    rows = _rows(it)
    lines = [f"{it.name or file.name}: {len(rows)} settings",
             *(f"  {name:<32} {value!s:<14} (else {else_}) {why}" for name, value, else_, why in rows)]
    Report(json=json, quiet=quiet).result("\n".join(lines), file=str(file), style=it.document())
    return 0


@style.command()
def blend(
    first: Annotated[Path, typer.Argument(metavar="A", help="The style at a share of 0.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The style at a share of 1.")],
    share: Annotated[float, typer.Argument(metavar="SHARE", min=0, max=1, help="How much of B, 0 to 1.")],
    out: Out,
    name: Annotated[str, typer.Option(metavar="NAME", help="Of the new style; the file's without it.")] = "",
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Write the style between two."""
    from facerig.performance.style.style import blended, read_style

    _check(out, [first, second])
    made = blended(read_style(first), read_style(second), share, name or out.stem)
    _write(made, out)
    Report(json=json, quiet=quiet).result(f"{out}: {share:g} of the way from {first} to {second}",
                                          output=str(out), style=made.document())
    return 0


def _check(out: Path, inputs: list[Path]) -> None:
    """Raise OutputError now for a file that is no style, is an input, or cannot be written."""
    plan.check_no_input(out, inputs)
    if out.suffix.lower() != ".toml":
        raise OutputError("a style is a TOML file", where=str(out), fix="end its name in .toml")
    plan.make_writable(out)


def _write(made: Style, out: Path) -> None:
    from facerig.sinks.files import written_aside

    with written_aside(out) as path:
        path.write_text(made.text(), "utf-8", newline="\n")


def _rows(it: Style) -> list[tuple[str, object, object, str]]:
    """Every setting of a style: name, value, default, what it does."""
    from facerig.performance.control.controls import CurveControl
    from facerig.performance.knobs import knobs
    from facerig.performance.style.style import SECTIONS

    document = it.document()
    rows: list[tuple[str, object, object, str]] = []
    for section, settings in SECTIONS.items():
        why = {field.name: knob.why for field, knob in knobs(settings)}
        default = settings()
        rows += [(f"{section}.{key}", value, getattr(default, key), _why(why, section, key))
                 for key, value in document.get(section, {}).items()]
    why = {field.name: knob.why for field, knob in knobs(CurveControl)}
    for curve, told in document.get("curves", {}).items():
        rows += [(f"curves.{curve}.{key}", value, "none" if key in CLAMPS else getattr(CurveControl(), key),
                  _why(why, "curves", key)) for key, value in told.items()]
    return rows


def _why(ranged: dict[str, str], section: str, key: str) -> str:
    return ranged.get(key) or UNRANGED.get(f"{section}.{key}", "")


def _found_text(found: Measured) -> str:
    """What was measured, for people."""
    lines = [f"  speech      {found.talking_secs:.0f} s of {found.secs:.0f} s"]
    if found.blinks is not None:
        b = found.blinks
        lines.append(f"  blinks      {b.count}: {b.rate_per_min:.1f} a minute, {b.length_secs * 1e3:.0f} ms, "
                     f"depth {b.depth:.2f}, {b.partial:.0%} partial, {b.double:.0%} double")
    if found.gaze is not None:
        g = found.gaze
        look = "" if g.look_secs is None else f", looks of {g.look_secs:.1f} s"
        lines.append(f"  gaze        {g.share_near:.0%} near its centre{look}, "
                     f"{g.shifts_per_min:.0f} shifts a minute")
    if found.head is not None:
        h = found.head
        lines.append(f"  head        {h.rms_degrees:.1f} degrees rms, "
                     f"{h.speed_deg_per_sec:.1f} degrees a second")
    if found.sides:
        lines += _listed("left leads", [f"{pair}{KEPT}{side:+.0%}" for pair, side in found.sides.items()])
    lines += _listed("ranges", [f"{curve}{KEPT}{low:.2f}-{high:.2f}"
                                for curve, (low, high) in found.ranges.items()])
    return "\n".join(lines)


def _listed(title: str, items: list[str]) -> list[str]:
    """As many items in a line as fit."""
    lines = wrap(", ".join(items), WIDTH, initial_indent=f"  {title:<12}", subsequent_indent=" " * 14,
                 break_on_hyphens=False)
    return [line.replace(KEPT, " ") for line in lines]
