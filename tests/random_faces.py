"""Faces that hypothesis makes up, and sockets to show them to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS


@st.composite
def faces(draw: st.DrawFn, turn: float = 1.2) -> np.ndarray:
    """Canonical faces, float32 [61]: any shapes, turns of at most `turn` radians."""
    bounds = [(0.0, 1.0) if c.low == 0 else (-turn, turn) for c in CHANNELS]
    return np.array([draw(st.floats(*b, width=64)) for b in bounds], np.float32)


def face(**curves: float) -> np.ndarray:
    """A canonical face at rest, but for these curves."""
    out = np.zeros(N_CHANNELS, np.float32)
    for name, value in curves.items():
        out[INDEX[name]] = value
    return out


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A UDP socket at a port that the system chose."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        heard.bind((host, 0))
        heard.settimeout(5)
        yield heard


def all_heard(heard: socket.socket) -> list[bytes]:
    """Every datagram that has come."""
    heard.setblocking(False)
    out = []
    while True:
        try:
            out.append(heard.recv(65_536))
        except BlockingIOError:
            return out
