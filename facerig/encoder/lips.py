"""From the network's tracks to the mouth: shape, closures and rest put together, in millimetres.

A network that is unsure between an open and a closed mouth answers with a mouth ajar. So it does not decide
closures by itself: it gives the open shape and, apart from it, how surely the lips meet (p b m) or touch the
teeth (f v). Here

    - a seal cancels the jaw with mouthClose and takes out all that parts the lips,
    - a contact brings the lower lip up to the teeth and keeps the middle of the mouth apart,
    - any other sound keeps the lips at least `open_mm` apart, so that nothing seals by accident,
    - a closure once made is held `HOLD_KNOTS`, so that it meets a frame at 24 fps,
    - silence is the mouth at rest.

The numbers are tied to the shipped head's geometry (facerig.core.mouth) and tested there: a full seal lies
within the 1 mm in which lips count as closed, along the whole lip, whatever the shape underneath.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.mouth import mouth_geometry
from facerig.encoder.tracks import CURVE_TRACKS, N_CURVE_TRACKS, SPREAD, TRACKS

Array = NDArray[np.float32]

# knots are 10 ms
HOLD_KNOTS: Final = 5  # 42 ms is a frame at 24 fps
SEAL_FALL: Final = 0.35  # per knot: lips part within 30 ms of the burst
VOICE_RISE, VOICE_FALL = 0.34, 0.08  # per knot: 30 ms to wake, 125 ms to rest
RAMP: Final = 0.30  # of probability, from the first movement to a full closure
UNDECIDED: Final = 0.6  # most of a closure before it is decided: lips near, yet more than 1 mm apart
AWAKE_RAMP: Final = 0.3  # of probability, from rest to speech

# What a closure asks of each track: its value is brought between `least` and `most`; other tracks stay.
#                    least  most   why
SEALED: Final = {
    "jawOpen":        (0.00, 0.12),  # the jaw is high in p b m; mouthClose hides the rest
    "mouthFunnel":    (0.00, 0.00),  # all that parts the lips goes
    "mouthLowerDown": (0.00, 0.00),
    "mouthUpperUp":   (0.00, 0.00),
    "mouthShrugUpper": (0.00, 0.00),
    "tongueOut":      (0.00, 0.00),
    "mouthPucker":    (0.00, 0.70),  # rounding stays: a p before u is a rounded p
    "mouthRollLower": (0.00, 0.30),  # rolled further, the outer lips part
    "mouthPress":     (0.12, 0.20),  # lips meet firmly
}
CONTACT: Final = {
    "jawOpen":        (0.055, 0.06),  # the lower lip reaches the teeth
    "mouthRollLower": (0.34, 0.38),  # under their edge
    "mouthUpperUp":   (0.26, 0.35),  # the upper lip is out of the way: the mouth is not sealed
    "mouthFunnel":    (0.00, 0.00),
    "mouthLowerDown": (0.00, 0.00),
    "mouthPucker":    (0.00, 0.15),
    "mouthSmile":     (0.00, 0.10),
    "mouthStretch":   (0.00, 0.10),
    "mouthPress":     (0.00, 0.00),
    "mouthShrugUpper": (0.00, 0.10),
}


def _limits(closure: Mapping[str, tuple[float, float]]) -> tuple[Array, Array]:
    """Least and most of every curve track [N_CURVE_TRACKS], without bounds where the table says nothing."""
    rows = [closure.get(name, (-np.inf, np.inf)) for name in CURVE_TRACKS]
    return np.array([low for low, _ in rows], np.float32), np.array([high for _, high in rows], np.float32)


_SEALED_LIMITS, _CONTACT_LIMITS = _limits(SEALED), _limits(CONTACT)
_PROBABILITIES: Final = [TRACKS.index(name) for name in ("seal", "contact", "voice")]
_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
_SPREAD: Final = [(INDEX[curve], i) for i, track in enumerate(CURVE_TRACKS) for curve in SPREAD[track]]
_MOVED, _MOVED_BY = [curve for curve, _ in _SPREAD], [i for _, i in _SPREAD]


@dataclass(frozen=True, slots=True, kw_only=True)
class LipSettings:
    """How the closures are decided.

    seal_on, contact_on: probability at which a closure is complete; lower seals more p/b/m and more of what
        should stay open. Chosen on validation speakers, never on the development test.
    voice_on: probability of speech at which the mouth moves fully.
    open_mm: least gap of the lips in speech that asks for no closure.
    strength: factor on the open shape. A network trained to be right on average moves less than a face does,
        so more than 1; closures do not depend on it.
    """

    seal_on: float = 0.5
    contact_on: float = 0.4
    voice_on: float = 0.75
    open_mm: float = 2.4
    strength: float = 1.25


@dataclass(frozen=True, slots=True)
class LipState:
    """`seal`, `contact`, `voice`: activations after the last knot; `*_held`: knots a closure still stays."""

    seal: float = 0.0
    contact: float = 0.0
    voice: float = 0.0
    seal_held: int = 0
    contact_held: int = 0


def _closure(p: float, on: float, last: float, held: int) -> tuple[float, int]:
    """Activation of a closure from its probability, with hold and a limited release."""
    wanted = min(1.0, max(0.0, (p - on) / RAMP + 1.0))
    if wanted >= 1.0:
        return 1.0, max(held - 1, 0) if last >= 1.0 else HOLD_KNOTS - 1
    if held > 0:
        return 1.0, held - 1
    return max(min(wanted, UNDECIDED), last - SEAL_FALL), 0


class LipDecoder:
    """Stage: tracks float32 [n, len(TRACKS)] at 100 Hz in, canonical curves float32 [n, 61] out."""

    lookahead_secs = Fraction(0)

    def __init__(self, settings: LipSettings | None = None) -> None:
        self.settings = settings or LipSettings()
        gap = mouth_geometry().gap
        self._parting = [i for i in sorted((*_MOVED, _CLOSE)) if np.any(gap[i])]  # or closes the lips
        self._parting_mm = gap[self._parting]
        self._jaw_mm = gap[_JAW]

    def initial_state(self) -> LipState:
        """A mouth at rest."""
        return LipState()

    def step(self, tracks: Array, state: LipState) -> tuple[Array, LipState]:
        """float32 [n, len(TRACKS)] -> float32 [n, 61]."""
        seal, contact, voice, state = self._activations(tracks, state)
        return self._curves(tracks[:, :N_CURVE_TRACKS], seal, contact, voice), state

    def flush(self, state: LipState) -> tuple[Array, LipState]:
        """Nothing is held back."""
        return np.zeros((0, N_CHANNELS), np.float32), state

    def _activations(self, tracks: Array, state: LipState) -> tuple[Array, Array, Array, LipState]:
        """Seal, contact and voice in [0, 1] at each knot [n]."""
        on = self.settings
        seal, contact, voice = state.seal, state.contact, state.voice
        seal_held, contact_held = state.seal_held, state.contact_held
        out = np.zeros((3, len(tracks)), np.float32)
        for k, (p_seal, p_contact, p_voice) in enumerate(tracks[:, _PROBABILITIES].tolist()):
            awake = min(1.0, max(0.0, (p_voice - on.voice_on) / AWAKE_RAMP + 1.0))
            voice = min(voice + VOICE_RISE, max(voice - VOICE_FALL, awake))
            seal, seal_held = _closure(p_seal, on.seal_on, seal, seal_held)
            contact, contact_held = _closure(p_contact, on.contact_on, contact, contact_held)
            out[:, k] = seal, contact * (1.0 - seal), voice
        return out[0], out[1], out[2], LipState(seal, contact, voice, seal_held, contact_held)

    def _curves(self, shape: Array, seal: Array, contact: Array, voice: Array) -> Array:
        """The mouth from its open shape and its closures; elementwise, so any split gives the same bits."""
        t = np.clip(shape * np.float32(self.settings.strength), 0.0, 1.0) * voice[:, None]
        seal, contact = seal * voice, contact * voice
        for (least, most), activation in ((_CONTACT_LIMITS, contact), (_SEALED_LIMITS, seal)):
            t += activation[:, None] * (np.clip(t, least, most) - t)
        values = np.zeros((len(t), N_CHANNELS), np.float32)
        values[:, _MOVED] = t[:, _MOVED_BY]
        values[:, _CLOSE] = seal * values[:, _JAW]
        self._keep_open(values, np.asarray(voice * (1.0 - seal) * (1.0 - contact), np.float32))
        return values

    def _keep_open(self, values: Array, free: Array) -> None:
        """Open the jaw where speech without a closure leaves the lips nearer than `open_mm`."""
        # a sum in a fixed order, not a matrix product, whose last bit depends on how many knots there are
        gaps = (values[:, self._parting, None] * self._parting_mm).sum(1)
        wanted = self.settings.open_mm * free
        jaw_more = ((wanted[:, None] - gaps) / self._jaw_mm).min(1)  # until the first pair is that far apart
        values[:, _JAW] += np.clip(jaw_more, 0.0, None).astype(np.float32)
