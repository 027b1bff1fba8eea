"""Rendering: the rasteriser against known answers, films and pictures read back, and what goes wrong on the
way."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.errors import ConfigError, ModelError, OutputError
from facerig.mesh.head import shipped_head
from facerig.preview import RenderReport, render, sheet
from facerig.preview.camera import Camera
from facerig.preview.scene import Scene
from facerig.preview.software import NOBODY, SoftwareRenderer, visible
from facerig.preview.studio import Studio

SMALL = (96, 96)
FPS = Fraction(25)


def clip(frames: int = 10, start: int = 0) -> CurveClip:
    values = np.zeros((frames, N_CHANNELS), np.float32)
    values[:, INDEX["jawOpen"]] = np.linspace(0, 0.6, frames)
    return CurveClip(values, FPS, 16_000, start)


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.2 * np.sin(np.arange(6400) * 0.2), 16_000)
    return path


# --- the rasteriser


def owners(points: list[list[float]], triangles: list[list[int]], width: int, height: int) -> np.ndarray:
    owner, _, _ = visible(np.array(points, np.float32), np.array(triangles, np.int32), width, height)
    return np.asarray(owner.reshape(height, width))


def test_a_triangle_covers_the_sample_centres_inside_it():
    got = owners([[0, 0, 1], [0, 4, 1], [4, 0, 1]], [[0, 1, 2]], 4, 4)
    expected = np.array([[0, 0, 0, -1], [0, 0, -1, -1], [0, -1, -1, -1], [-1, -1, -1, -1]])
    np.testing.assert_array_equal(got, expected)


def test_the_nearest_triangle_wins_in_any_order():
    points = [[0, 0, 9], [0, 8, 9], [8, 0, 9], [8, 8, 9], [0, 0, 2], [0, 8, 2], [4, 0, 2], [4, 8, 2]]
    far, near = [[0, 1, 2], [2, 1, 3]], [[4, 5, 6], [6, 5, 7]]
    first = owners(points, near + far, 8, 8)
    assert (first[:, :4] <= 1).all()
    assert (first[:, 4:] >= 2).all()
    second = owners(points, far + near, 8, 8)
    assert (second[:, :4] >= 2).all()
    assert (second[:, 4:] <= 1).all()


def test_crossing_triangles_meet_where_their_planes_cross():
    left_near = [[0, 0, 0], [8, 0, 8], [0, 8, 0], [8, 8, 8]]  # depth grows to the right
    right_near = [[0, 0, 8], [8, 0, 0], [0, 8, 8], [8, 8, 0]]
    got = owners(left_near + right_near, [[0, 1, 2], [1, 3, 2], [4, 5, 6], [5, 7, 6]], 8, 8)
    assert (got[:, :4] <= 1).all()
    assert (got[:, 4:] >= 2).all()


def test_neighbours_leave_no_gap_and_no_overlap():
    """A fan of triangles round a crooked centre covers a square, each sample once."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        rim = [[0, 0], [16, 0], [16, 16], [0, 16]]
        points = np.array([[*rng.uniform(2, 14, 2), 1], *([*p, 1] for p in rim)], np.float32)
        triangles = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1]], np.int32)
        owner, _, _ = visible(points, triangles, 16, 16)
        assert (owner != NOBODY).all()
        counts = [int((visible(points, t[None], 16, 16)[0] != NOBODY).sum()) for t in triangles]
        assert sum(counts) == 256


def test_what_lies_outside_the_picture_does_no_harm():
    got = owners([[-1e6, -1e6, 1], [1e6, -1e6, 1], [0, 1e6, 1], [2, 2, 0.5], [2, 2, 0.5], [2, 2, 0.5]],
                 [[0, 1, 2], [3, 4, 5]], 4, 4)
    assert (got == 0).all()
    assert (owners([[9, 9, 1], [12, 9, 1], [9, 12, 1]], [[0, 1, 2]], 4, 4) == NOBODY).all()


def test_colours_blend_between_corners_and_edges_with_the_background():
    scene = Scene(np.array([[0, 0, 1], [0, 32, 1], [32, 0, 1]], np.float32), np.array([[0, 1, 2]], np.int32),
                  np.eye(3, dtype=np.float32))
    picture = SoftwareRenderer().draw(scene, np.full((16, 16, 3), 255, np.float32))
    assert picture[0, 0, 0] > 240
    np.testing.assert_allclose(picture[7, 7], [255 * (1 - 15 / 32), 255 * 7.5 / 32, 255 * 7.5 / 32], atol=2)
    half = Scene(scene.points * np.array([0.25, 0.25, 1], np.float32), scene.triangles,
                 np.zeros((3, 3), np.float32))
    edge = SoftwareRenderer().draw(half, np.full((16, 16, 3), 255, np.float32))
    assert set(edge[3, 4]) == {191}  # the longest side crosses the pixel: one sample in four is covered
    assert set(edge[15, 15]) == {255}


