"""What comes before a fit: takes found and matched, their sound and lag, and the ridge itself."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.actor import ridge, timing, video
from facerig.actor.sound import read_sound
from facerig.actor.takes import TakeFiles, find_takes
from facerig.actor.targets import asked_for, face_seen
from facerig.core.channels import INDEX, N_CHANNELS
from facerig.encoder.opening import opened
from facerig.encoder.tracks import CURVE_TRACKS, N_CURVE_TRACKS
from facerig.errors import AudioError, ConfigError, FacerigError, ModelError
from tests.actors import write_livelink


def put(folder: Path, *names: str) -> None:
    """Files that are found by name; CSVs hold a face."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name.endswith(".csv"):
            write_livelink(folder / name, np.full((3, N_CHANNELS), 0.1, np.float32), 30)
        else:
            (folder / name).write_bytes(b"")


def found(*inputs: Path, videos: bool = False) -> dict[str, tuple[str, str | None]]:
    takes, _ = find_takes(inputs, videos=videos)
    return {take.name: (take.sound.name, take.curves.name if take.curves else None) for take in takes}


def test_takes_are_matched_by_name_and_folder(tmp_path: Path) -> None:
    put(tmp_path / "a", "line1.csv", "line1.wav", "Line2.CSV.csv", "line3.csv", "LINE3.wav")
    put(tmp_path / "b", "line1.mov", "line1.csv")
    takes, remarks = find_takes([tmp_path], videos=False)
    assert [(t.sound.parent.name, t.sound.name, t.curves and t.curves.name) for t in takes] == [
        ("a", "line1.wav", "line1.csv"), ("a", "LINE3.wav", "line3.csv"), ("b", "line1.mov", "line1.csv")]
    assert remarks == [f"Line2.CSV.csv is left out: no sound of that name in {tmp_path / 'a'}"]


def test_what_the_capture_app_leaves_beside_a_take(tmp_path: Path) -> None:
    put(tmp_path, *(f"Slate_1_iPhone{ending}" for ending in ("_cal.csv", "_raw.csv", "_neutral.csv", ".mov")))
    (tmp_path / "frame_log.csv").write_text("frame,timecode\n1,00:00:00:00\n")
    (tmp_path / "take.json").write_text("{}")
    assert found(tmp_path) == {"Slate_1_iPhone": ("Slate_1_iPhone.mov", "Slate_1_iPhone_cal.csv")}


def test_a_wav_is_taken_before_the_video_of_its_name(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", "a.mov", "a.wav")
    assert found(tmp_path) == {"a": ("a.wav", "a.csv")}


def test_the_only_two_belong_together(tmp_path: Path) -> None:
    put(tmp_path, "face.csv", "microphone.wav")
    pair = found(tmp_path / "face.csv", tmp_path / "microphone.wav")
    assert pair == {"microphone": ("microphone.wav", "face.csv")}


def test_a_video_alone_needs_a_landmarker(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4", "b.csv", "b.wav")
    takes, remarks = find_takes([tmp_path], videos=False)
    assert [t.name for t in takes] == ["b"]
    assert remarks == ["a.mp4 is left out: give --landmarker to read its face"]
    takes, _ = find_takes([tmp_path], videos=True)
    assert takes[0] == TakeFiles("a", tmp_path / "a.mp4", None, tmp_path / "a.mp4")


@pytest.mark.parametrize("names", [(), ("a.wav",), ("a.csv",), ("notes.txt",)])
def test_no_take_is_told(names: tuple[str, ...], tmp_path: Path) -> None:
    put(tmp_path, *names)
    with pytest.raises(ConfigError, match="no take is found"):
        find_takes([tmp_path], videos=False)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        find_takes([tmp_path / "x"], videos=False)


def film(path: Path, *, fps: int = 30, secs: float = 1.5, size: str = "64x48", sound_late_secs: float = 0.0
         ) -> None:
    """A film whose picture turns from black to white at 0.5 s, when a tone begins."""
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg", reason='films need pip install "facerig[preview]"')
    on, length = 0.5 - sound_late_secs, secs - sound_late_secs
    tone = f"aevalsrc='if(gte(t,{on}),sin(2*PI*440*t),0)':s=48000:d={length}"
    look = f"s={size}:r={fps}"
    light = f"color=black:{look}:d=0.5[a];color=white:{look}:d={secs - 0.5}[b];[a][b]concat"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-f", "lavfi", "-i", light,
               "-itsoffset", str(sound_late_secs), "-f", "lavfi", "-i", tone, "-c:v", "libx264", "-pix_fmt",
               "yuv420p", "-c:a", "aac", str(path)]
    subprocess.run(command, check=True)


@pytest.mark.parametrize("sound_late_secs", [0.0, 0.2])
def test_the_sound_of_a_film_keeps_its_place(tmp_path: Path, sound_late_secs: float) -> None:
    film(tmp_path / "a.mp4", sound_late_secs=sound_late_secs)
    samples, rate = read_sound(tmp_path / "a.mp4")
    loud = np.abs(samples) > 0.2
    assert rate == 48_000
    assert np.argmax(loud) / rate == pytest.approx(0.5, abs=0.03)


def test_a_film_without_sound_is_told(tmp_path: Path) -> None:
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg", reason='films need pip install "facerig[preview]"')
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-f", "lavfi", "-i",
                    "color=black:s=32x32:d=0.2", str(tmp_path / "a.mp4")], check=True)
    with pytest.raises(AudioError, match="no sound can be read from the video"):
        read_sound(tmp_path / "a.mp4")


