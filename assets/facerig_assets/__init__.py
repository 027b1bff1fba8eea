"""Files that ship with facerig: models, head, rigs, sample speech. `path` finds them wherever it is installed."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent


def path(*parts: str) -> Path:
    """Path of a shipped file, for example path("models", "live.onnx"). The file may be absent; nothing is checked."""
    return ROOT.joinpath(*parts)
