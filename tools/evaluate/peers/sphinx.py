"""pocketsphinx 5 as a phone recogniser: its `allphone` search with the English phone model that it brings."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tools.evaluate.contract import Timed
from tools.evaluate.peers.registry import python_package, remembered
from tools.evaluate.peers.shapes import SHAPE_OF_PHONE, Cue, stepped
from tools.evaluate.sets import SAMPLE_RATE, Audio

VERSION: Final = "5.1.1"
FRAME_SECS: Final = 0.01
CHUNK_SAMPLES: Final = 320  # 20 ms of 16 kHz
# The search options of the package's own allphone example.
SEARCH: Final = {"lw": 2.0, "beam": 1e-20, "pbeam": 1e-20}


class Allphone:
    """`lookahead_secs`: a phone is the best guess once so much more has been heard; None: at the very end."""

    def __init__(self, name: str, lookahead_secs: float | None) -> None:
        self.name, self._lookahead_secs = name, lookahead_secs
        self.lookahead = "whole clip" if lookahead_secs is None else f"{lookahead_secs * 1000:.0f} ms"
        self._sphinx = _imported()
        self._decoder = self._new_decoder()
        self._first_mean = self._decoder.get_cmn()

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str = "") -> Timed:
        cues = remembered(f"{self.name}-{VERSION}", audio, lambda: self._cues(audio))
        shapes = [(start, SHAPE_OF_PHONE.get(phone, "B")) for start, phone in cues]
        return stepped(shapes, len(audio) / sample_rate)

    def _new_decoder(self) -> Any:
        path = self._sphinx.get_model_path
        return self._sphinx.Decoder(hmm=path("en-us/en-us"), allphone=path("en-us/en-us-phone.lm.bin"),
                                    lm=None, dict=None, loglevel="FATAL", **SEARCH)

    def _cues(self, audio: Audio) -> list[Cue]:
        pcm = np.clip(audio * 32767, -32768, 32767).astype("<i2")
        if self._lookahead_secs is None:
            return self._whole(pcm.tobytes())
        return self._streamed(pcm, self._lookahead_secs)

    def _whole(self, pcm: bytes) -> list[Cue]:
        """The best path through the clip; its cepstral mean is the clip's, as the package does with files."""
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        return self._segments()

    def _streamed(self, pcm: NDArray[np.int16], lookahead_secs: float) -> list[Cue]:
        """The phone of every frame, by what was known `lookahead_secs` after it."""
        self._settle(pcm.tobytes())
        shown: list[Cue] = []
        self._decoder.start_utt()
        for first in range(0, len(pcm), CHUNK_SAMPLES):
            self._decoder.process_raw(pcm[first : first + CHUNK_SAMPLES].tobytes())
            now = round(((first + CHUNK_SAMPLES) / SAMPLE_RATE - lookahead_secs) / FRAME_SECS)
            shown += [(frame * FRAME_SECS, phone) for frame in (now - 2, now - 1) if frame >= 0
                      for phone in self._phone_at(frame)]
        self._decoder.end_utt()
        last = shown[-1][0] if shown else -1.0
        return shown + [(start, phone) for start, phone in self._segments() if start > last]

    def _settle(self, pcm: bytes) -> None:
        """Let the running cepstral mean hear the clip once: a live microphone has been on for a while."""
        self._decoder.set_cmn(self._first_mean)
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, no_search=True)
        self._decoder.end_utt()

    def _segments(self) -> list[Cue]:
        return [(s.start_frame * FRAME_SECS, s.word) for s in self._decoder.seg() or ()]

    def _phone_at(self, frame: int) -> list[str]:
        return [s.word for s in self._decoder.seg() or () if s.start_frame <= frame <= s.end_frame]


def _imported() -> Any:
    folder = str(python_package("pocketsphinx", VERSION))
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("pocketsphinx")
