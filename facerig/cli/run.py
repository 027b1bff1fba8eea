"""The verbs put together."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

import facerig
from facerig.cli import animate as animate_verb
from facerig.cli import batch as batch_verb
from facerig.cli import emotions as emotions_verb
from facerig.cli import fit as fit_verb
from facerig.cli import keys as keys_verb
from facerig.cli import live as live_verb
from facerig.cli import play as play_verb
from facerig.cli import preview as preview_verb
from facerig.cli import retarget as retarget_verb
from facerig.cli import review as review_verb
from facerig.cli import rig as rig_verb
from facerig.cli import say as say_verb
from facerig.cli import serve as serve_verb
from facerig.cli import style as style_verb
from facerig.cli import top as top_verb
from facerig.cli.doctor import doctor
from facerig.cli.failures import STOPPED_BY_USER, as_failure
from facerig.cli.formats import formats
from facerig.cli.report import Report
from facerig.cli.rigs import rigs

app = typer.Typer(
    name="facerig", add_completion=False, pretty_exceptions_enable=False,
    rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]},
    help="Speech in, animated face out: curves for game engines, and previews without a screen.",
    epilog="Begin with [bold]facerig animate line.wav -o line.csv[/bold]; "
           "each verb explains itself: [bold]facerig animate --help[/bold].",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"facerig {facerig.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the Python trace of an error.")] = False,
    _version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True,
                                           help="Print the version and leave.")] = False,
) -> None:
    context.obj = debug


app.command(epilog=animate_verb.EXAMPLES)(animate_verb.animate)
app.command(epilog=batch_verb.EXAMPLES)(batch_verb.batch)
app.command(name="report", epilog=review_verb.EXAMPLES)(review_verb.review)
app.command(epilog=preview_verb.EXAMPLES)(preview_verb.preview)
app.command(epilog=play_verb.EXAMPLES)(play_verb.play)
app.command(epilog=live_verb.EXAMPLES)(live_verb.live)
app.command(epilog=retarget_verb.EXAMPLES)(retarget_verb.retarget)
app.command(epilog=say_verb.EXAMPLES)(say_verb.say)
app.command()(say_verb.voices)
app.command(epilog=fit_verb.EXAMPLES)(fit_verb.fit)
app.command(epilog=serve_verb.EXAMPLES)(serve_verb.serve)
app.command(epilog=top_verb.EXAMPLES)(top_verb.top)
app.add_typer(keys_verb.keys, name="keys")
app.add_typer(style_verb.style, name="style")
app.command(epilog=emotions_verb.EXAMPLES)(emotions_verb.emotions)
app.command()(doctor)
app.command()(formats)
app.command()(rigs)
app.add_typer(rig_verb.rig, name="rig")


def run(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code. A failure is reported once.

    argv: without the program's name; None takes the process's own, and expands globs where no shell does.
    """
    given = sys.argv[1:] if argv is None else argv
    options = given[: given.index("--")] if "--" in given else given
    report = Report(json="--json" in options)
    try:
        return int(app(argv if given else ["--help"], prog_name="facerig", standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        report.log("stopped")
        return STOPPED_BY_USER
    except Exception as error:
        if "--debug" in options:
            traceback.print_exc()
        failure = as_failure(error)
        report.failed(failure)
        return failure.exit_code
