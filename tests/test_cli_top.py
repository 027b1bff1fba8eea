"""`facerig top` against a real service: figures for people and for hosts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from facerig.cli import top
from facerig.cli.run import run
from facerig.cli.top import COUNTED, NOW, Look, Seen, rows
from facerig.service.client import Client
from tests.live_service import Running
from tests.signals import heeding_ctrl_c

FIGURES = {"sessions": 3.0, "busy": 0.25, "tick_secs_p99": 0.0041, "messages": 100.0, "error_gap": 2.0,
           "error_rate": 30.0, "closed_client": 7.0}


@pytest.fixture(name="service", scope="module")
def _service() -> Iterator[str]:
    one = Running()
    yield one.service.control_address
    one.stop()


def test_a_look_at_a_service(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["top", service, "--once", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert told["figures"]["messages"] >= 1
    assert told["figures"]["sessions"] == 0
    assert run(["top", service, "--once"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("sessions ")
    assert "frames dropped" in text


def test_it_looks_again_until_it_is_ended(service: str) -> None:
    command = [sys.executable, "-m", "facerig", "top", service, "--every", "0.1", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=heeding_ctrl_c) as process:
        try:
            messages = [json.loads(process.stdout.readline())["figures"]["messages"] for _ in range(3)]
            process.send_signal(2)
            assert process.wait(20) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()
    assert messages == sorted(set(messages))


def test_without_a_service_it_says_so(monkeypatch: pytest.MonkeyPatch,
                                      capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(top, "PATIENCE_SECS", 0.2)
    assert run(["top", "tcp://127.0.0.1:1", "--once"]) == 2
    assert "no service answers" in capsys.readouterr().err


def test_a_service_that_goes_away_is_shown_as_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Running()
    from facerig.service.client import connect

    with connect(service.service.control_address) as client:
        first = top._first_look(client, "here")
        looks = top._looks(client, first, 0.05)
        assert not next(looks).silent_secs
        service.stop()
        monkeypatch.setattr(Client, "statistics", quick(Client.statistics))
        silent = next(looks)
        assert silent.silent_secs > 0
        assert "silent" in top._text(silent)
        assert silent.a_second("messages") == 0


def quick(ask):  # type: ignore[no-untyped-def]
    return lambda client, timeout_secs: ask(client, timeout_secs=0.2)


def test_rates_are_between_two_looks() -> None:
    before = Seen(FIGURES | {"messages": 40.0, "error_gap": 0.0}, 10.0)
    told = {label: (now, total) for label, now, total in rows(Look(Seen(FIGURES, 12.0), before, 0.0))}
    assert told["messages"] == ("30.0 /s", "100")
    assert told["errors"] == ("1.0 /s", "rate 30, gap 2")
    assert told["closed"] == ("0.0 /s", "client 7")
    assert told["load"] == ("25.0%", "")
    assert told["tick p99"] == ("4.10 ms", "")
    assert "backlog" not in told  # the service did not tell
    again = Look(Seen({"messages": 3.0}, 13.0), Seen(FIGURES, 12.0), 0.0)
    assert again.a_second("messages") == 0  # it was started anew


def test_what_is_shown_is_what_a_service_tells(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of figures that the service does not have would show nothing, for ever."""
    from facerig.service.client import connect
    from facerig.service.metrics import COUNTERS

    with connect(service) as client, connect(service) as other:
        anna = other.open("anna", timeout_secs=30)
        for _ in range(40):  # a second, until the loop has reported
            figures = client.statistics(timeout_secs=10)
            if "busy" in figures and "tick_secs_p50" in figures:
                break
            next(iter(anna.frames(forever=True, timeout_secs=10)))
    assert {name for _, name, _ in NOW} <= set(figures)
    assert {name for _, name in COUNTED} <= set(COUNTERS)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(max_size=60) | st.text(max_size=60).map("error_{}".format),
                       st.floats(allow_nan=False, allow_infinity=False), max_size=12))
def test_whatever_a_service_tells_is_shown_as_text(figures: dict[str, float]) -> None:
    look = Look(Seen(figures, 1.0), Seen({}, 0.0), 0.0)
    assert all(one.isprintable() for row in rows(look) for one in "".join(row))
    console = Console(file=open("/dev/null", "w", encoding="utf-8"), width=100)  # noqa: SIM115
    console.print(top._table(look, "tcp://[bold]x"))
    console.file.close()