def test_the_camera_puts_its_target_in_the_middle():
    camera = Camera(target=np.array([1, 2, 3], np.float32), half_height=100.0, degrees=30.0)
    points = np.array([[1, 2, 3], [1, 102, 3]], np.float32)
    placed = camera.project(points, 200, 100)
    np.testing.assert_allclose(placed[0, :2], [100, 50], atol=1e-3)
    np.testing.assert_allclose(placed[1, :2], [100, 0], atol=0.01)


# --- pictures


def test_pictures_repeat_bit_for_bit_and_show_the_jaw():
    with Studio(shipped_head(), size=SMALL, renderer="software") as studio:
        shut, wide = (studio.picture(row) for row in clip(2).values)
        np.testing.assert_array_equal(shut, studio.picture(clip(2).values[0]))
    changed = np.abs(shut.astype(int) - wide).sum(2) > 20
    rows = np.flatnonzero(changed.any(1))
    assert (rows > SMALL[1] * 0.55).mean() > 0.95  # the mouth and below, not the eyes


def test_views_stand_side_by_side():
    views = ("front", "three-quarter", "profile")
    with Studio(shipped_head(), views=views, size=SMALL, renderer="software") as studio:
        picture = studio.picture(clip(1).values[0])
        assert picture.shape == (96, 3 * 96, 3)
        assert studio.picture_size == (3 * 96, 96)
    front, turned, side = np.split(picture, 3, axis=1)
    assert np.abs(front.astype(int) - turned).mean() > 3
    assert np.abs(turned.astype(int) - side).mean() > 3


@pytest.mark.parametrize(("options", "place"), [
    ({"views": ("front", "above")}, "--views"), ({"views": ()}, "--views"), ({"size": (8, 96)}, "--size"),
    ({"renderer": "vulkan"}, "--renderer")])
def test_wrong_options_name_the_option(options: dict, place: str):
    with pytest.raises(ConfigError, match=place):
        Studio(shipped_head(), **options)


def test_odd_sizes_become_even():
    with Studio(shipped_head(), size=(97, 99), renderer="software") as studio:
        assert studio.picture_size == (98, 100)


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


# --- films


def probe(path: Path) -> str:
    """What ffmpeg says about a film."""
    import imageio_ffmpeg
    done = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-map", "0", "-f", "null", "-"],
                          capture_output=True, text=True, check=True)
    return done.stderr


def frames_of(path: Path, width: int, height: int) -> np.ndarray:
    import imageio_ffmpeg
    done = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "rawvideo",
                           "-pix_fmt",
                           "rgb24", "-"], capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)


def test_a_film_has_its_frames_size_rate_and_sound(tmp_path: Path, tone: Path):
    seen = []
    report = render(clip(), tmp_path / "a.mp4", audio=tone, size=SMALL, renderer="software",
                    progress=lambda done, total: seen.append((done, total)))
    assert report == RenderReport(path=tmp_path / "a.mp4", frames=10, size=SMALL, fps=FPS,
                                  renderer="software")
    assert seen == [(k, 10) for k in range(1, 11)]
    words = probe(tmp_path / "a.mp4")
    assert "96x96" in words
    assert "25 fps" in words
    assert "h264" in words
    assert "Audio: aac" in words
    frames = frames_of(tmp_path / "a.mp4", *SMALL)
    assert len(frames) == 10
    with Studio(shipped_head(), size=SMALL, renderer="software") as studio:
        # but for compression
        assert np.abs(studio.picture(clip().values[-1]).astype(int) - frames[-1]).mean() < 6
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "tone.wav"]  # nothing else is left


def test_pieces_give_the_same_pictures_as_the_whole(tmp_path: Path):
    def pieces() -> Iterator[CurveClip]:
        whole = clip(6)
        for low in (0, 2, 3):
            yield CurveClip(whole.values[low:{0: 2, 2: 3, 3: 6}[low]], FPS, 16_000, low)

    render(clip(6), tmp_path / "whole" / "%03d.png", audio=None, size=SMALL, renderer="software")
    report = render(pieces(), tmp_path / "pieces", audio=None, size=SMALL, renderer="software")
    assert report.frames == 6
    for k in range(6):
        np.testing.assert_array_equal(opened(tmp_path / "whole" / f"{k:03d}.png"),
                                      opened(tmp_path / "pieces" / f"{k:05d}.png"))
    assert len(list((tmp_path / "pieces").iterdir())) == 6


