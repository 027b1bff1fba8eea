"""`facerig serve` as a process: it says where it listens, serves, and ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import zmq

from facerig.cli.run import run
from facerig.service import wire
from facerig.service.keys import new_keys
from tests.signals import heeding_ctrl_c


def test_it_listens_serves_and_ends_with_ctrl_c() -> None:
    command = [sys.executable, "-m", "facerig", "serve", "--control-port", "0", "--curves-port", "0",
               "--model", "live", "--sessions", "1", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=heeding_ctrl_c) as process:
        try:
            told = json.loads(process.stdout.readline())
            assert told["ok"]
            assert told["sessions"] == 1
            with zmq.Context() as context, context.socket(zmq.DEALER) as asks:
                asks.setsockopt(zmq.LINGER, 0)
                asks.connect(told["control"])
                asks.send(wire.encoded(wire.Open(subject="anna")))
                assert asks.poll(20_000)
                assert isinstance(wire.reply(asks.recv()), wire.Opened)
                process.send_signal(signal.SIGINT)
                assert asks.poll(20_000)
                assert wire.reply(asks.recv()) == wire.Closed(session=1, reason="shutdown")
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


def test_a_service_of_a_studio_keys_log_metrics_and_systemd(tmp_path: Path) -> None:
    new_keys(tmp_path / "keys", "game")
    (tmp_path / "service.toml").write_text(
        'bind = "0.0.0.0"\ncontrol_port = 0\ncurves_port = 0\nkeys = "keys"\nmodels = ["live"]\n'
        '[log]\nfile = "service.log"\nformat = "json"\n[metrics]\nenabled = true\nport = 0\n')
    command = [sys.executable, "-m", "facerig", "serve", "--config", str(tmp_path / "service.toml"), "--json"]
    with (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
          subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")}) as process):
        try:
            systemd.bind(str(tmp_path / "notify"))
            systemd.settimeout(30)
            told = json.loads(process.stdout.readline())
            assert systemd.recv(100) == b"READY=1"
            assert systemd.recv(100) == b"WATCHDOG=1"
            control = told["control"].replace("0.0.0.0", "127.0.0.1")
            assert run(["top", control, "--keys", str(tmp_path / "keys" / "game.key"), "--once"]) == 0
            with urllib.request.urlopen(told["metrics"], timeout=10) as page:
                assert b"facerig_messages_total 1\n" in page.read()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()
    lines = [json.loads(line) for line in (tmp_path / "service.log").read_text().splitlines()]
    events = [line["event"] for line in lines]
    assert events[:2] == ["listens", "connected"]  # and once more for the curves, if that was quick enough
    assert events[-2:] == ["stopping", "stopped"]
    secrets = [line.split('"')[1] for file in ("server.key", "game.key")
               for line in (tmp_path / "keys" / file).read_text().splitlines() if line.startswith("secret")]
    assert len(secrets) == 2
    assert not any(secret in (tmp_path / "service.log").read_text() for secret in secrets)
