"""Metrics and health: judged by Prometheus' own parser, over real HTTP."""

from __future__ import annotations

import json
import math
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from facerig.errors import ConfigError
from facerig.service import wire
from facerig.service.limits import Limits, ServiceSettings
from facerig.service.metrics import BUCKETS, MOST_NAMES, STUCK_SECS, Metrics
from facerig.service.metrics_page import MOST_AT_ONCE, REQUEST_SECS, MetricsPage, MetricsSettings, answer
from facerig.service.server import Service
from facerig.service.supervisor import Supervisor
from tests.services import Stage, speech, stage

ANY = MetricsSettings(enabled=True, port=0)


def read(text: str) -> dict[str, float]:
    """Values by name and labels."""
    out = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        for one in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(one.labels.items()))
            assert (one.name, labels) not in out
            out[f"{one.name}{{{labels}}}" if labels else one.name] = one.value
    return out


def get(url: str, host: str = "127.0.0.1") -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as problem:
        with problem:
            return problem.code, problem.read().decode()


# --- what is shown

def test_a_metric_each_in_prometheus_format() -> None:
    metrics = Metrics(gauges={"log_lines_lost": ("Lines.", lambda: 3.0)})
    for name, n in (("messages", 5), ("error_gap", 2), ("error_rate", 1), ("closed_idle", 1), ("odd_one", 4)):
        metrics.count(name, n)
    metrics.report({"sessions": 7, "busy": 0.25, "tick_secs_p99": 0.004, "unknown": 3}, "")
    shown = read(metrics.text())
    assert shown["facerig_messages_total"] == 5
    assert shown["facerig_errors_total{code=gap}"] == 2
    assert shown["facerig_errors_total{code=rate}"] == 1
    assert shown["facerig_sessions_closed_total{reason=idle}"] == 1
    assert shown["facerig_events_total{name=odd_one}"] == 4
    assert (shown["facerig_sessions"], shown["facerig_busy_ratio"]) == (7, 0.25)
    assert shown["facerig_tick_seconds_p99"] == 0.004
    assert shown["facerig_log_lines_lost"] == 3
    assert shown["facerig_frames_dropped_total"] == 0  # there before it happens: rates need a beginning
    assert shown["facerig_ready"] == 1
    assert shown["process_resident_memory_bytes"] > 1e6
    assert shown["process_open_fds"] >= 3
    assert abs(shown["process_start_time_seconds"] - time.time()) < 60


@given(st.lists(st.floats(0, 10) | st.sampled_from(BUCKETS), max_size=50))
def test_a_histogram_counts_every_value_once(values: list[float]) -> None:
    metrics = Metrics()
    for value in values:
        metrics.observe("tick_secs", value)
    shown = read(metrics.text())
    assert shown.get("facerig_tick_seconds_count", 0) == len(values)
    assert shown.get("facerig_tick_seconds_sum", 0.0) == pytest.approx(math.fsum(values))
    buckets = {float(name.split("=")[1][:-1]): n for name, n in shown.items() if "seconds_bucket" in name}
    assert len(buckets) == (len(BUCKETS) + 1 if values else 0)
    assert all(n == sum(value <= bound for value in values) for bound, n in buckets.items())


@given(st.dictionaries(st.text(max_size=20), st.floats(0, 1e300), max_size=10))
def test_any_names_give_a_page_that_is_read(counts: dict[str, float]) -> None:
    metrics = Metrics()
    for name, n in counts.items():
        metrics.count(name, n)
        metrics.count(f"error_{name}", n)
    read(metrics.text())


def test_names_without_end_are_bounded() -> None:
    metrics = Metrics()
    for k in range(3 * MOST_NAMES):
        metrics.count(f"error_{k}")
        metrics.observe(f"thing_{k}", 1.0)
    assert len(metrics.text()) < 100_000
    assert sum(name.startswith("facerig_errors") for name in read(metrics.text())) == MOST_NAMES


def test_a_service_shows_what_it_does() -> None:
    metrics = Metrics()
    with stage(sessions=2) as on:
        on.service.tally._meter = metrics
        anna, ears = on.client(), on.subscriber("anna")
        opened = anna.open(pace="burst", alive=False)
        anna.sound(opened, speech(1.0))
        anna.send(wire.Flush(session=1))
        anna.refused(wire.Audio(session=9, at=0, data=b""))
        on.pass_secs(0.3)
        n_frames = len(ears.frames())
        report(on)
        shown = read(metrics.text())
        assert shown["facerig_frames_sent_total"] == n_frames >= 60
        assert shown["facerig_sessions_opened_total"] == shown["facerig_sessions"] == 1
        assert shown["facerig_errors_total{code=session}"] == 1
        assert 1.0 <= shown["facerig_animated_seconds_total"] < 2.0
        assert 0 < shown["facerig_realtime_factor"] < 100
        assert shown["facerig_tick_seconds_count"] > 3
        assert shown["facerig_tick_seconds_p99"] >= shown["facerig_tick_seconds_p50"] > 0
        assert shown["facerig_step_seconds_sum"] > 0
        assert shown["facerig_backlog_seconds"] == 0
        assert shown["facerig_ready"] == 1
        anna.open("ben")
        report(on)
        assert metrics.readiness() == ["2 sessions are open, which is all this service takes"]
        assert read(metrics.text())["facerig_ready"] == 0
        on.service.stop()
        on.pass_secs(0.1)
        report(on)
        assert metrics.readiness() == ["the service is being stopped"]
        assert metrics.health() == []


