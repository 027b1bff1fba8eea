"""A Node.js script that answers one line of JSON for each sound it is given; it is started once and kept."""

from __future__ import annotations

import json
import subprocess
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ConfigError
from tools.evaluate.peers.registry import node


class NodeWorker:
    """`script` is given the package's folder; it reads {"path", "sampleRate"} lines, writes JSON lines."""

    def __init__(self, script: Path, package: Path) -> None:
        self._script, self._package = script, package
        self._process: subprocess.Popen[str] | None = None

    def ask(self, samples: NDArray[Any], sample_rate: int) -> Any:
        """The script's answer for `samples`, which it finds as raw little-endian values in a file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "samples.raw"
            path.write_bytes(np.ascontiguousarray(samples).tobytes())
            line = self._exchange(json.dumps({"path": str(path), "sampleRate": sample_rate}))
        if not line:
            raise ConfigError("stopped without an answer", where=self._script.name,
                              fix=f"run `node {self._script} {self._package}` and see what it says")
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise ConfigError(answer["error"], where=self._script.name)
        return answer

    def _exchange(self, request: str) -> str:
        requests, answers = self._pipes()
        try:
            requests.write(request + "\n")
            requests.flush()
        except BrokenPipeError:
            return ""
        return answers.readline()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        if self._process is None:
            command = [node(), str(self._script), str(self._package)]
            self._process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            weakref.finalize(self, _end, self._process)
        if self._process.stdin is None or self._process.stdout is None:
            raise ConfigError("has no pipes", where=self._script.name)
        return self._process.stdin, self._process.stdout


def _end(process: subprocess.Popen[str]) -> None:
    for pipe in filter(None, (process.stdin, process.stdout)):
        with suppress(BrokenPipeError):
            pipe.close()
    process.wait(timeout=10)
