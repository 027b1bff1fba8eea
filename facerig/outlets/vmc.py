"""VMC, the Virtual Motion Capture protocol: OSC over UDP, to port 39539 of VSeeFace, Warudo, EVMC4U (Unity)
and more.

    /VMC/Ext/OK 1 3 0                        loaded, calibrated, in normal mode
    /VMC/Ext/T secs                          since the beginning
    /VMC/Ext/Bone/Pos name px py pz qx qy qz qw      Head, LeftEye, RightEye, on their parents
    /VMC/Ext/Blend/Val name value            each curve, then
    /VMC/Ext/Blend/Apply

Bones turn on Unity's left-handed axes: x to the subject's right, y up, z to the front. The head's own are x
to the subject's left, y up, z to the front; so x is mirrored, and a turn (w, x, y, z) becomes (w, x, -y, -z).
In Unity's angles: yaw to the right is +y, a nod down +x, a tilt to the left shoulder +z.

Bones' places are zero, because nobody here knows the receiver's model, as iFacialMocap's desktop program
does. Receivers that put bones there (EVMC4U) must have "Bone Position Synchronize" off; or leave bones out:
bones=no.

A rig's names are sent as they are. ARKit's are those of PerfectSync; some models write them with a capital
first letter (pascal). VRM 0 and VRM 1.0 call the same expressions by two names; a model knows one of them and
passes over the other, so both are sent unless one is chosen.

Source: protocol.vmc.info, Marionette, version 2.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.mesh.turns import quaternions, turn_angles
from facerig.outlets.osc import Message, bundles
from facerig.outlets.outlet import Posed
from facerig.outlets.udp import UdpSender

PORT: Final = 39539
LARGEST_DATAGRAM: Final = 1400  # bytes: whole in an Ethernet frame
READY: Final = Message("/VMC/Ext/OK", (1, 3, 0))
APPLY: Final = Message("/VMC/Ext/Blend/Apply")
BONES: Final = (("Head", "head"), ("LeftEye", "leftEye"), ("RightEye", "rightEye"))  # Unity's HumanBodyBones
PLACE: Final = (0.0, 0.0, 0.0)
SPELLINGS: Final = ("both", "vrm0", "vrm1", "pascal")
# VRM 1.0      VRM 0 (UniVRM's BlendShapePreset). surprised had no preset; VRoid Studio calls its own so.
VRM0_NAMES: Final = {
    "happy": "Joy", "angry": "Angry", "sad": "Sorrow", "relaxed": "Fun", "surprised": "Surprised",
    "aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O",
    "blink": "Blink", "blinkLeft": "Blink_L", "blinkRight": "Blink_R",
    "lookUp": "LookUp", "lookDown": "LookDown", "lookLeft": "LookLeft", "lookRight": "LookRight",
    "neutral": "Neutral",
}


def unity_turn(face: NDArray[Any], joint: str) -> tuple[float, float, float, float]:
    """The turn x, y, z, w of head, leftEye or rightEye on Unity's axes, for a canonical face [61]."""
    w, x, y, z = quaternions(turn_angles(np.asarray(face)[None], joint))[0].tolist()
    return x, -y, -z, w


def messages(face: NDArray[Any], names: Sequence[str], values: Sequence[float], *, secs: float,
             bones: bool = True) -> list[Message]:
    """A frame: a canonical face [61] for the bones, and a rig's `values` under `names`."""
    out = [READY, Message("/VMC/Ext/T", (secs,))]
    if bones:
        out += [Message("/VMC/Ext/Bone/Pos", (bone, *PLACE, *unity_turn(face, joint)))
                for bone, joint in BONES]
    out += [Message("/VMC/Ext/Blend/Val", (name, value)) for name, value in zip(names, values, strict=True)]
    return [*out, APPLY]


def spelled(names: Sequence[str], which: str) -> tuple[list[str], list[int]]:
    """The names that a rig's curves are sent under, and whose curve each is. which: one of SPELLINGS."""
    sent: list[str] = []
    of: list[int] = []
    for k, name in enumerate(names):
        other = VRM0_NAMES.get(name, name)
        ways = {"both": (name, other), "vrm0": (other,), "vrm1": (name,),
                "pascal": (name[:1].upper() + name[1:],)}
        for one in dict.fromkeys(ways[which]):
            sent.append(one)
            of.append(k)
    return sent, of


class VmcOutlet:
    """VMC to one receiver. `names`: of the rig's curves; `which`: how they are spelled."""

    def __init__(self, sender: UdpSender, *, rig: str | None, names: Sequence[str], fps: Fraction, name: str,
                 bones: bool = True, which: str = "both") -> None:
        self.name, self.fps, self.rig = name, fps, rig
        self._sender, self._bones = sender, bones
        self._names, self._of = spelled(names, which)

    def send(self, posed: Posed) -> bool:
        """One frame, in as many datagrams as it needs."""
        values = posed.face if self.rig is None else posed.rigs[self.rig]
        told = messages(posed.face, self._names, values[self._of].tolist(), bones=self._bones,
                        secs=float(posed.index / posed.fps))
        return self._sender.send(bundles(told, LARGEST_DATAGRAM))

    def close(self) -> None:
        """Close the socket."""
        self._sender.close()
