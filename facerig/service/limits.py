"""What the service allows, each with its reason: nothing that comes from outside grows without bound."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final

from facerig.errors import ConfigError, ProtocolError
from facerig.service.wire import CONTROL_PORT, CURVES_PORT, LARGEST_MESSAGE

LOOPBACK: Final = "127.0.0.1"
MODELS: Final = ("live", "live-40")
# Rates that sound comes in. Another one would cost every block a filter of its own (audio.resample).
SAMPLE_RATES: Final = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one service. Raises ConfigError for a number that is not above 0."""

    sessions: int = 255  # what one core was built for; more are refused, none of the others suffers
    busy: float = 0.9  # of a core's time; above, new sessions are refused, since late frames would hit all
    fps: int = 120  # no game shows more; each frame costs every session
    message_bytes: int = LARGEST_MESSAGE + 4096  # ZeroMQ drops the connection that sends more
    credit_secs: float = 2.0  # of sound that may wait: 384 kB a session at 48 kHz
    blocks: int = 1  # of 20 ms that are animated at a time: more cost less, and all comes so much later
    lead_secs: float = 0.08  # realtime: animated before it plays; more makes directions late
    burst_secs: float = 20.0  # burst: animated before it plays; kept for an interruption, 0.5 MB a second
    again_secs: float = 6.0  # burst: sent again to who lost a connection, noticed after 3; 90 kB a session
    patience_secs: float = 0.2  # sound that is so late has paused: the character goes on without it
    stall_secs: float = 1.0  # of silence to catch up with; a computer that slept longer skips it
    late_secs: float = 0.25  # a frame that is later is dropped where there is a newer one
    idle_secs: float = 300.0  # without a message from its client a session ends; `ping` is one
    messages_per_sec: int = 500  # of a client, and so many more for each session that it has
    wishes: int = 256  # that a session holds for sound that has not come
    clients: int = 4096  # that are remembered for their rate
    subscriber_frames: int = 16_384  # unsent to a subscriber: a second of 255 sessions; then frames are lost
    control_messages: int = 1_000  # unread or unsent, of one client
    handshake_secs: float = 5.0  # half-open connections go
    heartbeat_secs: float = 5.0  # and dead ones after three of these
    drain_secs: float = 10.0  # that a stop waits for what has still to play

    def __post_init__(self) -> None:
        for one in fields(self):
            if not getattr(self, one.name) > 0:
                raise ConfigError(f"{getattr(self, one.name)!r} is no limit", where=f"limits.{one.name}",
                                  fix="give a number above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Where a service listens and what it offers. A port of 0 is chosen by the system.

    models: that sessions may ask for, loaded when it starts. insecure: on other addresses than loopback
    without keys.
    """

    bind: str = LOOPBACK
    control_port: int = CONTROL_PORT
    curves_port: int = CURVES_PORT
    models: tuple[str, ...] = MODELS
    insecure: bool = False
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        for name in ("control_port", "curves_port"):
            if not 0 <= getattr(self, name) <= 65_535:
                raise ConfigError(f"{getattr(self, name)} is no port", where=f"--{name.replace('_', '-')}",
                                  fix="give a number from 0 to 65535; 0 lets the system choose")
        if not self.models:
            raise ConfigError("no model is offered", where="--model", fix='give "live", "live-40" or both')
        for model in self.models:
            if model not in MODELS:
                raise ConfigError(f"the service cannot offer the model {model!r}", where="--model",
                                  fix=f"give {' or '.join(MODELS)}")


class Refused(ProtocolError):
    """What a client asked for and does not get. `code` says which kind: full, gap, credit, session ..."""

    def __init__(self, code: str, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what, where=where, fix=fix)
        self.code = code
