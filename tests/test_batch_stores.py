"""A batch on stores: the same files, the same guarantees, on an S3 server and others."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from facerig.batch import store_journal
from facerig.batch.engine import Done
from facerig.batch.journal import HOME, Journal
from facerig.batch.lines import Line
from facerig.batch.manifest import rows_of
from facerig.batch.planning import Plan
from facerig.batch.running import RunSettings, run
from facerig.batch.settings import BatchSettings
from facerig.batch.store_journal import StoreJournal, journal_in
from facerig.batch.stores import Listings, is_address, opened
from facerig.batch.work import Task
from facerig.cli import run as cli
from facerig.errors import ConfigError, OutputError
from tests.test_batch import Here, counts, with_lines

pytest.importorskip("fsspec", reason="stores need fsspec")

LINES = 3
ENDINGS = (".csv", ".livelink.csv")


@pytest.fixture(name="sounds", scope="module")
def _sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_lines(tmp_path_factory.mktemp("voices"), LINES)


@pytest.fixture(name="memory")
def _memory(sounds: Path) -> Iterator[str]:
    """A store with the sounds, that is gone after the test."""
    import fsspec
    fs = fsspec.filesystem("memory")
    for path in sounds.iterdir():
        fs.pipe_file(f"/studio/voices/{path.name}", path.read_bytes())
    yield "memory://studio"
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]


@pytest.fixture(name="s3", scope="module")
def _s3(sounds: Path) -> Iterator[str]:
    """A bucket of a local S3 server with the sounds."""
    server_module = pytest.importorskip("moto.server", reason="the S3 server of the tests is moto's")
    pytest.importorskip("s3fs")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("AWS_ENDPOINT_URL", f"http://{host}:{port}"), ("AWS_ACCESS_KEY_ID", "test"),
                            ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_DEFAULT_REGION", "us-east-1")):
            patch.setenv(name, value)
        store = opened("s3://studio")
        store.fs.mkdir("studio")
        for path in sounds.iterdir():
            store.put(path, f"voices/{path.name}")
        yield "s3://studio"
    server.stop()


def lines_of(voices: str | Path) -> list[Line]:
    return [Line(place=f"row {k}", audio=f"{voices}/line{k}.wav", out=f"{'ab'[k % 2]}/line{k}", model="live",
                 endings=ENDINGS) for k in range(LINES)]


def contents(address: str) -> dict[str, str]:
    """What lies below an address, but for what the batch keeps for itself."""
    store = opened(address)
    return {name.removeprefix(store.path).lstrip("/"): hashlib.sha256(store.fs.cat_file(name)).hexdigest()
            for name in store.fs.find(store.path) if HOME not in name.split("/")}


@pytest.fixture(name="undisturbed", scope="module")
def _undisturbed(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    run(lines_of(sounds), folder, Here())
    return contents(f"file://{folder}")


def test_addresses_are_told_from_paths() -> None:
    assert all(map(is_address, ("s3://a/b", "gs://a", "memory://x", "abfs+x://y")))
    assert not any(map(is_address, ("C://a", "C:\\a", "/a//b", "a", "", "s3:/a")))


def test_on_a_store_the_same_files_come_and_are_current(memory: str, undisturbed: dict[str, str]) -> None:
    engine = Here()
    lines = lines_of(f"{memory}/voices")
    assert counts(run(lines[:1], f"{memory}/out", engine)) == (1, 0, 0, 0)
    assert counts(run(lines, f"{memory}/out", engine)) == (LINES - 1, 1, 0, 0)
    assert counts(run(lines, f"{memory}/out", engine)) == (0, LINES, 0, 0)
    assert engine.did == ["a/line0", "b/line1", "a/line2"]
    assert contents(f"{memory}/out") == undisturbed


def test_what_changed_on_a_store_is_done_again(memory: str) -> None:
    lines, out, engine = lines_of(f"{memory}/voices"), f"{memory}/out", Here()
    run(lines, out, Here())
    fs = opened(memory).fs
    fs.pipe_file("/studio/voices/line0.face.toml", b"[[blink]]\nat = 0.1\n")
    fs.rm_file("/studio/out/b/line1.csv")
    assert counts(run(lines, out, engine)) == (2, 1, 0, 0)
    assert engine.did == ["a/line0", "b/line1"]
    fs.pipe_file("/studio/voices/line2.wav", fs.cat_file("/studio/voices/line1.wav"))
    assert counts(run(lines, out, engine)) == (1, 2, 0, 0)


def test_corrections_on_a_store_act(memory: str) -> None:
    out, line = f"{memory}/out", lines_of(f"{memory}/voices")[0]
    run([line], out, Here())
    plain = contents(out)
    opened(memory).fs.pipe_file("/studio/voices/line0.face.toml",
                                b'[[curve]]\nname = "browInnerUp"\nkeys = [[0.0, 0.9], [0.3, 0.9]]\n')
    run([line], out, Here())
    assert contents(out).keys() == plain.keys()
    assert all(contents(out)[name] != plain[name] for name in plain)


def test_a_file_that_somebody_edited_on_a_store_is_kept(memory: str) -> None:
    lines, out = lines_of(f"{memory}/voices")[:1], f"{memory}/out"
    run(lines, out, Here())
    fs = opened(memory).fs
    fs.pipe_file("/studio/out/a/line0.csv", b"mine")
    assert counts(run(lines, out, Here())) == (0, 0, 0, 1)
    other = [replace(lines[0], emotion="anger")]
    assert counts(run(other, out, Here())) == (0, 0, 1, 0)
    assert fs.cat_file("/studio/out/a/line0.csv") == b"mine"
    assert counts(run(other, out, Here(), settings=RunSettings(force=True))) == (1, 0, 0, 0)


def test_errors_name_the_address(memory: str) -> None:
    opened(memory).fs.pipe_file("/studio/voices/line1.wav", b"RIFF of nothing")
    lines, out = lines_of(f"{memory}/voices"), f"{memory}/out"
    lines[0] = replace(lines[0], audio=f"{memory}/voices/gone.wav")
    assert counts(run(lines, out, Here())) == (1, 0, 2, 0)
    with journal_in(out) as journal:
        for name, sound in (("a/line0", "gone.wav"), ("b/line1", "line1.wav")):
            record = journal.last(name)
            assert record is not None
            assert record["error"]["where"] == f"{memory}/voices/{sound}"


class Stopped(Here):
    """Ends in the middle, as Ctrl-C does."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def run(self, tasks: Iterable[Task], done: Done) -> None:
        for task in tasks:
            if len(self.did) == self._after:
                raise KeyboardInterrupt
            super().run([task], done)


