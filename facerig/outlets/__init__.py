"""Faces to programs that speak a format of their own, without a plugin: Live Link Face (Unreal), VMC over
OSC, iFacialMocap, WebSocket.

    outlet = open_outlet("livelink://127.0.0.1:11111?subject=anna")
    play("line.wav", [outlet])

One module a format: pure encoders of a frame, total decoders for tests and tools, a small sender. `sources`
gives the frames of a file at each outlet's rate, `playing` lets them leave when their sound plays.
"""

from facerig.outlets.opening import open_outlet
from facerig.outlets.outlet import Outlet, Posed
from facerig.outlets.playing import Played, play

__all__ = ["Outlet", "Played", "Posed", "open_outlet", "play"]
