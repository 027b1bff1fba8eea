"""Canonical curves to a rig's own, by a declared map: `load_rig`, `Retarget`."""

from facerig.rig.catalogue import load_rig
from facerig.rig.declaration import Rig
from facerig.rig.retarget import Retarget

__all__ = ["Retarget", "Rig", "load_rig"]
