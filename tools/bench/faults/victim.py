"""A client process that is killed: `python -m tools.bench.faults.victim CONTROL_PORT CURVES_PORT` speaks
what a witness speaks, piece by piece, for ever. It prints its token once it is open, and a line each
second."""

from __future__ import annotations

import sys
import time

from facerig.service import wire
from tools.bench.plain_client import PlainClient
from tools.bench.witness import FPS, PIECE_SECS, RATE_HZ, SEED, pieces

SUBJECT = "victim"


def main(control_port: int, curves_port: int) -> None:
    """Speak until somebody ends it."""
    with PlainClient(control_port, curves_port, SUBJECT) as client:
        opened = client.open(wire.Open(subject=SUBJECT, sample_rate=RATE_HZ, fps=str(FPS), pace="burst",
                                       alive=False, seed=SEED))
        print(opened.token, flush=True)
        at, began = 0, time.monotonic()
        for piece in pieces():
            at = client.say(opened.session, piece, at)
            client.hear(lambda: False, began + at / RATE_HZ - time.monotonic())
            if at % RATE_HZ < PIECE_SECS * RATE_HZ:
                print(at, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
