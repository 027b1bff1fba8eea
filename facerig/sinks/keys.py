"""Keys for animators: the frames at which a curve is written. Straight lines between them look the same.

    kept_keys(clip, info)         frames of each curve
    shared_keys(clip, info)       the same frames for all curves, for formats with one time axis
    kept_angles(radians, info)    frames of each angle of a joint; ANGLES is for heads, EYES for eyes
    kept_turns(rotations, info)   frames of a joint that turns as a quaternion

`clip` is the whole clip (all pieces joined) with the face behind it. Measured in millimetres on the
shipped head (`core.mouth`), at every frame: the gap of the lips and the teeth's distance change by at most
`info.tolerance_mm`; what is sealed stays sealed, what is not does not seal, touching lips stay together, a
lip at the teeth stays there, and a shut eye stays shut. Each of these events has a key where it begins, is
deepest, and ends. Between frames lines are straight, so whatever samples them anew, at any rate, finds the
same.

Of a rig whose curves look like canonical ones (`CurveInfo.pose`) all this is measured. Other curves are held
to a share of their range, to a fifth of it while an event lasts, and have a key at every event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.sinks.exporter import TOLERANCE_MM, ExportInfo
from facerig.sinks.thinning import Limits, thinned, thinned_together, thinned_turns, without_level

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Offsets = NDArray[np.intp]

# What may change at the usual tolerance of 0.3 mm; another tolerance scales it.
SHARE: Final = 0.015  # of a shape's range: on the shipped head, only jaw and tongue move a point by 20 mm
UNSEEN_SHARE: Final = 0.0075  # of the range of a curve that has no pose, or of what the clip uses of it
EVENT_SHARE: Final = 0.2  # of that, of such a curve while lips are sealed or at the teeth, or an eye is shut
HEAD_DEGREES: Final = 0.08  # 0.3 mm at the crown, 200 mm from the neck's pivot
EYES_DEGREES: Final = 0.25  # people notice turns from about 1 degree (Gibson & Pick 1963, Cline 1967)

# Events on the shipped head, mm and shares, as lips and lids are judged.
SEAL_MM: Final = 1.0  # lips that near look shut
TOUCH_MM: Final = 0.0  # lips that meet,
SLIVER_MM: Final = 0.05  # and what nobody sees between them
CONTACT_MM: Final = 2.5  # lower lip to the edge of the upper teeth,
APART_MM: Final = 1.2  # while the lips are so far apart
SHUT: Final = 0.9  # of a lid's way: a full blink
SAFE: Final = 1e-3  # mm and shares: a file's rounding stays on the right side of each limit
MOVES_MM: Final = 1.0  # over its range: a curve that moves the lips by less needs no key at their events
NEVER: Final = 1e9  # a bound that is none

BLOCK_FRAMES: Final = 4096  # at a time, for hours of frames
MIDDLE: Final = 2  # the pair of lip points on the face's midline
N_LIPS: Final = 6  # measures: five gaps, the teeth
BLINKS: Final = tuple(INDEX[name] for name in ("eyeBlinkLeft", "eyeBlinkRight"))


def kept_keys(clip: CurveClip, info: ExportInfo) -> list[Offsets]:
    """Frame offsets in ascending order, for each column of `clip`; first and last frame always."""
    if info.every_frame or len(clip) < 3:
        return [np.arange(len(clip)) for _ in clip.names]
    kept = np.zeros((len(clip.names), len(clip)), np.bool_)
    for values, limits, part in _blocks(clip, info):
        kept[:, part] |= thinned(values, limits)
    kept = without_level(clip.values.T, kept)  # blocks end with a key of every curve
    return [np.flatnonzero(row) for row in kept]


def shared_keys(clip: CurveClip, info: ExportInfo) -> Offsets:
    """Frame offsets in ascending order that serve all columns of `clip`; first and last frame always."""
    if info.every_frame or len(clip) < 3:
        return np.arange(len(clip))
    kept = np.zeros(len(clip), np.bool_)
    for values, limits, part in _blocks(clip, info):
        kept[part] |= thinned_together(values, limits)
    return np.flatnonzero(kept)


def kept_angles(radians: NDArray[np.floating], info: ExportInfo, degrees: float = HEAD_DEGREES
                ) -> list[Offsets]:
    """Frame offsets for each column of `radians` [T, n].

    `degrees` is what an angle may change at a tolerance of 0.3 mm; give EYES_DEGREES for eyes.
    """
    n_frames, n = radians.shape
    if info.every_frame or n_frames < 3:
        return [np.arange(n_frames) for _ in range(n)]
    values = np.asarray(radians, np.float64).T
    kept = np.zeros(values.shape, np.bool_)
    for part in _parts(n_frames):
        size = part.stop - part.start
        kept[:, part] |= thinned(values[:, part], Limits(
            each=np.full((n, 1), np.radians(degrees) * _scale(info)), sums=np.zeros((n, 0)),
            below=np.zeros((0, size)), above=np.zeros((0, size)), needed=np.zeros((n, size), np.bool_)))
    return [np.flatnonzero(row) for row in without_level(values, kept)]


def kept_turns(rotations: NDArray[np.floating], info: ExportInfo, degrees: float = HEAD_DEGREES) -> Offsets:
    """Frame offsets for a joint's unit quaternions [T, 4]: slerp between them stays within `degrees`."""
    n_frames = len(rotations)
    if info.every_frame or n_frames < 3:
        return np.arange(n_frames)
    kept = np.zeros(n_frames, np.bool_)
    for part in _parts(n_frames):
        turns = np.asarray(rotations[part], np.float64)
        kept[part] |= thinned_turns(turns, np.radians(degrees) * _scale(info))
    return np.flatnonzero(kept)


