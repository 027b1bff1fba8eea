"""A user's own head: glTF or GLB with ARKit morph targets.

Names are matched without regard to case and underscores, with Left and Right written out or as L and R. All
meshes of the scene that are near the face are shown; eyeballs of their own (a mesh called something like
EyeLeft) turn with the gaze unless eyeLook targets move them. The head is scaled to a human head's size,
whatever units it came in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import SHAPE_NAMES
from facerig.errors import ModelError
from facerig.mesh.gltf_file import GltfFile, Json
from facerig.mesh.head import FACE_SHARE, Eye, Head, Part
from facerig.preview.gltf_paint import material_colours
from facerig.preview.occlusion import cone_directions, light_share, shadow_share, smoothed, sphere_directions
from facerig.preview.shade import KEY_LIGHT, OPEN_SHAPE

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

MAX_POINTS: Final = 200_000  # of all meshes, counting four triangles as a point
HAIR_SHARE: Final = 0.75  # of the light
MAX_DEPTH: Final = 64  # of the node tree
HEAD_HEIGHT_MM: Final = 230.0  # chin to crown of the scaled head
REACH: Final = 1.6  # heads round the face: what lies further out is not shown
WELD_MM: Final = 0.01  # points nearer than this are one point for lighting
AMBIENT_DIRECTIONS, KEY_DIRECTIONS, KEY_SIZE_DEGREES = 48, 8, 14.0
REFUSED: Final = ("KHR_draco_mesh_compression", "EXT_meshopt_compression")

# A mesh, node or material whose name holds ...   is taken for   (first match wins)
PART_NAMES: Final = ((r"lash|brow|hair|beard|fur", Part.HAIR),
                     (r"teeth|tooth", Part.TEETH),
                     (r"tongue", Part.TONGUE),
                     (r"mouth|gum|oral", Part.MOUTH),
                     (r"eye(?!lid)|cornea|iris|sclera", Part.EYE))
# see-through layers over the eyes
CLEAR_NAMES: Final = r"cornea|tear|occlusion|eyewet|eyeao|shadow|glass|lens"
LEFT_EYE, RIGHT_EYE = (r"left.*eye|eye.*left|eye[ _.]?l\b|\bl[ _.]?eye",
                       r"right.*eye|eye.*right|eye[ _.]?r\b|\br[ _.]?eye")
PART_GLOSS: Final = {Part.EYE: 1.0, Part.TEETH: 0.8, Part.TONGUE: 0.7, Part.MOUTH: 0.6, Part.SKIN: 0.45,
                     Part.HAIR: 0.15}


@dataclass(frozen=True, slots=True)
class _Piece:
    """One primitive in the scene's axes."""

    label: str
    part: Part
    points: Floats
    triangles: Ints
    colours: Floats
    deltas: dict[str, Floats]
    two_sided: bool


def load_gltf(path: Path, *, lit: bool = True) -> Head:
    """The head in `path`; not lit, all light arrives everywhere. Raises ModelError, with the place in the
    document, for a file that is not one."""
    file = GltfFile(path)
    for name in file.sequence(file.document, "extensionsRequired", "$"):
        if name in REFUSED:
            raise file.bad("$.extensionsRequired", f"needs {name}", "export the head without compression")
    pieces = _pieces(file)
    if not any(piece.deltas for piece in pieces):
        raise file.bad("$.meshes", "no morph target is called like an ARKit shape",
                       "name the targets (mesh.extras.targetNames) jawOpen, mouthClose and so on")
    with np.errstate(over="ignore", invalid="ignore"):
        return _assembled(file, _nearby(file, pieces), lit=lit)


def _pieces(file: GltfFile) -> list[_Piece]:
    """Every primitive of the scene, with the transform of its node."""
    pieces: list[_Piece] = []
    budget = [MAX_POINTS]
    for node, matrix in _placed_nodes(file):
        mesh = file.item("meshes", node["mesh"])
        where = f"$.meshes[{node['mesh']}]"
        label = f"{node.get('name', '')} {mesh.get('name', '')}"
        for k, primitive in enumerate(file.sequence(mesh, "primitives", where)):
            if not isinstance(primitive, dict):
                raise file.bad(f"{where}.primitives[{k}]", "is not an object")
            piece = _piece(file, mesh, primitive, matrix, label, f"{where}.primitives[{k}]", budget)
            if piece is not None:
                pieces.append(piece)
    return pieces


