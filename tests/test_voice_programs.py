"""Programs as voices, and the files that describe them: run safely, read, and stopped."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from facerig.errors import AudioError, ConfigError
from facerig.voices import CommandVoice, read_voice, speak
from facerig.voices.catalogue import Voices

RATE = 16_000

WRITE = """
import sys, wave, struct
text, out = sys.argv[1], sys.argv[2]
with wave.open(out, "wb") as file:
    file.setnchannels(2); file.setsampwidth(2); file.setframerate(8000)
    file.writeframes(struct.pack("<h", 3000) * 2 * 100 * len(text.encode()))
"""


def program(code: str, *arguments: str, **how: object) -> CommandVoice:
    return CommandVoice([sys.executable, "-c", code, *arguments], **how)  # type: ignore[arg-type]


def test_a_program_gets_the_text_and_its_wav_is_read() -> None:
    voice = program(WRITE, "{text}", "{out}", sample_rate=RATE)
    samples = speak("Hello.", voice).samples()
    assert len(samples) == 2 * 100 * len("Hello.")  # 8 kHz, as 16
    assert np.abs(samples[200:-200] - 3000 / 32768).max() < 1e-3


PIPED = """
import io, sys, wave
text, made = sys.stdin.buffer.read().strip(), io.BytesIO()
with wave.open(made, "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(8000)
    file.writeframes(bytes(2 * 100 * len(text)))
sys.stdout.buffer.write(made.getvalue())
"""


def test_a_program_without_fields_is_spoken_to_through_pipes() -> None:
    voice = program(PIPED, sample_rate=8000)
    assert len(speak("Grüße, Jörg.", voice).samples()) == 100 * len("Grüße, Jörg.".encode())


def test_a_text_is_one_argument_and_never_an_option(tmp_path: Path) -> None:
    marker = tmp_path / "started"
    evil = f'-o x "; touch {marker}; $(touch {marker}) {{out}} `touch {marker}` \'q'
    seen = tmp_path / "seen"
    code = WRITE + f"open({str(seen)!r}, 'w', encoding='utf-8').write(repr(sys.argv[1:]))\n"
    voice = program(code, "{text}", "{out}")
    list(voice.speak(evil))
    told = seen.read_text("utf-8")
    assert told.startswith(repr([" " + evil])[:-1])
    assert not marker.exists()


@pytest.mark.parametrize(("code", "arguments", "message"), [
    ("import sys; sys.exit('no such speaker: amy')", ("{out}",), "ended with 1: no such speaker: amy"),
    ("pass", ("{out}",), "wrote nothing to {out}"),
    ("print('done')", (), "what it wrote cannot be|what it wrote is not"),
    ("import time; time.sleep(60)", ("{out}",), "took longer than 1 s"),
])
def test_a_program_that_fails_is_a_clear_error(code: str, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(AudioError, match=message) as caught:
        speak("Hello.", program(code, *arguments, limit_secs=1.0)).samples()
    assert caught.value.where.startswith("voice 'command' (")


@pytest.mark.skipif(sys.platform == "win32", reason="kills groups of processes")
def test_a_program_that_takes_too_long_leaves_no_child(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    child = f"import time; time.sleep(2.5); open({str(alive)!r}, 'w')"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with pytest.raises(AudioError, match="took longer"):
        speak("Hello.", program(code, "{out}", limit_secs=1.0)).samples()
    threading.Event().wait(2.0)
    assert not alive.exists()


@pytest.mark.parametrize(("line", "message"), [
    ("", "names no program"),
    ("no-such-program-here {text}", "there is no program 'no-such-program-here'"),
    (f"{sys.executable} {{voice}}", "{voice} stands for nothing"),
    ("{text}", "the program itself is no text"),
    ("python 'x", "is no command line"),
])
def test_a_command_with_a_mistake(line: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CommandVoice.of_line(line)


# --- voice files


def voice_file(folder: Path, content: str) -> Path:
    path = folder / "amy.toml"
    path.write_text(content, "utf-8")
    return path


def test_a_voice_file(tmp_path: Path) -> None:
    path = voice_file(tmp_path, f"command = ['{sys.executable}', '{{text}}', '{{out}}']\n"
                                "languages = ['en']\nsample_rate = 22050\nlimit_secs = 5\n")
    voice = read_voice(path)
    assert (voice.name, voice.languages, voice.sample_rate, voice.limit_secs) == ("amy", ("en",), 22_050, 5)
    assert Voices((), ()).with_files([path]).open("amy").name == "amy"
    with pytest.raises(ConfigError, match="there is a voice 'amy' already"):
        Voices((), ()).with_files([path, path])


@pytest.mark.parametrize(("content", "message"), [
    ("name = 'amy'", r"amy.toml: \$.command: is missing"),
    ("command = 'espeak-ng {text}'", "is not a list of texts"),
    ("command = ['no-such-program-here']", r"\$.command: there is no program"),
    (f"command = ['{sys.executable}']\nname = 'a:b'", r"\$.name: 'a:b' is no name"),
    (f"command = ['{sys.executable}']\nspeed = 2", r"\$.speed: is not a setting"),
    (f"command = ['{sys.executable}']\nsample_rate = 10", "not a whole number from 8000"),
])
def test_a_voice_file_with_a_mistake(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_voice(voice_file(tmp_path, content))
