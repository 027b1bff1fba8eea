"""Sound and files on a store, by address: s3://, gs://, abfs://, memory://, all that fsspec knows.

    with brought("s3://studio/voices/halt.wav", inputs) as path: ...    # a file here, while it lasts
    target = target_of("s3://studio/curves")                            # or of a folder
    target.write("guards/halt.fbx", sound, lambda path, sound: ...)     # there whole or not at all

A path without :// is a file of this machine, or of a folder that machines share, and stays one. What a store
holds is never read to see whether it has changed: its tag (ETag), or size and time, says so.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from facerig.errors import AudioError, ConfigError, FacerigError, OutputError

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters: C:\ is a disk
# where a file that is put up is there whole or not at all; elsewhere it is put aside and moved
WHOLE: Final = frozenset(["s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "memory"])
# what says that a file is another one now, the surest first
TAGS: Final = ("ETag", "etag", "md5Hash", "content_md5", "checksum", "LastModified", "last_modified",
               "updated", "mtime", "modified", "created")
MOST_FOLDERS: Final = 64  # whose contents are remembered at once
CORRECTIONS: Final = ".face.toml"

Seen = tuple[int, int]  # size, and a number that is another one when the file is
Write = Callable[[Path, Path], object]  # to the first; the second: the sound, as seen from there


def is_address(place: str | Path) -> bool:
    """Whether it is of a store, not of a disk."""
    return _ADDRESS.match(str(place)) is not None


def joined(address: str, name: str) -> str:
    """A file below a folder of a store."""
    return f"{address.rstrip('/')}/{name.lstrip('/')}"


def last_part(place: str) -> str:
    """The name of a file, of a store or of this machine."""
    return posixpath.basename(place) if is_address(place) else Path(place).name


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of a store. address: as it was given; path: as the store calls it."""

    address: str
    fs: Any
    path: str

    @property
    def protocol(self) -> str:
        """s3, gs ..."""
        return self.address.partition("://")[0].lower()

    def at(self, name: str) -> str:
        """What the store calls a file below."""
        return joined(self.path, name) if self.path else name

    def seen(self, name: str) -> Seen | None:
        """Of a file as it is now; None where there is none. Raises OutputError."""
        with reaching(joined(self.address, name), OutputError):
            self.fs.invalidate_cache(posixpath.dirname(self.at(name)))
            try:
                return seen_of(self.fs.info(self.at(name)))
            except FileNotFoundError:
                return None

    def put(self, path: Path, name: str) -> Seen:
        """A file of this machine, whole or not at all. Raises OutputError."""
        final = self.at(name)
        with reaching(joined(self.address, name), OutputError):
            if self.protocol in WHOLE:
                self.fs.put_file(str(path), final)
            else:
                self._put_aside(path, final)
        seen = self.seen(name)
        if seen is None or seen[0] != path.stat().st_size:
            raise OutputError("is not there as it was put up", where=joined(self.address, name),
                              fix="check the store; does somebody else write there?")
        return seen

    def put_bytes(self, data: bytes, name: str) -> None:
        """A small file. Raises OutputError."""
        with reaching(joined(self.address, name), OutputError):
            if self.protocol not in WHOLE:  # these have no folders, and would make a bucket that nobody has
                self.fs.makedirs(posixpath.dirname(self.at(name)), exist_ok=True)
            self.fs.pipe_file(self.at(name), data)

    def write(self, name: str, sound: str, write: Write) -> Seen:
        """A file that `write` makes here first. Raises what it raises, and OutputError."""
        with tempfile.TemporaryDirectory(prefix="facerig-out-") as folder:
            path = Path(folder, *self.at(name).strip("/").split("/"))
            path.parent.mkdir(parents=True)
            write(path, self._sound_from(Path(folder), path, sound))
            return self.put(path, name)

    def _sound_from(self, root: Path, path: Path, sound: str) -> Path:
        """Where a sound lies as seen from a file that is made under `root` as it will lie in the store; of
        another store or disk as if beside it."""
        if is_address(sound) and sound.partition("://")[0].lower() == self.protocol:
            return root / opened(sound).path.strip("/")
        return path.with_name(last_part(sound))

    def _put_aside(self, path: Path, final: str) -> None:
        aside = posixpath.join(posixpath.dirname(final), f".{secrets.token_hex(4)}.part")
        self.fs.makedirs(posixpath.dirname(final), exist_ok=True)
        try:
            self.fs.put_file(str(path), aside)
            self.fs.mv(aside, final)
        except BaseException:
            with suppress(Exception):  # what is said is why it could not be written
                self.fs.rm_file(aside)
            raise


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder of this machine, or one that machines share."""

    folder: Path

    def seen(self, name: str) -> Seen | None:
        """Of a file as it is now; None where there is none."""
        try:
            status = (self.folder / name).stat()
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns

    def write(self, name: str, sound: str, write: Write) -> Seen:
        """A file that `write` makes, whole or not at all."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, path.with_name(last_part(sound)) if is_address(sound) else Path(sound))
        status = path.stat()
        return status.st_size, status.st_mtime_ns