def test_a_run_that_was_stopped_goes_on(memory: str, undisturbed: dict[str, str]) -> None:
    lines, out, engine = lines_of(f"{memory}/voices"), f"{memory}/out", Here()
    with pytest.raises(KeyboardInterrupt):
        run(lines, out, Stopped(1))
    assert counts(run(lines, out, engine)) == (LINES - 1, 1, 0, 0)
    assert engine.did == ["b/line1", "a/line2"]
    assert contents(out) == undisturbed


def test_lines_are_begun_in_the_store_before_anybody_works_on_them(memory: str) -> None:
    seen = []

    class Looking(Here):
        def run(self, tasks: Iterable[Task], done: Done) -> None:
            for task in tasks:
                with journal_in(task.folder) as other:
                    seen.append(other.in_hand(task.line.out))
                super().run([task], done)

    run(lines_of(f"{memory}/voices"), f"{memory}/out", Looking())
    assert seen == [True] * LINES


def test_a_journal_in_pieces_is_read_as_one(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_journal, "PIECE_BYTES", 500)
    for turn in range(2):
        journal = StoreJournal(opened(f"{memory}/out"))
        for k in range(40):
            journal.began(f"line{k}", "x")
            journal.add({"out": f"line{k}", "address": f"{turn}", "n": k})
            if k % 9 == 0:
                journal.settle()
        journal.close()
    pieces = opened(f"{memory}/out").fs.ls(f"/studio/out/{HOME}/journal", detail=True)
    assert len(pieces) >= 4
    with journal_in(f"{memory}/out") as both:
        assert not list(both.begun())
        for k in range(40):
            assert [(one["n"], one["address"]) for one in both.history(f"line{k}")] == [(k, "1"), (k, "0")]


def test_a_store_that_refuses_the_journal_ends_the_run(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, fs = Here(), opened(memory).fs

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(fs), "pipe_file", refuse)
    with pytest.raises(OutputError, match="Access Denied"):
        run(lines_of(f"{memory}/voices"), f"{memory}/out", engine)
    assert engine.did == []


