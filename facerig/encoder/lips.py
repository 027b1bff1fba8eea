"""From the network's tracks to the mouth: shape, closures and rest put together, in millimetres.

A network that is unsure between an open and a closed mouth answers with a mouth ajar. So it does not decide
closures by itself: it gives the open shape and, apart from it, how surely the lips meet (p b m) or touch the
teeth (f v). Here

    - a seal cancels the jaw with mouthClose and takes out all that parts the lips; silence behind it (p, b)
      presses the lips and gives the cheeks a little,
    - a contact brings the lower lip up to the teeth and keeps the middle of the mouth apart,
    - any other sound keeps the lips at least `open_mm` apart, so that nothing seals by accident,
    - a closure once made is held, so that it meets a frame at 24 fps,
    - the tongue stays behind the teeth or goes between them, never through,
    - silence is the mouth at rest, and so is hush that lasts, though the network still expects speech.

The tables stand in `closures` and `opening`. Their numbers are tied to the shipped head's geometry
(facerig.core.mouth) and tested there: a full seal lies within the 1 mm in which lips count as closed, along
the whole lip, whatever the shape underneath.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.cues import LIP_CUES
from facerig.core.mouth import mouth_geometry
from facerig.encoder import closures
from facerig.encoder.closures import CONTACT, SEALED, Breath, Counts, Floats, limits
from facerig.encoder.opening import opened, tongue_room
from facerig.encoder.tracks import CURVE_TRACKS, N_CURVE_TRACKS, SPREAD, TRACKS

Array = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]

VOICE_RISE, VOICE_FALL = 0.34, 0.08  # per knot of 10 ms: 30 ms to wake, 125 ms to rest
TALK_RISE, TALK_FALL = 0.07, 0.02  # the cue `talking`: 150 ms and half a second
AWAKE_RAMP: Final = 0.3  # of probability, from rest to speech
# Hush that lasts longer than any closure (p t k: up to 0.15 s) is a pause, unless the network is quite sure:
# a vowel may trail off. Left alone, it expects speech for up to a second more, and the mouth hangs open.
HUSHED: Final = 0.7  # of hush: 21 dB under the voice just heard
PAUSE_KNOTS: Final = 18
SURE_ON, SURE_RAMP = 0.98, 0.06  # voice_on and AWAKE_RAMP then

_SEALED_LIMITS, _CONTACT_LIMITS = limits(SEALED), limits(CONTACT)
_SEAL, _CONTACT, _VOICE = (TRACKS.index(name) for name in ("seal", "contact", "voice"))
_JAW, _CLOSE, _TONGUE = INDEX["jawOpen"], INDEX["mouthClose"], INDEX["tongueOut"]
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
    effort: how far whispers and shouts scale the open shape; 0 leaves it alone.
    sharpen: bring the edges of closures nearer to their peak, from the past alone; off for the offline
        encoder, which has done so with its seals, knowing the future.
    """

    seal_on: float = 0.5
    contact_on: float = 0.4
    voice_on: float = 0.75
    open_mm: float = 2.4
    strength: float = 1.25
    effort: float = 1.0
    sharpen: bool = True


@dataclass(frozen=True, slots=True)
class LipState:
    """Of S streams. `seal`, `contact`, `voice` [S], `breath`: after the last knot; `*_held` [S]: knots a
    closure still stays.

    `shape` [S, N_CURVE_TRACKS]: the open shape that the network gave for the last knot; `hushed` [S]: knots
    of hush on end, up to PAUSE_KNOTS; `seals`, `contacts` [S, PEAK_KNOTS]: the last probabilities of either;
    `talking` [S]: the cue of that name.
    """

    seal: Floats
    contact: Floats
    voice: Floats
    breath: Breath
    seal_held: Counts
    contact_held: Counts
    hushed: Counts
    shape: Array
    seals: Array
    contacts: Array
    talking: Floats


