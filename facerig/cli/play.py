"""`facerig play`: a sound or curve file in real time to programs that show faces."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import options
from facerig.cli.acting import Acting, performance_of, scene_of, with_acting
from facerig.cli.report import Report

if TYPE_CHECKING:
    from facerig.outlets import Outlet
    from facerig.outlets.playing import Played

SWITCH_SECS = 0.001  # between threads: with Python's 5 ms, sending waits for the making of frames

EXAMPLES = """
[bold]Examples[/bold]

  facerig play line.wav --to livelink://127.0.0.1:11111 --subject anna

  facerig play line.wav --to "vmc://127.0.0.1:39539?rig=vrm" --to livelink://192.168.1.7

  facerig play line.wav --to "ifacialmocap://127.0.0.1:49983?version=2&fps=30"

  facerig play take.csv --to "ws://127.0.0.1:15690?token=new" --loop

livelink: Unreal and others, port 11111. vmc: VSeeFace, Warudo, Unity, 39539. ifacialmocap: VMagicMirror,
VNyan and others, 49983. ws: a WebSocket server for browsers, 15690. docs/outlets.md has the programs'
settings. The sound itself is played by the receiver: it starts with the first frame.
"""


@with_acting
def play(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="IN", help="Sound, or a curve file of any rig.")],
    to: Annotated[list[str], typer.Option(
        "--to", metavar="KIND://HOST[:PORT]",
        help="Where to: livelink, vmc, ifacialmocap or ws; may be given again.")],
    subject: Annotated[str, typer.Option(
        metavar="NAME", help="Of the character, as Unreal lists it.")] = "facerig",
    fps: Annotated[str, typer.Option(
        metavar="RATE", help="Frames per second of outlets that do not say it (?fps=30).")] = "60",
    loop: Annotated[bool, typer.Option("--loop", help="Over and over, until Ctrl-C.")] = False,
    delay: Annotated[float, typer.Option(
        metavar="SECS", min=0, max=3600, help="Begin so much later: time for receivers to connect.")] = 0.0,
    model: options.Model = None,
    seed: options.Seed = None,
    insecure: Annotated[bool, typer.Option(
        "--insecure", help="Let ws listen beyond this machine, where anybody can read.")] = False,
    no_corrections: options.NoCorrections = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    *,
    acting: Acting,
) -> None:
    """Play a face in real time to Unreal, VSeeFace, Warudo, Unity, a browser: several at once."""
    from facerig.animation import AnimateSettings
    from facerig.core.clock import parse_fps
    from facerig.outlets import open_outlet
    from facerig.outlets.opening import Defaults
    from facerig.outlets.playing import Clock, opened, perform
    from facerig.outlets.sources import is_curves

    report = Report(json=json, quiet=quiet)
    scene = scene_of(acting)
    settings = AnimateSettings(model=options.model_of(model, scene, acting.settings),
                               seed=options.seed_of(seed, scene), performance=performance_of(acting, scene),
                               corrections=not no_corrections)
    defaults = Defaults(subject=subject, fps=parse_fps(fps), insecure=insecure)
    if acting != Acting() and is_curves(source):
        report.log(f"{source} holds a face already: how the character acts counts for sound only")
    clock = Clock()
    with ExitStack() as open_ones:
        open_ones.callback(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(SWITCH_SECS)
        outlets: list[Outlet] = []
        for address in to:
            outlets.append(open_outlet(address, defaults))
            open_ones.callback(outlets[-1].close)
            _announce(outlets[-1], report)
        tracks = opened(source, outlets, settings, loop=loop)
        clock.nap(round(delay * 1e9))
        try:
            perform(tracks, clock)
        finally:
            for track in tracks:
                for told in track.report():
                    _tell(told, source, report)


def _announce(outlet: Outlet, report: Report) -> None:
    url = getattr(outlet, "url", None)  # of outlets that receivers come to
    report.log(f"{outlet.fps} fps to {outlet.name}" if url is None else f"{outlet.fps} fps; connect to {url}")


def _tell(told: Played, source: Path, report: Report) -> None:
    report.result(
        f"{told.outlet}: {told.sent} frames at {told.fps} fps, {told.dropped} dropped, "
        f"{told.refused} refused, at worst {told.worst_late_ms:.1f} ms late",
        input=str(source), outlet=told.outlet, fps=str(told.fps), sent=told.sent, dropped=told.dropped,
        refused=told.refused, worst_late_ms=told.worst_late_ms)
