"""What may be wished for a line, and by whom: its row, its character, the defaults of a settings file.

One table says what each wish is called, how it is checked and where its paths begin; rows (text), JSON and
TOML give the same values. The nearest wins: row, character, defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from facerig.audio.channels import parse_channel
from facerig.core.clock import parse_fps
from facerig.encoder.model import model_path
from facerig.errors import ConfigError, FacerigError
from facerig.performance.draws import MAX_SEED
from facerig.performance.emotion.mixture import parse_feeling
from facerig.performance.style.scene import read_scene, read_style_apart
from facerig.rig.catalogue import ENDING as RIG_ENDING
from facerig.rig.catalogue import load_rig
from facerig.sinks.formats import exporter_named, formats, spelled

Wishes = dict[str, Any]
Check = Callable[[Any, Path], Any]  # a value and the folder that paths are seen from -> the value

MOST_FORMATS: Final = 16
LONGEST_TEXT: Final = 20_000  # characters of a line


def _text(value: Any, _folder: Path) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{value!r} is not a text", fix="write it in quotes")
    if len(value) > LONGEST_TEXT:
        raise ConfigError(f"{len(value)} characters are no line of dialogue", fix="split it")
    return value


def _word(value: Any, folder: Path) -> str:
    return _text(value, folder).strip()


def _feeling(value: Any, folder: Path) -> str:
    text = _word(value, folder)
    _parsed(parse_feeling, text)
    return text


def _scene(value: Any, folder: Path) -> str:
    return _file(value, folder, read_scene)


def _style(value: Any, folder: Path) -> str:
    return _file(value, folder, read_style_apart)


def _rig(value: Any, folder: Path) -> str:
    text = _word(value, folder)
    if text.lower().endswith(RIG_ENDING):
        return _file(text, folder, load_rig)
    _parsed(load_rig, text)
    return text


def _model(value: Any, folder: Path) -> str:
    text = _word(value, folder)
    if text.lower().endswith(".onnx"):
        return _file(text, folder, lambda path: None)
    _parsed(model_path, text)
    return text


def _formats(value: Any, folder: Path) -> tuple[str, ...]:
    """Endings, from names of formats or endings with or without a dot."""
    names = value if isinstance(value, list | tuple) else _word(value, folder).replace(";", ",").split(",")
    endings = tuple(dict.fromkeys(_ending(_word(name, folder)) for name in names if str(name).strip()))
    if not 1 <= len(endings) <= MOST_FORMATS:
        raise ConfigError(f"{len(endings)} formats", fix=f"give 1 to {MOST_FORMATS}: fbx,livelink.csv,glb")
    return endings


@cache
def _ending(name: str) -> str:
    known = formats().by_ending
    for ending in (name.lower(), f".{name.lower()}"):
        if ending in known:
            return spelled_like(ending)
    first, dot, rest = name.lower().lstrip(".").partition(".")
    if dot and f".{rest}" in known and known[f".{rest}"].name.startswith(f"{first}-"):
        return f".{first}{spelled_like(f'.{rest}')}"  # livelink.csv: tells CSV of several kinds apart
    try:
        return spelled(exporter_named(name))[0]
    except FacerigError:
        near = get_close_matches(name, [*(one.lstrip(".") for one in known),
                                        *(one.name for one in formats().exporters)], 1)
        fix = f"did you mean {near[0]}?" if near else "`facerig formats` lists them"
        raise ConfigError(f"there is no format {name!r}", fix=fix) from None


def spelled_like(ending: str) -> str:
    """An ending as people write it: Unity wants .anim, others a capital."""
    names = spelled(formats().by_ending[ending])
    return next((one for one in names if one.lower() == ending), ending)


def _fps(value: Any, folder: Path) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    text = str(value) if number else _word(value, folder)
    _parsed(parse_fps, text)
    return text


def _seed(value: Any, folder: Path) -> int:
    number = value if isinstance(value, int) and not isinstance(value, bool) else _word(value, folder)
    if not str(number).isdecimal() or not 0 <= int(number) <= MAX_SEED:
        raise ConfigError(f"{value!r} is no seed", fix=f"give a whole number from 0 to {MAX_SEED}")
    return int(number)


def _channel(value: Any, folder: Path) -> str:
    text = str(value) if isinstance(value, int) else _word(value, folder)
    parse_channel(text)
    return text


def _flag(value: Any, folder: Path) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    word = _word(value, folder).lower()
    if word not in words:
        raise ConfigError(f"{value!r} is neither yes nor no", fix="write yes or no")
    return words[word]


def _parsed(parse: Callable[[str], Any], text: str) -> None:
    """Raises ConfigError for a text that `parse` refuses, without its own place."""
    try:
        parse(text)
    except FacerigError as error:
        raise ConfigError(error.what, fix=error.fix) from None


def _file(value: Any, folder: Path, read: Callable[[Path], Any]) -> str:
    """A file that the line names, seen from the folder of what names it; read once to see whether it can
    be."""
    path = folder / _word(value, folder).replace("\\", "/")
    if not path.is_file():
        raise ConfigError(f"there is no file {path}", fix="check the path; it is seen from the folder of the "
                                                          "file that names it")
    _read_once(path, read)
    return str(path)


@lru_cache(4096)
def _read_once(path: Path, read: Callable[[Path], Any]) -> None:
    read(path)


@dataclass(frozen=True, slots=True)
class Field:
    """A wish: what it is also called in manifests, how it is checked, and what it does."""

    also: tuple[str, ...]
    check: Check
    does: str


# wish            also called                                              check     what it is
FIELDS: Final[Mapping[str, Field]] = {
    "text":        Field(("line", "dialogue", "dialog", "script", "transcript", "subtitle"), _text,
                         "what is said"),
    "language":    Field(("lang", "locale", "culture"), _word, "of the text: en, de, en-GB"),
    "character":   Field(("speaker", "actor", "voice", "npc"), _word,
                         "who speaks: its settings, and its habits"),
    "emotion":     Field(("mood", "feeling"), _feeling, "joy:0.6, or plain words"),
    "settings":    Field(("timeline", "scene"), _scene, "a scene file: emotion and gaze over time, and more"),
    "style":       Field((), _style, "a style file"),
    "rig":         Field((), _rig, "whose curves: a name or a rig file"),
    "formats":     Field(("format",), _formats, "of the files: fbx,livelink.csv,glb"),
    "fps":         Field(("framerate", "rate"), _fps, "frames a second"),
    "model":       Field((), _model, "offline (the surest), live, or an .onnx file"),
    "seed":        Field((), _seed, "of the character's habits; without one its name is"),
    "channel":     Field((), _channel, "mix, left, right, or a number from 1"),
    "timecode":    Field(("start",), _word, "of the first frame"),
    "every_frame": Field((), _flag, "a key on every frame: yes or no"),
}


def checked(name: str, value: Any, folder: Path, where: str) -> Any:
    """A wish as lines take it. Raises ConfigError that says `where`."""
    try:
        return FIELDS[name].check(value, folder)
    except FacerigError as error:
        raise ConfigError(error.what, where=where, fix=error.fix) from None


def laid_over(*nearest_first: Wishes) -> Wishes:
    """The nearest of each."""
    out: Wishes = {}
    for wishes in reversed(nearest_first):
        out.update(wishes)
    return out