class Target(Protocol):
    """Where files go."""

    def seen(self, name: str) -> Seen | None:
        """Of a file as it is now; None where there is none."""
        ...

    def write(self, name: str, sound: str, write: Write) -> Seen:
        """A file that `write` makes, there whole or not at all."""
        ...


def target_of(folder: str | Path) -> Store | Disk:
    """Raises ConfigError for an address that nobody knows."""
    return opened(str(folder)) if is_address(folder) else Disk(Path(folder))


def opened(address: str) -> Store:
    """Raises ConfigError where the store's program is not installed, or its address is none."""
    try:
        import fsspec
    except ImportError:
        raise ConfigError("stores need fsspec", where=address, fix='pip install "facerig[cluster]"') from None
    try:
        # what is remembered of a store is ours to remember: theirs does not see what others write
        fs, path = fsspec.core.url_to_fs(address, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"the store cannot be opened ({error})", where=address,
                          fix="check the address; fsspec names the package that it wants") from None
    return Store(address.rstrip("/"), fs, str(path).rstrip("/"))


@contextmanager
def reaching(address: str, kind: type[FacerigError]) -> Iterator[None]:
    """What a store refuses, as an error of `kind`."""
    try:
        yield
    except FacerigError:
        raise
    except FileNotFoundError:
        raise kind("is not there", where=address, fix="check the address") from None
    except Exception as error:  # each store has classes of its own: botocore's, aiohttp's, OSError
        said = str(error).strip() or type(error).__name__
        raise kind(f"the store answers: {said[:300]}", where=address,
                   fix="check the store, its keys and rights, and give --retry-failed") from None


def seen_of(info: dict[str, Any]) -> Seen:
    """Of what a store says of a file, by itself or in its folder, which may write times otherwise."""
    tag = next((info[name] for name in TAGS if info.get(name) is not None), "")
    secs = tag.timestamp() if isinstance(tag, datetime) else tag
    told = f"{secs:.3f}" if isinstance(secs, float) else str(secs).strip('"')
    return int(info.get("size") or 0), int.from_bytes(hashlib.sha256(told.encode()).digest()[:6], "big")


class Listings:
    """What lies in the folders of stores, asked for a folder at a time: a question for each file would take
    longer than the work. Some 200 bytes a file of the last folders."""

    def __init__(self) -> None:
        self._folders: OrderedDict[str, dict[str, Seen]] = OrderedDict()

    def seen(self, address: str) -> Seen | None:
        """Of a file; None where there is none. Raises AudioError."""
        folder, _, name = address.rpartition("/")
        return self._of(folder).get(name)

    def overrides_beside(self, sound: str) -> str | None:
        """The corrections that lie beside a sound."""
        beside = posixpath.splitext(sound)[0] + CORRECTIONS
        return beside if self.seen(beside) is not None else None

    def _of(self, folder: str) -> dict[str, Seen]:
        if folder not in self._folders:
            store = opened(folder)
            with reaching(folder, AudioError):
                self._folders[folder] = _files(store)
            if len(self._folders) > MOST_FOLDERS:
                self._folders.popitem(last=False)
        self._folders.move_to_end(folder)
        return self._folders[folder]


def _files(store: Store) -> dict[str, Seen]:
    """Of a folder of a store, none where there is no such folder."""
    try:
        rows = store.fs.ls(store.path, detail=True)
    except FileNotFoundError:
        return {}
    return {posixpath.basename(row["name"]): seen_of(row) for row in rows if row.get("type") != "directory"}


def sounds_below(address: str, endings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every sound below a folder of a store: its address, and its path seen from there; folder by folder.
    Raises ConfigError."""
    store, wanted = opened(address), tuple(endings)
    with reaching(address, ConfigError):
        for folder, _, files in store.fs.walk(store.path):
            below = posixpath.relpath(folder, store.path) if folder.rstrip("/") != store.path else ""
            for name in sorted(files):
                if name.lower().endswith(wanted) and not name.startswith("."):
                    one = posixpath.join(below, name)
                    yield joined(address, one), one


@contextmanager
def brought(sound: str, inputs: Iterable[str]) -> Iterator[Path]:
    """A sound as a file of this machine, with the corrections among `inputs` beside it. Raises AudioError;
    errors about the file name its address."""
    if not is_address(sound):
        yield Path(sound)
        return
    with tempfile.TemporaryDirectory(prefix="facerig-sound-") as folder:
        path = Path(folder, last_part(sound))
        for address in (sound, *(one for one in inputs if is_address(one) and one.endswith(CORRECTIONS))):
            store = opened(address)
            with reaching(address, AudioError):
                store.fs.get_file(store.path, str(Path(folder, last_part(address))))
        try:
            yield path
        except FacerigError as error:
            if folder not in error.where:
                raise
            home = sound.rpartition("/")[0]
            raise type(error)(error.what, where=error.where.replace(folder, home), fix=error.fix) from error
