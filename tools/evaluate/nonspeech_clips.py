"""Real sounds without speech, from Debian's game data: music, hands, feet, keys, engines, weather.

Nothing of it is in this repository: `apt install` of PACKAGES brings it. A clip is at most CLIP_SECS cut from
a file, or a row of short files; a seed and the clip's name decide where it is cut and what stands in the row.

No voices. Players, creatures' cries, announcers, cheers, radios, a restaurant, and a piece named for a chant
were left out by name. Of what was left, a voice activity detector (Silero VAD 6.2) heard the files (their
first 100 s) and every clip of seed 0: of no clip did it take more than 2.5 % for speech, of all 0.2 %.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from scipy.signal import resample_poly

from facerig.errors import AudioError
from tools.evaluate.sets import SAMPLE_RATE, Audio

CLIP_SECS: Final = 10.0
SHARE: Final = Path("/usr/share")
GAP_SECS: Final = (0.05, 0.6)  # between two sounds of a row
HUM_HZ: Final = (50.0, 60.0)
FLOORS_DB: Final = (-90.0, -75.0, -60.0, -45.0)  # full scale: a dead line to a bad microphone

_WESNOTH = "games/wesnoth/1.16/data/core"
_KART = "games/supertuxkart/data"
_ARENA = "games/openarena/baseoa/pak0.pk3!sound"  # within the archive
_MINE = "games/minetest/games/minetest_game/mods"
_LMMS = "lmms/samples"

# kind         package                 folder                  clips, apart by blanks; a+b* is a row of files
_TABLE: Final = (
    ("music",       "wesnoth-1.16-music",   f"{_WESNOTH}/music",
     "battle-epic elf-land elvish-theme frantic heroes_rite knolls sad suspense "
     "traveling_minstrels wanderer"),
    ("music",       "supertuxkart-data",    f"{_KART}/music",
     "celtic cocoa_river egypt farm kart_grand_prix subsea"),
    ("music",       "extremetuxracer-data", "games/etr/music",         "freezingpoint spunkyrace-ks"),
    ("music",       "frozen-bubble-data",   "games/frozen-bubble/snd", "frozen-mainzik-1p"),
    ("instruments", "lmms-common",          f"{_LMMS}/instruments",
     "cello01 church_organ02 e_piano_accord02 flute01 trumpet01 violin_fingered01"),
    ("instruments", "lmms-common",          f"{_LMMS}/stringsnpads",   "strings01"),
    ("instruments", "lmms-common",          f"{_LMMS}/latin",          "latin_guitar01"),
    ("instruments", "supertuxkart-data",    f"{_KART}/sfx",            "gnu_flute"),
    ("drums",       "lmms-common",          f"{_LMMS}/beats",          "909beat01 house_loop01 jungle01"),
    ("drums",       "wesnoth-1.16-data",    f"{_WESNOTH}/sounds",      "ambient/wardrums"),
    ("applause",    "circuslinux-data",     "games/circuslinux/data/sounds", "applause"),
    ("applause",    "foobillardplus-data",  "games/foobillardplus/data",     "applause"),
    ("applause",    "frozen-bubble-data",   "games/frozen-bubble/snd",       "applause"),
    ("applause",    "monsterz-data",        "games/monsterz/sound",          "applause"),
    ("applause",    "lmms-common",          f"{_LMMS}/misc",                 "applause01"),
    ("steps",       "minetest-data",        f"{_MINE}/default/sounds",
     "default_grass_footstep.* default_gravel_footstep.* default_hard_footstep.* default_metal_footstep.* "
     "default_snow_footstep.* default_wood_footstep.*"),
    ("steps",       "wesnoth-1.16-data",    f"{_WESNOTH}/sounds",      "horse-canter+horse-elf-canter"),
    ("doors",       "minetest-data",        f"{_MINE}/doors/sounds",
     "doors_door_*+doors_fencegate_* doors_steel_*"),
    ("doors",       "openarena-data",       f"{_ARENA}/movers",        "doors/*+plats/*"),
    ("keys",        "bucklespring-data",    "buckle/wav",              "0?-* 1?-* 2?-*"),
    ("blades",      "wesnoth-1.16-data",    f"{_WESNOTH}/sounds",
     "axe+sword-1+mace+knife bow*+crossbow*+sling* flail*+hatchet*+dagger-swish"),
    ("shots",       "wesnoth-1.16-data",    f"{_WESNOTH}/sounds",      "explosion+lightning*+thunderstick*"),
    ("shots",       "openarena-data",       f"{_ARENA}/weapons",
     "machinegun/* rocket/*+grenade/* plasma/*+shotgun/*"),
    ("shots",       "supertuxkart-data",    f"{_KART}/sfx",            "fireworks_show explosion+crash*"),
    ("effects",     "wesnoth-1.16-data",    f"{_WESNOTH}/sounds",      "magic-holy-*+heal magic-missile-*"),
    ("effects",     "supertuxkart-data",    f"{_KART}/sfx",
     "anvil+hammer+metal_clang+strike boing+jump+swap"),
    ("signals",     "sound-theme-freedesktop", "sounds/freedesktop/stereo",
     "alarm-clock-elapsed phone-* bell+message*+dialog-*+complete"),
    ("signals",     "wesnoth-1.16-data",    f"{_WESNOTH}/sounds",      "horn-signals/horn-*"),
    ("engines",     "supertuxkart-data",    f"{_KART}/sfx",
     "engine_small engine_large+car_* airplane_jetEngine clock+machine_sound"),
    ("engines",     "supertuxkart-data",    f"{_KART}/tracks",         "black_forest/steamLocomotive"),
    ("engines",     "openarena-data",       _ARENA,
     "world/fan4 world/machinerydrone* world/neonhum weapons/railgun/rg_hum"),
    ("engines",     "lincity-ng-data",      "games/lincity-ng/sounds",
     "Mill* OreMine*+CoalMine* Blacksmith*"),
    ("weather",     "supertuxkart-data",    f"{_KART}/sfx",
     "rain+thunder river_loop waterfall_loop_2"),
    ("weather",     "minetest-data",        _MINE,
     "env_sounds/sounds/*water* fire/sounds/fire_fire.*"),
    ("weather",     "openarena-data",       _ARENA,
     "world/drops world/fire1 world/demonwind01"),
    ("weather",     "extremetuxracer-data", "games/etr/sounds",        "*_slide"),
    ("animals",     "wesnoth-1.16-data",    f"{_WESNOTH}/sounds/ambient", "birds*"),
    ("animals",     "supertuxkart-data",    f"{_KART}",
     "sfx/exotic-birds tracks/black_forest/cow"),
    ("breath",      "lmms-common",          f"{_LMMS}/misc",           "breath01"),
)  # fmt: skip
PACKAGES: Final = tuple(dict.fromkeys(package for _, package, _, _ in _TABLE))


@dataclass(frozen=True, slots=True)
class NonSpeech:
    """One clip: `files` below SHARE, more than one for a row; without any, made by `name` (silence, hum)."""

    kind: str
    name: str
    package: str = ""
    files: tuple[str, ...] = ()

    def audio(self, seed: int = 0) -> Audio:
        """float32 mono at 16 kHz, at most CLIP_SECS."""
        digest = blake2b(f"{seed} {self.kind} {self.name}".encode(), digest_size=8).digest()
        random = np.random.default_rng(int.from_bytes(digest, "little"))
        if not self.files:
            return _made(self.name, random)
        if len(self.files) == 1:
            return _cut(read(self.files[0]), random)
        return _row(self.files, random)


def clips(share: Path = SHARE) -> tuple[list[NonSpeech], list[str]]:
    """Every clip whose files are there, made ones first, and the packages that are missing."""
    found = [NonSpeech("floor", f"floor {db:.0f} dB") for db in FLOORS_DB] + [NonSpeech("silence", "silence")]
    found += [NonSpeech("hum", f"hum {hz:.0f} Hz") for hz in HUM_HZ]
    missing: dict[str, None] = {}
    for kind, package, folder, names in _TABLE:
        for name in names.split():
            files = _matching(share / folder, name)
            if files:
                found.append(NonSpeech(kind, f"{package} {name}", package, files))
            else:
                missing[package] = None
    return found, list(missing)


def _matching(folder: Path, name: str) -> tuple[str, ...]:
    """The sound files that fit one of the patterns of a clip."""
    patterns = [f"{pattern}.{ending}" for pattern in name.split("+") for ending in ("ogg", "oga", "wav")]
    archive, _, inside = str(folder).partition("!")
    if inside:
        return tuple(f"{archive}!{n}" for n in _names_in(archive)
                     if any(fnmatch(n, f"{inside}/{pattern}") for pattern in patterns))
    return tuple(sorted({str(path) for pattern in patterns for path in folder.glob(pattern)}))


@lru_cache
def _names_in(archive: str) -> tuple[str, ...]:
    if not Path(archive).is_file():
        return ()
    with zipfile.ZipFile(archive) as file:
        return tuple(sorted(file.namelist()))


def read(file: str) -> Audio:
    """A sound file, or one within an archive (`ARCHIVE!NAME`), as float32 mono at 16 kHz."""
    archive, _, inside = file.partition("!")
    try:
        source = io.BytesIO(_unpacked(archive, inside)) if inside else file
        samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError, zipfile.BadZipFile) as error:
        raise AudioError(f"cannot be read as sound ({error})", where=file,
                         fix="install the package again") from error
    return np.ascontiguousarray(resample_poly(samples.mean(axis=1), SAMPLE_RATE, rate), np.float32)


def _unpacked(archive: str, name: str) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return opened.read(name)


def _cut(sound: Audio, random: np.random.Generator) -> Audio:
    n = int(CLIP_SECS * SAMPLE_RATE)
    start = int(random.integers(max(1, len(sound) - n)))
    return sound[start : start + n]


def _row(files: tuple[str, ...], random: np.random.Generator) -> Audio:
    """Files drawn again and again, with gaps of silence, until the clip is full."""
    parts: list[Audio] = []
    while sum(map(len, parts)) < CLIP_SECS * SAMPLE_RATE:
        parts.append(read(files[int(random.integers(len(files)))]))
        parts.append(np.zeros(int(random.uniform(*GAP_SECS) * SAMPLE_RATE), np.float32))
    return np.concatenate(parts)[: int(CLIP_SECS * SAMPLE_RATE)]


def _made(name: str, random: np.random.Generator) -> Audio:
    """Digital silence, a noise floor, or the hum of the mains with its partials."""
    at = np.arange(int(CLIP_SECS * SAMPLE_RATE)) / SAMPLE_RATE
    word, _, number = name.partition(" ")
    if word == "silence":
        return np.zeros(len(at), np.float32)
    if word == "floor":
        return (random.standard_normal(len(at)) * 10 ** (float(number.split()[0]) / 20)).astype(np.float32)
    hz = float(number.split()[0])
    partials = [np.sin(2 * np.pi * hz * k * at + random.uniform(0, 6)) / k**1.5 for k in range(1, 12)]
    return np.asarray(0.05 * np.sum(partials, 0) + 0.001 * random.standard_normal(len(at)), np.float32)
