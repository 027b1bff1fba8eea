"""What a user turns last, before frames leave: gain, offset, clamp, smoothing; strengths of whole groups.

    layer = ControlLayer(Controls(lower_strength=1.25, curves={"browInnerUp": CurveControl(gain=0.5)}))
    frames, state = layer.step(frames, times, sealed, layer.initial_state())
    state = layer.told(state, 12.0, Controls(), 0.3)      # and back, without a jump

A curve becomes `clamp(value * gain * strength + offset)`, then smooth. Whatever is turned, lips that speech
seals stay as near as it brought them. Controls that change nothing cost nothing: the frames pass bit for bit.

The names follow Audio2Face's where it has the same control (docs/layers.md says which is which).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError
from facerig.performance.control.groups import GROUP, SKIN, upper_share
from facerig.performance.control.sealing import kept_sealed
from facerig.performance.control.selection import NAMED, PAIRS, curves_named
from facerig.performance.knobs import check, knob
from facerig.performance.timeline import Timeline

Array = NDArray[np.float32]
Times = NDArray[np.float64]
Numbers = NDArray[np.float64]

LONGEST_SMOOTHING_SECS: Final = 2.0
LONGEST_CHANGE_SECS: Final = 3600.0
_LOW = np.array([c.low for c in CHANNELS])
_HIGH = np.array([c.high for c in CHANNELS])
_JAW: Final = INDEX["jawOpen"]
# both sides as a slice, which numpy reaches faster than a list
_BLINKS, _WIDE = (slice(left, right + 1, right - left) for left, right in (
    (INDEX[f"{name}Left"], INDEX[f"{name}Right"]) for name in ("eyeBlink", "eyeWide")))
_MM_OF_JAW: Final = float(mouth_geometry().gap[_JAW].max())  # in the middle of the lips, by a jawOpen of 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveControl:
    """Of one curve or pair."""

    gain: float = knob(1.0, 0.0, 5.0, "factor")
    offset: float = knob(0.0, -1.0, 1.0, "added after the gain (rotations: radians)")
    min: float = knob(-4.0, -4.0, 4.0, "clamp from below; no lower than the curve's own range")
    max: float = knob(4.0, -4.0, 4.0, "clamp from above; no higher than the curve's own range")
    smoothing_secs: float = knob(0.0, 0.0, LONGEST_SMOOTHING_SECS, "time constant, besides the group's")
    active: bool = True  # False: the curve stays at 0

    def __post_init__(self) -> None:
        check(self, "curve")
        if self.min > self.max:
            raise ConfigError(f"min = {self.min:g} lies above max = {self.max:g}", where="curve.min",
                              fix="give a min that is not above max")


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Everything that can be turned; the defaults change nothing."""

    upper_strength: float = knob(1.0, 0.0, 3.0, "factor on what moves above the border: brows, squint, sneer")
    lower_strength: float = knob(1.0, 0.0, 3.0, "factor on cheeks, mouth and jaw; seals stay seals")
    upper_smoothing_secs: float = knob(0.0, 0.0, LONGEST_SMOOTHING_SECS, "time constant above the border")
    lower_smoothing_secs: float = knob(0.0, 0.0, LONGEST_SMOOTHING_SECS, "time constant below; 0.01 is much")
    mask_level: float = knob(0.56, 0.0, 1.0, "height of the border: 0 at the chin, 1 at the brows")
    mask_softness: float = knob(0.06, 0.0, 1.0, "how wide the passage between upper and lower face is")
    lip_open_mm: float = knob(0.0, -1.0, 10.0, "how much farther the lips stand apart, wherever none seals")
    eyelid_open: float = knob(0.0, -0.8, 0.8, "lids at rest: up to wide above 0, drooping below; blinks stay")
    blink_strength: float = knob(1.0, 0.0, 1.5, "factor on eyeBlink")
    eye_strength: float = knob(1.0, 0.0, 2.0, "factor on the eyes' turns")
    tongue_strength: float = knob(1.0, 0.0, 3.0, "factor on tongueOut")
    head_strength: float = knob(1.0, 0.0, 3.0, "factor on the head's turns")
    curves: Mapping[str, CurveControl] = field(default_factory=dict)  # by name; mouthSmile means both sides

    def __post_init__(self) -> None:
        check(self, "controls")
        for name in self.curves:
            if not curves_named(name):
                raise ConfigError(f"{name!r} is not a curve", where="controls.curves",
                                  fix=f"name one of the {len(NAMED)} curves and pairs, as mouthSmileLeft")

    def with_curves(self, more: Mapping[str, CurveControl]) -> Controls:
        """These controls over others: `more` is applied to a curve first, then what stands here."""
        curves = dict(self.curves)
        for name, inner in more.items():
            curves[name] = _chained(inner, curves[name]) if name in curves else inner
        return replace(self, curves=curves)


