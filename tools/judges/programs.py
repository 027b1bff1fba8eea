"""Judges that are not Python: node scripts beside this file, and how a missing one is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from tools.judges import JudgeMissing

NODE_SCRIPTS: Final = Path(__file__).parent / "node"
INSTALL: Final = "python3 tools/dev.py judges"
LONGEST_SECS: Final = 600


def node_json(script: str, *args: str) -> Any:
    """What `node SCRIPT ARGS` prints, as JSON. Raises JudgeMissing without node or its packages, and
    RuntimeError, with the program's last words, where it fails."""
    node = shutil.which("node")
    if node is None:
        raise JudgeMissing("needs node (https://nodejs.org)")
    if not (NODE_SCRIPTS / "node_modules").is_dir():
        raise JudgeMissing(f"needs the judges' packages: {INSTALL}")
    done = subprocess.run([node, str(NODE_SCRIPTS / script), *args], capture_output=True, text=True,
                          encoding="utf-8", stdin=subprocess.DEVNULL, timeout=LONGEST_SECS)
    if done.returncode:
        raise RuntimeError(f"{script}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)
