"""A batch on Ray: what becomes of lines whose worker dies; slow: real clusters whose nodes are killed."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from facerig.batch import ray_engine
from facerig.batch.engine import Local
from facerig.batch.lines import Line
from facerig.batch.parcels import Parcels, unpacked
from facerig.batch.ray_engine import TRIES, Ray, engine_named
from facerig.batch.running import run
from facerig.batch.work import Outcome, Task
from facerig.errors import ConfigError
from tests.signals import heeding_ctrl_c
from tests.streams import made_up_speech
from tests.test_batch import Here, contents, counts

HERE = Path(__file__).parents[1]
with_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")


def task_of(name: str, **wishes: Any) -> Task:
    line = Line(place=name, audio=f"{name}.wav", out=name, endings=(".csv",), **wishes)
    return Task(line=line, folder="out", address=name, inputs={})


class RayError(Exception):
    """Of the infrastructure."""


class OutOfMemoryError(RayError):
    """A worker took too much."""


class RayTaskError(RayError):
    """The function itself raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class FewCores:
    """What the engine asks of Ray, with results that a test decides on: `fate` gives an outcome or raises."""

    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError,
                                 OutOfMemoryError=OutOfMemoryError)

    def __init__(self, fate: Callable[[Task], None]) -> None:
        self._fate, self.cores, self.held, self.most, self.cancelled = fate, 2, 0, 0, list[str]()
        self.tries: list[str] = []

    def is_initialized(self) -> bool:
        return True

    def put(self, data: bytes) -> bytes:
        return data

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": self.cores}

    def remote(self, **_options: object) -> Callable[[Any], Any]:
        return lambda function: SimpleNamespace(remote=self._submit)

    def _submit(self, task: Task, *_rest: object) -> object:
        self.held += 1
        self.most = max(self.most, self.held)
        return _Result(task)

    def wait(self, results: list[Any], num_returns: int, timeout: float) -> tuple[list[Any], list[Any]]:
        return results[:1], results[1:]

    def get(self, result: Any) -> tuple[Outcome, str]:
        self.held -= 1
        self.tries.append(result.task.line.out)
        self._fate(result.task)
        return Outcome(out=result.task.line.out, address=result.task.address), "node:1"

    def cancel(self, result: Any, *, force: bool) -> None:
        assert force
        self.cancelled.append(result.task.line.out)


class _Result:
    def __init__(self, task: Task) -> None:
        self.task = task


@pytest.fixture(name="on")
def _on(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Task], None]], tuple[Ray, FewCores]]:
    def made(fate: Callable[[Task], None]) -> tuple[Ray, FewCores]:
        cluster = FewCores(fate)
        monkeypatch.setattr(ray_engine, "_ray", lambda: cluster)
        return Ray("auto"), cluster
    return made


def fine(_task: Task) -> None:
    """Nothing goes wrong."""


def test_engines_are_known_by_name() -> None:
    assert isinstance(engine_named("local", None, 1), Local)
    with pytest.raises(ConfigError, match="no engine 'rya'"):
        engine_named("rya", None, None)
    with pytest.raises(ConfigError, match="has no address"):
        engine_named("local", "auto", None)


def test_without_ray_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match="Ray is not installed") as caught:
        engine_named("ray", None, None)
    assert caught.value.fix == 'pip install "facerig[cluster]"'


def test_each_line_is_done_once_and_few_are_held(on: Any) -> None:
    engine, cluster = on(fine)
    names = [str(k) for k in range(30)]
    done: list[str] = []
    taken: list[str] = []

    def tasks() -> Iterator[Task]:
        for name in names:
            assert len(taken) - len(done) <= ray_engine.IN_HAND * cluster.cores
            taken.append(name)
            yield task_of(name)

    engine.run(tasks(), lambda task, outcome: done.append(outcome.out))
    assert sorted(done) == sorted(names)
    assert cluster.most == ray_engine.IN_HAND * cluster.cores
    assert engine.done_by == {"node:1": 30}


def test_a_line_whose_node_dies_is_done_on_another(on: Any) -> None:
    deaths = {"3": 2, "5": 1}

    def fate(task: Task) -> None:
        if deaths.get(task.line.out, 0):
            deaths[task.line.out] -= 1
            raise RayError("the node died")

    engine, cluster = on(fate)
    done: dict[str, Outcome] = {}
    engine.run(map(task_of, map(str, range(8))), lambda task, outcome: done.update({outcome.out: outcome}))
    assert set(done) == set(map(str, range(8)))
    assert all(outcome.error is None for outcome in done.values())
    assert (engine.again, cluster.tries.count("3"), cluster.tries.count("5")) == (3, 3, 2)


def test_a_line_that_kills_its_workers_fails_and_the_others_go_on(on: Any) -> None:
    def fate(task: Task) -> None:
        if task.line.out == "1":
            raise OutOfMemoryError

    engine, cluster = on(fate)
    done: dict[str, Outcome] = {}
    engine.run(map(task_of, "0123"), lambda task, outcome: done.update({outcome.out: outcome}))
    assert cluster.tries.count("1") == TRIES
    error = done["1"].error
    assert error is not None
    assert (error["code"], error["what"]) == ("crash", "out of memory")
    assert [done[name].error for name in "023"] == [None] * 3


