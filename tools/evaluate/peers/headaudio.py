"""HeadAudio 0.1.0: MFCC prototypes in the browser, run in Node.js with its own animation loop at 60 fps."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.signal import resample_poly

from tools.evaluate.contract import Timed
from tools.evaluate.peers.node_worker import NodeWorker
from tools.evaluate.peers.registry import npm_package, remembered
from tools.evaluate.peers.shapes import VISEMES
from tools.evaluate.sets import Audio

PACKAGE: Final = ("@met4citizen/headaudio", "0.1.0")
CONTEXT_RATE: Final = 16_000  # Hz, of the audio context: it seals more p/b/m at 16 than at 24 or 48 kHz


class HeadAudio:
    """`delay_secs`: how much later the sound is played than heard; its README advises 50 to 100 ms."""

    def __init__(self, name: str, delay_secs: float) -> None:
        self.name, self._delay_secs = name, delay_secs
        self.lookahead = f"{delay_secs * 1000:.0f} ms"
        self._worker = NodeWorker(Path(__file__).parent / "headaudio.mjs", npm_package(*PACKAGE))

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str = "") -> Timed:
        answer = remembered(f"headaudio-{PACKAGE[1]}", audio, lambda: self._frames(audio, sample_rate))
        weights = np.array(answer["frames"]) @ np.array([VISEMES[name] for name in answer["names"]])
        times = np.arange(len(weights)) / answer["fps"] - self._delay_secs
        return times, weights

    def _frames(self, audio: Audio, sample_rate: int) -> Any:
        after = np.zeros(sample_rate // 2, np.float32)  # the loop goes on when the sound has ended
        heard = np.concatenate([audio, after])
        if sample_rate != CONTEXT_RATE:
            heard = resample_poly(heard, CONTEXT_RATE, sample_rate)
        return self._worker.ask(heard.astype("<f4"), CONTEXT_RATE)
