"""What a voice is: the contract of text-to-speech plugins.

    class Robin:
        name, summary = "robin", "Our own voice"
        languages = ("en", "fr")
        sample_rate = 24_000

        def speak(self, text):
            yield samples                                 # float32 [n]

    [project.entry-points."facerig.voices"]               # of the package that brings it
    robin = "our_voices.robin:Robin"
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

MIN_RATE_HZ: Final = 8_000
MAX_RATE_HZ: Final = 192_000


class Voice(Protocol):
    """A class that is made without arguments, or with one of its variants where a user asks for it.

    name: as users write it (`--voice robin`). languages: tags such as "en" or "pt-BR"; none where it speaks
    any. sample_rate: of all that it says, Hz; may be told by the instance only. A class may also have
    `variants`, a tuple of names: `--voice robin:deep` makes it as `Robin("deep")`.

    One instance serves everybody, perhaps from several threads: nothing of one text may reach another.
    """

    name: str
    summary: str
    languages: tuple[str, ...]
    sample_rate: int

    def speak(self, text: str) -> Iterator[Samples]:
        """The sound of `text`, a sentence or a part of one: mono pieces float32 [n] in [-1, 1], each as soon
        as it is there.

        What is wrong with the text or the voice is best raised as one of facerig.errors; any other exception
        is reported as a failure of the voice. Closing the iterator stops the work.
        """
        ...


def variants_of(voice: type[Voice]) -> tuple[str, ...]:
    """The names behind the colon that a voice takes."""
    return tuple(getattr(voice, "variants", ()))


def base_language(tag: str) -> str:
    """What a tag names first, as two letters where it has a common one: en-GB, eng, English -> en."""
    first = tag.strip().lower().replace("_", "-").split("-")[0].split(" ")[0]
    return {"eng": "en", "english": "en"}.get(first, first)
