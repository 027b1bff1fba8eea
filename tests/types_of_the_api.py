"""Types that users get, late names included: checked by pyright in `tools/dev.py lint`, never run."""

from __future__ import annotations

from fractions import Fraction
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import facerig

clip = facerig.animate("line.wav", fps="29.97", channel="left")
assert_type(clip, facerig.CurveClip)
assert_type(clip.values, NDArray[np.float32])
assert_type(clip["jawOpen"], NDArray[np.float32])
assert_type(clip.times_secs, NDArray[np.float64])

session = facerig.Session(48_000, lips=facerig.LipSettings(seal_on=0.4))
session.direct(48_000, emotion="joy:0.6", gaze=(0.3, 0.0, 1.0))
assert_type(facerig.Performance().with_(emotion="joy"), facerig.Performance)
assert_type(facerig.STILL.strengths(), tuple[float, ...])
assert_type(session.feed(np.zeros(480, np.int16)), facerig.CurveClip)
assert_type(session.lookahead.total, Fraction)
for frame in session.flush():
    assert_type(frame, facerig.CurveFrame)
    assert_type(frame.sample_index, int)

assert_type(facerig.animate_to("line.wav", "line.csv", facerig.AnimateSettings(seed=1)).frames, int)
assert_type(facerig.CURVE_NAMES, tuple[str, ...])

with facerig.connect("tcp://127.0.0.1:15680") as service:
    anna = service.open("anna", sample_rate=48_000, fps=Fraction(30), rig="arkit")
    assert_type(anna.say_sound(np.zeros(480, np.int16)), int)
    assert_type(anna.at(0).values, NDArray[np.float32])
    assert_type(anna.late_samples, int | None)
    for face in anna.frames():
        assert_type(face.values, NDArray[np.float32])
    service.open("bob", colour="blue")  # pyright: ignore[reportCallIssue]


async def scene() -> None:
    async with facerig.connect_async() as there:
        async for one in (await there.open("anna")).frames():
            assert_type(one.sample, int)

print(facerig.no_such_name)  # pyright: ignore[reportAttributeAccessIssue]
