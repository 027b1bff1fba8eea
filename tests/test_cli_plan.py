"""Which input becomes which file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facerig.audio.channels import parse_channel
from facerig.cli.plan import Job, make_writable, plan
from facerig.errors import AudioError, ConfigError, OutputError

ENDINGS = (".curves.csv", ".csv", ".json")


def ending_of(path: Path) -> str:
    for ending in ENDINGS:
        if path.name.lower().endswith(ending):
            return ending
    raise OutputError("unknown ending", where=str(path))


def planned(sources: list[str], out: str, channel: str = "mix", channels: int = 2) -> list[Job]:
    return plan([Path(s) for s in sources], out, channel=channel, ending=".csv", ending_of=ending_of,
                channels_of=lambda _path: channels)


def outs(jobs: list[Job]) -> list[str]:
    return [job.out.as_posix() for job in jobs]


def test_one_input_into_a_file() -> None:
    assert planned(["a.wav"], "b.json") == [Job(source=Path("a.wav"), channel="mix", out=Path("b.json"))]


@pytest.mark.parametrize("out", ["curves/", "here"])
def test_a_folder_takes_the_inputs_names(out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    folder = out.rstrip("/")
    assert outs(planned(["x/a.wav", "b.v2.flac"], out)) == [f"{folder}/a.csv", f"{folder}/b.v2.csv"]


def test_a_pattern_takes_the_stem() -> None:
    assert outs(planned(["x/a.wav", "b.flac"], "o/{stem}.curves.csv")) == ["o/a.curves.csv", "o/b.curves.csv"]


@pytest.mark.parametrize("out", ["o/{rig}.csv", "o/{stem}.{ext}.csv", "{}.csv", "{STEM}/"])
def test_a_placeholder_that_nothing_fills_is_refused(out: str) -> None:
    with pytest.raises(OutputError, match=r"a pattern knows \{stem\} only, not \{"):
        planned(["a.wav", "b.wav"], out)


def test_braces_that_are_no_placeholder_are_a_name() -> None:
    assert outs(planned(["a.wav"], "{8f-21}/a.csv")) == ["{8f-21}/a.csv"]


def test_several_inputs_into_one_file_are_refused() -> None:
    with pytest.raises(OutputError, match="several inputs"):
        planned(["a.wav", "b.wav"], "o.csv")


def test_several_inputs_make_a_folder_of_a_name_without_an_ending(tmp_path: Path) -> None:
    out = tmp_path / "new"
    assert outs(planned(["a.wav", "b.wav"], str(out))) == [f"{out}/a.csv", f"{out}/b.csv"]
    with pytest.raises(OutputError, match="unknown ending"):  # of one it is the file
        planned(["a.wav"], str(out))


@pytest.mark.parametrize("sources", [["x/a.wav", "y/a.wav"], ["a.wav", "a.flac"], ["a.wav", "a.wav"]])
def test_two_inputs_into_one_name_are_refused(sources: list[str]) -> None:
    with pytest.raises(OutputError, match="would both be written here"):
        planned(sources, "o/")


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    for out in ("a.csv", "./a.csv", "link.csv"):
        with pytest.raises(OutputError, match="overwritten"):
            planned([str(tmp_path / "a.csv")], str(tmp_path / out))


def test_an_unknown_ending_is_refused_before_any_work() -> None:
    with pytest.raises(OutputError, match="unknown ending"):
        planned(["a.wav"], "a.xyz")


@pytest.mark.parametrize(("channels", "expected"), [
    (1, ["t.curves.csv"]),
    (2, ["t.left.curves.csv", "t.right.curves.csv"]),
    (3, ["t.ch1.curves.csv", "t.ch2.curves.csv", "t.ch3.curves.csv"]),
])
def test_each_channel_gets_a_file(channels: int, expected: list[str]) -> None:
    jobs = planned(["a.wav"], "t.curves.csv", "each", channels)
    assert outs(jobs) == expected
    assert [job.channel for job in jobs] == ([*range(channels)] if channels > 1 else ["mix"])


def test_each_keeps_the_case_of_the_ending() -> None:
    assert outs(planned(["a.wav"], "T.CSV", "each")) == ["T.left.CSV", "T.right.CSV"]


def test_an_unreadable_input_does_not_stop_the_plan() -> None:
    def channels_of(path: Path) -> int:
        if path.stem == "bad":
            raise AudioError("not audio")
        return 2

    jobs = plan([Path("bad.wav"), Path("a.wav")], "o/", channel="each", ending=".csv", ending_of=ending_of,
                channels_of=channels_of)
    assert outs(jobs) == ["o/bad.csv", "o/a.left.csv", "o/a.right.csv"]


STEMS = st.text("ab.", min_size=1, max_size=4).filter(lambda stem: stem.strip("."))


@given(st.lists(STEMS, min_size=2, unique=True), st.sampled_from(["mix", "each"]))
def test_no_two_jobs_share_a_file(stems: list[str], channel: str) -> None:
    try:
        jobs = planned([f"{stem}.wav" for stem in stems], "o/", channel)
    except OutputError:
        return
    assert len({os.path.normcase(job.out) for job in jobs}) == len(jobs)


@pytest.mark.parametrize(("text", "expected"), [("mix", "mix"), ("left", "left"), ("1", 0), ("12", 11)])
def test_channels_are_counted_from_one(text: str, expected: str | int) -> None:
    assert parse_channel(text) == expected


@pytest.mark.parametrize("text", ["0", "-1", "center", "", "1.5", "²", "Ⅳ"])
def test_no_channel(text: str) -> None:
    with pytest.raises(ConfigError, match="no channel"):
        parse_channel(text)


def test_make_writable_makes_folders_and_leaves_nothing(tmp_path: Path) -> None:
    make_writable(tmp_path / "a" / "b" / "c.csv")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_make_writable_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("mine")
    make_writable(tmp_path / "c.csv")
    assert (tmp_path / "c.csv").read_text() == "mine"


@pytest.mark.parametrize("out", ["folder", "file/c.csv"])
def test_make_writable_refuses(out: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        make_writable(tmp_path / out)
