"""What several tests share: the bundled clip, and data sets that only some machines have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import facerig_assets
from tools.bench.sound import clip

# How long an example takes says how busy the machine is, not whether it is right.
settings.register_profile("facerig", deadline=None)
settings.load_profile("facerig")

REPO = Path(__file__).resolve().parents[1]
SHARED = REPO.parent / "shared"  # optional data beside the checkout, never in the repository


@pytest.fixture(scope="session")
def speech() -> Path:
    """The bundled clip: 8.2 s of English, 24 kHz mono FLAC."""
    path = facerig_assets.path("speech", "hello.flac")
    assert path.is_file(), f"{path} is missing: run tools/make_speech.py"
    return path


@pytest.fixture(scope="session")
def speech_s16(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled clip at 16 kHz, as the bridges' programs read it: 16-bit samples and nothing else."""
    path = tmp_path_factory.mktemp("speech") / "hello.s16"
    path.write_bytes((np.clip(clip(16_000), -1, 1) * 32_767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of optional data sets; skips where it is not there."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs the optional data sets in {SHARED}")
    return SHARED
