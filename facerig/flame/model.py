"""FLAME's own forward pass, by smplx: coefficients in, points out.

smplx unpickles whatever file it is given. So it gets a file of plain arrays that was read and checked here
(`files`), in a folder that is gone afterwards.
"""

from __future__ import annotations

import contextlib
import io
import pickle
import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ConfigError
from facerig.flame.files import N_IDENTITY, FlameFile
from facerig.registration.surface import Surface

Array = NDArray[np.float64]

MM: Final = 1000.0  # FLAME's metres
POSES: Final = ("neck_pose", "jaw_pose", "leye_pose", "reye_pose")
_JAW, _EYES = 2, (3, 4)  # joints
_ROWS: Final = 24  # faces at once
_STATIC_LANDMARKS: Final = 51


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What moves FLAME: `expression` [n, E], poses [n, 3] as axis times angle, radians; None is rest."""

    expression: Array
    jaw: Array | None = None
    neck: Array | None = None
    left_eye: Array | None = None
    right_eye: Array | None = None


class Flame:
    """A user's FLAME with its first `n_expressions` directions. Raises ConfigError where smplx is missing."""

    def __init__(self, file: FlameFile, n_expressions: int) -> None:
        self.file = file
        self.n_expressions = min(n_expressions, file.n_expressions)
        self._torch, self._model = _smplx_model(file, self.n_expressions)
        self.rest = self.points(Coefficients(np.zeros((1, self.n_expressions))))[0]
        joints = file.joints @ file.template * MM
        self.eyes: Array = joints[list(_EYES)]
        self.jaw_joint: Array = joints[_JAW]
        eyeball = file.weights[:, _EYES].sum(1) > 0.5
        self.eyeballs: tuple[NDArray[np.int64], ...] = tuple(
            np.flatnonzero(eyeball & (file.weights[:, e] >= file.weights[:, _EYES].max(1))) for e in _EYES)
        skin = ~eyeball[file.triangles].any(1)
        self.skin = Surface(self.rest, file.triangles[skin])

    def points(self, coefficients: Coefficients) -> Array:
        """Points float64 [n, N, 3], mm."""
        torch = self._torch
        out = []
        count = len(coefficients.expression)
        poses = {"neck_pose": coefficients.neck, "jaw_pose": coefficients.jaw,
                 "leye_pose": coefficients.left_eye, "reye_pose": coefficients.right_eye}
        for start in range(0, count, _ROWS):
            rows = slice(start, min(start + _ROWS, count))
            n = rows.stop - rows.start
            still = torch.zeros((n, 3), dtype=torch.float64)
            given = {name: still if pose is None else torch.tensor(pose[rows], dtype=torch.float64)
                     for name, pose in poses.items()}
            expression = torch.tensor(coefficients.expression[rows], dtype=torch.float64)
            with torch.no_grad():
                made = self._model(betas=torch.zeros((n, self._model.num_betas), dtype=torch.float64),
                                   expression=expression, global_orient=still, transl=still, **given)
            out.append(made.vertices.numpy() * MM)
        return np.concatenate(out)

    def directions(self, jaw: Array | None = None) -> tuple[Array, Array]:
        """Points [N, 3] with the jaw posed [3] and no expression, and what a unit of each expression adds
        there [E, N, 3]: exact, for skinning is linear in the expression."""
        units = np.concatenate([np.zeros((1, self.n_expressions)), np.eye(self.n_expressions)])
        poses = None if jaw is None else np.tile(jaw, (len(units), 1))
        points = self.points(Coefficients(units, jaw=poses))
        return points[0], points[1:] - points[0]


def _smplx_model(file: FlameFile, n_expressions: int) -> tuple[Any, Any]:
    try:
        # large and untyped: not for type checkers
        smplx, torch = import_module("smplx"), import_module("torch")
    except ImportError as missing:
        raise ConfigError(f"FLAME needs {missing.name}", where="facerig rig fit-flame",
                          fix='pip install "facerig[flame]"') from None
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        _write(file, Path(folder))
        model = smplx.create(folder, model_type="flame", ext="npz", gender="neutral", num_betas=1,
                             num_expression_coeffs=n_expressions, use_face_contour=False, dtype=torch.float64)
    return torch, model.eval()


def _write(file: FlameFile, folder: Path) -> None:
    """The model as smplx looks for it, with landmarks that nobody asks for."""
    inside = folder / "flame"
    inside.mkdir()
    identity = file.directions[:, :, :N_IDENTITY]
    np.savez(inside / "FLAME_NEUTRAL.npz", v_template=file.template, f=file.triangles,
             shapedirs=np.concatenate([identity, file.directions[:, :, N_IDENTITY:]], 2),
             posedirs=file.pose_directions, J_regressor=file.joints, weights=file.weights,
             kintree_table=np.array([[-1, 0, 1, 1, 1], range(5)]))
    corners = {"lmk_face_idx": np.zeros(_STATIC_LANDMARKS, np.int64),
               "lmk_b_coords": np.tile([1.0, 0.0, 0.0], (_STATIC_LANDMARKS, 1))}
    (inside / "flame_static_embedding.pkl").write_bytes(pickle.dumps(corners))
