"""A model in FLAME's file layout with known answers, for tests and figures: FLAME's licence keeps the real
one out.

    python -m tools.flame_stand_in generic_model.pkl [--ict ict_facekit.npz]

Another face than the one that rigs are fitted from (the shipped male head), another topology (two points
of three are merged away), metres, a jaw that turns by skinning with pose correctives, and expressions that
are mixtures of ARKit's shapes. What each ARKit shape does on its points is known exactly.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from facerig.mesh.head import Head, Part, shipped_head
from tools.ict_head import ict_head

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS: Final = 9  # of merging; each takes about an eighth of the points away
N_EXPRESSIONS: Final = 100
N_MIXED: Final = 50  # of them are made of ARKit's shapes, the rest of noise
JAW_OPEN_RADIANS: Final = 0.42  # of jawOpen at 1
STEP_MM: Final = 2.0  # what a unit of an expression moves, about
METRES: Final = 1e-3
# Shapes whose movement of the skin is nothing or next to nothing; left out of the mixtures
_LEFT_OUT: Final = ("tongueOut", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight")
_JAW_TURNS: Final = {"jawOpen": (JAW_OPEN_RADIANS, 0.0, 0.0),
                     "jawLeft": (0.0, 0.09, 0.0), "jawRight": (0.0, -0.09, 0.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """The model and its answers. `arrays`: FLAME's, by name; `truth` [52, N, 3] mm: what each ARKit shape at
    1 does; `shape_names`; `skin` [S]: which points of the head the first S are."""

    arrays: dict[str, Any]
    truth: Array
    shape_names: tuple[str, ...]
    skin: Ints


def stand_in(seed: int = 1, rounds: int = ROUNDS, head: Head | None = None) -> StandIn:
    """The model of `head` (None: the shipped male one); the same for the same seed. More `rounds`, fewer
    points."""
    rng = np.random.default_rng(seed)
    head = head or shipped_head("male")
    skin = np.flatnonzero(head.parts == Part.SKIN)
    kept, triangles = _merged(head.rest[skin], _within(head.triangles, skin, len(head.rest)), rng, rounds)
    skin = skin[kept]
    points, triangles, eyes = _with_eyes(head, skin, triangles, rng, rounds)
    deltas = head.deltas.reshape(len(head.shape_names), -1, 3)[:, skin].astype(np.float64)
    truth = np.zeros((len(deltas), len(points), 3))
    truth[:, :len(skin)] = deltas
    weights = _weights(head, skin, truth[head.shape_names.index("jawOpen"), :len(skin)], eyes, len(points))
    joints = _joints(points, eyes)
    poses = _pose_directions(points, weights, rng)
    names = head.shape_names
    rest = truth.copy()
    for name, turn in _JAW_TURNS.items():
        rest[names.index(name)] -= _turned_jaw(points, joints, weights, poses, np.array(turn)) - points
    arrays = {
        "v_template": points * METRES, "f": triangles.astype(np.uint32), "weights": weights,
        "shapedirs": _directions(rest, names, points, rng) * METRES, "posedirs": poses * METRES,
        "J_regressor": joints, "kintree_table": np.array([[2**32 - 1, 0, 1, 1, 1], range(5)], np.uint32)}
    return StandIn(arrays=arrays, truth=truth, shape_names=names, skin=skin)


def write(path: Path, model: StandIn) -> None:
    """As FLAME 2020 comes: pickled, some arrays inside objects of chumpy, the regressor as a sparse
    matrix."""
    module = types.ModuleType("chumpy.ch")

    class Ch:
        pass

    Ch.__module__, Ch.__qualname__ = "chumpy.ch", "Ch"
    module.Ch = Ch  # type: ignore[attr-defined]
    before = {name: sys.modules.get(name) for name in ("chumpy", "chumpy.ch")}
    sys.modules.update({"chumpy": types.ModuleType("chumpy"), "chumpy.ch": module})
    try:
        stored = dict(model.arrays)
        for name in ("v_template", "shapedirs"):
            wrapped = Ch()
            wrapped.__dict__.update(x=model.arrays[name], _dirty_vars=set(), _itr=None)
            stored[name] = wrapped
        stored["J_regressor"] = sparse.csc_matrix(model.arrays["J_regressor"])
        stored["bs_style"] = "lbs"
        path.write_bytes(pickle.dumps(stored, protocol=2))
    finally:
        for name, was in before.items():
            if was is None:
                del sys.modules[name]
            else:
                sys.modules[name] = was


# --- mesh


def _within(triangles: NDArray[Any], points: Ints, count: int) -> Ints:
    place = np.full(count, -1)
    place[points] = np.arange(len(points))
    inner = place[triangles.astype(np.int64)]
    return np.asarray(inner[(inner >= 0).all(1)])


def _merged(points: NDArray[Any], triangles: Ints, rng: np.random.Generator, rounds: int
            ) -> tuple[Ints, Ints]:
    """Fewer points in another net: in each round edges that do not touch each other shrink to one of their
    ends.

    Returns the points that are kept, and the triangles between them.
    """
    for _ in range(rounds):
        sides = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1)
        edges, counts = np.unique(sides, axis=0, return_counts=True)
        rim = np.zeros(len(points), bool)
        rim[edges[counts == 1].ravel()] = True
        around: list[list[int]] = [[] for _ in range(len(points))]
        for t, corners in enumerate(triangles.tolist()):
            for corner in corners:
                around[corner].append(t)
        ring: list[set[int]] = [set() for _ in range(len(points))]
        for a, b in edges.tolist():
            ring[a].add(b)
            ring[b].add(a)
        goes_to, taken = np.arange(len(points)), rim.copy()
        length = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
        for a, b in edges[np.argsort(length * rng.uniform(0.8, 1.25, len(edges)))].tolist():
            shared = ring[a] & ring[b]
            if taken[a] or taken[b] or len(shared) != 2 or _folds(points, triangles[around[b]], a, b):
                continue
            goes_to[b] = a
            taken[list(ring[a] | ring[b])] = True
        triangles = goes_to[triangles]
        t = triangles
        triangles = t[(t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 0] != t[:, 2])]
    kept = np.unique(triangles)
    place = np.full(len(points), -1)
    place[kept] = np.arange(len(kept))
    return kept, np.asarray(place[triangles])


def _folds(points: NDArray[Any], triangles: Ints, kept: int, gone: int) -> bool:
    """Whether one of the `triangles` around the point `gone` turns over when it moves to `kept`."""
    left = triangles[(triangles != kept).all(1)]
    before, after = (points[np.where(left == gone, to, left)] for to in (gone, kept))
    facing = [np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]) for p in (before, after)]
    size = np.linalg.norm(facing[0], axis=1) * np.linalg.norm(facing[1], axis=1)
    return bool(((facing[0] * facing[1]).sum(1) < 0.3 * size).any())


def _with_eyes(head: Head, skin: Ints, triangles: Ints, rng: np.random.Generator, rounds: int
               ) -> tuple[Array, Ints, tuple[Ints, Ints]]:
    """Skin and eyeballs as one mesh, and which points are which eye's."""
    points, nets, at = [skin], [triangles], len(skin)
    eyes = []
    for eye in head.eyes:
        ball = eye.points.astype(np.int64)
        kept, net = _merged(head.rest[ball], _within(head.triangles, ball, len(head.rest)), rng, rounds)
        points.append(ball[kept])
        nets.append(net + at)
        eyes.append(np.arange(at, at + len(kept)))
        at += len(kept)
    places = head.rest[np.concatenate(points)].astype(np.float64)
    return places - places[:len(skin)].mean(0), np.concatenate(nets), (eyes[0], eyes[1])