def test_an_unknown_ending_is_refused_before_drawing(tmp_path: Path):
    with pytest.raises(OutputError, match=r"\.avi"):
        render(clip(1), tmp_path / "a.avi", audio=None, size=SMALL, renderer="software")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(OutputError, match="folder does not exist"):
        render(clip(1), tmp_path / "none" / "a.mp4", audio=None, size=SMALL, renderer="software")


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path):
    (tmp_path / "pics").write_bytes(b"")
    with pytest.raises(OutputError, match="pics"):
        render(clip(1), tmp_path / "pics", audio=None, size=SMALL, renderer="software")


def test_sound_that_ffmpeg_cannot_read_leaves_no_film(tmp_path: Path):
    (tmp_path / "bad.wav").write_bytes(b"not sound")
    with pytest.raises(OutputError, match="ffmpeg"):
        render(clip(30), tmp_path / "a.mp4", audio=tmp_path / "bad.wav", size=SMALL, renderer="software")
    assert [p.name for p in tmp_path.iterdir()] == ["bad.wav"]


def test_an_interrupted_film_leaves_nothing(tmp_path: Path):
    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(clip(), tmp_path / "a.mp4", audio=None, size=SMALL, renderer="software", progress=stop)
    assert not list(tmp_path.iterdir())


def test_missing_ffmpeg_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ConfigError, match=r'pip install "facerig\[preview\]"'):
        render(clip(1), tmp_path / "a.mp4", audio=None, size=SMALL, renderer="software")
    assert not list(tmp_path.iterdir())


def test_missing_pillow_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ConfigError, match=r'pip install "facerig\[preview\]"'):
        render(clip(1), tmp_path / "%d.png", audio=None, size=SMALL, renderer="software")


def test_no_curves_are_told(tmp_path: Path):
    with pytest.raises(ConfigError, match="no curves"):
        render(iter(()), tmp_path / "a.mp4", audio=None)


def test_a_head_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(ModelError, match=r"none\.glb"):
        render(clip(1), tmp_path / "a.mp4", audio=None, head=tmp_path / "none.glb")


# --- who draws


def test_neither_renderer_nor_pillow_is_imported_by_the_api():
    heavy = ("pyrender", "OpenGL", "PIL", "imageio_ffmpeg", "facerig.preview.gl", "facerig.preview.software",
             "facerig.preview.gltf")
    code = f"import sys, facerig.preview; sys.exit(any(m in sys.modules for m in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_gl_the_software_renderer_draws_and_one_line_says_so(monkeypatch: pytest.MonkeyPatch,
                                                                     caplog: pytest.LogCaptureFixture):
    from facerig.preview import gl

    def nothing() -> str:
        raise gl.NoGl("no GL driver draws")

    monkeypatch.setattr(gl, "_working_platform", nothing)
    with caplog.at_level(logging.INFO), Studio(shipped_head(), size=SMALL) as studio:
        assert studio.renderer_name == "software"
    assert [r.getMessage() for r in caplog.records] == ["preview: software renderer (no GL driver draws)"]
    with pytest.raises(ConfigError, match="GL does not work here"):
        Studio(shipped_head(), size=SMALL, renderer="gl")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_gl_draws_the_same_picture():
    from facerig.preview import gl
    try:
        gl._working_platform()
    except gl.NoGl as reason:
        pytest.skip(f"no GL here: {reason}")
    pictures = []
    for renderer in ("gl", "software"):
        with Studio(shipped_head(), size=(256, 256), renderer=renderer) as studio:
            pictures.append(studio.picture(clip(2).values[1]).astype(int))
    assert np.abs(pictures[0] - pictures[1]).mean() < 2.0


def test_the_other_head_is_taken_by_its_name(tmp_path: Path):
    for name in ("female", "male"):
        render(clip(1), tmp_path / name, audio=None, head=Path(name), size=SMALL, renderer="software")
    female, male = (opened(tmp_path / name / "00000.png").astype(int) for name in ("female", "male"))
    assert np.abs(female - male).mean() > 2


# --- the sheet


def test_a_sheet_is_written(tmp_path: Path):
    samples = 0.1 * np.random.default_rng(0).standard_normal((16_000, 2))
    sheet(clip(25), samples, 16_000, tmp_path / "s.png", phones=[("h", 0.0, 0.2), ("ə", 0.2, 0.5)],
          renderer="software")
    picture = opened(tmp_path / "s.png")
    assert picture.shape[1] == 1680
    assert len(np.unique(picture[60:260:4, ::4].reshape(-1, 3), axis=0)) > 500  # faces, not a blank page
    without = tmp_path / "t.png"
    sheet([clip(3), clip(3, 3)], samples[:, 0], 16_000, without, renderer="software")
    assert opened(without).shape[0] < picture.shape[0]


def test_an_empty_clip_has_no_sheet(tmp_path: Path):
    with pytest.raises(ConfigError, match="no curves"):
        sheet(clip(0), np.zeros(10), 16_000, tmp_path / "s.png")