def test_stores_that_may_show_half_a_file_get_it_aside(
        sounds: Path, undisturbed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, moved = f"file://{tmp_path}/out", list[str]()
    kind = type(opened(out).fs)
    put = kind.put_file

    def watched(self: object, path: str, to: str, **rest: object) -> None:
        moved.append(Path(to).name)
        put(self, path, to, **rest)

    monkeypatch.setattr(kind, "put_file", watched)
    assert counts(run(lines_of(sounds), out, Here())) == (LINES, 0, 0, 0)
    assert len(moved) == LINES * len(ENDINGS)
    assert all(name.endswith(".part") for name in moved)
    assert contents(out) == undisturbed
    assert counts(run(lines_of(sounds), out, Here())) == (0, LINES, 0, 0)


def test_files_name_their_sound_as_the_store_does(memory: str) -> None:
    line = replace(lines_of(f"{memory}/voices")[0], endings=(".a2f.json", ".fbx"))
    run([line], f"{memory}/out", Here())
    fs = opened(memory).fs
    assert json.loads(fs.cat_file("/studio/out/a/line0.a2f.json"))["trackPath"] == line.audio
    assert b"../../voices/line0.wav" in fs.cat_file("/studio/out/a/line0.fbx")
    assert b"facerig-out" not in fs.cat_file("/studio/out/a/line0.fbx")


def test_a_folder_of_a_store_is_a_source(memory: str, tmp_path: Path) -> None:
    fs = opened(memory).fs
    fs.pipe_file("/studio/voices/deep/one.WAV", b"")
    fs.pipe_file("/studio/voices/notes.txt", b"")
    rows = list(rows_of(f"{memory}/voices", pytest.fail))
    assert [(row.audio.removeprefix(memory), row.output) for row in rows] == [
        *((f"/voices/line{k}.wav", f"line{k}") for k in range(LINES)), ("/voices/deep/one.WAV", "deep/one")]
    with pytest.raises(ConfigError, match="read from a disk"):
        list(rows_of(f"{memory}/lines.csv", pytest.fail))


def test_a_manifest_here_names_sounds_there(memory: str, tmp_path: Path) -> None:
    table = tmp_path / "lines.csv"
    table.write_text(f"audio,output\nline0.wav,x/zero\n{memory}/voices/line1.wav,\ngone.wav,\n")
    plan = Plan(str(table), tmp_path, BatchSettings(), f"{memory}/voices")
    faults = plan.check(lambda _: None)
    assert [(error.where, error.what) for error in faults.shown] == [
        (f"{table}:4", f"there is no sound {memory}/voices/gone.wav")]
    found = [(line.audio, line.out) for line in plan.lines(lambda _: None)]
    assert found == [(f"{memory}/voices/line0.wav", "x/zero"), (f"{memory}/voices/line1.wav", "line1")]


def test_s3_holds_what_a_disk_holds(s3: str, undisturbed: dict[str, str],
                                    capsys: pytest.CaptureFixture[str]) -> None:
    """The command line, with a worker of its own process, from a bucket into a bucket."""
    out = f"{s3}/curves"
    wishes = ["batch", f"{s3}/voices", "-o", out, "--format", "csv,livelink.csv", "--model", "live", "--json"]
    assert cli.run([*wishes, "--workers", "1"]) == 0
    assert {Path(name).name: one for name, one in contents(out).items()} == {
        Path(name).name: one for name, one in undisturbed.items()}
    capsys.readouterr()
    assert cli.run(wishes) == 0
    told = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [row["status"] for row in told[:-1]] == ["current"] * LINES
    lines = [replace(line, out=f"line{k}") for k, line in enumerate(lines_of(f"{s3}/voices"))]
    assert counts(run(lines, out, Here())) == (0, LINES, 0, 0)
    opened(s3).fs.pipe_file("studio/curves/line0.csv", b"mine")
    assert counts(run(lines, out, Here())) == (0, LINES - 1, 0, 1)


def test_s3_says_the_same_of_a_file_alone_and_in_its_folder(s3: str) -> None:
    store = opened(f"{s3}/voices")
    assert store.seen("line0.wav") == Listings().seen(f"{s3}/voices/line0.wav") is not None
    assert store.seen("gone.wav") is None


def test_a_bucket_that_is_not_there_is_told_at_once(s3: str, sounds: Path) -> None:
    engine = Here()
    with pytest.raises(OutputError, match="s3://nobody"):
        run(lines_of(sounds), "s3://nobody/out", engine)
    assert engine.did == []


def test_an_address_of_no_store_is_told() -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        opened("nostore://x")


def test_a_disk_keeps_its_plain_journal(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        assert type(journal) is Journal
        assert os.path.isdir(tmp_path / HOME)
