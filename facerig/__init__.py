"""facerig: speech and emotion in, facial animation curves out.

    import facerig
    clip = facerig.animate("line.wav", fps=60)      # CurveClip: values [T, 61], names, exact times

    session = facerig.Session(sample_rate=48_000)   # the same, live
    clip = session.feed(samples)                     # frames that are ready
    session.direct(emotion="joy:0.6", gaze=(0.3, 0.0, 1.0))   # at any time; nothing jumps
    clip = session.flush()                           # the rest; the mouth ends at rest

    with facerig.connect() as service:               # characters of `facerig serve`
        anna = service.open("anna", sample_rate=48_000)
"""

from importlib import import_module
from typing import TYPE_CHECKING

from facerig.core.channels import NAMES as CURVE_NAMES
from facerig.core.curves import CurveClip, CurveFrame
from facerig.core.version import VERSION
from facerig.errors import (
    AudioError,
    ConfigError,
    FacerigError,
    ModelError,
    OutputError,
    ProtocolError,
    RigError,
)

if TYPE_CHECKING:
    from facerig.animation import AnimateSettings, animate, animate_to
    from facerig.encoder.lips import LipSettings
    from facerig.performance.settings import STILL, Performance
    from facerig.service.client import connect
    from facerig.service.client_async import connect_async
    from facerig.session import Session

__version__ = VERSION

__all__ = ["CURVE_NAMES", "STILL", "AnimateSettings", "AudioError", "ConfigError", "CurveClip", "CurveFrame",
           "FacerigError", "LipSettings", "ModelError", "OutputError", "Performance", "ProtocolError",
           "RigError", "Session", "animate", "animate_to", "connect", "connect_async"]

# Fetched when first asked for: they import compiled packages, and `facerig doctor` must run where those are
# broken.
_LATE = {"AnimateSettings": "facerig.animation", "animate": "facerig.animation",
         "animate_to": "facerig.animation", "LipSettings": "facerig.encoder.lips",
         "Performance": "facerig.performance.settings", "STILL": "facerig.performance.settings",
         "Session": "facerig.session", "connect": "facerig.service.client",
         "connect_async": "facerig.service.client_async"}


if not TYPE_CHECKING:  # type checkers see the imports above, and that no other name exists
    def __getattr__(name: str) -> object:
        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            return getattr(import_module(_LATE[name]), name)
        except ModuleNotFoundError as missing:
            if missing.name not in ("zmq", "msgspec"):
                raise
            raise ConfigError(f"facerig.{name} needs {missing.name}",
                              fix='pip install "facerig[serve]"') from None


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATE])
