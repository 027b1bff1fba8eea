"""The command line as a caller meets it: files, stdout, stderr, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facerig.cli import run as cli
from facerig.errors import ModelError

VERBS = ("animate", "preview", "retarget", "fit", "emotions", "doctor", "formats", "rigs")


@pytest.fixture(scope="session")
def second(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of the bundled clip, on both channels, the right one a little later."""
    samples, rate = soundfile.read(speech, frames=30_000, dtype="float32")
    path = tmp_path_factory.mktemp("sound") / "line.wav"
    soundfile.write(path, np.stack([samples[:24_000], samples[-24_000:]], axis=1), rate)
    return path


@pytest.fixture
def not_sound(tmp_path: Path) -> Path:
    path = tmp_path / "bad.wav"
    path.write_text("this is not sound, whatever it is called\n" * 9)
    return path


def objects(text: str) -> list[dict[str, object]]:
    """Lines of stdout, each of which must be one JSON object."""
    return [json.loads(line) for line in text.splitlines()]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("facerig ")


def test_no_verb_is_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 0
    said = capsys.readouterr()
    assert all(verb in said.out for verb in VERBS)
    assert said.err == ""


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([verb, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"facerig {verb}" in out
    assert "--json" in out


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["animate", "--help"])
    assert "facerig animate line.wav -o line.csv" in capsys.readouterr().out


def test_formats(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["formats", "--json"]) == 0
    endings = {ending for line in objects(capsys.readouterr().out) for ending in line["endings"]}  # type: ignore[attr-defined]
    assert {".csv", ".curves.csv", ".json"} <= endings
    assert cli.run(["formats"]) == 0
    assert " .TextGrid " in capsys.readouterr().out


def test_animate_writes_the_file_and_says_so(second: Path, tmp_path: Path,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new folder" / "line.csv"
    assert cli.run(["animate", str(second), "-o", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 61
    said = capsys.readouterr()
    assert str(out) in said.out
    assert "60 frames" in said.out


def test_animate_for_hosts(second: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "line.json"
    assert cli.run(["animate", str(second), "-o", str(out), "--fps", "29.97", "--json"]) == 0
    said = capsys.readouterr()
    (record,) = objects(said.out)
    assert (record["ok"], record["output"]) == (True, str(out))
    assert (record["frames"], record["fps"]) == (30, "30000/1001")
    assert 0 < record["lookahead_ms"] <= 200  # type: ignore[operator]
    (remark,) = record["remarks"]  # type: ignore[misc]
    assert said.err == f"facerig: {second}: {remark}\n"
    assert remark.startswith("head turns are not in it")


def test_quiet_says_nothing(second: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["animate", str(second), "-o", str(tmp_path / "a.csv"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_same_seed_gives_the_same_file(second: Path, tmp_path: Path) -> None:
    for name, seed in (("a", "5"), ("b", "5")):
        cli.run(["animate", str(second), "-o", str(tmp_path / f"{name}.csv"), "--seed", seed, "--quiet"])
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_each_channel_is_a_face(second: Path, tmp_path: Path) -> None:
    def curves(channel: str, *names: str) -> list[bytes]:
        out = tmp_path / f"{channel}.curves.csv"
        assert cli.run(["animate", str(second), "-o", str(out), "--channel", channel, "--quiet"]) == 0
        return [(tmp_path / name).read_bytes() for name in names]

    left, right = curves("each", "each.left.curves.csv", "each.right.curves.csv")
    assert left != right
    assert curves("left", "left.curves.csv") == [left]
    assert curves("2", "2.curves.csv") == [right]


def test_each_channel_of_a_damaged_file_is_a_face(second: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.wav"
    cut.write_bytes(second.read_bytes()[: second.stat().st_size // 2])
    out = tmp_path / "out"
    arguments = ["animate", str(cut), "-o", f"{out}/cut.csv", "--channel", "each", "--quiet"]
    assert cli.run(arguments) == 2
    assert cli.run([*arguments, "--allow-truncated"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["cut.left.csv", "cut.right.csv"]


def test_one_bad_input_does_not_stop_the_rest(second: Path, not_sound: Path, tmp_path: Path,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    missing = tmp_path / "missing.wav"
    assert cli.run(["animate", str(not_sound), str(missing), str(second), "-o", f"{out}/", "--json"]) == 2
    bad, gone, good = objects(capsys.readouterr().out)
    assert (bad["ok"], bad["code"], bad["input"]) == (False, "audio", str(not_sound))
    assert (gone["ok"], gone["code"]) == (False, "audio")
    assert good["ok"] is True
    assert [path.name for path in out.iterdir()] == ["line.csv"]


def test_a_folder_takes_a_format(second: Path, tmp_path: Path) -> None:
    assert cli.run(["animate", str(second), "-o", str(tmp_path), "--format", "curves-csv", "-q"]) == 0
    assert (tmp_path / "line.curves.csv").read_text().startswith("time,")


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (["{sound}", "-o", "a.xyz"], "output", "no exporter"),
    (["{sound}", "-o", "a.csv", "--fps", "0"], "config", "--fps"),
    (["{sound}", "-o", "a.csv", "--fps", "fast"], "config", "not a frame rate"),
    (["{sound}", "-o", "a.csv", "--model", "huge"], "config", "model"),
    (["{sound}", "-o", "a.csv", "--model", "none.onnx"], "model", "none.onnx"),
    (["{sound}", "-o", "a.csv", "--channel", "middle"], "config", "--channel"),
    (["{sound}", "-o", "a.csv", "--channel", "3"], "audio", "no channel 3: it has 2"),
    (["{sound}", "-o", "o/", "--format", "vhs"], "output", "--format"),
    (["{sound}", "{sound}", "-o", "o/"], "output", "would both be written"),
    (["{sound}", "-o", "file/a.csv"], "output", "file/a.csv"),
    (["{sound}"], "usage", "--out"),
    (["-o", "a.csv"], "usage", "IN"),
    (["{sound}", "-o", "a.csv", "--speed", "9"], "usage", "--speed"),
    (["{sound}", "-o", "a.csv", "--seed", "x"], "usage", "--seed"),
    (["{sound}", "-o", "a.csv", "--seed", "-1"], "usage", "--seed"),
])
def test_mistakes_are_told_and_leave_nothing(arguments: list[str], code: str, said: str, second: Path,
                                             tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    arguments = ["animate", *(a.replace("{sound}", str(second)) for a in arguments)]
    assert cli.run([*arguments, "--json"]) == 2
    (record,) = objects(capsys.readouterr().out)
    assert record["ok"] is False
    assert record["code"] == code
    assert said in f"{record['what']} {record['where']}"
    assert record["fix"]
    assert cli.run(arguments) == 2
    for_people = capsys.readouterr()
    assert for_people.out == ""
    assert "fix: " in for_people.err
    left = {path.name for path in tmp_path.rglob("*")} - {"o"}
    assert left == {"file"}, "nothing half-written may stay"


def test_an_unknown_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["dance"]) == 2
    assert "dance" in capsys.readouterr().err


def test_a_missing_model_is_told_once(second: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                      capsys: pytest.CaptureFixture[str]) -> None:
    def gone(*_args: object) -> None:
        raise ModelError("is missing", where="live.onnx", fix="install facerig again")

    monkeypatch.setattr("facerig.animation.animate_to", gone)
    other = tmp_path / "other.wav"
    other.write_bytes(second.read_bytes())
    assert cli.run(["animate", str(second), str(other), "-o", f"{tmp_path}/", "--json"]) == 2
    assert len(objects(capsys.readouterr().out)) == 1


def test_a_bug_says_so(second: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                       capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("facerig.animation.animate_to", broken)
    assert cli.run(["animate", str(second), "-o", str(tmp_path / "a.csv")]) == 1
    said = capsys.readouterr().err
    assert "unexpected ZeroDivisionError: oh" in said
    assert "--debug" in said
    assert "Traceback" not in said
    assert cli.run(["--debug", "animate", str(second), "-o", str(tmp_path / "a.csv")]) == 1
    assert "Traceback" in capsys.readouterr().err
