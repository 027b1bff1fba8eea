"""Voice files: a program of yours as a voice.

    name = "amy"                                     # amy.toml
    summary = "Piper's Amy"
    languages = ["en"]                               # none: any
    command = ["piper", "-m", "amy.onnx", "-f", "{out}"]
    sample_rate = 22050                              # what it writes; other rates are changed to it
    limit_secs = 30                                  # for a sentence

`facerig say --voice amy.toml` reads one; a service is told of its own when it starts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from facerig.core.toml_files import Table, read_toml
from facerig.voices.command import LIMIT_SECS, LONGEST_LIMIT_SECS, RATE_HZ, CommandVoice
from facerig.voices.voice import MAX_RATE_HZ, MIN_RATE_HZ

ENDING: Final = ".toml"


def read_voice(path: Path) -> CommandVoice:
    """The voice that a file describes. Raises ConfigError with the path of a mistake."""
    table = read_toml(path)
    name = table.text("name") or path.stem
    if ":" in name or not name.strip():
        raise table.bad("name", f"{name!r} is no name", "leave colons out: they stand before variants")
    voice = CommandVoice(
        _texts(table, "command"), name=name,
        summary=table.text("summary") or f"of {path.name}",
        languages=_texts(table, "languages") if "languages" in table else (),
        sample_rate=table.whole("sample_rate", MIN_RATE_HZ, MAX_RATE_HZ) or RATE_HZ,
        limit_secs=table.number("limit_secs", 1, LONGEST_LIMIT_SECS) or LIMIT_SECS,
        where=table.where("command"))
    table.finish()
    return voice


def _texts(table: Table, key: str) -> tuple[str, ...]:
    value = table.raw(key)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise table.bad(key, "is missing" if value is None else "is not a list of texts",
                        'write it in brackets: ["piper", "-f", "{out}"]' if key == "command"
                        else 'write it in brackets: ["en"]')
    return tuple(value)
