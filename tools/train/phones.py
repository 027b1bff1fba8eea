"""The phone inventory, which the runtime shares, under its old name: see facerig.script.phones."""

from facerig.script.phones import *  # noqa: F403