def _chained(inner: CurveControl, outer: CurveControl) -> CurveControl:
    """`inner`, then `outer`, as one. The clamps are those of `outer` where both clamp."""
    low, high = (outer.gain * bound + outer.offset for bound in (inner.min, inner.max))
    low, high = max(outer.min, min(low, 4.0), -4.0), min(outer.max, max(high, -4.0), 4.0)
    return CurveControl(
        gain=min(inner.gain * outer.gain, 5.0),
        offset=min(max(outer.gain * inner.offset + outer.offset, -1.0), 1.0),
        min=min(low, high), max=high,
        smoothing_secs=min(inner.smoothing_secs + outer.smoothing_secs, LONGEST_SMOOTHING_SECS),
        active=inner.active and outer.active)


# The rows of the numbers that a timeline carries: each [61] but the last, which is one.
_GAIN, _OFFSET, _MIN, _MAX, _SMOOTHING = (slice(k * N_CHANNELS, (k + 1) * N_CHANNELS) for k in range(5))
_SHAPED: Final = slice(0, 4 * N_CHANNELS)
_LIDS: Final = 5 * N_CHANNELS


def numbers(controls: Controls) -> tuple[float, ...]:
    """`controls` as what every curve gets: gains, offsets, clamps, time constants, and the lids' opening."""
    upper = upper_share(controls.mask_level, controls.mask_softness)
    of_skin = controls.upper_strength * upper + controls.lower_strength * (1 - upper)
    strengths = np.array([1.0, controls.blink_strength, controls.eye_strength, controls.tongue_strength,
                          controls.head_strength])  # in the order of GROUPS
    gain = np.where(GROUP == SKIN, of_skin, strengths[GROUP])
    out = np.concatenate([gain, np.zeros(N_CHANNELS), _LOW, _HIGH, _smoothing(controls, upper),
                          [controls.eyelid_open]])
    out[_OFFSET][_JAW] = controls.lip_open_mm / _MM_OF_JAW
    for name, one in sorted(controls.curves.items(), key=lambda named: named[0] not in PAIRS):
        at = list(curves_named(name))
        out[_OFFSET][at] = out[_OFFSET][at] * one.gain + one.offset
        out[_GAIN][at] *= one.gain
        out[_MIN][at] = np.clip(one.min, out[_MIN][at], out[_MAX][at])
        out[_MAX][at] = np.clip(one.max, out[_MIN][at], out[_MAX][at])
        out[_SMOOTHING][at] += one.smoothing_secs
        if not one.active:
            for part in (_GAIN, _OFFSET, _MIN, _MAX):
                out[part][at] = 0.0
    return tuple(out.tolist())


def _smoothing(controls: Controls, upper: Numbers) -> Numbers:
    secs = controls.upper_smoothing_secs * upper + controls.lower_smoothing_secs * (1 - upper)
    return np.where(GROUP == SKIN, secs, 0.0)


NEUTRAL: Final = numbers(Controls())


@dataclass(frozen=True, slots=True)
class _Turned:
    """The same as arrays: [n, 61] (n of 1: at all times), `lids` [n, 1]; None where a part does nothing."""

    gain: Array | None
    offset: Array | None
    low: Array
    high: Array
    smoothing: Numbers | None
    lids: Array | None

    @staticmethod
    def of(rows: Numbers) -> _Turned:
        f = rows.astype(np.float32)
        moved = (rows[:, _LIDS:] != 0).any()
        shaped = (rows[:, _SHAPED] != np.array(NEUTRAL)[_SHAPED]).any()
        smooth = (rows[:, _SMOOTHING] > 0).any()
        return _Turned(f[:, _GAIN] if shaped else None, f[:, _OFFSET] if shaped else None, f[:, _MIN],
                       f[:, _MAX], rows[:, _SMOOTHING] if smooth else None, f[:, _LIDS:] if moved else None)


