"""Texts on the command line: from where they come, and what the result says about them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import facerig
from facerig.cli import run as cli
from facerig.cli.texts import texts_for
from facerig.encoder.model import open_model
from facerig.errors import ConfigError
from facerig.performance.settings import STILL

HELLO = ("Hello, and welcome. My voice moves this face. Five brave people, above the blue moon, "
         "wave back to you.")
Capture = pytest.CaptureFixture[str]
LINES = [Path("lines/guard_01.wav"), Path("lines/guard_02.wav")]


def from_table(tmp_path: Path, content: str | bytes, sources: list[Path] = LINES) -> dict[Path, str]:
    table = tmp_path / "lines.csv"
    table.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return texts_for(sources, text=None, text_file=None, text_table=table)


@pytest.mark.parametrize("content", [
    'file,text\nguard_01.wav,"Halt, who goes there?"\nguard_02.wav,Nobody.\n',
    '\ufefffile;text\r\nguard_01;Halt, who goes there?\r\n\r\nGUARD_02;Nobody.\r\n',
    "Who\tLine\tFilename\nGuard\tHalt, who goes there?\tlines/guard_01.wav\nGuard\tNobody.\tguard_02.ogg\n",
    'guard_01.wav,"Halt, who goes there?"\nguard_02.wav,Nobody.\n',
    'file,text\nlines\\guard_01.wav,"Halt, who goes there?"\nlines\\guard_02.wav,Nobody.\n',
])
def test_tables_as_sheets_export_them(tmp_path: Path, content: str) -> None:
    assert from_table(tmp_path, content) == {LINES[0]: "Halt, who goes there?", LINES[1]: "Nobody."}


def test_a_table_in_utf_16(tmp_path: Path) -> None:
    content = "file\ttext\nguard_01\tJosé!\n".encode("utf-16")
    assert from_table(tmp_path, content) == {LINES[0]: "José!"}


def test_an_input_that_the_table_lacks_has_no_text(tmp_path: Path) -> None:
    assert from_table(tmp_path, "file,text\nguard_02,Nobody.\n") == {LINES[1]: "Nobody."}
    assert from_table(tmp_path, "") == {}


@pytest.mark.parametrize(("content", "message"), [
    ("file,text\nguard_01\n", "line 2 has no text"),
    ('file,text\nguard_01,"Halt\n', "is no CSV"),
    ("file,text\nguard_01,Halt!\nguard_01,Stop!\n", "line 2 and line 3 give guard_01 two texts"),
    (b"file,text\nguard_01,\xff\xfa\n", "is not utf-8"),
])
def test_a_table_with_a_mistake(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_table(tmp_path, content)


def test_one_text_is_for_one_recording() -> None:
    assert texts_for(LINES[:1], text="Halt!", text_file=None, text_table=None) == {LINES[0]: "Halt!"}
    assert texts_for(LINES, text=None, text_file=None, text_table=None) == {}
    with pytest.raises(ConfigError, match="one text cannot be that of several"):
        texts_for(LINES, text="Halt!", text_file=None, text_table=None)
    with pytest.raises(ConfigError, match="two sources of one text"):
        texts_for(LINES[:1], text="Halt!", text_file="halt.txt", text_table=None)


def test_a_file_for_each_recording(tmp_path: Path) -> None:
    for line in LINES:
        (tmp_path / f"{line.stem}.txt").write_text(f"I am {line.stem}.", "utf-8")
    texts = texts_for(LINES, text=None, text_file=str(tmp_path / "{stem}.txt"), text_table=None)
    assert texts == {line: f"I am {line.stem}." for line in LINES}
    with pytest.raises(ConfigError, match="cannot be read"):
        texts_for(LINES[:1], text=None, text_file=str(tmp_path / "none.txt"), text_table=None)


def test_a_model_that_hears_no_phones_is_told(speech: Path, tmp_path: Path, capsys: Capture) -> None:
    pytest.importorskip("hibari", reason='needs hibari-tts: pip install "facerig[text]"')
    out = str(tmp_path / "x.csv")
    assert cli.run(["animate", str(speech), "-o", out, "--text", HELLO, "--model", "live"]) == 2
    assert "does not hear phones\n  fix: use the model \"offline\"" in capsys.readouterr().err


@pytest.fixture(scope="module")
def hears_phones() -> None:
    pytest.importorskip("hibari", reason='needs hibari-tts: pip install "facerig[text]"')
    if not open_model("offline")[1].phones:
        pytest.skip("the shipped offline model gives no phones")


@pytest.mark.usefixtures("hears_phones")
def test_the_bundled_clip_with_its_text(speech: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "x.csv"
    assert cli.run(["animate", str(speech), "-o", str(out), "--text", HELLO, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["script"]
    assert told["used"]
    assert told["words"] == 19
    assert told["aligned"] >= 18
    assert len(told["missing"]) == told["words"] - told["aligned"]


@pytest.mark.usefixtures("hears_phones")
def test_a_wrong_text_is_told_and_changes_nothing(speech: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "x.csv"
    other = "The committee has approved a budget for repairs of bridges and pumps in the northern provinces."
    assert cli.run(["animate", str(speech), "-o", str(out), "--text", other]) == 0
    assert "only the sound: the text is not what the recording says" in capsys.readouterr().err
    by_text = out.read_bytes()
    assert cli.run(["animate", str(speech), "-o", str(out), "--model", "offline"]) == 0
    assert out.read_bytes() == by_text


@pytest.mark.usefixtures("hears_phones")
def test_words_that_nobody_says_are_named(speech: Path, tmp_path: Path, capsys: Capture) -> None:
    longer = HELLO.replace("people,", "people, perhaps twelve of them,")
    assert cli.run(["animate", str(speech), "-o", str(tmp_path / "x.csv"), "--text", longer]) == 0
    said = capsys.readouterr()
    assert "not found in the sound: perhaps, twelve" in said.err
    assert "words found" in said.out


@pytest.mark.usefixtures("hears_phones")
def test_texts_in_other_languages_are_told_once(speech: Path, tmp_path: Path, capsys: Capture) -> None:
    table = tmp_path / "t.csv"
    table.write_text("file,text\nhello,Hallo\n", "utf-8")
    args = ["animate", str(speech), "-o", f"{tmp_path}/", "--text-table", str(table), "--language", "de"]
    assert cli.run(args) == 0
    assert capsys.readouterr().err.count("not used") == 1


@pytest.mark.usefixtures("hears_phones")
def test_from_python_a_refused_text_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "quiet.wav"
    soundfile.write(path, np.zeros(16_000), 16_000)
    with pytest.warns(UserWarning, match="not used, only the sound: the recording holds no speech"):
        clip = facerig.animate(path, text="Hello there", performance=STILL)
    assert not clip.values.any()


@pytest.mark.usefixtures("hears_phones")
def test_any_chunks_give_the_same_face(speech: Path) -> None:
    from facerig.script.words import read_script

    samples, rate = soundfile.read(speech, dtype="float32")
    samples = samples[: rate * 4]
    faces = []
    for size in (len(samples), 4_800, 1_234):
        script = read_script("Hello, and welcome.")
        session = facerig.Session(rate, model="offline", script=script, performance=STILL)
        parts = [session.feed(samples[i : i + size]).values for i in range(0, len(samples), size)]
        faces.append(np.concatenate([*parts, session.flush().values]))
    np.testing.assert_array_equal(faces[0], faces[1])
    np.testing.assert_array_equal(faces[0], faces[2])
