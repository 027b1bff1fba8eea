"""The command line of the measurements: speed, memory, latency, rigs, files, crowd, each with --json OUT."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from facerig.core.clock import parse_fps
from tools.bench import batch as batch_bench
from tools.bench import bridges as bridges_bench
from tools.bench import cluster as cluster_bench
from tools.bench import crowd as crowd_bench
from tools.bench import files as files_bench
from tools.bench import latency as latency_bench
from tools.bench import memory as memory_bench
from tools.bench import rigs as rigs_bench
from tools.bench import service_commands
from tools.bench import speed as speed_bench
from tools.bench.machine import machine
from tools.bench.showing import put_into, show

app = typer.Typer(add_completion=False, help="How fast, how big, how late, on one core of this machine.",
                  no_args_is_help=True, pretty_exceptions_enable=False)

Json = Annotated[Path | None, typer.Option("--json", help="Write all figures here.")]
Models = Annotated[str, typer.Option(help="Comma-separated: live, offline, or the path of an .onnx file.")]
Secs = Annotated[float, typer.Option(help="Seconds of speech to animate each time.", min=0.1)]


@app.command()
def speed(models: Models = "live,offline", secs: Secs = 60.0,
          repeats: Annotated[int, typer.Option(help="The fastest of so many runs counts.", min=1)] = 3,
          json: Json = None) -> None:
    """Real-time factor by model, input rate and frame rate; microseconds by stage for 20 ms."""
    about = machine()
    show(speed_bench.tables(models.split(","), secs, repeats), about, json)


@app.command()
def planted(lines: Annotated[int, typer.Option(help="Lines of each draw.", min=60)] = 200,
            draws: Annotated[int, typer.Option(help="Of lines and faults.", min=1)] = 3,
            part: Annotated[str, typer.Option(help="Of the speakers: test or validate.")] = "test",
            seed: int = 1, json: Json = None) -> None:
    """Twenty faults among good lines: how many the report of a batch ranks in its first twenty."""
    from tools.bench import planted as planted_bench
    about = machine()
    show(planted_bench.tables(lines, draws, part, seed, lambda step: Console(stderr=True).print(step)), about,
         json)


@app.command()
def memory(model: str = "live",
           minutes: Annotated[float, typer.Option(help="Length of the long file.", min=0.01)] = 60.0,
           short_minutes: Annotated[float, typer.Option(help="Length of the short file.", min=0.01)] = 1.0,
           json: Json = None) -> None:
    """Peak memory of animating a short and a long file to CSV, each in a process of its own."""
    about = machine()
    show([memory_bench.table(model, short_minutes, minutes)], about, json)


@app.command()
def latency(models: Models = "live,offline", secs: Secs = 60.0, json: Json = None) -> None:
    """Look-ahead by stage, the latest frame measured, and the computing time of a 20 ms chunk."""
    about = machine()
    show(latency_bench.tables(models.split(","), secs), about, json)


@app.command()
def rigs(repeats: Annotated[int, typer.Option(help="The fastest of so many runs counts.", min=1)] = 50,
         json: Json = None) -> None:
    """What retargeting costs a frame, by rig."""
    about = machine()
    show(rigs_bench.tables(repeats), about, json)


@app.command()
def files(only: Annotated[list[str] | None, typer.Argument(help="Names of formats; all if none.")] = None,
          secs: Secs = 60.0, fps: Annotated[str, typer.Option(help="Frames per second.")] = "60",
          json: Json = None) -> None:
    """What other programs read in the files: largest error, keys, bytes, time, by format and judge."""
    about = machine()
    log = Console(stderr=True)
    show(files_bench.tables(secs, parse_fps(fps), only or [], log.print), about, json)


@app.command()
def crowd(counts: Annotated[list[int] | None, typer.Argument(help="Sessions; 1 16 64 128 255.")] = None,
          model: Annotated[str, typer.Option(help="live or live-40.")] = "live",
          fps: Annotated[int, typer.Option(help="Frames per second of everybody.")] = 60,
          speaking: Annotated[float, typer.Option(help="Share of those who speak.", min=0, max=1)] = 1.0,
          detail: Annotated[int, typer.Option(help="Every so many frames are made.", min=1)] = 1,
          blocks: Annotated[int, typer.Option(help="Of 20 ms, animated at a time.", min=1)] = 1,
          ticks: Annotated[int, typer.Option(help="Ticks to measure.", min=10)] = 100,
          json: Json = None) -> None:
    """How many live sessions one core holds, and what a tick of all of them takes."""
    about = machine()
    log = Console(stderr=True)
    scene = crowd_bench.Scene(model, fps, speaking, detail, blocks)
    show(crowd_bench.tables(counts or [1, 16, 64, 128, 255], scene, ticks, log.print), about, json)


@app.command()
def batch(lines: Annotated[int, typer.Option(help="Of a library.", min=20)] = 1000,
          workers: Annotated[list[int] | None, typer.Option(help="1 2; may be given again.")] = None,
          formats: Annotated[str, typer.Option(help="Of each line.")] = "livelink.csv,fbx",
          limit_minutes: Annotated[float, typer.Option(
              help="For each run; fewer lines are run where it would not do.", min=0.1)] = 4.0,
          publish: Annotated[bool, typer.Option("--publish", help="Into docs/batch.md.")] = False,
          json: Json = None) -> None:
    """A library through `facerig batch`: lines a second, memory, cost, where the time goes."""
    log = Console(stderr=True)
    tables, about = batch_bench.tables(lines, workers or [1, 2], formats, limit_minutes, log.print), machine()
    show(tables, about, json)
    if publish:
        put_into(Path("docs/batch.md"), tables, about,
                 f"python -m tools.bench batch --lines {lines} --limit-minutes {limit_minutes:g}")


@app.command()
def cluster(lines: Annotated[int, typer.Option(help="Lines of 2 to 5 s.", min=2)] = 60,
            kills: Annotated[int, typer.Option(help="Runs in which a node is killed.", min=0)] = 3,
            model: Annotated[str, typer.Option(help="offline, live, or an .onnx file.")] = "offline",
            publish: Annotated[bool, typer.Option("--publish", help="Into docs/cluster.md.")] = False,
            json: Json = None) -> None:
    """Batches on Ray, one and two nodes of this machine, beside the local engine; and nodes that die."""
    log = Console(stderr=True)
    tables, about = cluster_bench.tables(lines, kills, model, log.print), machine()
    show(tables, about, json)
    if publish:
        put_into(Path("docs/cluster.md"), tables, about,
                 f"python -m tools.bench cluster --lines {lines} --kills {kills} --model {model}")


@app.command()
def bridges(languages: Annotated[list[str] | None,
                                 typer.Argument(help="python cpp csharp godot3 godot4; all if none.")] = None,
            minutes: Annotated[float, typer.Option(help="Of real time; 0: only decoding.", min=0)] = 1.0,
            together: Annotated[bool, typer.Option(help="All at once, each with its own character.")] = False,
            publish: Annotated[bool, typer.Option("--publish", help="Into docs/bridges.md.")] = False,
            json: Json = None) -> None:
    """The engines' libraries: frames decoded, allocations, latency, gaps and drift in real time."""
    log = Console(stderr=True)
    tables, about = bridges_bench.tables(languages or [], minutes, together, log.print), machine()
    show(tables, about, json)
    if publish:
        how = f"bridges --minutes {minutes:g}{' --together' if together else ''}"
        put_into(bridges_bench.PAGE, tables, about, f"python -m tools.bench {how}")


for verb in service_commands.VERBS:
    app.command()(verb)
