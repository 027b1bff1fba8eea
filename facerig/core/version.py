"""Which facerig this is, as files and the command line say."""

from typing import Final

VERSION: Final = "0.1.0"