# --- what may change


def _scale(info: ExportInfo) -> float:
    return info.tolerance_mm / TOLERANCE_MM


def _parts(n_frames: int) -> list[slice]:
    """Blocks that share their outermost frames, at least two frames each."""
    starts = range(0, max(n_frames - 1, 1), BLOCK_FRAMES)
    return [slice(start, min(start + BLOCK_FRAMES + 1, n_frames)) for start in starts]


def _blocks(clip: CurveClip, info: ExportInfo) -> Iterator[tuple[Array, Limits, slice]]:
    """Values [C, n], what may change in them, and where they stand, block by block."""
    curves, face = _Curves.of(clip, info), clip.face_values
    events = _Events.of(face, known=any(name in INDEX for name in clip.canonical.names))
    for part in _parts(len(clip)):
        values = clip.values[part].T.astype(np.float64)
        below, above = _bounds(face[part].astype(np.float64), info)
        flat = np.ones(values.shape, np.bool_)
        flat[:, 1:] &= values[:, 1:] == values[:, :-1]
        flat[:, :-1] &= values[:, :-1] == values[:, 1:]
        needed = (curves.lips[:, None] & events.lips[part]) | (curves.lids[:, None] & events.lids[part])
        share = np.where(~curves.seen[:, None] & events.lasting[part], EVENT_SHARE, 1.0)
        yield values, Limits(each=curves.each[:, None] * share, sums=curves.sums, below=below, above=above,
                             needed=needed & ~flat), part


@dataclass(frozen=True, slots=True)
class _Curves:
    """The curves of a clip: how much each may change [C], what a unit of it does to gaps, teeth and lids
    [C, 8], whether its looks are known, and whether it has keys at the events of lips and of lids [C]."""

    each: Array
    sums: Array
    seen: Mask
    lips: Mask
    lids: Mask

    @classmethod
    def of(cls, clip: CurveClip, info: ExportInfo) -> _Curves:
        poses, seen = _poses(clip.names, info)
        sums = poses @ _MEASURES
        span = np.array([info.curve(name).high - info.curve(name).low for name in clip.names])
        moves = np.abs(sums) * span[:, None]
        lids = np.abs(poses[:, BLINKS]).max(1, initial=0.0) > 0
        lips = moves[:, :N_LIPS].max(1, initial=0.0) >= MOVES_MM
        each = np.where(seen, _angles_or_shares(poses, span), UNSEEN_SHARE * np.minimum(span, _used(clip)))
        return cls(each * _scale(info), sums, seen, ~seen | lips, ~seen | lids)


def _measures() -> Array:
    """What a unit of each canonical curve does [61, 8]: five gaps and the teeth in mm, the lids."""
    mouth = mouth_geometry()
    lids = np.zeros((N_CHANNELS, len(BLINKS)))
    lids[BLINKS, range(len(BLINKS))] = 1.0
    return np.asarray(np.concatenate([mouth.gap, mouth.teeth[:, None], lids], axis=1))


_MEASURES: Final = _measures()
# How much of each canonical curve may change: shapes as a share, head and eyes in radians
_CANONICAL: Final = np.array([SHARE if name in SHAPE_NAMES else
                              np.radians(HEAD_DEGREES if name.startswith("head") else EYES_DEGREES)
                              for name in INDEX])