class LipDecoder:
    """Stage: tracks float32 [n, len(TRACKS)] at 100 Hz in, canonical curves float32 [n, 61] out.

    Two more columns may follow the tracks: speech effort in [-1, 1] and hush in [0, 1], as the features give
    them. Without them speech is of normal effort, and no closure is known to be silent.
    """

    lookahead_secs = Fraction(0)

    def __init__(self, settings: LipSettings | None = None) -> None:
        self.settings = settings or LipSettings()
        gap = mouth_geometry().gap
        self._parting = [i for i in sorted({*_MOVED, _CLOSE, closures.CHIN, closures.PUFF}) if np.any(gap[i])]
        self._parting_mm = gap[self._parting]
        self._jaw_mm = gap[_JAW]

    def initial_state(self, streams: int = 1) -> LipState:
        """Mouths at rest."""
        still, none = np.zeros(streams), np.zeros(streams, np.int64)
        unlikely = np.zeros((streams, closures.PEAK_KNOTS), np.float32)
        return LipState(still, still, still, closures.rest(streams), none, none, none,
                        np.zeros((streams, N_CURVE_TRACKS), np.float32), unlikely, unlikely, still)

    def step(self, tracks: Array, state: LipState) -> tuple[Array, LipState]:
        """float32 [n, len(TRACKS) (+ 2)] -> float32 [n, 61]."""
        curves, _, state = self.decode(tracks[None], state)
        return curves[0], state

    def decode(self, tracks: Array, state: LipState) -> tuple[Array, Array, LipState]:
        """Tracks of S streams [S, n, len(TRACKS) (+ 2)] -> their curves [S, n, 61], and beside them the cues
        LIP_CUES, float32 [S, n, 4]."""
        if tracks.shape[2] == len(TRACKS):
            tracks = np.pad(tracks, ((0, 0), (0, 0), (0, 2)))
        streams, n, _ = tracks.shape
        if not n:
            empty = np.zeros((streams, 0, N_CHANNELS), np.float32)
            return empty, np.zeros((streams, 0, len(LIP_CUES)), np.float32), state
        shape, effort, hush = tracks[:, :, :N_CURVE_TRACKS], tracks[:, :, -2], tracks[:, :, -1]
        before = np.concatenate([state.shape[:, None], shape[:, :-1]], 1)
        told, state = self._activations(tracks, hush, state)
        seal, contact, voice, _, talking = told
        smooth = (before + shape) * 0.5  # a network's two knots of a step alternate; 5 ms later is not late
        flat = (row.reshape(streams * n) for row in (effort * self.settings.effort, *told[:4]))
        curves = self._curves(smooth.reshape(streams * n, -1), *flat)
        return curves.reshape(streams, n, -1), np.stack([seal, contact * voice, voice, talking], 2), state

    def flush(self, state: LipState) -> tuple[Array, LipState]:
        """Nothing is held back."""
        return np.zeros((0, N_CHANNELS), np.float32), state

    def _activations(self, tracks: Array, hush: Array, state: LipState) -> tuple[Array, LipState]:
        """Seal, contact, voice, pressure and talking in [0, 1] at each knot [5, S, n]."""
        on = self.settings
        seal, contact, voice, talking = state.seal, state.contact, state.voice, state.talking
        breath = state.breath
        seal_held, contact_held, hushed = state.seal_held, state.contact_held, state.hushed
        out = np.zeros((5, *tracks.shape[:2]), np.float32)
        p_seals, seals = self._counted(tracks[:, :, _SEAL], state.seals, on.seal_on)
        p_contacts, contacts = self._counted(tracks[:, :, _CONTACT], state.contacts, on.contact_on)
        columns = p_seals, p_contacts, tracks[:, :, _VOICE], hush
        knots = np.array(columns, np.float64).transpose(2, 0, 1)
        for k, (p_seal, p_contact, p_voice, silent) in enumerate(knots):
            hushed = np.where(seal >= 1.0, hushed,  # a closure is silent too, and no pause
                              np.where(silent >= HUSHED, np.minimum(hushed + 1, PAUSE_KNOTS), 0))
            pausing = hushed >= PAUSE_KNOTS
            voice_on, ramp = np.where(pausing, SURE_ON, on.voice_on), np.where(pausing, SURE_RAMP, AWAKE_RAMP)
            awake = np.minimum(np.maximum((p_voice - voice_on) / ramp + 1.0, 0.0), 1.0)
            voice = _towards(awake, voice, VOICE_RISE, VOICE_FALL)
            talking = _towards(voice, talking, TALK_RISE, TALK_FALL)
            seal, seal_held = closures.closure(p_seal, on.seal_on, seal, seal_held)
            contact, contact_held = closures.closure(p_contact, on.contact_on, contact, contact_held)
            breath = breath.after(seal, silent)
            out[:, :, k] = seal, contact * (1.0 - seal), voice, breath.pressure, talking
        shape = tracks[:, -1, :N_CURVE_TRACKS].copy()
        return out, LipState(seal, contact, voice, breath, seal_held, contact_held, hushed, shape, seals,
                             contacts, talking)

    def _counted(self, p: Array, before: Array, on: float) -> tuple[Array, Array]:
        """Probabilities of a closure as they count [S, n], and the last ones as they came."""
        kept = np.concatenate([before, p], 1)[:, -closures.PEAK_KNOTS :].copy()
        return closures.sharpened(p, before, on) if self.settings.sharpen else p, kept

    def _curves(self, shape: Array, effort: Array, seal: Array, contact: Array, voice: Array, pressure: Array
                ) -> Array:
        """The mouth from its open shape and its closures; elementwise, so any split gives the same bits."""
        t = opened(shape, self.settings.strength, effort) * voice[:, None]
        free, firm = voice * (1.0 - seal) * (1.0 - contact), closures.firm(seal)
        seal, contact = seal * voice, contact * voice
        for (least, most), activation in ((_CONTACT_LIMITS, contact), (_SEALED_LIMITS, seal)):
            t += activation[:, None] * (np.minimum(np.maximum(t, least), most) - t)
        values = np.zeros((len(t), N_CHANNELS), np.float32)
        values[:, _MOVED] = t[:, _MOVED_BY]
        values[:, _CLOSE] = seal * values[:, _JAW]
        values[:, closures.CHIN] = firm * voice * closures.SEALED_CHIN + contact * closures.CONTACT_CHIN
        values[:, closures.PUFF] = pressure * voice * closures.PRESSURE_PUFF
        values[:, closures.PRESSED] += (pressure * seal * closures.PRESSURE_PRESS)[:, None]
        self._keep_open(values, free, firm)
        values[:, _TONGUE] = tongue_room(values[:, _TONGUE], values[:, _JAW] - values[:, _CLOSE])
        return values

    def _keep_open(self, values: Array, free: Numbers, firm: Numbers) -> None:
        """Open the jaw where speech without a firm closure leaves the lips nearer than `open_mm`."""
        # a sum in a fixed order, not a matrix product, whose last bit depends on how many knots there are
        gaps = (values[:, self._parting, None] * self._parting_mm).sum(1)
        wanted = self.settings.open_mm * free
        jaw_more = ((wanted[:, None] - gaps) / self._jaw_mm).min(1)  # until the first pair is that far apart
        values[:, _JAW] += np.maximum(jaw_more, 0) * (1 - firm)


def _towards(wanted: Floats, last: Floats, rise: float, fall: float) -> Floats:
    """`last` on its way to `wanted`, by at most `rise` or `fall` a knot."""
    return np.asarray(np.minimum(last + rise, np.maximum(last - fall, wanted)))
