"""`facerig serve`: characters of a game, animated over ZeroMQ."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facerig.cli import options
from facerig.cli.report import Report
from facerig.errors import ConfigError

if TYPE_CHECKING:
    from facerig.service.server import Service

EXAMPLES = """
[bold]Examples[/bold]

  facerig serve

  facerig serve --sessions 64 --model live-40

  facerig serve --bind 0.0.0.0 --insecure     where everybody in the network is trusted

Clients: facerig.connect() in Python; engine_bridges/PROTOCOL.md for other languages. Ctrl-C lets what was
sent play to its end; a second one ends at once.
"""


def serve(
    bind: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    control_port: Annotated[int, typer.Option(
        metavar="N", min=0, max=65_535, help="For messages and sound; 0: any.")] = 15_680,
    curves_port: Annotated[int, typer.Option(
        metavar="N", min=0, max=65_535, help="For curves; 0: any.")] = 15_681,
    model: Annotated[list[str] | None, typer.Option(
        metavar="NAME",
        help="Models to offer: live, live-40; may be given again.  [dim]\\[default: both][/dim]")] = None,
    sessions: Annotated[int, typer.Option(
        metavar="N", min=1, help="Characters at once; more are refused.")] = 255,
    insecure: Annotated[bool, typer.Option(
        "--insecure", help="Let anybody in who can reach an address beyond this machine.")] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Animate the characters of a game: sound in and curves out over ZeroMQ, until Ctrl-C."""
    try:
        from facerig.service.limits import MODELS, Limits, ServiceSettings
        from facerig.service.server import Service
    except ImportError as missing:
        raise ConfigError(f"the service needs {missing.name}", where="serve",
                          fix='pip install "facerig[serve]"') from None
    report = Report(json=json, quiet=quiet)
    service = Service(ServiceSettings(
        bind=bind, control_port=control_port, curves_port=curves_port, models=tuple(model or MODELS),
        insecure=insecure, limits=Limits(sessions=sessions)))
    report.result(f"listens: control {service.control_address}, curves {service.curves_address}",
                  control=service.control_address, curves=service.curves_address, sessions=sessions)
    with _stopped_by_signals(service, report):
        service.run()
    report.log("stopped")


@contextmanager
def _stopped_by_signals(service: Service, report: Report) -> Iterator[None]:
    """Ctrl-C and SIGTERM ask the service to end, and hasten it when they come again."""
    def stop(_number: int, _frame: Any) -> None:
        service.stop()
        report.log("stopping; what was sent plays to its end (again: at once)")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
