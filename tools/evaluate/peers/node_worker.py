"""A Node.js script that answers one line of JSON for each sound it is given; it is started once and kept."""

from __future__ import annotations

import json
import subprocess
import tempfile
import weakref
from pathlib import Path
from typing import Any

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
        process = self._running()
        with tempfile.NamedTemporaryFile(suffix=".raw") as file:
            file.write(np.ascontiguousarray(samples).tobytes())
            file.flush()
            process.stdin.write(json.dumps({"path": file.name, "sampleRate": sample_rate}) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise ConfigError(f"stopped with code {process.wait()}", where=self._script.name,
                              fix=f"run `node {self._script} {self._package}` and see what it says")
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise ConfigError(answer["error"], where=self._script.name)
        return answer

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            command = [node(), str(self._script), str(self._package)]
            self._process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            weakref.finalize(self, _end, self._process)
        return self._process


def _end(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait(timeout=10)
