"""The file that a service is started with: `facerig serve --config service.toml`.

    settings = read_settings(Path("service.toml"))    # ConfigError: service.toml: $.limits.sesions
    print(settings_text(settings))                     # the same file again, every setting with its comment

Every key may be left out. Paths in the file are seen from its own folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from facerig.core.toml_files import Table, one_of, read_toml, toml_text
from facerig.errors import ConfigError
from facerig.service.limits import MODELS, Limits, ServiceSettings
from facerig.service.log import FORMATS, LEVELS, LogSettings
from facerig.service.metrics_page import MetricsSettings
from facerig.service.wire import LARGEST_MESSAGE

PORTS: Final = (0, 65_535)

# Limit               least     most     what it is for
LIMITS: Final[dict[str, tuple[float, float, str]]] = {
    "sessions":          (1,    10_000,     "characters at once; more are refused"),
    "busy":              (0.05, 1.0,        "share of a core's time above which nobody more is let in"),
    "fps":               (1,    1_000,      "frames a second that a session may ask for"),
    "message_bytes":     (2**16, LARGEST_MESSAGE + 4096, "in a message; a connection that sends more goes"),
    "credit_secs":       (0.25, 60.0,       "sound that may wait, of a session"),
    "blocks":            (1,    5,          "of 20 ms animated at a time: more cost less, all comes later"),
    "lead_secs":         (0.02, 1.0,        "realtime: sound is animated so long before it plays"),
    "burst_secs":        (1.0,  40.0,       "burst: the same; it is kept for an interruption"),
    "again_secs":        (0.5,  40.0,       "burst: sent again to who lost a connection"),
    "patience_secs":     (0.02, 5.0,        "sound that is so late has paused"),
    "stall_secs":        (0.1,  60.0,       "to catch up with; a computer that slept longer skips them"),
    "late_secs":         (0.02, 10.0,       "a frame that is later is dropped if there is a newer one"),
    "idle_secs":         (1.0,  86_400.0,   "a session ends when its client says nothing for so long"),
    "messages_per_sec":  (10,   100_000,    "of a client, and so many more for each of its sessions"),
    "wishes":            (1,    10_000,     "directions that a session holds for sound to come"),
    "clients":           (1,    1_000_000,  "connections that are remembered for their rate"),
    "subscriber_frames": (100,  10_000_000, "unsent frames of a subscriber; then frames are lost"),
    "control_messages":  (100,  1_000_000,  "unread or unsent messages of a client"),
    "handshake_secs":    (0.1,  60.0,       "half-open connections go"),
    "heartbeat_secs":    (0.1,  600.0,      "dead connections go after three of these"),
    "drain_secs":        (0.1,  3_600.0,    "a stop waits so long for what has still to play"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a service is started with. keys: the folder of `facerig keys`, None for none."""

    service: ServiceSettings = field(default_factory=ServiceSettings)
    keys: Path | None = None
    log: LogSettings = field(default_factory=LogSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)


def read_settings(path: Path) -> Settings:
    """The settings in a file. Raises ConfigError that names the key and what it may be."""
    return settings_of(read_toml(path), path.parent)


def settings_of(table: Table, folder: Path) -> Settings:
    """The same of a TOML document whose paths are seen from `folder`."""
    given = {"bind": table.text("bind"), "control_port": table.whole("control_port", *PORTS),
             "curves_port": table.whole("curves_port", *PORTS), "models": _models(table),
             "insecure": table.flag("insecure"), "limits": _limits(table.table("limits"))}
    settings = Settings(
        service=ServiceSettings(**_without_none(given)), keys=_path(table, "keys", folder),
        log=_log(table.table("log"), folder), metrics=_metrics(table.table("metrics")))
    table.finish()
    return settings


def settings_text(settings: Settings) -> str:
    """As a file, each setting with a comment on it; `settings_of` reads the same from it."""
    return "\n".join([*_top_lines(settings), *_limit_lines(settings.service.limits),
                      *_log_lines(settings.log), *_metrics_lines(settings.metrics)]) + "\n"


# --- reading

