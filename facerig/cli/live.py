"""`facerig live`: a head in the browser that speaks from the microphone or a file."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import options
from facerig.cli.acting import Acting, performance_of, scene_of, with_acting
from facerig.cli.remarks import remarks_on
from facerig.cli.report import Report
from facerig.errors import ConfigError

if TYPE_CHECKING:
    from facerig.browser.speaker import Offer

EXAMPLES = """
[bold]Examples[/bold]

  facerig live

  facerig live --emotion joy:0.4 --model live-40

  facerig live --no-open --port 8020 --head male
"""
FPS = 60  # of a page, as screens have it


@with_acting
def live(
    port: Annotated[int, typer.Option(
        metavar="N", min=0, max=65_535, help="Of the page; 0 takes a free one.")] = 0,
    no_open: Annotated[bool, typer.Option(
        "--no-open", help="Print the address and open no browser.")] = False,
    fps: Annotated[str | None, typer.Option(
        metavar="RATE", help="Frames per second, 60 if not given.")] = None,
    head: Annotated[Path | None, typer.Option(
        metavar="FILE", help="A glTF head of your own with ARKit targets, or male.")] = None,
    model: options.Model = None,
    seed: options.Seed = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    *,
    acting: Acting,
) -> None:
    """Speak, and see a head speak: a page in the browser, served on this machine only."""
    from facerig.browser.head_file import packed
    from facerig.preview.render import load_head

    report = Report(json=json, quiet=quiet)
    offer = _offer(acting, fps, model, seed, report)
    asyncio.run(_served(offer, packed(load_head(head)), port, report, opened=not no_open))


def _offer(acting: Acting, fps: str | None, model: str | None, seed: int | None, report: Report) -> Offer:
    """What pages are offered. Raises ConfigError for what cannot be live."""
    from facerig.browser.speaker import LIVE_MODELS, Offer
    from facerig.core.clock import parse_fps
    from facerig.encoder.model import open_model

    scene = scene_of(acting)
    chosen = performance_of(acting, scene)
    for remark in remarks_on(acting, chosen):
        report.log(remark)
    first = options.model_of(model, scene, acting.settings) or LIVE_MODELS[0]
    _, info = open_model(first)
    if info.kind != "live":
        raise ConfigError(f"{first} hears whole seconds ahead, and answers as late", where="--model",
                          fix="use live, live-40 or a live model of your own")
    others = tuple(name for name in LIVE_MODELS if name != first)
    return Offer(models=(first, *others), fps=parse_fps(fps or scene.fps or FPS),
                 seed=options.seed_of(seed, scene), performance=chosen)


async def _served(offer: Offer, head: bytes, port: int, report: Report, *, opened: bool) -> None:
    from facerig.browser.server import LiveServer

    async with LiveServer(offer, head, port=port) as server:
        report.result(f"{server.url}\nCtrl-C ends it.", url=server.url)
        if opened and not webbrowser.open(server.url):
            report.log("no browser could be opened: open the address yourself")
        await server.wait()
