"""`facerig serve`: characters of a game, animated over ZeroMQ."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facerig.cli import options
from facerig.cli.report import Report, put
from facerig.errors import ConfigError

if TYPE_CHECKING:
    from facerig.service.server import Service
    from facerig.service.settings import Settings
    from facerig.service.supervisor import Supervisor

EXAMPLES = """
[bold]Examples[/bold]

  facerig serve

  facerig serve --sessions 64 --model live-40

  facerig serve --print-config > service.toml     then: facerig serve --config service.toml

  facerig keys new -o keys --name game            then: facerig serve --bind 0.0.0.0 --keys keys

  facerig serve --bind 0.0.0.0 --insecure         where everybody in the network is trusted

Clients: facerig.connect() in Python; engine_bridges/PROTOCOL.md for other languages. docs/operations.md tells
how to keep it running. Ctrl-C lets what was sent play to its end; a second one ends at once.
"""


def serve(
    config: Annotated[Path | None, typer.Option(
        metavar="FILE", help="Settings, TOML; what is given here wins.")] = None,
    print_config: Annotated[bool, typer.Option(
        "--print-config", help="Print the settings as such a file, and leave.")] = False,
    bind: Annotated[str | None, typer.Option(
        metavar="ADDRESS", help="Where to listen.  [dim]\\[default: 127.0.0.1][/dim]")] = None,
    control_port: Annotated[int | None, typer.Option(
        metavar="N", min=0, max=65_535,
        help="For messages and sound; 0: any.  [dim]\\[default: 15680][/dim]")] = None,
    curves_port: Annotated[int | None, typer.Option(
        metavar="N", min=0, max=65_535, help="For curves; 0: any.  [dim]\\[default: 15681][/dim]")] = None,
    model: Annotated[list[str] | None, typer.Option(
        metavar="NAME",
        help="Models to offer: live, live-40; may be given again.  [dim]\\[default: both][/dim]")] = None,
    sessions: Annotated[int | None, typer.Option(
        metavar="N", min=1,
        help="Characters at once; more are refused.  [dim]\\[default: 255][/dim]")] = None,
    keys: Annotated[Path | None, typer.Option(
        metavar="FOLDER", help="Let in only who has a key of this folder; `facerig keys` makes it.")] = None,
    insecure: Annotated[bool, typer.Option(
        "--insecure", help="Let anybody in who can reach an address beyond this machine.")] = False,
    metrics: Annotated[int | None, typer.Option(
        metavar="PORT", min=0, max=65_535, help="Metrics for Prometheus: 127.0.0.1:PORT/metrics.")] = None,
    log: Annotated[Path | None, typer.Option(
        metavar="FILE", help="Log into a file instead of standard error.")] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Animate the characters of a game: sound in and curves out over ZeroMQ, until Ctrl-C."""
    try:
        from facerig.service.settings import settings_text
    except ImportError as missing:
        raise ConfigError(f"the service needs {missing.name}", where="serve",
                          fix='pip install "facerig[serve]"') from None
    given = {"bind": bind, "control_port": control_port, "curves_port": curves_port,
             "models": tuple(model) if model else None, "insecure": insecure or None}
    settings = _settings(config, given, sessions, keys, metrics, log, quiet=quiet)
    if print_config:
        put(settings_text(settings).rstrip("\n"))
        return
    _run(settings, Report(json=json, quiet=quiet))


def _settings(config: Path | None, given: dict[str, Any], sessions: int | None, keys: Path | None,
              metrics: int | None, log: Path | None, *, quiet: bool) -> Settings:
    """The file's settings, or the defaults, under those of the command line. Raises ConfigError."""
    from facerig.service.listening import check_loopback
    from facerig.service.settings import Settings, read_settings

    of = read_settings(config) if config else Settings()
    service = replace(of.service, **{name: value for name, value in given.items() if value is not None})
    if sessions is not None:
        service = replace(service, limits=replace(service.limits, sessions=sessions))
    of = replace(of, service=service, keys=keys or of.keys)
    if metrics is not None:
        of = replace(of, metrics=replace(of.metrics, enabled=True, port=metrics))
    of = replace(of, log=replace(of.log, file=log or of.log.file, level="error" if quiet else of.log.level))
    if of.keys is None and not service.insecure:
        check_loopback(service.bind, f"{config}: $.bind" if config and not given["bind"] else "--bind")
    return of


def _run(settings: Settings, report: Report) -> None:
    """Until a signal ends it."""
    from facerig.service.keys import CurveGuard
    from facerig.service.log import LOGGER, facts, logged
    from facerig.service.metrics import Metrics
    from facerig.service.metrics_page import MetricsPage
    from facerig.service.server import Service
    from facerig.service.supervisor import Supervisor

    supervisor = Supervisor()
    with ExitStack() as ending:
        journal = ending.enter_context(logged(settings.log))
        guard = CurveGuard(settings.keys) if settings.keys else None
        metrics = Metrics(
            beat=supervisor.alive,
            checks=(lambda: "keys are no longer looked at" if guard and not guard.is_alive else "",),
            gauges={"log_lines_lost": ("Lines of the log that could not be written.",
                                       lambda: float(journal.lost))})
        service = Service(settings.service, guard=guard, meter=metrics)
        ending.callback(service.close)
        told = {"control": service.control_address, "curves": service.curves_address,
                "sessions": settings.service.limits.sessions}
        if settings.metrics.enabled:
            told["metrics"] = ending.enter_context(MetricsPage(metrics, settings.metrics)).url
        text = ", ".join(f"{name} {told[name]}" for name in ("control", "curves", "metrics") if name in told)
        report.result(f"listens: {text}", **told)
        logging.getLogger(LOGGER).info("listens: %s", text, extra=facts("listens", **told))
        with _stopped_by_signals(service, supervisor):
            supervisor.ready()
            service.run()


@contextmanager
def _stopped_by_signals(service: Service, supervisor: Supervisor) -> Iterator[None]:
    """Ctrl-C and SIGTERM ask the service to end, and hasten it when they come again."""
    def stop(_number: int, _frame: Any) -> None:
        service.stop()
        supervisor.stopping()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
