"""FLAME's files from outside: models that are pickles, takes as many tools leave them. No byte is run."""

from __future__ import annotations

import os
import pickle
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial.transform import Rotation

from facerig.core.curves import CurveClip
from facerig.curve_files import read_named
from facerig.curve_files.flame_npz import read
from facerig.errors import ConfigError, ModelError, OutputError
from facerig.exporting import ExportSettings, Origin, write_curves
from facerig.flame.files import read_flame
from facerig.flame.pickled import arrays_of_pickle

T = 7
TAKE = {"expression": np.full((T, 50), 0.5), "jaw_pose": np.tile([0.1, 0.0, 0.0], (T, 1))}


def tiny() -> dict[str, np.ndarray]:
    """A model of FLAME's layout with four points."""
    return {"v_template": np.eye(4, 3), "f": np.array([[0, 1, 2], [1, 2, 3]], np.uint32),
            "shapedirs": np.zeros((4, 3, 310)), "posedirs": np.zeros((4, 3, 36)),
            "J_regressor": np.full((5, 4), 0.25), "weights": np.full((4, 5), 0.2),
            "kintree_table": np.array([[2**32 - 1, 0, 1, 1, 1], range(5)], np.uint32)}


def stored(tmp_path: Path, **arrays: object) -> Path:
    path = tmp_path / "take.npz"
    np.savez(path, **arrays)
    return path


# --- models


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_plain_pickles_of_any_age_are_read(tmp_path, protocol):
    path = tmp_path / "generic_model.pkl"
    path.write_bytes(pickle.dumps(tiny() | {"J_regressor": sparse.csc_matrix(tiny()["J_regressor"])},
                                  protocol))
    file = read_flame(path)
    np.testing.assert_array_equal(file.joints, tiny()["J_regressor"])
    assert file.n_expressions == 10


@pytest.mark.parametrize("kind", ["csc", "csr", "coo"])
def test_sparse_matrices_become_arrays(tmp_path, kind):
    matrix = sparse.random(5, 9, 0.3, random_state=1)
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps({"m": matrix.asformat(kind)}))
    np.testing.assert_array_equal(arrays_of_pickle(path)["m"], matrix.toarray())


def test_a_matrix_with_places_outside_of_it_is_none(tmp_path):
    matrix = sparse.csc_matrix(np.eye(3))
    matrix.indices[:] = 10**6
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps({"m": matrix, "x": np.ones(2)}))
    assert list(arrays_of_pickle(path)) == ["x"]


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("place", ["alone", "among arrays", "inside a list"])
def test_a_pickle_that_would_run_something_runs_nothing(tmp_path, place):
    marker = tmp_path / "ran"
    evil = Evil(marker)
    thing = {"alone": evil, "among arrays": tiny() | {"x": evil}, "inside a list": {"x": [evil]}}[place]
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(thing, 2))
    with pytest.raises(ModelError, match=r"model\.pkl.*read safely.*mkdir"):
        read_flame(path)
    assert not marker.exists()


@pytest.mark.parametrize("code", [
    b"cbuiltins\neval\n(S'1'\ntR.", b"c__builtin__\n__import__\n(S'os'\ntR.", b"cnumpy\nload\n(S'x'\ntR.",
    b"cos\nsystem\n(S'true'\ntR.", b"ccopyreg\n_reconstructor\n(cnumpy\nndarray\nc__builtin__\nobject\nNtR.",
    b"Pid\n.", b"\x82\x01.", b"", b".", b"\x80\x02", b"\x80\x09.", b"(lp0\nI1\na.",
    b"c_codecs\nencode\n(S'a'\nS'hex'\ntR.",
])
def test_hand_written_pickles_are_refused(tmp_path, code):
    path = tmp_path / "x.pkl"
    path.write_bytes(code)
    with pytest.raises(ModelError):
        arrays_of_pickle(path)


GOOD = pickle.dumps(tiny() | {"J_regressor": sparse.csc_matrix(tiny()["J_regressor"])}, 2)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200),
                 st.tuples(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8)).map(
                     lambda hit: GOOD[:hit[0]] + hit[1] + GOOD[hit[0] + len(hit[1]):])))
def test_any_bytes_are_a_model_or_an_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "x.pkl"
    path.write_bytes(data)
    with suppress(ModelError):
        assert len(read_flame(path).template)