@dataclass(frozen=True, slots=True)
class ControlState:
    """`line`: the numbers over time; `now`: those of `line.initial`.

    `time`, `shown`: the last frame before its lips were held, what smoothing goes on from.
    """

    line: Timeline
    now: _Turned
    time: float = 0.0
    shown: Any = None  # float64 [61], None before the first frame


class ControlLayer:
    """The last layer: frames float32 [n, 61] at known times in and out; needs nothing from the future."""

    def __init__(self, controls: Controls | None = None) -> None:
        self.controls = controls or Controls()

    def initial_state(self) -> ControlState:
        """Before the first frame."""
        line = Timeline(numbers(self.controls))
        return ControlState(line, _Turned.of(np.array([line.initial])))

    def told(self, state: ControlState, at_secs: float, controls: Controls, secs: float = 0.3
             ) -> ControlState:
        """From `at_secs` (not before what was drawn) the controls go over to `controls` within `secs`."""
        if not 0.0 <= secs <= LONGEST_CHANGE_SECS:
            raise ConfigError(f"{secs} seconds are no length of a change", where="controls",
                              fix=f"give 0 to {LONGEST_CHANGE_SECS:g} seconds")
        return replace(state, line=state.line.told(at_secs, secs, numbers(controls)))

    def step(self, frames: Array, times: Times, sealed: Array, state: ControlState
             ) -> tuple[Array, ControlState]:
        """`frames` turned at `times` (s, float64 [n]).

        sealed: how far speech holds the lips together, float32 [n] in [0, 1]; contacts may count as well.
        """
        if not len(times):
            return frames, state
        turned, line = self._at(times, state)
        out, shown = _shaped(frames, turned), None
        if turned.smoothing is not None:
            out, shown = _smoothed(out, times, turned.smoothing, state)
        last = np.asarray(out[-1], np.float64) if shown is None else shown
        if out is not frames:
            out = kept_sealed(out, frames, sealed, turned.low, turned.high)
        now = state.now if line is state.line or line.keys else _Turned.of(np.array([line.initial]))
        return out, ControlState(line, now, float(times[-1]), last)

    def _at(self, times: Times, state: ControlState) -> tuple[_Turned, Timeline]:
        """What is turned at `times`, and the timeline without what is over."""
        line = state.line
        if not line.keys or times[-1] < line.keys[0].start:
            return state.now, line
        key = line.keys[-1]
        rows, done = line.at(times), times >= key.start + key.secs
        rows[done] = key.after  # exactly, so that it makes no difference in which step a change ends
        return _Turned.of(rows), Timeline(key.after) if done[-1] else line.pruned(float(times[-1]))


def _shaped(frames: Array, turned: _Turned) -> Array:
    """Gain, offset and clamp of each curve, and the lids."""
    out = frames
    if turned.gain is not None and turned.offset is not None:
        out = np.minimum(np.maximum(frames * turned.gain + turned.offset, turned.low), turned.high)
    if turned.lids is None:
        return out
    out = out.copy() if out is frames else out
    blink, wide, droop = out[:, _BLINKS], np.maximum(turned.lids, 0), np.maximum(-turned.lids, 0)
    lowered = blink + droop * (1 - blink)  # open lids droop; what is shut stays shut
    raised = np.maximum(lowered - wide, 0) / (1 - wide)
    out[:, _WIDE] = np.minimum(out[:, _WIDE] + wide * (1 - raised), turned.high[:, _WIDE])
    out[:, _BLINKS] = np.minimum(np.maximum(raised, turned.low[:, _BLINKS]), turned.high[:, _BLINKS])
    return out


def _smoothed(frames: Array, times: Times, secs: Numbers, state: ControlState) -> tuple[Array, Numbers]:
    """One pole with the time constants `secs` [n or 1, 61]; also the last row, as float64."""
    columns = np.flatnonzero((secs > 0).any(0))
    x = frames[:, columns].astype(np.float64)
    y = x[0] if state.shown is None else state.shown[columns]
    steps = np.diff(times, prepend=times[0] if state.shown is None else state.time)[:, None]
    tau = np.maximum(secs[:, columns], 1e-9)
    share = np.where(secs[:, columns] > 0, -np.expm1(-steps / tau), 1.0)
    rows = np.empty_like(x)
    for k in range(len(x)):
        y = np.where(share[k] == 1.0, x[k], y + share[k] * (x[k] - y))
        rows[k] = y
    out = frames.copy()
    out[:, columns] = rows
    last = out[-1].astype(np.float64)
    last[columns] = y
    return out, last
