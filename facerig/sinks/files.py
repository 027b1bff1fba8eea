"""A file that is there whole or not at all.

    with written_aside(target) as path:
        ...                              # write to `path`, in the target's folder
                                         # it takes the target's name when all went well
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from facerig.errors import OutputError

# What the system says   what is wrong, how to go on
_REASONS: Final[dict[int, tuple[str, str]]] = {
    errno.ENOSPC: ("the disk is full", "make room, or write to another disk"),
    errno.EDQUOT: ("your disk quota is used up", "make room, or write to another disk"),
    errno.EFBIG: ("the file is larger than the system allows", "raise the limit, or write to another disk"),
    errno.EROFS: ("the disk is read-only", "write to another folder"),
    errno.EIO: ("the disk failed (input/output error)", "check the disk, or write to another one"),
    errno.EACCES: ("no permission to write here", "give yourself permission, or write to another folder"),
    errno.EPERM: ("no permission to write here", "give yourself permission, or write to another folder"),
    errno.ENOENT: ("the folder does not exist", "make the folder first"),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "choose another folder"),
    errno.ENAMETOOLONG: ("the name is too long for this disk", "choose a shorter name"),
}
# A full or read-only disk and a missing right are nobody's bugs, wherever they show up.
DISK_TROUBLE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM}
_FAILED_WRITES: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """An empty file beside `target`, of the same ending; it replaces `target` when the block ends well.

    It is removed when the block raises anything, Ctrl-C included; a `target` from before then stays as it
    was. A link is followed. Raises OutputError, with the way out, where the folder or the target cannot be
    written, and for a disk that fills up or fails inside the block; one about the file aside names `target`.
    """
    try:
        final = _final(target)
        path = final.with_name(f".{secrets.token_hex(4)}.part{final.suffix}")
        _create(path)
    except OSError as error:
        raise _output_error(target, error) from error
    try:
        yield path
        os.replace(path, final)
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OutputError) and error.where == str(path):
            raise OutputError(error.what, where=str(target), fix=error.fix) from error
        if isinstance(error, OSError) and (error.errno in _FAILED_WRITES or error.filename == str(path)):
            raise _output_error(target, error) from error
        if isinstance(error, OutputError) and str(path) in error.where:  # the name that its user knows
            where = error.where.replace(str(path), str(target))
            raise OutputError(error.what, where=where, fix=error.fix) from error
        raise


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))  # 0o666 less the user's umask


def _final(target: Path) -> Path:
    """Where the bytes go. Raises OutputError where a file cannot stand there, or one may not be replaced."""
    final = Path(os.path.realpath(target))
    if final.is_dir():
        raise OutputError("is a folder", where=str(target), fix="name a file in it")
    if final.exists() and not final.is_file():
        raise OutputError("is a device or pipe, not a file", where=str(target), fix="name a file")
    if final.exists() and not os.access(final, os.W_OK):
        raise OutputError("the file is write-protected", where=str(target),
                          fix="unprotect it, or choose another name")
    return final


def _output_error(target: Path, error: OSError) -> OutputError:
    what, fix = _REASONS.get(error.errno or 0, (f"cannot be written ({error.strerror or error})",
                                                "close programs that have it open, or choose another name"))
    return OutputError(what, where=str(target), fix=fix)