def test_a_sound_file_is_read_at_its_rate(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full((4410, 2), 0.5), 44_100)
    samples, rate = read_sound(tmp_path / "a.wav")
    assert (len(samples), rate) == (4410, 44_100)
    assert samples == pytest.approx(np.full(4410, 0.5), abs=1e-4)


def bright(picture: np.ndarray, _milliseconds: int) -> dict[str, float]:
    """Reads a jaw off a picture: as open as it is bright; below a shade of dark there is no face."""
    return {"_neutral": 0.9, "jawOpen": float(picture.mean()) / 255} if picture.mean() > 128 else {}


def test_the_curves_of_a_film_stand_where_its_pictures_do(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", fps=25)
    times: list[int] = []

    def read(picture: np.ndarray, milliseconds: int) -> dict[str, float]:
        times.append(milliseconds)
        assert picture.shape == (48, 64, 3)
        return bright(picture, milliseconds)

    clip = video.curves_of_video(tmp_path / "a.mp4", read)
    assert clip.fps == Fraction(25)
    assert len(clip) == pytest.approx(37, abs=1)
    assert times[:4] == [0, 40, 80, 120]
    assert int(np.argmax(clip["jawOpen"] > 0.5)) == pytest.approx(12.5, abs=1)
    seen = face_seen(clip.values)
    assert not seen[:11].any()
    assert seen[14:].all()


def test_a_film_without_a_face_is_told(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    with pytest.raises(ConfigError, match="no face is seen"):
        video.curves_of_video(tmp_path / "a.mp4", lambda _picture, _ms: {})


def test_what_is_no_film_is_told(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg", reason='films need pip install "facerig[preview]"')
    (tmp_path / "a.mp4").write_text("not a film at all")
    with pytest.raises(AudioError, match="no pictures can be read"):
        video.curves_of_video(tmp_path / "a.mp4", bright)


def test_a_landmarker_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    task = tmp_path / "face_landmarker.task"
    task.write_bytes(b"hello")
    with pytest.raises(FacerigError) as told, video.landmarker(task) as opener:
        opener()
    try:
        import mediapipe  # noqa: F401
    except ImportError:
        assert 'pip install "facerig[fit-video]"' in str(told.value)
    else:
        assert isinstance(told.value, ModelError)
        assert "does not take it" in str(told.value)


def babble(seconds: float, seed: int, rate: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """Times and a jaw that opens and shuts like speech, 4 to 5 times a second."""
    random = np.random.default_rng(seed)
    times = np.arange(0, seconds, 1 / rate)
    knots = np.arange(0, seconds + 0.2, 0.11)
    return times, np.interp(times, knots, random.random(len(knots))) * 0.4


@settings(max_examples=20, deadline=None)
@given(lag_ms=st.integers(-450, 450), fps=st.sampled_from([24, 25, 30, 60]), seed=st.integers(0, 99))
def test_a_lag_is_found_to_a_few_milliseconds(lag_ms: int, fps: int, seed: int) -> None:
    times, jaw = babble(20, seed)
    frames = np.arange(0, 20, 1 / fps)
    recorded = np.interp(frames - lag_ms / 1000, times, jaw) * 0.5 + 0.1
    found_lag = timing.match(times, jaw, np.ones(len(times)), frames, recorded).best[0]
    assert found_lag == pytest.approx(lag_ms / 1000, abs=0.012)


@pytest.mark.parametrize("clock", timing.CLOCKS)
def test_a_long_take_tells_a_wrong_clock(clock: float) -> None:
    times, jaw = babble(180, 1)
    stated = np.arange(0, 180, 1 / 30)
    recorded = np.interp(stated * clock, times, jaw)
    match = timing.match(times, jaw, np.ones(len(times)), stated, recorded)
    assert match.clock == clock
    assert timing.lags([match])[0].secs == pytest.approx(0, abs=0.01)


def test_short_takes_share_a_lag_and_long_ones_have_their_own() -> None:
    matches = []
    for seconds, lag, seed in ((3, 0.1, 1), (4, 0.1, 2), (40, 0.1, 3), (30, 0.3, 4)):
        times, jaw = babble(seconds, seed)
        recorded = np.interp(times - lag, times, jaw)
        matches.append(timing.match(times, jaw, np.ones(len(times)), times, recorded))
    noise = np.random.default_rng(0).random(300)
    times, jaw = babble(3, 9)
    matches.append(timing.match(times, jaw, np.ones(len(times)), times, noise))
    lags = timing.lags(matches)
    assert [round(lag.secs, 2) for lag in lags] == [0.1, 0.1, 0.1, 0.3, 0.1]
    assert lags[-1].r < timing.LEAST_R


def rows(seed: int, n: int = 400, n_hidden: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = np.tanh(random.normal(0, 1, (n, n_hidden)))
    prior = random.normal(0, 0.05, (3, n_hidden))
    return x, prior, random.random(n)


@given(seed=st.integers(0, 999))
@settings(max_examples=20, deadline=None)
def test_much_data_gives_the_truth_and_the_strongest_pull_the_scaled_prior(seed: int) -> None:
    x, prior, weight = rows(seed)
    random = np.random.default_rng(seed + 1)
    truth = prior * 0.7 + random.normal(0, 0.02, prior.shape)
    found_readings = ridge.solve(ridge.sums(x, x @ truth.T + 0.3, weight), prior)
    np.testing.assert_allclose(found_readings.weight[0], truth, atol=2e-3)
    np.testing.assert_allclose(found_readings.bias[0], 0.3, atol=2e-3)
    parallel = found_readings.weight[-1] / prior
    np.testing.assert_allclose(parallel, parallel[:, :1] * np.ones_like(prior), rtol=1e-6)


@given(seed=st.integers(0, 999), scale=st.floats(0.3, 3.0), shift=st.floats(-0.2, 0.2))
@settings(max_examples=20, deadline=None)
def test_a_face_that_only_moves_more_is_met_by_scale_and_shift(seed: int, scale: float, shift: float) -> None:
    x, prior, weight = rows(seed)
    readings = ridge.solve(ridge.sums(x, scale * (x @ prior.T) + shift, weight), prior)
    for s in range(len(ridge.STRENGTHS)):
        np.testing.assert_allclose(readings.weight[s], scale * prior, atol=0.03 * abs(scale - 1) * 0.2 + 2e-3)


def test_sums_of_parts_are_the_sums_of_all() -> None:
    x, prior, weight = rows(3)
    y = x @ prior.T
    whole, first, rest = (ridge.sums(x[part], y[part], weight[part])
                          for part in (slice(None), slice(0, 100), slice(100, None)))
    for back, part in ((first + rest, whole), (whole - rest, first)):
        for a, b in ((back.n, part.n), (back.x, part.x), (back.xx, part.xx), (back.xy, part.xy)):
            np.testing.assert_allclose(a, b, atol=1e-9)


@given(seed=st.integers(0, 999), strength=st.floats(0.8, 1.5))
@settings(max_examples=20, deadline=None)
def test_the_tracks_asked_for_show_the_recorded_curves(seed: int, strength: float) -> None:
    curves = np.random.default_rng(seed).random((40, N_CURVE_TRACKS)) * 0.45
    for k in range(N_CURVE_TRACKS):
        alone = np.zeros_like(curves)
        alone[:, k] = curves[:, k]
        asked = asked_for(alone, strength)
        shown = opened(asked.astype(np.float32), strength, np.zeros(len(asked), np.float32))
        np.testing.assert_allclose(shown[:, k], curves[:, k], atol=2e-3, err_msg=CURVE_TRACKS[k])


def test_a_row_without_a_face_is_told_from_a_resting_one() -> None:
    values = np.zeros((3, N_CHANNELS))
    values[1, INDEX["headYaw"]] = 0.3  # of no face, but of a phone that was moved
    values[2, INDEX["jawOpen"]] = 0.01
    assert face_seen(values).tolist() == [False, False, True]