def _models(table: Table) -> tuple[str, ...] | None:
    value = table.raw("models")
    if value is None:
        return None
    if not isinstance(value, list) or not value:
        raise table.bad("models", "is not a list of models", f'write models = ["{MODELS[0]}"]')
    for k, name in enumerate(value):
        if name not in MODELS:
            raise table.bad("models", f"{name!r} is no model of the service",
                            f"give {one_of(MODELS, str(name))}", k)
        if name in value[:k]:
            raise table.bad("models", f"{name!r} is given twice", "give it once", k)
    return tuple(value)


def _limits(table: Table) -> Limits:
    given: dict[str, float | None] = {}
    for name, (least, most, _) in LIMITS.items():
        whole = isinstance(getattr(Limits(), name), int)
        given[name] = (table.whole(name, int(least), int(most)) if whole else table.number(name, least, most))
    table.finish()
    return Limits(**_without_none(given))


def _log(table: Table, folder: Path) -> LogSettings:
    given = {"file": _path(table, "file", folder), "format": table.text("format", FORMATS),
             "level": table.text("level", LEVELS), "file_mb": table.number("file_mb", 0.01, 10_000),
             "files": table.whole("files", 1, 1_000)}
    table.finish()
    return LogSettings(**_without_none(given))


def _metrics(table: Table) -> MetricsSettings:
    given = {"enabled": table.flag("enabled"), "bind": table.text("bind"),
             "port": table.whole("port", *PORTS), "insecure": table.flag("insecure")}
    table.finish()
    try:
        return MetricsSettings(**_without_none(given))
    except ConfigError as error:
        raise table.bad("bind", error.what, error.fix) from None


def _path(table: Table, key: str, folder: Path) -> Path | None:
    text = table.text(key)
    if text is None:
        return None
    if not text or "\0" in text:
        raise table.bad(key, "is no path", "name a file or folder, or leave it out")
    return folder / Path(text).expanduser()


def _without_none(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}


# --- writing

def _top_lines(settings: Settings) -> Iterator[str]:
    of = settings.service
    yield "# Settings of `facerig serve --config FILE`. What stands on the command line wins.\n"
    yield from _lines("bind", of.bind, "where to listen; beyond this machine only with keys, or insecure")
    yield from _lines("control_port", of.control_port, "messages and sound; 0: any")
    yield from _lines("curves_port", of.curves_port, "curves; 0: any")
    yield from _lines("models", of.models, f"that sessions may ask for: {', '.join(MODELS)}")
    yield from _lines("keys", settings.keys, "a folder that `facerig keys new` made: who may connect", "keys")
    yield from _lines("insecure", of.insecure, "true lets in everybody who can reach `bind`")


def _limit_lines(limits: Limits) -> Iterator[str]:
    yield "\n[limits]"
    for one in fields(limits):
        least, most, why = LIMITS[one.name]
        yield from _lines(one.name, getattr(limits, one.name), f"{why} ({least:,} to {most:,})")


def _log_lines(log: LogSettings) -> Iterator[str]:
    yield "\n[log]"
    yield from _lines("file", log.file, "where to; without it, to standard error", "facerig.log")
    yield from _lines("format", log.format, f"{' or '.join(FORMATS)}")
    yield from _lines("level", log.level, f"{', '.join(LEVELS)}: this and what is worse")
    yield from _lines("file_mb", log.file_mb, "a file that is larger is put aside")
    yield from _lines("files", log.files, "that are kept, the one that is written included")


def _metrics_lines(metrics: MetricsSettings) -> Iterator[str]:
    yield "\n[metrics]"
    yield from _lines("enabled", metrics.enabled, "true: http://bind:port/metrics, /health and /ready")
    yield from _lines("bind", metrics.bind, "where to listen")
    yield from _lines("port", metrics.port, "0: any")
    yield from _lines("insecure", metrics.insecure, "true allows addresses beyond this machine")


def _lines(key: str, value: object, comment: str, example: str = "") -> Iterator[str]:
    """A comment and the setting; of one that has no value, the `example` as a comment."""
    yield f"# {comment}"
    if value is None:
        yield "# " + toml_text({key: example}).strip()
    else:
        yield toml_text({key: str(value.absolute()) if isinstance(value, Path) else value}).strip()