def test_nodes_without_facerig_end_the_run(on: Any) -> None:
    def fate(task: Task) -> None:
        raise RayTaskError(ModuleNotFoundError("No module named 'facerig'"))

    engine, cluster = on(fate)
    with pytest.raises(ConfigError, match="No module named 'facerig'"):
        engine.run(map(task_of, "0123"), pytest.fail)
    assert len(cluster.cancelled) == ray_engine.IN_HAND * cluster.cores - 1


def test_ctrl_c_gives_up_what_is_in_hand(on: Any) -> None:
    engine, cluster = on(fine)

    def stop(task: Task, outcome: Outcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.run(map(task_of, map(str, range(8))), stop)
    assert cluster.cancelled == ["1", "2", "3"]


def test_files_that_lines_name_go_along_once(tmp_path: Path) -> None:
    style, scene = tmp_path / "a.toml", tmp_path / "scene.toml"
    style.write_text("one")
    scene.write_text("two")
    sent: list[bytes] = []

    def put(data: bytes) -> bytes:
        sent.append(data)
        return data

    parcels = Parcels(put)
    tasks = [task_of(str(k), style=str(style), settings=str(scene), rig="arkit") for k in range(3)]
    contents_of = [parcels.of(task) for task in tasks]
    assert sent == [b"two", b"one"]
    assert unpacked(tasks[0], contents_of[0]) == tasks[0]  # the same disk
    style.write_text("other now")
    scene.unlink()
    line = unpacked(tasks[0], contents_of[0]).line
    assert line.rig == "arkit"
    for path, name, text in ((line.style, "a.toml", "one"), (line.settings, "scene.toml", "two")):
        assert path is not None
        assert (Path(path).name, Path(path).read_text()) == (name, text)
        assert Path(path) not in (style, scene)


def spoken(folder: Path, count: int) -> list[Line]:
    for k in range(count):
        soundfile.write(folder / f"line{k}.wav", made_up_speech(0.3 + 0.02 * k, seed=k), 16_000)
    return [Line(place=f"row {k}", audio=str(folder / f"line{k}.wav"), out=f"line{k}", model="live",
                 endings=(".csv",)) for k in range(count)]


@pytest.mark.slow
@with_ray
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")
def test_nodes_are_killed_and_nothing_is_lost(tmp_path: Path) -> None:
    from tools.bench.cluster import killed_once, prints
    from tools.bench.ray_nodes import nodes

    lines = spoken(tmp_path, 14)
    run(lines, tmp_path / "truth", Here())
    truth, draws = prints(tmp_path / "truth"), np.random.default_rng(4)
    with nodes(2) as cluster:
        engine = Ray(cluster.address)
        assert counts(run(lines, tmp_path / "calm", engine)) == (14, 0, 0, 0)
        assert prints(tmp_path / "calm") == truth
        assert len({worker.partition(":")[0] for worker in engine.done_by}) == 2  # both nodes work
        assert len(engine.done_by) == 2  # a process each, which keeps its model
        for k in range(4):
            row = killed_once(lines, tmp_path / f"killed{k}", cluster, int(draws.integers(1, 14)), k, truth)
            assert (row["done"], row["files"]) == (14, "identical")
            assert int(row["lines again"] or 0) <= ray_engine.IN_HAND
        assert counts(run(lines, tmp_path / "killed0", engine)) == (0, 14, 0, 0)


@pytest.mark.slow
@with_ray
def test_the_command_line_on_its_own_ray_stops_cleanly_and_goes_on(tmp_path: Path) -> None:
    lines = spoken(tmp_path, 30)
    run(lines, tmp_path / "truth", Here())
    command = [sys.executable, "-m", "facerig", "batch", str(tmp_path), "-o", str(tmp_path / "out"),
               "--engine", "ray", "--workers", "1", "--format", "csv", "--model", "live", "--json",
               "--no-report"]
    env = dict(os.environ, RAY_raylet_start_wait_time_s="300")
    first = subprocess.Popen(command, cwd=HERE, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             preexec_fn=heeding_ctrl_c)
    assert first.stdout is not None
    first.stdout.readline()  # a line is done
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=120)
    assert first.returncode == 130, said
    assert not list((tmp_path / "out").rglob("*.part*"))
    before = len(list((tmp_path / "out").glob("*.csv")))
    assert 1 <= before < 30
    again = subprocess.run(command, cwd=HERE, env=env, capture_output=True, timeout=300, check=False)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count(b'"current"') >= before
    assert contents(tmp_path / "out") == contents(tmp_path / "truth")


def test_a_cluster_that_is_not_there_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_engine, "_ray", lambda: SimpleNamespace(is_initialized=lambda: False))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConfigError, match="nobody answers there") as caught:
        Ray(f"127.0.0.1:{port}").run([], pytest.fail)
    assert caught.value.where == f"--address 127.0.0.1:{port}"
