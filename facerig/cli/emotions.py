"""`facerig emotions`: what a character can feel, what a text is taken as, and how it looks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from facerig.cli.options import Json
from facerig.cli.plan import make_writable
from facerig.cli.report import Report
from facerig.errors import OutputError

if TYPE_CHECKING:
    from facerig.performance.emotion import Feeling

EXAMPLES: Final = """
[bold]Examples[/bold]

  facerig emotions

  facerig emotions "barely holding back tears"

  facerig emotions "brows=anger:0.5;mouth=joy:0.8" -o face.png

  facerig emotions -o emotions.png
"""
AMOUNTS: Final = (0.3, 0.6, 1.0)  # of each emotion, in a sheet
_NAME_WIDTH: Final = 12


def emotions(
    feeling: Annotated[str, typer.Argument(
        metavar="[TEXT]", help="A feeling as `animate --emotion` takes it; without one, all.")] = "",
    out: Annotated[Path | None, typer.Option(
        "-o", "--out", metavar="PNG", help="Draw them on a head, at 0.3, 0.6 and 1.")] = None,
    head: Annotated[Path | None, typer.Option(
        metavar="FILE", help="A glTF head of your own with ARKit targets, or male.")] = None,
    json: Json = False,
) -> None:
    """List the emotions, or say what a text is taken as; with -o, draw them."""
    from facerig.performance.emotion import EMOTIONS, Feeling, parse_feeling

    report = Report(json=json)
    if out is not None:
        _check(out)
    if feeling:
        felt = parse_feeling(feeling)
        _taken(feeling, felt, report)
        shown = {feeling: felt}
    else:
        if not json:
            report.result(f"{'':<{_NAME_WIDTH}} valence, arousal, dominance; action units")
        for name in EMOTIONS:
            _listed(name, report)
        shown = {name: Feeling.of({name: 1.0}) for name in EMOTIONS if name != "neutral"}
    if out is not None:
        _drawn(shown, out, head, report)


def _check(out: Path) -> None:
    """Raise OutputError now for a picture that cannot be written."""
    if out.suffix.lower() != ".png":
        raise OutputError("the sheet is a PNG picture", where=str(out), fix="end its name in .png")
    make_writable(out)


def _listed(name: str, report: Report) -> None:
    """One emotion: what moves, its point, and where its pose comes from."""
    from facerig.performance.emotion.poses import EMOTION, POSES
    from facerig.performance.emotion.space import POINTS

    pose = POSES[name]
    valence, arousal, dominance = POINTS[EMOTION[name]].tolist()
    units = {_unit_label(number, left, right): max(left, right) for number, left, right in pose.units}
    moves = ", ".join(units) or "none; nor does the voice move a face told so"
    text = f"{name:<{_NAME_WIDTH}} {valence:+.2f} {arousal:+.2f} {dominance:+.2f}  {moves}"
    report.result(text, name=name, valence=valence, arousal=arousal, dominance=dominance, units=units,
                  source=pose.source)


def _unit_label(number: int, left: float, right: float) -> str:
    from facerig.performance.emotion.units import UNITS

    side = "" if left == right else " (left)" if left > right else " (right)"
    return f"{UNITS[number].name}{side}"


def _taken(text: str, feeling: Feeling, report: Report) -> None:
    """What a text means."""
    from facerig.performance.emotion import EMOTIONS, REGIONS
    from facerig.performance.emotion.space import point_of

    whole = feeling.array.mean(1)
    valence, arousal, dominance = (round(x, 3) for x in point_of(whole).tolist())
    regions = {region: {name: round(row[k], 4) for name, row in zip(EMOTIONS, feeling.weights, strict=True)
                        if row[k] > 0} for k, region in enumerate(REGIONS)}
    report.result(feeling.words or f"{text}: {feeling}", given=text, feeling=str(feeling), regions=regions,
                  valence=valence, arousal=arousal, dominance=dominance, words=feeling.words)


def _drawn(feelings: dict[str, Feeling], out: Path, head: Path | None, report: Report) -> None:
    """The sheet: a row for each feeling, a column for each of AMOUNTS."""
    from facerig.performance.emotion.poses import POSES, face
    from facerig.preview.faces import draw_faces

    rows = [(name, POSES[name].source if name in POSES else str(feeling),
             [face(feeling.array * amount) for amount in AMOUNTS]) for name, feeling in feelings.items()]
    with report.progress("drawing") as progress:
        draw_faces(rows, [f"{amount:g}" for amount in AMOUNTS], out, head=head, progress=progress)
    report.result(f"{out}: {len(rows)} rows", output=str(out), rows=len(rows))
