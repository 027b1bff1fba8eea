"""A voice that is a program: started for every sentence, it writes a WAV, which is read.

    CommandVoice(["espeak-ng", "-w", "{out}", "{text}"])
    CommandVoice(["piper", "-m", "amy.onnx", "-f", "{out}"])      # no {text}: it comes on standard input
    CommandVoice(["flite", "-t", "{text}", "-o", "/dev/stdout"])  # no {out}: standard output is the WAV

A command is a list of arguments and no shell ever sees it, so a text can quote, rename or start nothing. A
text that begins like an option (`-w ...`) gets a space before it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from facerig.audio.channels import select
from facerig.audio.reader import open_audio
from facerig.errors import AudioError, ConfigError, FacerigError
from facerig.voices.rates import RateChange
from facerig.voices.voice import Samples

RATE_HZ: Final = 24_000  # where nobody says what the program writes
LIMIT_SECS: Final = 60.0  # for a sentence: a large model on a slow machine
LONGEST_LIMIT_SECS: Final = 3600.0
POLL_SECS: Final = 0.1  # between two looks whether a program that must end has grown too talkative
LARGEST_BYTES: Final = 200 << 20  # of a WAV: 17 minutes of 48 kHz stereo float
SHOWN_CHARACTERS: Final = 300  # of what a program says about its failure
_FIELD: Final = re.compile(r"\{(text|out)\}")
_ANY_FIELD: Final = re.compile(r"\{[a-z_]*\}")


class CommandVoice:
    """A program as a voice; see above. where: what messages call its command line.

    Raises ConfigError for a command that is empty, holds an unknown {field}, or whose program is not there.
    """

    def __init__(self, command: Sequence[str] = (), *, name: str = "command", summary: str = "",
                 languages: tuple[str, ...] = (), sample_rate: int = RATE_HZ,
                 limit_secs: float = LIMIT_SECS, where: str = "command") -> None:
        self.command, self.name, self.where = tuple(command), name, where
        self.summary = summary or shlex.join(self.command)
        self.languages, self.sample_rate, self.limit_secs = languages, sample_rate, limit_secs
        self._check()

    @classmethod
    def of_line(cls, line: str, *, where: str = "--voice-command") -> CommandVoice:
        """The voice of a command as people write it, quotes and all: "espeak-ng -w {out} {text}"."""
        try:
            command = shlex.split(line, posix=os.name != "nt")
        except ValueError as problem:
            raise ConfigError(f"is no command line: {problem}", where=where,
                              fix="close the quotes") from None
        return cls(command, where=where)

    def _check(self) -> None:
        if not self.command or not self.command[0]:
            raise ConfigError("names no program", where=self.where,
                              fix='give one, such as "espeak-ng -w {out} {text}"')
        unknown = [match for part in self.command for match in _ANY_FIELD.findall(part)
                   if not _FIELD.fullmatch(match)]
        if unknown:
            raise ConfigError(f"{unknown[0]} stands for nothing", where=self.where,
                              fix="use {text} and {out}; without them both go through the program's pipes")
        if _FIELD.search(self.command[0]):
            raise ConfigError("the program itself is no text", where=self.where,
                              fix="write the program's name first")
        if shutil.which(self.command[0]) is None:
            raise ConfigError(f"there is no program {self.command[0]!r}", where=self.where,
                              fix="install it, or give its path")

    def speak(self, text: str) -> Iterator[Samples]:
        """One sentence. Raises AudioError for a program that fails, takes too long, or writes no sound."""
        with tempfile.TemporaryDirectory(prefix="facerig-voice-", ignore_cleanup_errors=True) as folder:
            wav = Path(folder) / "spoken.wav"
            self._run(text, wav)
            try:
                with open_audio(wav) as source:
                    change = RateChange(source.sample_rate, self.sample_rate)
                    state = change.initial_state()
                    for block in source.blocks():
                        piece, state = change.step(select(block, "mix", str(wav)), state)
                        yield piece
                    yield change.flush(state)
            except FacerigError as error:
                raise AudioError(f"what it wrote {error.what}", where=self._called(),
                                 fix="run it by hand; it must write a WAV") from None

    def _run(self, text: str, wav: Path) -> None:
        command, piped = self._filled(text, wav), not any("{text}" in part for part in self.command)
        to_stdout = not any("{out}" in part for part in self.command)
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as given, open(wav, "wb") as out:
            if piped:
                given.write(text.encode() + b"\n")
                given.seek(0)
            try:
                process = subprocess.Popen(command, stdin=given, stdout=out if to_stdout else said,
                                           stderr=said, start_new_session=True)
            except OSError as error:
                raise AudioError(f"cannot be started: {error.strerror or error}", where=self._called(),
                                 fix="run it by hand") from None
            with _ended(process):
                self._wait(process, (wav, said))
            if process.returncode:
                raise AudioError(f"ended with {process.returncode}{_last_words(said)}", where=self._called(),
                                 fix="run it by hand")
        if not _size(wav):
            raise AudioError(f"wrote nothing to {'its output' if to_stdout else '{out}'}",
                             where=self._called(), fix="run it by hand; it must write a WAV")

    def _wait(self, process: subprocess.Popen[bytes], outputs: tuple[Path, IO[bytes]]) -> None:
        """Until it ends. Raises AudioError where that takes too long, or it writes without end."""
        wav, said = outputs
        left_secs = self.limit_secs
        while left_secs > 0:
            try:
                process.wait(min(POLL_SECS, left_secs))
                return
            except subprocess.TimeoutExpired:
                left_secs -= POLL_SECS
            if max(_size(wav), os.fstat(said.fileno()).st_size) > LARGEST_BYTES:
                raise AudioError(f"wrote more than {LARGEST_BYTES >> 20} MB for a sentence",
                                 where=self._called(), fix="run it by hand")
        raise AudioError(f"took longer than {self.limit_secs:g} s for a sentence", where=self._called(),
                         fix="give it more time (limit_secs of a voice file), or take a faster voice")

    def _filled(self, text: str, wav: Path) -> list[str]:
        """The arguments of one run; what a text itself holds of {fields} stays text."""
        safe = f" {text}" if text.startswith(("-", "/", "@")) else text
        fields = {"text": safe, "out": str(wav)}
        program, *arguments = self.command
        return [program, *(_FIELD.sub(lambda match: fields[match[1]], part) for part in arguments)]

    def _called(self) -> str:
        return f"voice {self.name!r} ({self.command[0]})"


class Command(CommandVoice):
    """The entry in the list of voices: a command line must come with it."""

    name, languages, sample_rate = "command", (), RATE_HZ
    summary = "any program that writes a WAV: --voice-command, or a voice file"

    def __init__(self) -> None:
        raise ConfigError("the voice 'command' needs a command line", where="voice",
                          fix='give --voice-command "espeak-ng -w {out} {text}", or --voice FILE.toml')


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """The process, and what it started, is over behind the block, whatever happens in it."""
    try:
        yield
    finally:
        if process.poll() is None:
            with contextlib.suppress(OSError):
                if sys.platform == "win32":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _size(path: Path) -> int:
    """Bytes, 0 where there is no such file: a program may move it there, or take it away."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _last_words(said: IO[bytes]) -> str:
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - 4 * SHOWN_CHARACTERS))
    words = " ".join(said.read().decode("utf-8", "replace").split())
    return f": ...{words[-SHOWN_CHARACTERS:]}" if len(words) > SHOWN_CHARACTERS else words and f": {words}"