def _poses(names: tuple[str, ...], info: ExportInfo) -> tuple[Array, Mask]:
    """What the curves look like at 1 [C, 61], and of which that is known [C]."""
    poses, seen = np.zeros((len(names), N_CHANNELS)), np.zeros(len(names), np.bool_)
    for row, name in enumerate(names):
        pose = info.curve(name).pose
        seen[row] = pose is not None
        for source, value in (pose or {}).items():
            poses[row, INDEX[source]] = value
    return poses, seen


def _angles_or_shares(poses: Array, span: Array) -> Array:
    """How much curves with a pose may change: no canonical curve by more than it may itself."""
    size = np.abs(poses)
    with np.errstate(divide="ignore"):
        least = np.where(size > 0, _CANONICAL / size, np.inf).min(1, initial=np.inf)
    return np.asarray(np.minimum(least, SHARE * span))


def _used(clip: CurveClip) -> Array:
    """How much of its range each curve uses [C]."""
    return np.asarray(clip.values.max(0) - clip.values.min(0), np.float64)


# --- lips and lids


def _bounds(face: Array, info: ExportInfo) -> tuple[Array, Array]:
    """How far gaps, teeth and lids may fall and rise [8, n] at each frame of a canonical `face` [n, 61]."""
    measured: Array = face @ _MEASURES
    measured[:, N_LIPS - 1] += mouth_geometry().rest_teeth
    gaps, teeth, lids = measured[:, :N_LIPS - 1], measured[:, N_LIPS - 1], measured[:, N_LIPS:]
    below, above = (np.full(measured.shape, info.tolerance_mm) for _ in range(2))
    below[:, N_LIPS:], above[:, N_LIPS:] = NEVER, NEVER
    sealed, contact, touching = _sealed(gaps), _contact(gaps, teeth), gaps.max(1) <= TOUCH_MM
    rise = above[:, :N_LIPS - 1]
    rise[sealed] = np.minimum(rise[sealed], SEAL_MM - SAFE - gaps[sealed])
    rise[touching] = np.minimum(rise[touching], TOUCH_MM + SLIVER_MM - gaps[touching])
    parted, widest = np.flatnonzero(~sealed), gaps.argmax(1)[~sealed]
    below[parted, widest] = np.minimum(info.tolerance_mm, gaps[parted, widest] - SEAL_MM - SAFE)
    above[contact, N_LIPS - 1] = np.minimum(info.tolerance_mm, CONTACT_MM - SAFE - teeth[contact])
    below[contact, MIDDLE] = np.minimum(below[contact, MIDDLE], gaps[contact, MIDDLE] - APART_MM - SAFE)
    below[:, N_LIPS:][lids >= SHUT] = (lids - SHUT - SAFE)[lids >= SHUT]
    return below.T.clip(0.0), above.T.clip(0.0)


def _sealed(gaps: Array) -> Mask:
    return np.asarray(gaps.max(1) <= SEAL_MM)


def _contact(gaps: Array, teeth: Array) -> Mask:
    return np.asarray((teeth <= CONTACT_MM) & (gaps[:, MIDDLE] >= APART_MM))


@dataclass(frozen=True, slots=True)
class _Events:
    """Frames at which a seal or a contact, and at which a full blink, begins, is deepest or ends [T]; and all
    while one lasts."""

    lips: Mask
    lids: Mask
    lasting: Mask

    @classmethod
    def of(cls, face: NDArray[np.floating], *, known: bool) -> _Events:
        if not known:
            return cls(*np.zeros((3, len(face)), np.bool_))
        mouth = mouth_geometry()
        gaps, teeth = mouth.gaps_mm(face), mouth.teeth_mm(face)
        sealed, contact = _sealed(gaps), _contact(gaps, teeth)
        lips = _landmarks(sealed, -gaps.max(1)) | _landmarks(contact, -teeth)
        lids = np.zeros(len(face), np.bool_)
        for lid in BLINKS:
            lids |= _landmarks(face[:, lid] >= SHUT, face[:, lid])
        return cls(lips, lids, sealed | contact | (face[:, BLINKS] >= SHUT).any(1))


def _landmarks(event: Mask, depth: NDArray[np.floating]) -> Mask:
    """First, deepest and last frame of each stretch of `event` [T]."""
    out = np.zeros(len(event), np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], event, [False])).astype(np.int8)))
    for start, stop in edges.reshape(-1, 2).tolist():
        out[[start, start + int(depth[start:stop].argmax()), stop - 1]] = True
    return out