def report(on: Stage) -> None:
    """A second is over."""
    on.service._since_secs -= 1.0
    on.service.tick()


def test_a_loop_that_stands_still_is_unwell() -> None:
    now, beats = [0.0], []
    metrics = Metrics(clock_secs=lambda: now[0], beat=lambda: beats.append(now[0]),
                      checks=(lambda: "keys are no longer looked at" if now[0] > 50 else "",))
    metrics.report({}, "")
    now[0] = STUCK_SECS
    assert metrics.health() == []
    now[0] += 1
    assert metrics.health() == ["the loop has not turned for 6 s"]
    metrics.report({}, "")
    assert metrics.health() == []
    now[0] = 51
    metrics.report({}, "full")
    assert metrics.readiness() == ["keys are no longer looked at", "full"]
    assert beats == [0.0, 6.0, 51]


# --- over HTTP

@pytest.fixture(name="page", scope="module")
def _page() -> Iterator[MetricsPage]:
    with MetricsPage(Metrics(), ANY) as page:
        yield page


def test_the_page_is_served_with_health_and_readiness() -> None:
    now = [0.0]
    metrics = Metrics(clock_secs=lambda: now[0])
    with MetricsPage(metrics, ANY) as page:
        base = page.url.removesuffix("/metrics")
        status, text = get(page.url)
        assert status == 200
        assert read(text)["facerig_ready"] == 1
        assert [get(f"{base}/{name}")[0] for name in ("health", "ready", "else")] == [200, 200, 404]
        metrics.report({}, "full")
        status, text = get(f"{base}/health")
        assert (status, json.loads(text)) == (200, {"ok": True, "problems": [], "refusing": ["full"]})
        assert get(f"{base}/ready")[0] == 503
        now[0] += 60
        status, text = get(f"{base}/health")
        assert (status, json.loads(text)["problems"]) == (503, ["the loop has not turned for 60 s"])
    with pytest.raises(OSError, match="refused"):
        get(page.url)


def test_pages_that_have_another_name_may_not_ask(page: MetricsPage) -> None:
    port = page.url.split(":")[2].split("/")[0]
    for host, status in (("localhost", 200), (f"127.0.0.1:{port}", 200), ("[::1]:9", 200),
                         ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("", 403), ("[", 403)):
        assert get(page.url, host)[0] == status, host


@given(st.binary(max_size=200) | st.builds(
    lambda method, path, end: f"{method} {path} HTTP/1.1\r\nHost: localhost{end}".encode(),
    st.sampled_from(["GET", "POST", "get", ""]), st.text(max_size=20),
    st.sampled_from(["", "\r\n", "\r\n\r\n"])))
def test_any_request_has_an_answer(head: bytes) -> None:
    status, _, text = answer(head, Metrics())
    assert text
    assert status in (200, 400, 403, 404, 405)


def test_slow_and_many_connections_do_not_keep_others_out(page: MetricsPage) -> None:
    port = int(page.url.split(":")[2].split("/")[0])
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(3 * MOST_AT_ONCE)]
    slow[0].sendall(b"GET /metrics HT")
    until = time.monotonic() + 5 * REQUEST_SECS
    answered = 0
    while not answered and time.monotonic() < until:
        try:
            answered = get(page.url)[0]
        except OSError:  # all are busy
            time.sleep(0.1)
    assert answered == 200
    n_threads = sum(thread.name.startswith("Thread-") for thread in threading.enumerate())
    assert n_threads <= MOST_AT_ONCE + 4
    for one in slow:
        one.close()


def test_an_address_that_others_can_reach_needs_saying() -> None:
    with pytest.raises(ConfigError, match="open to others"):
        MetricsSettings(enabled=True, bind="0.0.0.0")
    MetricsSettings(enabled=True, bind="0.0.0.0", insecure=True)
    MetricsSettings(bind="0.0.0.0")


def test_a_port_that_is_taken_is_told(page: MetricsPage) -> None:
    port = int(page.url.split(":")[2].split("/")[0])
    with pytest.raises(ConfigError, match="cannot listen"):
        MetricsPage(Metrics(), MetricsSettings(enabled=True, port=port))


# --- systemd, and a disk that is full

def test_systemd_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        supervisor = Supervisor(str(tmp_path / "notify"))
        supervisor.ready()
        supervisor.alive()
        supervisor.stopping()
        assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
    supervisor.alive()  # nobody is there any more
    Supervisor("").alive()
    Supervisor("@nobody").alive()


def test_the_service_goes_on_when_its_log_cannot_be_written() -> None:
    from facerig.service.log import LogSettings, logged

    metrics = Metrics()
    with logged(LogSettings(file=Path("/dev/full"))) as journal:
        settings = ServiceSettings(control_port=0, curves_port=0, models=("live",), limits=Limits(busy=100))
        service = Service(settings, meter=metrics)
        running = threading.Thread(target=service.run)
        running.start()
        import facerig

        curves_port = int(service.curves_address.rpartition(":")[2])
        with facerig.connect(service.control_address, curves_port=curves_port) as client:
            anna = client.open("anna", pace="burst", alive=False, timeout_secs=30)
            anna.say_sound(np.zeros(8_000, np.int16))
            assert len(list(anna.frames(timeout_secs=30))) == 30
        service.stop()
        running.join(20)
        assert not running.is_alive()
    assert journal.lost >= 2  # opened, closed