# --- joints and skinning


def _weights(head: Head, skin: Ints, jaw_open: Array, eyes: tuple[Ints, Ints], count: int) -> Array:
    """[N, 5]: the jaw holds what jawOpen moves, the neck turns what the head turns."""
    out = np.zeros((count, 5))
    jaw = np.linalg.norm(jaw_open, axis=1)
    jaw = np.clip(1.4 * jaw / jaw.max(), 0, 1)
    follow = head.follow[skin]
    out[:len(skin), 0] = 1 - follow
    out[:len(skin), 1] = follow * (1 - jaw)
    out[:len(skin), 2] = follow * jaw
    for joint, eye in zip((3, 4), eyes, strict=True):
        out[eye, joint] = 1
    return out


def _joints(points: Array, eyes: tuple[Ints, Ints]) -> Array:
    """Regressor [5, N]: means of points. The jaw turns below and behind the eyes, before the ears."""
    out = np.zeros((5, len(points)))
    centre = np.array([points[eye].mean(0) for eye in eyes])
    unit = float(np.linalg.norm(centre[0] - centre[1]))
    for joint, (down, back) in {0: (2.2, 1.2), 1: (1.8, 1.2), 2: (0.5, 1.3)}.items():
        place = centre.mean(0) - np.array([0, down, back]) * unit
        sides = [np.linalg.norm(points - (place + np.array([s * 1.15 * unit, 0, 0])), axis=1).argsort()[:6]
                 for s in (-1, 1)]
        out[joint, np.concatenate(sides)] = 1 / 12
    for joint, eye in zip((3, 4), eyes, strict=True):
        out[joint, eye] = 1 / len(eye)
    return out


