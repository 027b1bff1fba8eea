"""Addresses to outlets: which kind takes which options."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from facerig.core.channels import NAMES
from facerig.core.clock import parse_fps
from facerig.errors import ConfigError
from facerig.outlets import ifacialmocap, livelink, vmc, websocket
from facerig.outlets.address import Address, is_loopback, read_address
from facerig.outlets.outlet import Outlet
from facerig.outlets.udp import UdpSender
from facerig.rig import load_rig

DEFAULT_FPS: Final = Fraction(60)
FASTEST_FPS: Final = 240  # of a receiver; Live Link and VMC programs show 30 to 120
TOKEN_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What an address that does not say it means. `insecure`: servers may listen beyond this machine, and
    without a token."""

    subject: str = "facerig"
    fps: Fraction = DEFAULT_FPS
    insecure: bool = False


def open_outlet(text: str, defaults: Defaults | None = None) -> Outlet:
    """The outlet of an address, ready to send.

    livelink://HOST:11111        subject=NAME fps=RATE
    vmc://HOST:39539             rig=arkit|vrm|FILE bones=yes|no names=both|vrm0|vrm1|pascal fps=RATE
    ifacialmocap://HOST:49983    version=1|2 handshake=no|wait listen=PORT fps=RATE
    ws://HOST:15690              rig=NAME format=json|binary token=TEXT|new origin=URL subject=NAME fps=RATE

    Raises ConfigError or RigError, with the part that is wrong.
    """
    address, defaults = read_address(text), defaults or Defaults()
    opener = OPENERS.get(address.kind)
    if opener is None:
        raise address.bad(f"there is no outlet {address.kind!r}", f"give {', '.join(OPENERS)}")
    return opener(address, defaults)


def _livelink(address: Address, defaults: Defaults) -> Outlet:
    address.checked("subject", "fps")
    subject, fps = address.options.get("subject", defaults.subject), _fps(address, defaults)
    if not 0 < len(subject.encode()) <= livelink.LONGEST_NAME:
        raise address.bad("the subject is too long", f"give at most {livelink.LONGEST_NAME} bytes")
    sender = _sender(address, livelink.PORT)
    return livelink.LiveLinkOutlet(sender, subject=subject, fps=fps, name=address.text)


def _vmc(address: Address, defaults: Defaults) -> Outlet:
    address.checked("rig", "bones", "names", "fps")
    fps, bones = _fps(address, defaults), address.yes("bones", True)
    rig, names = _rig(address.options.get("rig", "arkit"))
    which = address.choice("names", *vmc.SPELLINGS)
    return vmc.VmcOutlet(_sender(address, vmc.PORT), rig=rig, names=names, fps=fps, name=address.text,
                         bones=bones, which=which)


def _ifacialmocap(address: Address, defaults: Defaults) -> Outlet:
    address.checked("version", "handshake", "listen", "fps")
    wait = address.choice("handshake", "no", "wait") == "wait"
    version = int(address.choice("version", "1", "2"))
    fps, listen = _fps(address, defaults), address.number("listen", ifacialmocap.PORT, 1, 65_535)
    if "listen" in address.options and not wait:
        raise address.bad("listen without a handshake", "give handshake=wait, too")
    sender = _sender(address, ifacialmocap.PORT, bind=listen if wait else 0)
    return ifacialmocap.IFacialMocapOutlet(sender, version=version, wait=wait, fps=fps, name=address.text)


def _ws(address: Address, defaults: Defaults) -> Outlet:
    address.checked("rig", "format", "token", "origin", "subject", "fps")
    fps, binary = _fps(address, defaults), address.choice("format", "json", "binary") == "binary"
    if not is_loopback(address.host) and not defaults.insecure:
        raise address.bad(f"{address.host} can be reached by others, and what is sent can be read by them",
                          "listen at 127.0.0.1, or add --insecure where you trust the network")
    token = address.options.get("token")
    token = secrets.token_urlsafe(TOKEN_BYTES) if token == "new" else token
    rig, names = _rig(address.options.get("rig", "livelink"))
    origins = (address.options["origin"],) if "origin" in address.options else ()
    port = websocket.PORT if address.port is None else address.port
    return websocket.WebSocketOutlet(
        websocket.Gate(host=address.host, origins=origins, token=token), port, binary=binary, rig=rig,
        names=names, subject=address.options.get("subject", defaults.subject), fps=fps, name=address.text)


OPENERS: Final[dict[str, Callable[[Address, Defaults], Outlet]]] = {
    "livelink": _livelink, "vmc": _vmc, "ifacialmocap": _ifacialmocap, "ws": _ws}


def _fps(address: Address, defaults: Defaults) -> Fraction:
    try:
        fps = parse_fps(address.options["fps"]) if "fps" in address.options else defaults.fps
    except ConfigError as error:
        raise address.bad(error.what, error.fix) from None
    if fps > FASTEST_FPS:
        raise address.bad(f"{fps} frames a second", f"give at most {FASTEST_FPS}")
    return fps


def _rig(name: str) -> tuple[str | None, tuple[str, ...]]:
    """The rig that frames must hold (None: the canonical face itself) and its names."""
    if name == "livelink":
        return None, NAMES
    return name, load_rig(name).names


def _sender(address: Address, port: int, bind: int = 0) -> UdpSender:
    return UdpSender(address.host, address.port or port, bind=bind, where=f"--to {address.text}")
