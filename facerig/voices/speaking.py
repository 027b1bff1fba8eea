"""A text spoken in the background, for those who must not wait: a service's loop, a game's.

    speaking = Speaking("Hello there.", "hibari", sample_rate=16_000)
    while not speaking.over:
        for piece in speaking.take():             # what has been made since, at once
            ...
        ...                                       # something else

    speaking.stop()                               # barge-in: nothing comes any more

One thread for each. It runs at most `ahead_secs` of sound ahead of what was taken, so memory stays small for
the longest text.
"""

from __future__ import annotations

import atexit
import threading
from collections import deque
from typing import Final

from facerig.errors import AudioError, FacerigError
from facerig.voices.speech import speak
from facerig.voices.voice import Samples, Voice

AHEAD_SECS: Final = 10.0
PIECE_SECS: Final = 0.5  # no piece is longer: it fits into a message, and an interruption wastes little

LEAVE_SECS: Final = 2.0  # that the end of the process waits for a sentence


class Speaking:
    """See above. The arguments are those of `facerig.voices.speak`; the voice is opened in the background.

    What goes wrong, a text that nobody can say included, is in `error` once `over` is true.
    """

    def __init__(self, text: str, voice: str | Voice = "", *, language: str = "",
                 sample_rate: int | None = None, ahead_secs: float = AHEAD_SECS) -> None:
        self.sample_rate = sample_rate  # None: the voice's own, told once it is open
        self.error: FacerigError | None = None
        self._text, self._voice, self._language, self._ahead_secs = text, voice, language, ahead_secs
        self._pieces: deque[Samples] = deque()
        self._held, self._made, self._stopped = 0, False, False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="facerig-speaking", daemon=True)
        atexit.register(self._leave)
        self._thread.start()

    def take(self) -> list[Samples]:
        """The pieces float32 [n] that were made since the last time; never waits."""
        with self._changed:
            taken = list(self._pieces)
            self._pieces.clear()
            self._held = 0
            self._changed.notify_all()
        return taken

    @property
    def over(self) -> bool:
        """Nothing comes any more: all was taken, it failed, or it was stopped."""
        with self._changed:
            return self._stopped or (self._made and not self._pieces)

    def stop(self) -> None:
        """Say nothing more. What was not taken is dropped; the voice ends at its next piece."""
        with self._changed:
            self._stopped = True
            self._pieces.clear()
            self._changed.notify_all()

    def wait(self, timeout_secs: float | None = None) -> bool:
        """Until something can be taken or it is over; whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._pieces) or self._made or self._stopped,
                                          timeout_secs)

    def _run(self) -> None:
        try:
            speech = speak(self._text, self._voice, language=self._language, sample_rate=self.sample_rate)
            self.sample_rate = speech.sample_rate
            pieces = speech.pieces()
            longest = max(1, round(PIECE_SECS * speech.sample_rate))
            ahead = max(1, round(self._ahead_secs * speech.sample_rate))
            for piece in pieces:
                parts = (piece[at : at + longest] for at in range(0, len(piece), longest))
                if not all(self._put(part, ahead) for part in parts):
                    pieces.close()
                    return
        except FacerigError as error:
            self.error = error
        except Exception as error:  # in a thread nobody would see it
            self.error = AudioError(f"failed: {error!r}", where="voice", fix="report this as a bug")
        finally:
            with self._changed:
                self._made = True
                self._changed.notify_all()
            atexit.unregister(self._leave)

    def _leave(self) -> None:
        """The process ends: a thread inside a network's library would bring it down."""
        self.stop()
        self._thread.join(LEAVE_SECS)

    def _put(self, piece: Samples, ahead: int) -> bool:
        """Hand it over once there is room; False where nobody wants more."""
        with self._changed:
            self._changed.wait_for(lambda: self._held < ahead or self._stopped)
            if self._stopped:
                return False
            self._pieces.append(piece)
            self._held += len(piece)
            self._changed.notify_all()
            return True