@pytest.mark.parametrize(("change", "message"), [
    ({"v_template": None}, "holds no array 'v_template'"),
    ({"v_template": np.eye(4)}, "v_template: .*instead of any x 3"),
    ({"v_template": np.full((4, 3), np.nan)}, "v_template: holds NaN"),
    ({"shapedirs": np.zeros((4, 3, 300))}, "no expressions"),
    ({"shapedirs": np.zeros((5, 3, 400))}, "shapedirs"),
    ({"f": np.array([[0, 1, 9]])}, "f: names points"),
    ({"kintree_table": np.array([[0, 0, 1, 2, 3], range(5)])}, "the joints are not"),
    ({"weights": np.zeros((4, 24))}, "weights"),
])
@pytest.mark.parametrize("ending", ["pkl", "npz"])
def test_a_wrong_model_says_what_is_wrong(tmp_path, change, message, ending):
    arrays = {name: array for name, array in (tiny() | change).items() if array is not None}
    path = tmp_path / f"model.{ending}"
    if ending == "npz":
        np.savez(path, **arrays)
    else:
        path.write_bytes(pickle.dumps(arrays))
    with pytest.raises(ModelError, match=message):
        read_flame(path)


def test_folders_and_layouts(tmp_path):
    with pytest.raises(ModelError, match="no such file"):
        read_flame(tmp_path / "nothing")
    with pytest.raises(ModelError, match=r"no FLAME model in this folder .*generic_model\.pkl"):
        read_flame(tmp_path)
    np.savez(tmp_path / "flame2023.npz", **tiny())
    assert read_flame(tmp_path).layout == "2023"
    (tmp_path / "generic_model.pkl").write_bytes(pickle.dumps(tiny()))
    assert read_flame(tmp_path).layout == "2020"
    assert read_flame(tmp_path, "2023").path.name == "flame2023.npz"
    (tmp_path / "FLAME_NEUTRAL.npz").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(ModelError, match="damaged"):
        read_flame(tmp_path / "FLAME_NEUTRAL.npz")


# --- takes


def columns(curves, prefix):
    return curves.values[:, [i for i, name in enumerate(curves.names) if name.startswith(prefix)]]


@pytest.mark.parametrize(("arrays", "jaw", "neck"), [
    ({"expression": TAKE["expression"], "jaw_pose": TAKE["jaw_pose"]}, [0.1, 0, 0], None),
    # EMOCA
    ({"exp": TAKE["expression"], "pose": np.tile([0, 0.2, 0, 0.1, 0, 0], (T, 1))}, [0.1, 0, 0], [0, 0.2, 0]),
    ({"expcode": TAKE["expression"][:, None], "posecode": np.tile([0, 0.2, 0, 0.1, 0, 0], (T, 1))},
     [0.1, 0, 0], [0, 0.2, 0]),
    ({"expr": np.zeros((T, 100)), "rotation": np.tile([0, 0.2, 0], (T, 1)),
      "neck_pose": np.tile([0, 0.1, 0], (T, 1)),
      "jaw_pose": TAKE["jaw_pose"], "eyes_pose": np.zeros((T, 6)), "shape": np.zeros(300)},  # GaussianAvatars
     [0.1, 0, 0], [0, 0.3, 0]),
    ({"expression_params": TAKE["expression"], "jaw_params": TAKE["jaw_pose"],
      "eyelid_params": np.ones((T, 2)),
      "pose_params": np.tile([0, 0.2, 0], (T, 1))}, [0.1, 0, 0], [0, 0.2, 0]),  # SMIRK
    ({"expression": TAKE["expression"], "full_pose": np.tile(np.r_[np.zeros(6), 0.1, np.zeros(8)], (T, 1))},
     [0.1, 0, 0], [0, 0, 0]),  # smplx
    ({"expression": TAKE["expression"], "jaw": Rotation.from_rotvec(TAKE["jaw_pose"]).as_matrix()},
     [0.1, 0, 0], None),
    # one for all frames
    ({"expression": TAKE["expression"], "jaw_pose": np.array([0.1, 0, 0])}, [0.1, 0, 0], None),
    ({"EXP": TAKE["expression"][None], "Jaw": TAKE["jaw_pose"][None].astype(np.float16)}, [0.1, 0, 0], None),
])
def test_takes_of_many_tools_are_read(tmp_path, arrays, jaw, neck):
    curves = read_named(stored(tmp_path, **arrays))
    assert len(curves) == T
    assert not curves.fps_known
    np.testing.assert_allclose(columns(curves, "jaw_pose"), np.tile(jaw, (T, 1)), atol=1e-4)
    assert columns(curves, "expression").shape[1] in (50, 100)
    assert "expression_00" in curves.names
    if neck is not None:
        np.testing.assert_allclose(columns(curves, "neck_pose"), np.tile(neck, (T, 1)), atol=1e-9)


