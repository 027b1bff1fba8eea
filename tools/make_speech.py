"""Synthesise the bundled speech clip, `assets/facerig_assets/speech/hello.flac`.

    pip install "hibari-tts==0.2.1" soundfile
    python tools/make_speech.py

The voice is hibari-tts (Apache-2.0), "heart", seed 0: the same package writes the same samples. The text
is rich in what lips must do (p b m seal, f v touch the teeth, w and oo go round) and has pauses in which
the mouth must rest.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from hibari import SAMPLE_RATE, Hibari  # type: ignore[import-not-found, unused-ignore]

TEXT = (
    "Hello, and welcome.",
    "My voice moves this face.",
    "Five brave people, above the blue moon, wave back to you.",
)
SPEED = 1.05          # of the voice's own pace: the clip stays below 8 s
LEAD_SECS = 0.15      # silence before the first word: a face starts at rest
TAIL_SECS = 0.35      # silence after the last word: the mouth must come back to rest
PEAK = 0.7            # about -3 dBFS
CLIP = Path(__file__).resolve().parents[1] / "assets" / "facerig_assets" / "speech" / "hello.flac"


def silence(secs: float) -> npt.NDArray[np.float32]:
    """`secs` of digital silence, float32."""
    return np.zeros(round(secs * SAMPLE_RATE), np.float32)


def synthesise() -> npt.NDArray[np.float32]:
    """The clip, float32 mono at SAMPLE_RATE, peak PEAK."""
    voice = Hibari(threads=1)
    sentences = [voice(sentence, seed=0, speed=SPEED) for sentence in TEXT]  # each ends in a pause of its own
    audio = np.concatenate([silence(LEAD_SECS), *sentences, silence(TAIL_SECS)])
    return np.asarray(audio * (PEAK / np.abs(audio).max()), np.float32)


def main() -> None:
    """Write the clip and say what it is."""
    parser = argparse.ArgumentParser(description="Synthesise the bundled speech clip with hibari-tts.")
    parser.add_argument("-o", "--out", type=Path, default=CLIP)
    out = parser.parse_args().out
    audio = synthesise()
    soundfile.write(out, audio, SAMPLE_RATE, subtype="PCM_16")
    print(f"{out}: {len(audio) / SAMPLE_RATE:.2f} s at {SAMPLE_RATE} Hz, {out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
