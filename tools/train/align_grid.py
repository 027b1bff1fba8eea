"""Phones for the GRID clips, by forced alignment with pocketsphinx's bundled English model.

GRID comes with word times only. The aligner gets the words, and its phones are kept where they agree with
GRID's own word times (the median disagreement of the word starts is reported), so that bad alignments do not
teach.

usage: python -m tools.train.align_grid ../shared/data/grid_s1 OUT.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

FRAME_SECS = 0.01  # pocketsphinx's frame
MAX_WORD_ERROR_SECS = 0.06  # a clip whose words start further away than this, in the median, is left out


def spoken_words(words: list[list[Any]]) -> list[list[Any]]:
    """The words without the pauses; GRID writes single letters, which the dictionary knows as such."""
    return [w for w in words if w[0] not in ("sil", "sp")]


def aligned_phones(decoder: Any, pcm: bytes, words: list[str]) -> tuple[list[list[Any]], list[float]]:
    """Phones as [ARPABET, start_s, end_s] and each word's start, s. Raises RuntimeError where it fails."""
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    decoder.set_alignment()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    phones, starts = [], []
    for word in decoder.get_alignment():
        if not word.name.startswith("<"):
            starts.append(word.start * FRAME_SECS)
        phones += [[p.name, round(p.start * FRAME_SECS - 0.0025, 4),
                    round((p.start + p.duration) * FRAME_SECS - 0.0025, 4)] for p in word]
    return phones, starts


def main(folder: str, out: str) -> None:
    from pocketsphinx import Decoder  # type: ignore[import-not-found, import-untyped, unused-ignore]

    words = json.loads((Path(folder) / "words.json").read_text())
    errors, kept = [], 0
    with open(out, "w", encoding="utf-8") as sink:
        for name, entries in sorted(words.items()):
            audio, _ = soundfile.read(Path(folder) / "audio" / f"{name}.opus", dtype="int16")
            spoken = spoken_words(entries)
            decoder = Decoder(lm=None, loglevel="FATAL")
            try:
                phones, starts = aligned_phones(decoder, audio.tobytes(), [w[0] for w in spoken])
            except RuntimeError:
                continue
            if len(starts) != len(spoken):
                continue
            error = float(np.median([abs(a - w[1]) for a, w in zip(starts, spoken, strict=True)]))
            if error > MAX_WORD_ERROR_SECS:
                continue
            errors.append(error)
            kept += 1
            sink.write(json.dumps({"id": name, "duration": len(audio) / 16000, "phones": phones}) + "\n")
    apart_ms = np.median(errors) * 1000
    print(f"{kept} of {len(words)} clips aligned; word starts within {apart_ms:.0f} ms (median)")


if __name__ == "__main__":
    main(*sys.argv[1:3])