def test_a_cameras_axes_are_taken_out(tmp_path):
    heads = Rotation.from_rotvec(np.outer(np.linspace(0, 0.3, T), [0, 1, 0]))
    flip = Rotation.from_rotvec([np.pi, 0, 0])
    curves = read(stored(tmp_path, **TAKE, rotation=(flip * heads).as_rotvec()))
    np.testing.assert_allclose(columns(curves, "neck_pose"), heads.as_rotvec(), atol=1e-9)
    assert "camera" in curves.remarks[0]


@pytest.mark.parametrize(("fps", "told"), [
    (25, Fraction(25)), (29.97, Fraction(30000, 1001)), (60.0, Fraction(60)), (23.976, Fraction(24000, 1001)),
    (12.5, Fraction(25, 2))])
def test_rates_are_exact(tmp_path, fps, told):
    curves = read(stored(tmp_path, **TAKE, fps=fps, start_frame=86400))
    assert (curves.fps, curves.fps_known, curves.start_frame) == (told, True, 86400)


@pytest.mark.parametrize(("arrays", "message"), [
    ({"betas": np.zeros(10)}, "holds no FLAME parameters but 'betas'"),
    ({"expression": np.zeros((5, 50)), "jaw_pose": np.zeros((6, 3))}, "expression has 5 frames, others 6"),
    ({"expression": np.zeros((5, 200))}, "200 columns, not 1 to 100"),
    ({"expression": np.zeros((5, 50)), "pose": np.zeros((5, 7))}, "pose has 7 columns, not 3 or 6 or 15"),
    ({"expression": np.zeros((2, 3, 50))}, r"array of \(2, 3, 50\)"),
    ({"expression": np.zeros((0, 50))}, "not of frames"),
    ({"expression": np.full((3, 50), np.nan)}, "frame 1 of expression is not a number"),
    ({"jaw_pose": np.zeros((3, 3, 3))}, "no rotations"),
    ({"jaw_pose": np.zeros((3, 3)), "fps": np.nan}, "fps"),
    ({"jaw_pose": np.zeros((3, 3)), "fps": 0}, "fps"),
])
def test_a_wrong_take_says_what_is_wrong(tmp_path, arrays, message):
    path = stored(tmp_path, **arrays)
    with pytest.raises(ConfigError, match=message) as caught:
        read(path)
    assert caught.value.where == str(path)
    assert caught.value.fix


def test_pickled_takes_are_refused_and_nothing_runs(tmp_path):
    marker = tmp_path / "ran"
    objects = np.array({"expression": Evil(marker)}, dtype=object)
    np.savez(tmp_path / "a.npz", take=objects)
    np.save(tmp_path / "b.npy", objects)
    (tmp_path / "c.pkl").write_bytes(pickle.dumps(Evil(marker), 2))
    for name in ("a.npz", "b.npy", "c.pkl"):
        with pytest.raises(ConfigError, match=r"pickle.*can run anything"):
            read_named(tmp_path / name)
    assert not marker.exists()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_takes_are_curves_or_an_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "x.npz"
    np.savez(path, **TAKE, fps=25.0)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + data.draw(st.binary(min_size=1, max_size=6)) + whole[at + 3:])
    with suppress(ConfigError):
        assert len(read(path))


def test_other_rigs_are_no_flame(tmp_path):
    clip = CurveClip(np.zeros((3, 61), np.float32), Fraction(30), 48000)
    out = tmp_path / "x.flame.npz"
    with pytest.raises(OutputError, match="livelink is no rig of FLAME"):
        write_curves(out, [clip], ExportSettings(rig="livelink"), Origin(fps=Fraction(30), sample_rate=48000))
    assert not out.exists()
