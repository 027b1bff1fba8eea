"""Files that ship with facerig: models, head, rigs, sample speech. `path` finds them wherever they are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent


def path(*parts: str) -> Path:
    """Path of a shipped file, such as path("models", "live.onnx"). It may be absent: nothing is checked."""
    return ROOT.joinpath(*parts)
