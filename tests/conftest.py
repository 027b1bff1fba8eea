"""What several tests share: the bundled clip, and data sets that only some machines have."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

import facerig_assets

# How long an example takes says how busy the machine is, not whether it is right.
settings.register_profile("facerig", deadline=None)
settings.load_profile("facerig")

REPO = Path(__file__).resolve().parents[1]
SHARED = REPO.parent / "shared"  # optional data beside the checkout, never in the repository


@pytest.fixture(scope="session")
def speech() -> Path:
    """The bundled clip: 8.2 s of English, 24 kHz mono FLAC."""
    clip = facerig_assets.path("speech", "hello.flac")
    assert clip.is_file(), f"{clip} is missing: run tools/make_speech.py"
    return clip


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of optional data sets; skips where it is not there."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs the optional data sets in {SHARED}")
    return SHARED
