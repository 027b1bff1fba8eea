"""`facerig say`: a text becomes sound and a face on one clock, or one clear error."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facerig.animation import AnimateSettings, animate_to
from facerig.cli import run as cli
from facerig.curve_files.canonical import read_curves
from facerig.errors import AudioError, ConfigError, OutputError
from facerig.performance.settings import STILL
from facerig.saying import say, say_to
from facerig.voices.voice import Samples

Capture = pytest.CaptureFixture[str]
RATE = 24_000
TEXT = "My puppy and I moved a big blue box."


class Recording:
    """Says a second of the bundled clip, whatever the text."""

    name, summary = "recording", "a test's"
    languages: tuple[str, ...] = ("de",)
    sample_rate = RATE

    def __init__(self, clip: Path) -> None:
        self.sound = soundfile.read(clip, frames=RATE, dtype="float32")[0]

    def speak(self, text: str) -> Iterator[Samples]:
        yield self.sound[:9999]
        yield self.sound[9999:]


@pytest.fixture(scope="module")
def hibari() -> None:
    pytest.importorskip("hibari", reason='needs hibari-tts: pip install "facerig[say]"')


@pytest.fixture
def command(speech: Path, tmp_path: Path) -> str:
    """A command line that writes a second of speech."""
    clip = tmp_path / "said.flac"
    soundfile.write(clip, soundfile.read(speech, frames=RATE)[0], RATE)
    code = (f"import soundfile, sys; sound, rate = soundfile.read({str(clip)!r}); "
            "soundfile.write(sys.argv[1], sound, rate)")
    return f'"{sys.executable}" -c "{code}" {{out}} {{text}}'


def test_the_curves_are_those_of_the_sound_that_was_written(speech: Path, tmp_path: Path) -> None:
    line, faces = tmp_path / "line.wav", [tmp_path / "a.csv", tmp_path / "b.csv"]
    settings = AnimateSettings(model="live")
    done = say_to("Eins. Zwei.", line, faces[:1], voice=Recording(speech), settings=settings)
    told = soundfile.info(line)
    assert (told.frames, told.samplerate, told.channels, told.subtype) == (2 * RATE, RATE, 1, "PCM_16")
    assert (done.seconds, done.faces[0].frames, done.voice) == (2.0, 120, "recording")
    animate_to(line, faces[1], settings)
    assert faces[0].read_bytes() == faces[1].read_bytes()
    assert done.remarks == ("the text does not steer the lips: only English does, not 'de'",)


def test_the_rate_that_is_asked_for(speech: Path, tmp_path: Path) -> None:
    line = tmp_path / "line.flac"
    done = say_to("Eins.", line, voice=Recording(speech), sample_rate=48_000)
    assert (done.seconds, done.sample_rate, done.faces) == (1.0, 48_000, ())
    assert soundfile.info(line).samplerate == 48_000


def test_in_memory_sound_and_frames_have_one_clock(speech: Path) -> None:
    voice = Recording(speech)
    spoken = say("Eins. Zwei. Drei.", voice=voice,
                 settings=AnimateSettings(model="live", performance=STILL))
    assert (len(spoken.samples), spoken.sample_rate, len(spoken.clip)) == (3 * RATE, RATE, 180)
    assert spoken.clip.values.any()
    np.testing.assert_array_equal(spoken.samples[:RATE], voice.sound)


def test_nothing_is_left_of_a_voice_that_fails(speech: Path, tmp_path: Path) -> None:
    class Failing(Recording):
        def speak(self, text: str) -> Iterator[Samples]:
            yield self.sound
            raise OSError("no such speaker")

    line = tmp_path / "line.wav"
    line.write_bytes(b"from before")
    with pytest.raises(AudioError, match="no such speaker"):
        say_to("Eins.", line, [tmp_path / "line.csv"], voice=Failing(speech),
               settings=AnimateSettings(model="live"))
    assert line.read_bytes() == b"from before"
    assert [path.name for path in tmp_path.iterdir()] == ["line.wav"]


def test_what_cannot_be_written_is_told_before_a_word_is_said(speech: Path, tmp_path: Path) -> None:
    class Mute(Recording):
        def speak(self, text: str) -> Iterator[Samples]:
            raise AssertionError("spoken to")

    for sound, curves, message in ((tmp_path / "line.mp3", [], "sound is not written as '.mp3'"),
                                   (tmp_path / "line.wav", [tmp_path / "x.y"], "no exporter writes")):
        with pytest.raises(OutputError, match=message):
            say_to("Eins.", sound, curves, voice=Mute(speech))
    with pytest.raises(ConfigError, match="nothing to say"):
        say_to("[sighs]", tmp_path / "line.wav", voice=Mute(speech))
    assert list(tmp_path.iterdir()) == []


# --- the voice that facerig brings


@pytest.mark.usefixtures("hibari")
def test_an_english_text_steers_the_lips() -> None:
    spoken = say(TEXT, settings=AnimateSettings(performance=STILL))
    assert spoken.script is not None
    assert spoken.script.used
    assert spoken.script.aligned >= spoken.script.words - 1
    assert spoken.sample_rate == RATE
    assert len(spoken.clip) == -(-len(spoken.samples) * 60 // RATE)
    assert spoken.clip["jawOpen"].max() > 0.15
    assert not spoken.clip.values[-1].any()  # the mouth ends at rest
    again = say(TEXT, settings=AnimateSettings(performance=STILL))
    np.testing.assert_array_equal(again.samples, spoken.samples)


@pytest.mark.usefixtures("hibari")
def test_rare_signs_do_not_stop_the_voice() -> None:
    from facerig.voices import open_voice, speak

    voice = open_voice("hibari")
    whole = speak("Take the door now.", voice).samples()
    assert len(speak("Take ⑵ the door now.", voice).samples()) == len(whole)
    assert len(speak("9" * 260, voice).samples()) > 10 * RATE


@pytest.mark.usefixtures("hibari")
def test_speakers_that_are_not_there_are_not_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from facerig.voices.hibari import Hibari

    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="has not fetched its speaker 'emma' yet"):
        Hibari("emma")
    assert list(tmp_path.iterdir()) == []


def test_without_hibari_the_fix_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from facerig.voices.hibari import Hibari

    monkeypatch.setitem(sys.modules, "hibari", None)
    with pytest.raises(ConfigError, match=r"fix: pip install .facerig\[say\]."):
        Hibari()


# --- the command line


def test_say_on_the_command_line(command: str, tmp_path: Path, capsys: Capture) -> None:
    line, csv, other = (tmp_path / name for name in ("line.wav", "line.csv", "line.json"))
    args = ["say", "Ja. Nein.", "-o", str(line), "--curves", str(csv), "--curves", str(other), "--json",
            "--voice-command", command, "--language", "de", "--fps", "30", "--emotion", "joy",
            "--model", "live"]
    assert cli.run(args) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["output"], told["seconds"], told["sample_rate"]) == (str(line), 2.0, RATE)
    assert [face["frames"] for face in told["curves"]] == [60, 60]
    assert "only English does, not 'de'" in told["remarks"][0]
    assert len(read_curves(csv).values) == 60
    assert soundfile.info(line).frames == 2 * RATE


def test_a_text_from_a_file_or_from_standard_input(command: str, tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes("\ufeffÄh.\r\n\r\nJa.".encode())
    args = ["-o", str(tmp_path / "x.wav"), "--voice-command", command, "-q"]
    assert cli.run(["say", "--text-file", str(text), *args]) == 0
    from_file = (tmp_path / "x.wav").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.read_bytes())))
    assert cli.run(["say", "-", *args]) == 0
    assert (tmp_path / "x.wav").read_bytes() == from_file


@pytest.mark.parametrize(("args", "message"), [
    (["-o", "x.wav"], "TEXT: no text"),
    (["Hello.", "--text-file", "t.txt", "-o", "x.wav"], "comes from two places"),
    (["--text-file", "gone.txt", "-o", "x.wav"], "cannot be read"),
    (["Hello."], "nothing to write"),
    (["Hello.", "-o", "x.ogg"], "sound is not written as '.ogg'"),
    (["Hello.", "-o", "x.wav", "--curves", "x.what"], "no exporter writes"),
    (["Hello.", "-o", "x.wav", "--curves", "a.csv", "--curves", "./a.csv"], "two outputs would be this one"),
    (["Hello.", "-o", "x.wav", "--voice", "nobody"], "there is no voice 'nobody'"),
    (["Hello.", "-o", "x.wav", "--voice", "gone.toml"], "gone.toml: cannot be read"),
    (["Hello.", "-o", "x.wav", "--voice", "a", "--voice-command", "b"], "are two voices"),
    (["Hello.", "-o", "x.wav", "--voice-command", "no-such-program-x {text}"], "there is no program"),
    (["Hello.", "-o", "x.wav", "--emotion", "joi:1"], "joy"),
    (["Hello.", "-o", "x.wav", "--sample-rate", "100", "--voice-command", sys.executable],
     "100 Hz is out of"),
])
def test_a_mistake_is_told_and_nothing_written(args: list[str], message: str, tmp_path: Path, capsys: Capture,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["say", *args]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_voices_are_listed(tmp_path: Path, capsys: Capture) -> None:
    amy = tmp_path / "amy.toml"
    amy.write_text(f"command = [{sys.executable!r}, '{{text}}']\nlanguages = ['fr', 'de']\n", "utf-8")
    assert cli.run(["voices", str(amy), "--json"]) == 0
    told = {one["name"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["hibari"]["languages"] == ["en"]
    assert "fenrir" in told["hibari"]["variants"]
    assert told["amy"]["languages"] == ["fr", "de"]
    assert "command" in told
