"""`facerig serve` as a process: it says where it listens, serves, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
import zmq

from facerig.cli.run import run
from facerig.service import wire


def test_it_listens_serves_and_ends_with_ctrl_c() -> None:
    command = [sys.executable, "-m", "facerig", "serve", "--control-port", "0", "--curves-port", "0",
               "--model", "live", "--sessions", "1", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = json.loads(process.stdout.readline())
            assert told["ok"]
            assert told["sessions"] == 1
            with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
                socket.setsockopt(zmq.LINGER, 0)
                socket.connect(told["control"])
                socket.send(wire.encoded(wire.Open(subject="anna")))
                assert socket.poll(20_000)
                assert isinstance(wire.reply(socket.recv()), wire.Opened)
                process.send_signal(signal.SIGINT)
                assert socket.poll(20_000)
                assert wire.reply(socket.recv()) == wire.Closed(session=1, reason="shutdown")
            assert process.wait(20) == 0
            assert "stopping" in process.stderr.read()
        finally:
            process.kill()


@pytest.mark.parametrize(("options", "complaint"), [
    (["--bind", "0.0.0.0"], "open to others"), (["--model", "offline"], "offline"),
    (["--bind", "203.0.113.1", "--insecure"], "cannot listen")])
def test_what_cannot_be_served_is_told(options: list[str], complaint: str,
                                       capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--control-port", "0", "--curves-port", "0", *options]) == 2
    assert complaint in capsys.readouterr().err