def _pose_directions(points: Array, weights: Array, rng: np.random.Generator) -> Array:
    """[N, 3, 36]: a small bulge where the jaw turns."""
    out = np.zeros((len(points), 3, 36))
    edge = weights[:, 2] * (1 - weights[:, 2])
    out[:, :, 9:18] = edge[:, None, None] * rng.normal(0, 4.0, (1, 3, 9))
    return out


def _turned_jaw(points: Array, joints: Array, weights: Array, poses: Array, turn: Array) -> Array:
    """The points with the jaw turned and nothing else: FLAME's skinning for one joint."""
    angle = float(np.linalg.norm(turn))
    x, y, z = turn / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    bulged = points + poses[:, :, 9:18] @ (rotation - np.eye(3)).ravel()
    pivot = joints[2] @ points
    moved = (bulged - pivot) @ rotation.T + pivot
    return np.asarray(bulged + weights[:, 2:3] * (moved - bulged))


def _directions(shapes: Array, names: tuple[str, ...], points: Array, rng: np.random.Generator) -> Array:
    """[N, 3, 300 + 100]: identities that only stretch; mixtures of `shapes` that between them reach each
    shape; and noise."""
    used = [k for k, name in enumerate(names) if name not in _LEFT_OUT]
    basis = np.concatenate([shapes[used], _noise(points, N_MIXED - len(used), rng)])
    size = np.sqrt((basis ** 2).sum(2).max(1))
    turned = np.linalg.qr(rng.normal(size=(N_MIXED, N_MIXED)))[0]
    mixed = np.einsum("km,mnc->knc", turned, basis / size[:, None, None] * STEP_MM)
    expressions = np.concatenate([mixed, 0.2 * _noise(points, N_EXPRESSIONS - N_MIXED, rng)])
    identity = _noise(points, 300, rng)
    return np.asarray(np.concatenate([identity, expressions]).transpose(1, 2, 0), np.float32)


def _noise(points: Array, count: int, rng: np.random.Generator) -> Array:
    """Smooth displacements [count, N, 3] of about a millimetre."""
    waves = rng.normal(0, 1 / 60, (count, 3))
    phase = points @ waves.T + rng.uniform(0, 6, count)
    return np.asarray(np.sin(phase).T[:, :, None] * rng.normal(0, 1, (count, 1, 3)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.flame_stand_in", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ict", type=Path, metavar="NPZ", help="the face of ICT-FaceKit instead")
    options = parser.parse_args()
    model = stand_in(options.seed, head=None if options.ict is None else ict_head(options.ict))
    write(options.out, model)
    print(f"{options.out}: {len(model.truth[0])} points, {N_EXPRESSIONS} expressions")


if __name__ == "__main__":
    main()
