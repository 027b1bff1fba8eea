"""The canonical curves as tools spell them: jaw_open, JawOpen, "Jaw Open", blendShape1.jawOpen,
mouthSmile_L.

Sides may be written Left/Right, L/R with an underscore, dot or capital behind the name, or before it. What
is no spelling of a canonical name is no canonical curve: nothing here guesses.
"""

from __future__ import annotations

import re
from typing import Final

from facerig.core.channels import NAMES

_NAMESPACES: Final = re.compile(r".*[:|/]")  # Maya's hero:head|face
_SIDED: Final = (  # how a side is written, and how the two parts are named
    re.compile(r"(?P<stem>.+?)[\s_.-]+(?P<side>[lLrR])"),
    re.compile(r"(?P<stem>.*[a-z0-9])(?P<side>[LR])"),
    re.compile(r"(?P<side>[lLrR]|[lL]eft|[rR]ight|LEFT|RIGHT)[\s_.-]+(?P<stem>.+)"),
)
_SPELLED_OUT: Final = re.compile(r"(?P<stem>.+?)[\s_.-]*(?P<side>[lL]eft|[rR]ight)")
_PLAIN: Final = {name.lower(): name for name in NAMES}


def canonical_name(spelled: str) -> str | None:
    """The canonical curve that `spelled` means, or None."""
    for text in _readings(spelled):
        for reading in (text, _side_last(text)):
            found = _PLAIN.get(plain(reading))
            if found:
                return found
    return None


def plain(text: str) -> str:
    """Letters and digits of `text` in lower case: equal for spellings of one name."""
    return "".join(char for char in text.lower() if char.isalnum())


def _readings(spelled: str) -> list[str]:
    """`spelled` whole, without its namespaces, and without the object before its last dot."""
    bare = _NAMESPACES.sub("", spelled.strip())
    return list(dict.fromkeys([spelled.strip(), bare, bare.rpartition(".")[2]]))


def without_side(spelled: str) -> str | None:
    """`spelled` less the side that it names, None where it names none."""
    for text in _readings(spelled):
        for pattern in (_SPELLED_OUT, *_SIDED):
            if match := pattern.fullmatch(text):
                return match["stem"]
    return None


def _side_last(text: str) -> str:
    """`text` with its side spelled out behind it; as it is where it names none."""
    for pattern in _SIDED:
        if match := pattern.fullmatch(text):
            return match["stem"] + ("Left" if match["side"][0] in "lL" else "Right")
    return text