def _placed_nodes(file: GltfFile) -> list[tuple[Json, NDArray[np.float64]]]:
    """Nodes with a mesh, and their place in the scene; a skinned mesh stands where its points say."""
    nodes = file.items("nodes")
    scenes = file.items("scenes")
    every = {"nodes": list(range(len(nodes)))}
    first = file.item("scenes", file.document.get("scene", 0)) if scenes else every
    queue = [(index, np.eye(4), 0) for index in file.sequence(first, "nodes", "$.scenes")]
    found, seen = [], set()
    while queue:
        index, above, depth = queue.pop()
        number = file.integer(index, "$.nodes", len(nodes) - 1)
        if number in seen or depth > MAX_DEPTH:
            raise file.bad(f"$.nodes[{number}]", "is its own ancestor or nested too deep")
        seen.add(number)
        node = nodes[number]
        matrix = above @ _local(file, node, f"$.nodes[{number}]")
        if "mesh" in node:
            found.append((node, np.eye(4) if "skin" in node else matrix))
        queue += [(child, matrix, depth + 1)
                  for child in file.sequence(node, "children", f"$.nodes[{number}]")]
    return found


def _local(file: GltfFile, node: Json, where: str) -> NDArray[np.float64]:
    """A node's own transform [4, 4]."""
    if "matrix" in node:
        return _numbers(file, node["matrix"], 16, f"{where}.matrix").reshape(4, 4).T
    x, y, z, w = _numbers(file, node.get("rotation", [0, 0, 0, 1]), 4, f"{where}.rotation")
    turn = np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn * _numbers(file, node.get("scale", [1, 1, 1]), 3, f"{where}.scale")
    matrix[:3, 3] = _numbers(file, node.get("translation", [0, 0, 0]), 3, f"{where}.translation")
    return matrix


def _numbers(file: GltfFile, value: Any, count: int, where: str) -> NDArray[np.float64]:
    plain = isinstance(value, list) and len(value) == count and all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1e9 for v in value)
    if not plain:
        raise file.bad(where, f"is not {count} numbers")
    return np.array(value, np.float64)


def _piece(file: GltfFile, mesh: Json, primitive: Json, matrix: NDArray[np.float64], label: str, where: str,
           budget: list[int]) -> _Piece | None:
    """One primitive; None for lines, points and see-through layers."""
    mode = primitive.get("mode", 4)
    material = file.item("materials", primitive["material"]) if "material" in primitive else {}
    label = f"{label} {material.get('name', '')}".lower()
    clear = material.get("alphaMode") == "BLEND" and re.search(CLEAR_NAMES, label)
    attributes = file.mapping(primitive, "attributes", where)
    if mode not in (4, 5, 6) or clear or "POSITION" not in attributes:
        return None
    points = file.accessor(attributes["POSITION"], f"{where} POSITION", ("VEC3",)).astype(np.float64)
    triangles = _triangles(file, primitive, mode, len(points), where)
    budget[0] -= len(points) + len(triangles) // 4
    if budget[0] < 0:
        raise file.bad(where, f"the scene has more than {MAX_POINTS} points", "use a lighter head")
    deltas = _deltas(file, mesh, primitive, matrix, len(points), where)
    colours = material_colours(file, material, attributes, len(points), where)
    part = next((p for pattern, p in PART_NAMES if re.search(pattern, label)), Part.SKIN)
    placed = points @ matrix[:3, :3].T + matrix[:3, 3]
    if np.linalg.det(matrix[:3, :3]) < 0:
        triangles = triangles[:, ::-1]
    return _Piece(label, part, placed.astype(np.float32), triangles, colours, deltas,
                  material.get("doubleSided") is True)


