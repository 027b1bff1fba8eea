"""Live Link Face, VMC and iFacialMocap over a network that loses, doubles and reorders datagrams."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import soundfile

from facerig.animation import AnimateSettings
from facerig.errors import ProtocolError
from facerig.outlets import ifacialmocap, livelink, open_outlet, osc, play
from tools.bench.faults.outcome import Outcome
from tools.bench.relays import LOOK_SECS, UdpRelay
from tools.bench.sound import clip

RATE_HZ: Final = 16_000
FPS: Final = 30
LOSS, REORDER, DOUBLE = 0.1, 0.1, 0.05
KINDS: Final[dict[str, Callable[[bytes], object]]] = {
    "livelink": livelink.decoded, "vmc": osc.decoded, "ifacialmocap": ifacialmocap.decoded}


@dataclass
class Receiver:
    """Reads the datagrams that come to a port of its own."""

    decoded: Callable[[bytes], object]
    came: list[bytes] = field(default_factory=list)
    bad: int = 0

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(LOOK_SECS)
        self.port: int = self._socket.getsockname()[1]
        self._open = True
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                data = self._socket.recv(65_536)
            except TimeoutError:
                if not self._open:
                    return
                continue
            self.came.append(data)
            try:
                self.decoded(data)
            except ProtocolError:
                self.bad += 1

    def close(self) -> None:
        """Once all that was sent has come."""
        self._open = False
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def lossy(secs: float = 4.0) -> Outcome:
    """The same line to each kind twice: through a bad network, and beside it through none."""
    told, figures, mended = [], dict[str, float](), True
    with tempfile.TemporaryDirectory(prefix="facerig-bench-") as folder:
        wav = Path(folder, "line.wav")
        soundfile.write(wav, clip(RATE_HZ)[: round(secs * RATE_HZ)], RATE_HZ, "PCM_16")
        far = {kind: Receiver(decoded) for kind, decoded in KINDS.items()}
        near = {kind: Receiver(decoded) for kind, decoded in KINDS.items()}
        relays = {kind: UdpRelay(far[kind].port, LOSS, REORDER, DOUBLE, seed=k)
                  for k, kind in enumerate(KINDS)}
        outlets = [open_outlet(f"{kind}://127.0.0.1:{port}?fps={FPS}")
                   for kind in KINDS for port in (relays[kind].port, near[kind].port)]
        played = play(wav, outlets, AnimateSettings(model="live"))
        for outlet in outlets:
            outlet.close()
    for kind, relay in relays.items():
        carried = relay.close()
        far[kind].close()
        near[kind].close()
        whole, came = set(near[kind].came), far[kind].came
        told.append(f"{kind} {len(came)} of {len(near[kind].came)} datagrams")
        figures |= {f"{kind}: sent": len(near[kind].came), f"{kind}: came": len(came),
                    f"{kind}: lost": carried.lost, f"{kind}: bad": far[kind].bad + near[kind].bad}
        mended &= (not far[kind].bad and carried.came == len(near[kind].came) and set(came) <= whole
                   and len(came) == carried.came - carried.lost + carried.twice)
    refused = sum(one.refused for one in played)
    return Outcome(
        fault=f"UDP that loses {LOSS:.0%}, reorders {REORDER:.0%} and doubles {DOUBLE:.0%}",
        mended=mended and not refused, witness=None,
        happened=f"{', '.join(told)}; each was whole and readable by itself, the receivers beside them got "
                 "all",
        figures=figures | {"refused": refused})
