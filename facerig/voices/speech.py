"""A text to sound: sentence by sentence through a voice, checked, at the rate that is wanted."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from facerig.errors import AudioError, ConfigError, FacerigError
from facerig.voices.catalogue import open_voice
from facerig.voices.rates import RateChange
from facerig.voices.sentences import Sentence, sentences
from facerig.voices.texts import prepared
from facerig.voices.voice import MAX_RATE_HZ, MIN_RATE_HZ, Samples, Voice

PARAGRAPH_SECS: Final = 0.3  # of silence after each but the last, beside what the voice leaves
LOUDEST: Final = 1e4  # samples beyond this are damage; those beyond 1 are clipped
# No sentence takes longer: a voice that goes on is broken. "999999" is 0.6 s a character.
MOST_SECS: Final = 30.0
MOST_SECS_PER_CHARACTER: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A text on its way to sound. Iterate: pieces float32 [n] in [-1, 1], mono, at `sample_rate`.

    text: what is spoken, less directions and signs that nobody can say; language: its tag, "" where it is not
    known; remarks: what was left out. Each iteration speaks anew; closing its iterator stops the voice.
    """

    voice: Voice
    text: str
    language: str
    sample_rate: int
    remarks: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Samples]:
        return self.pieces()

    def pieces(self) -> Generator[Samples, None, None]:
        """The sound as it is made; none is empty. Raises AudioError where the voice fails or says nothing."""
        change, spoken = RateChange(self.voice.sample_rate, self.sample_rate), False
        state, pause = change.initial_state(), 0
        for sentence in sentences(self.text):
            if pause:
                quiet, state = change.step(np.zeros(pause, np.float32), state)
                yield from _held(quiet)
            with closing(_said(self.voice, sentence)) as said:
                for piece in said:
                    spoken = True
                    changed, state = change.step(piece, state)
                    yield from _held(changed)
            pause = round(PARAGRAPH_SECS * self.voice.sample_rate) if sentence.last else 0
        yield from _held(change.flush(state))
        if not spoken:
            raise AudioError("said nothing", where=_called(self.voice),
                             fix="check the text and its language")

    def samples(self) -> Samples:
        """All of it at once, float32 [n]."""
        return np.concatenate(list(self))


def speak(text: str, voice: str | Voice = "", *, language: str = "", sample_rate: int | None = None
          ) -> Speech:
    """`text` spoken by `voice`: the sound comes piece by piece as it is iterated.

        speech = speak("Hello there.")
        for piece in speech:
            player.play(piece, speech.sample_rate)

    voice: a name ("hibari", "hibari:fenrir"; "": the usual one) or an opened one. language: of the text,
    where that should be checked. sample_rate: wanted, 8,000 to 192,000 Hz; None: the voice's own.

    Raises ConfigError for a text without anything to say or in another language than the voice's, and for a
    voice that cannot be opened; iterating raises AudioError.
    """
    speaker = open_voice(voice) if isinstance(voice, str) else voice
    rate = speaker.sample_rate if sample_rate is None else sample_rate
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        raise ConfigError(f"{rate} Hz is out of range", where="sample_rate",
                          fix=f"give a rate from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz")
    ready = prepared(text, speaker.languages, language, voice=speaker.name)
    return Speech(voice=speaker, text=ready.text, language=ready.language, sample_rate=rate,
                  remarks=ready.remarks)


def _said(voice: Voice, sentence: Sentence) -> Generator[Samples, None, None]:
    """The checked sound of one sentence."""
    if not any(char.isalnum() for char in sentence.text):
        return
    pieces: Iterator[Any] | None = None
    left = round((MOST_SECS + MOST_SECS_PER_CHARACTER * len(sentence.text)) * voice.sample_rate)
    try:
        pieces = iter(voice.speak(sentence.text))
        for piece in pieces:
            checked = _checked(piece, voice)
            left -= len(checked)
            if left < 0:
                raise AudioError(f"does not come to an end with {sentence.text[:40]!r}", where=_called(voice),
                                 fix="take another voice")
            if len(checked):
                yield checked
    except FacerigError:
        raise
    except Exception as error:  # a third party's voice may raise anything
        raise AudioError(f"failed at {sentence.text[:40]!r}: {error!r}", where=_called(voice),
                         fix="see the package that brings it") from error
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def _checked(piece: Any, voice: Voice) -> Samples:
    samples = np.asarray(piece)
    if samples.ndim != 1 or not np.issubdtype(samples.dtype, np.floating):
        raise AudioError(f"gave {samples.dtype} {list(samples.shape)}, not float32 [n]", where=_called(voice),
                         fix="see facerig.voices.voice for what a voice gives")
    if not np.isfinite(samples).all() or (len(samples) and np.abs(samples).max() > LOUDEST):
        raise AudioError("gave samples that are no sound: NaN, infinite or absurdly loud",
                         where=_called(voice), fix="see facerig.voices.voice for what a voice gives")
    return np.asarray(np.clip(samples, -1.0, 1.0), np.float32)


def _held(samples: Samples) -> Iterator[Samples]:
    if len(samples):
        yield samples


def _called(voice: Voice) -> str:
    return f"voice {voice.name!r}"