def _triangles(file: GltfFile, primitive: Json, mode: int, n_points: int, where: str) -> Ints:
    if "indices" in primitive:
        raw = file.accessor(primitive["indices"], f"{where} indices", ("SCALAR",))
        if raw.dtype.kind != "u":
            raise file.bad(where, "its indices are not unsigned integers")
        order = raw[:, 0].astype(np.int64)
    else:
        order = np.arange(n_points)
    if len(order) and int(order.max()) >= n_points:
        raise file.bad(where, f"index {int(order.max())} of {n_points} points")
    if mode == 4:
        triangles = order[: len(order) // 3 * 3].reshape(-1, 3)
    elif len(order) < 3:
        triangles = np.zeros((0, 3), np.int64)
    elif mode == 5:
        triangles = np.stack([order[:-2], order[1:-1], order[2:]], 1)
        triangles[1::2] = triangles[1::2, ::-1]
    else:
        triangles = np.stack([np.full(len(order) - 2, order[0]), order[1:-1], order[2:]], 1)
    return triangles.astype(np.int32)


def _deltas(file: GltfFile, mesh: Json, primitive: Json, matrix: NDArray[np.float64], n_points: int,
            where: str) -> dict[str, Floats]:
    """Displacements of the ARKit targets, turned into the scene's axes."""
    names = file.sequence(file.mapping(mesh, "extras", where), "targetNames", where) or file.sequence(
        file.mapping(primitive, "extras", where), "targetNames", where)
    deltas: dict[str, Floats] = {}
    for name, target in zip(names, file.sequence(primitive, "targets", where), strict=False):
        shape = _arkit_name(name) if isinstance(name, str) else None
        if shape is None or not isinstance(target, dict) or "POSITION" not in target:
            continue
        moved = file.accessor(target["POSITION"], f"{where} target {name}", ("VEC3",)).astype(np.float64)
        if len(moved) != n_points:
            raise file.bad(where, f"target {name[:40]} has {len(moved)} points, the mesh {n_points}")
        deltas[shape] = (moved @ matrix[:3, :3].T).astype(np.float32)
    return deltas


_BY_KEY: Final = {name.lower(): name for name in SHAPE_NAMES}


def _arkit_name(name: str) -> str | None:
    """The ARKit shape that a target's name means: jawOpen, JAW_OPEN, eyeBlink_L, Face.M_eyeBlinkLeft."""
    key = re.sub(r"[ _\-]", "", name.rpartition(".")[2].lower())
    sides = {"l": "left", "r": "right"}
    for guess in (key, key[:-1] + sides.get(key[-1:], "?")):
        for shape_key, shape in _BY_KEY.items():
            if guess == shape_key or (guess.endswith(shape_key) and len(guess) - len(shape_key) <= 2):
                return shape
    return None


def _nearby(file: GltfFile, pieces: list[_Piece]) -> list[_Piece]:
    """The pieces of the head, scaled to HEAD_HEIGHT_MM and moved so that the face's middle is the origin."""
    moved = [np.abs(np.stack(list(p.deltas.values()))).max(0).max(1) if p.deltas else np.zeros(len(p.points))
             for p in pieces]
    most = max(float(m.max(initial=0)) for m in moved)
    if not 0 < most < np.inf:
        raise file.bad("$.meshes", "the ARKit targets move nothing")
    face = np.concatenate([p.points[m > FACE_SHARE * most] for p, m in zip(pieces, moved, strict=True)])
    low, high = face.min(0), face.max(0)
    height, middle = float(high[1] - low[1]), (low + high) / 2
    if not 1e-6 < height < 1e8:
        raise file.bad("$.meshes", f"the face is {height:g} high")
    scale = HEAD_HEIGHT_MM * 0.75 / height  # from the chin to the brows is about three quarters of a head
    kept = []
    for piece in pieces:
        points = (piece.points - middle) * scale
        triangles = piece.triangles[(np.abs(points) < REACH * HEAD_HEIGHT_MM).all(1)[piece.triangles].all(1)]
        used, inverse = np.unique(triangles, return_inverse=True)
        if len(used):
            kept.append(_Piece(piece.label, piece.part, points[used].astype(np.float32),
                               inverse.reshape(-1, 3).astype(np.int32), piece.colours[used],
                               {n: d[used] * np.float32(scale) for n, d in piece.deltas.items()},
                               piece.two_sided))
    if not any(d.any() for piece in kept for d in piece.deltas.values()):
        raise file.bad("$.meshes", "no triangle of the face moves")
    return kept


def _assembled(file: GltfFile, pieces: list[_Piece], *, lit: bool) -> Head:
    starts = np.cumsum([0] + [len(p.points) for p in pieces])
    points = np.concatenate([p.points for p in pieces])
    triangles = np.concatenate([p.triangles + s for p, s in zip(pieces, starts, strict=False)])
    names = tuple(n for n in SHAPE_NAMES if any(n in p.deltas for p in pieces))
    deltas = np.zeros((len(names), len(points), 3), np.float32)
    for piece, start in zip(pieces, starts, strict=False):
        for name, moved in piece.deltas.items():
            deltas[names.index(name), start:start + len(piece.points)] = moved
    parts = np.concatenate([np.full(len(p.points), p.part, np.uint8) for p in pieces])
    follow, pivot = _neck(points, deltas)
    _, first, same = np.unique(np.round(points / WELD_MM).astype(np.int64), axis=0, return_index=True,
                               return_inverse=True)
    ambient, key = np.ones((2, 2, len(points)), np.float32)
    if lit:
        ambient, key = _light(points, deltas, names, triangles.astype(np.int32))
    # sheets and strands shade themselves
    ambient[:, parts == Part.HAIR] = key[:, parts == Part.HAIR] = HAIR_SHARE
    head = Head(name=file.path.stem, rest=points, triangles=triangles.astype(np.int32),
                two_sided=np.concatenate([np.full(len(p.triangles), p.two_sided or p.part is Part.HAIR)
                                          for p in pieces]),
                colours=np.concatenate([p.colours for p in pieces]),
                gloss=np.array([PART_GLOSS[Part(p)] for p in range(len(Part))], np.float32)[parts],
                parts=parts,
                normal_of=first[same.reshape(-1)].astype(np.int32), ambient=ambient, key=key, follow=follow,
                pivot=pivot,
                shape_names=names, deltas=deltas.reshape(len(names), -1), eyes=_eyes(pieces, starts))
    if not np.isfinite(points).all() or not np.isfinite(deltas).all():
        raise ModelError("holds numbers too large to draw", where=str(file.path), fix="export the head again")
    return head


def _neck(points: Floats, deltas: Floats) -> tuple[Floats, Floats]:
    """How far each point turns with the head (the shoulders stay), and the point it turns around."""
    moved = np.abs(deltas).max(0).max(1)
    chin = float(points[moved > FACE_SHARE * moved.max(), 1].min())
    follow = np.clip((points[:, 1] - (chin - 60)) / 60, 0, 1)
    above = points[points[:, 1] > chin]
    pivot = np.array([above[:, 0].mean(), chin, above[:, 2].mean() - 20], np.float32)
    return (follow * follow * (3 - 2 * follow)).astype(np.float32), pivot


def _light(points: Floats, deltas: Floats, names: tuple[str, ...], triangles: Ints) -> tuple[Floats, Floats]:
    """Ambient and key light [2, N], with the mouth shut and open."""
    ambient, key = [], []
    jaw = deltas[names.index("jawOpen")] * np.float32(OPEN_SHAPE) if "jawOpen" in names else None
    for pose in (points, points if jaw is None else points + jaw):
        corners = pose[triangles]
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals = np.stack([np.bincount(triangles.ravel(), np.repeat(flat[:, k], 3), len(pose))
                            for k in range(3)], 1)
        normals = (normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True),
                                        1e-12)).astype(np.float32)
        open_sky = light_share(pose, normals, triangles, sphere_directions(AMBIENT_DIRECTIONS))
        lamp = shadow_share(pose, normals, triangles,
                            cone_directions(KEY_LIGHT, KEY_SIZE_DEGREES, KEY_DIRECTIONS))
        ambient.append(smoothed(open_sky, triangles, 2))
        key.append(smoothed(lamp, triangles, 2))
    return np.array(ambient), np.array(key)


def _eyes(pieces: list[_Piece], starts: NDArray[np.int64]) -> tuple[Eye, ...]:
    """Left and right eyeball, where both stand alone and no eyeLook target moves them."""
    found = []
    for pattern in (LEFT_EYE, RIGHT_EYE):
        balls = [(p, s) for p, s in zip(pieces, starts, strict=False)
                 if p.part is Part.EYE and re.search(pattern, p.label)
                 and not any(n.startswith("eyeLook") and d.any() for n, d in p.deltas.items())]
        if not balls:
            return ()
        indices = np.concatenate([np.arange(len(p.points)) + s for p, s in balls]).astype(np.int32)
        places = np.concatenate([p.points for p, _ in balls])
        found.append(Eye(points=indices, centre=((places.min(0) + places.max(0)) / 2).astype(np.float32)))
    return tuple(found)
