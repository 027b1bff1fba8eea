"""Animation of an FBX file: a stack, a layer, and keyed curves on the properties of objects.

Keys are joined by straight lines, and stand on frames. Head and eyes turn by Euler angles in the order ZXY,
which is how the canonical curves are defined (roll, then pitch, then yaw: `mesh.gaze.rotation`): so their
keys are those curves in degrees, with yaw around -y and roll around -z, and pass through no singularity that
a head can reach.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig_exporters.fbx_binary import Node, properties
from facerig_exporters.fbx_document import TAKE, Document, Id, time_property

Offsets = NDArray[np.int64]  # frames after the first
Values = NDArray[np.float64]

ROTATION_ORDER: Final = 4  # FbxEuler::eOrderZXY
PERCENT: Final = 100.0
_KEY_VERSION: Final = 4008
_LINEAR: Final = 1 << 2 | 1 << 8 | 1 << 13 | 1 << 14  # straight lines; tangents are neither tied nor weighted
_THIRDS: Final = 0x0D050D05  # two weights of 0.3333 as 16-bit integers, the default
_KEY_DATA: Final = np.array([0, 0, _THIRDS, 0], np.uint32).view(np.float32)  # no slopes, weights, no speeds


class Animation:
    """Curves over the take of `document`."""

    def __init__(self, document: Document) -> None:
        self._document, self._clock = document, document.clock
        span = [properties(*(time_property(f"{kind}{end}", ticks) for kind in ("Local", "Reference")
                             for end, ticks in (("Start", self._clock.start), ("Stop", self._clock.stop))))]
        self.stack = document.add("AnimationStack", TAKE, "", span)
        self.layer = document.add("AnimationLayer", "BaseLayer", "", [])
        document.connect(self.layer, self.stack)

    def key(self, target: Id, name: str, to: str, channels: dict[str, tuple[Offsets, Values]]) -> None:
        """Animate the property `to` of `target`. `channels`: per channel of the property ("X", or its own
        name) the frames of its keys, in order, and their values. `name` is what importers call the curves."""
        defaults = [(f"d|{channel}", "Number", "", "A", float(values[0]))
                    for channel, (_, values) in channels.items()]
        node = self._document.add("AnimationCurveNode", name, "", [properties(*defaults)])
        self._document.connect(node, self.layer)
        self._document.connect(node, target, to)
        for channel, (offsets, values) in channels.items():
            self._document.connect(self._curve(offsets, values), node, f"d|{channel}")

    @cached_property
    def _every_tick(self) -> Offsets:
        """Of all frames; hours of curves with a key on each share it."""
        return self._clock.ticks(np.arange(self._clock.n_frames))

    def _curve(self, offsets: Offsets, values: Values) -> Id:
        ticks = self._every_tick if len(offsets) == self._clock.n_frames else self._clock.ticks(offsets)
        return self._document.add("AnimationCurve", "", "", [
            Node("Default", (float(values[0]),)), Node("KeyVer", (_KEY_VERSION,)),
            Node("KeyTime", (ticks,)),
            Node("KeyValueFloat", (values.astype(np.float32),)),
            Node("KeyAttrFlags", (np.array([_LINEAR], np.int32),)), Node("KeyAttrDataFloat", (_KEY_DATA,)),
            Node("KeyAttrRefCount", (np.array([len(offsets)], np.int32),))])


def euler_degrees(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """X, Y, Z [T, 3] of ROTATION_ORDER for yaw, pitch, roll [T, 3] in radians."""
    yaw, pitch, roll = np.degrees(angles).T
    return np.stack([pitch, -yaw, -roll], 1)
