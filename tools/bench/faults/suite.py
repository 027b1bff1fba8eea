"""All faults, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from facerig.errors import ConfigError
from tools.bench.faults.clocks import clock_back, clock_on
from tools.bench.faults.datagrams import lossy
from tools.bench.faults.garbage import garbage
from tools.bench.faults.killing import client_asleep, client_killed, service_asleep, service_killed
from tools.bench.faults.links import half_open, half_open_curves, nobody_answers, subscriber_stops
from tools.bench.faults.logs import disk_full
from tools.bench.faults.outcome import Outcome
from tools.bench.tables import Row, Table

FAULTS: Final[dict[str, Callable[[], Outcome]]] = {
    "client-killed": client_killed, "service-killed": service_killed,
    "client-asleep": client_asleep, "service-asleep": service_asleep,
    "half-open": half_open, "half-open-curves": half_open_curves,
    "no-handshake": nobody_answers, "subscriber-stops": subscriber_stops,
    "clock-on": clock_on, "clock-back": clock_back,
    "udp": lossy, "disk-full": disk_full, "garbage": garbage,
}


def tables(names: list[str], progress: Callable[[str], None]) -> list[Table]:
    """A row for each fault, all if none is named. Raises ConfigError for a name that is none."""
    for name in names:
        if name not in FAULTS:
            raise ConfigError(f"there is no fault {name!r}", where="bench faults",
                              fix=f"give {', '.join(FAULTS)}")
    rows: list[Row] = []
    for name in names or FAULTS:
        progress(name)
        rows.append(FAULTS[name]().row())
    columns = {"fault": "", "what happened": "", "as it should": "", "the session beside it": ""}
    return [Table("faults", "Faults made on purpose", columns, rows)]
