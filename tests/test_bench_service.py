"""The service's measurements: what breaks on purpose mends, nobody beside it suffers, figures are right."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from facerig.errors import OutputError
from facerig.service import wire
from tools.bench import service_latency, service_load, soak
from tools.bench.faults import clocks, datagrams, garbage, killing, links, logs, suite
from tools.bench.faults.outcome import Outcome
from tools.bench.hosted import Hosted
from tools.bench.relays import TcpRelay, UdpRelay
from tools.bench.showing import put_into
from tools.bench.speakers import Heard, Load
from tools.bench.tables import Table
from tools.bench.witness import alone, compared, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at through /proc")


def seen_through(outcome: Outcome) -> None:
    assert outcome.mended, outcome.happened
    assert outcome.witness is None or outcome.witness.unharmed, outcome.witness
    row = outcome.row()
    assert row["as it should"] == "yes"
    assert row["what happened"]


# --- faults

@pytest.mark.parametrize("fault", [partial(datagrams.lossy, 1.0), partial(garbage.garbage, 600)])
def test_a_fault_is_seen_through(fault: Callable[[], Outcome]) -> None:
    seen_through(fault())


@pytest.mark.slow
@pytest.mark.parametrize("fault", [
    killing.client_killed, killing.service_killed, killing.client_asleep, killing.service_asleep,
    links.half_open, links.half_open_curves, links.nobody_answers, clocks.clock_on, clocks.clock_back,
    logs.disk_full, partial(links.subscriber_stops, partial(Hosted, subscriber_frames=200), 8),
    partial(garbage.garbage, 100_000)])
def test_a_fault_that_takes_long_is_seen_through(fault: Callable[[], Outcome]) -> None:
    seen_through(fault())


def test_every_fault_is_in_the_suite_and_no_other() -> None:
    tested = {clocks, datagrams, garbage, killing, links, logs}
    assert {fault.__module__ for fault in suite.FAULTS.values()} == {module.__name__ for module in tested}


def test_a_witness_notices_what_is_missing_and_what_is_wrong() -> None:
    right = [wire.Frame(0, k, k * 16_000 // 60, values) for k, values in enumerate(alone(0.5))]
    assert compared(right, 0.5) == (0, 0, 0)
    assert compared(right[1:], 0.5) == (1, 0, 0)
    assert compared([*right, right[3]], 0.5) == (0, 1, 0)
    other = wire.Frame(0, 5, right[5].sample, right[5].values + np.float32(0.001))
    assert compared([*right[:5], other, *right[6:]], 0.5) == (0, 0, 1)


# --- bad networks

def test_a_lossy_relay_accounts_for_every_datagram() -> None:
    with (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ears,
          socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth):
        ears.bind(("127.0.0.1", 0))
        ears.settimeout(5.0)
        relay = UdpRelay(ears.getsockname()[1], 0.2, 0.2, 0.1, seed=3)
        for k in range(200):  # what the system's buffers hold
            mouth.sendto(bytes([k]), ("127.0.0.1", relay.port))
        wait_until(lambda: relay.carried.came == 200, "datagrams")
        carried = relay.close()
        heard = [ears.recv(9)[0] for _ in range(carried.came - carried.lost + carried.twice)]
        assert 20 < carried.lost < 60
        assert len(set(heard)) == 200 - carried.lost
        assert len(heard) - len(set(heard)) == carried.twice > 5
        assert sum(b < a for a, b in pairwise(heard)) > 20
        assert max(abs(a - b) for a, b in zip(sorted(heard), heard, strict=True)) < 20


def test_a_frozen_relay_carries_nothing_and_says_nothing() -> None:
    with (socket.create_server(("127.0.0.1", 0)) as far, TcpRelay(far.getsockname()[1]) as relay,
          socket.create_connection(("127.0.0.1", relay.port)) as near):
        end, _ = far.accept()
        near.sendall(b"before")
        assert end.recv(9) == b"before"
        assert relay.freeze() == 1
        near.sendall(b"after")
        end.settimeout(0.7)
        with pytest.raises(TimeoutError):
            end.recv(9)
        with socket.create_connection(("127.0.0.1", relay.port)) as again:
            other, _ = far.accept()
            other.settimeout(5.0)
            again.sendall(b"later")
            assert other.recv(9) == b"later"
            other.close()
        end.close()


# --- figures

def test_latency_is_counted_from_the_piece_that_completes_a_frame() -> None:
    load = Load(sessions=1, piece_secs=0.02, rate_hz=48_000)
    needed = service_latency.pieces_needed(load, 100)
    assert needed == sorted(needed)
    lookahead = [piece - index * 50 / 60 for index, piece in enumerate(needed)]  # in pieces
    assert 3.0 < min(lookahead) < max(lookahead) < 5.0
    came = [(0, index, 0, 10**9 * piece + 7) for index, piece in enumerate(needed)]
    heard = Heard(sent=[[10**9 * piece for piece in range(100)]], begins=[0], frames=came)
    assert set(service_latency.behind_their_sound(load, heard, [0])) == {7}


def test_latency_in_real_time_is_counted_from_the_sample_that_plays() -> None:
    load = Load(sessions=1, rate_hz=48_000)
    heard = Heard(sent=[[5]], begins=[0], frames=[(0, 0, 480, 10**7 + 10**8 + 5 + 3), (0, 1, -1, 0)])
    assert service_latency.behind_their_time(load, heard, [4_800]).tolist() == [3]


@pytest.mark.slow
def test_a_service_is_measured() -> None:
    rows = service_latency.tables([2], 2.0, lambda _: None)[0].rows
    assert [row["sessions"] for row in rows] == [2] * 4
    assert all(0 < float(row["p50 ms"] or 0) <= float(row["max ms"] or 0) for row in rows)
    row = service_load.measured(Load(sessions=10), 2.0)
    assert float(row["tick p50 ms"] or 0) > 0
    assert float(row["KB each"] or 0) < 5_000
    assert {row["let in"], row["sessions"]} == {10}


def test_an_overload_is_told_in_words() -> None:
    heard, grew = Heard([], []), dict.fromkeys(service_load.GROWING, 0.0)
    assert service_load.broke("", heard, grew, False) == "nothing"
    heard.held = 3
    told = service_load.broke("95%", heard, grew | {"frames_dropped": 2.0}, True)
    assert told == "ticks, 3 pieces waited for credit, 2 dropped by index, refused: 95%"


@pytest.mark.parametrize(("ppm", "secs"), [(0.0, 4.0), pytest.param(0.0, 3_600.0, marks=pytest.mark.slow)])
def test_an_hour_turned_by_hand_has_every_frame_on_its_sample(ppm: float, secs: float) -> None:
    row = soak.hour(secs, ppm)
    assert (row["lost"], row["off the grid"], row["drift samples"]) == (0, 0, 0)
    assert float(row["frames"] or 0) > 60 * (secs - 0.5)


@pytest.mark.slow
def test_a_soak_of_half_a_minute() -> None:
    spoken, memory = soak.tables(0.5, lambda _: None)
    assert [row["lost"] for row in spoken.rows] == [0] * len(soak.CAST)
    assert float(memory.rows[0]["MB at the end"] or 0) > 20


def test_a_track_sees_losses_and_drift() -> None:
    track = soak.Track("60", steady=True)
    for index in range(60 * 240):
        if index not in (100, 101):
            sample = index * 800 + (9 if index == 500 else 0)
            since_ns = sample * 10**9 // soak.RATE_HZ + 10**8 + index  # later and later
            track.add(wire.Frame(0, index, sample, np.zeros(1, np.float32)), 0, since_ns)
    row = track.row("x", 240.0)
    assert (row["lost"], row["off the grid"]) == (2, 1)
    assert float(row["drift ms"] or 0) == pytest.approx(7_200e-6, rel=0.01)  # in two whole minutes


def test_tables_go_into_their_place_in_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- made: k -->\nold\n<!-- end -->\nb\n<!-- made: l -->\n<!-- end -->\n", "utf-8")
    table = Table("k", "Title", {"n": ",", "what": ""}, [{"n": 1234, "what": "x"}])
    put_into(page, [table], {"cpu": "c", "busy": "load 1", "python": "3"}, "run it")
    text = page.read_text("utf-8")
    assert "old" not in text
    assert "| n | what |\n| --: | --- |\n| 1,234 | x |" in text
    assert text.endswith("b\n<!-- made: l -->\n<!-- end -->\n")
    with pytest.raises(OutputError, match="no place for z"):
        put_into(page, [Table("z", "", {}, [])], {}, "")
