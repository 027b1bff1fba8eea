"""Everything facerig raises on purpose.

    FacerigError
    ├── AudioError      input sound: not audio, truncated, empty, NaN
    ├── ConfigError     an option, a setting, a missing extra
    ├── ModelError      a model or head file: missing, wrong hash, wrong shape, points outside its folder
    ├── RigError        a rig declaration
    ├── OutputError     a file that cannot be written or an ending nobody exports
    └── ProtocolError   a message or packet from outside

A message says what is wrong, where, what is allowed, and the fix. `code` is a short stable word for hosts
(`--json`), `exit_code` what the command line returns: 2 for the user's mistakes, 1 otherwise.
"""

from __future__ import annotations


class FacerigError(Exception):
    """Root of the tree. `where` names a file, option or path inside a document; `fix` the way out."""

    code = "error"
    exit_code = 2

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        message = f"{where}: {what}" if where else what
        super().__init__(f"{message}\n  fix: {fix}" if fix else message)


class AudioError(FacerigError):
    """The sound cannot be read or must not be animated."""

    code = "audio"


class ConfigError(FacerigError):
    """An option or setting is out of range, unknown, or needs an extra that is not installed."""

    code = "config"


class ModelError(FacerigError):
    """A model or head file is missing, damaged, or not what it claims to be."""

    code = "model"


class RigError(FacerigError):
    """A rig declaration is wrong."""

    code = "rig"


class OutputError(FacerigError):
    """The output cannot be written."""

    code = "output"


class ProtocolError(FacerigError):
    """Bytes from outside do not follow the protocol."""

    code = "protocol"
