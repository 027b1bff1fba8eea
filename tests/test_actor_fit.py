"""A model fitted to an actor: it learns his face, and closes its lips just where the shipped model does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("onnx", reason='the fit writes model files with onnx: pip install "facerig[fit]"')

from facerig.actor import fitting
from facerig.actor import readout as readouts
from facerig.actor.fitting import FitReport, FitSettings, fit_to
from facerig.actor.hidden import Heard, Listener
from facerig.actor.targets import SPEECH
from facerig.actor.video import Reader
from facerig.actor.writing import ACTOR_KEY, write_model
from facerig.cli import run as cli
from facerig.core.channels import INDEX
from facerig.core.mouth import mouth_geometry
from facerig.curve_files import read_curves
from facerig.encoder.lips import LipDecoder, LipSettings
from facerig.encoder.model import open_model
from facerig.encoder.tracks import CURVE_TRACKS, N_CURVE_TRACKS, TRACKS
from facerig.errors import ConfigError, ModelError, OutputError
from facerig.performance.settings import STILL
from facerig.session import Session
from tests.actors import SPEEDS, UNSEEN, made_up_actor, record, write_livelink

LAG_SECS = 0.08
SEAL_MM = 1.0
SEAL, VOICE = TRACKS.index("seal"), TRACKS.index("voice")


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener("live")


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory, speech: Path, listener: Listener) -> Path:
    folder = tmp_path_factory.mktemp("takes")
    actor = made_up_actor(listener.readout.weight.shape[1])
    record(folder, speech, listener, actor, lag_secs=LAG_SECS)
    return folder


@pytest.fixture(scope="module")
def fitted(takes: Path, tmp_path_factory: pytest.TempPathFactory) -> FitReport:
    out = tmp_path_factory.mktemp("model") / "anna.onnx"
    return fit_to([takes], out, FitSettings(name="Anna", source="made up for a test"))


def heard_of(model: str, takes: Path) -> Heard:
    audio, rate = soundfile.read(takes / "line0.wav", dtype="float32")
    return Listener(model).hear(audio, rate)


def curve(report: FitReport, name: str) -> tuple[float, float]:
    row = next(r for r in (*report.curves, report.width) if r.track == name)
    assert row.before is not None
    assert row.after is not None
    return row.before, row.after


@pytest.mark.parametrize("name", ["jawOpen", "mouthPucker", "mouth width"])
def test_takes_left_out_are_followed(fitted: FitReport, name: str) -> None:
    before, after = curve(fitted, name)
    assert after > 0.9
    assert after > before or before > 0.98  # no room above a curve that is followed already


def test_the_fitted_model_opens_as_far_as_the_actor(fitted: FitReport, takes: Path,
                                                    listener: Listener) -> None:
    heard = heard_of(str(fitted.out), takes)
    actor = made_up_actor(listener.readout.weight.shape[1])
    wanted = actor.curves(heard, listener)[:, INDEX["jawOpen"]]
    decoder = LipDecoder(open_model(str(fitted.out))[1].lips)
    values, _ = decoder.step(heard.tracks.reshape(-1, len(TRACKS)), decoder.initial_state())
    made = values[:, INDEX["jawOpen"]]
    assert np.abs(made - wanted).mean() < 0.015
    assert np.percentile(made, 95) == pytest.approx(np.percentile(wanted, 95), rel=0.15)


def test_the_lag_is_found_and_taken_off(fitted: FitReport) -> None:
    assert len(fitted.takes) == len(SPEEDS)
    assert {round(take.lag.secs - LAG_SECS, 2) for take in fitted.takes} <= {-0.01, 0.0, 0.01}
    assert any("curves behind the sound by" in remark for remark in fitted.remarks)


def test_what_the_tracker_never_moves_stays_as_shipped(fitted: FitReport, listener: Listener) -> None:
    assert {row.track for row in fitted.curves if row.kept} == set(UNSEEN)
    after = Listener(str(fitted.out)).readout.by_knot
    for name in UNSEEN:
        k = CURVE_TRACKS.index(name)
        for ours, theirs in zip(after, listener.readout.by_knot, strict=True):
            np.testing.assert_array_equal(ours[:, k], theirs[:, k])


def test_closures_are_decided_bit_for_bit_as_before(fitted: FitReport, takes: Path) -> None:
    ours, theirs = heard_of(str(fitted.out), takes), heard_of("live", takes)
    np.testing.assert_array_equal(ours.tracks[..., N_CURVE_TRACKS:], theirs.tracks[..., N_CURVE_TRACKS:])
    assert np.abs(ours.tracks[..., :N_CURVE_TRACKS] - theirs.tracks[..., :N_CURVE_TRACKS]).max() > 0.05


def test_only_the_curves_readout_differs_in_the_file(fitted: FitReport, listener: Listener) -> None:
    written = readouts.load(fitted.out)
    found = readouts.find_readout(written, str(fitted.out))
    stored = zip(written.graph.initializer, listener.model.graph.initializer, strict=True)
    changed = {ours.name for ours, theirs in stored
               if ours != theirs}
    assert changed == {found.weight_name, found.bias_name}
    for ours, theirs in zip(found.by_knot, listener.readout.by_knot, strict=True):
        np.testing.assert_array_equal(ours[:, N_CURVE_TRACKS:], theirs[:, N_CURVE_TRACKS:])


def test_the_file_says_whose_it_is_and_keeps_what_it_said(fitted: FitReport) -> None:
    _, info = open_model(str(fitted.out))
    _, base = open_model("live")
    about = json.loads(info.metadata[ACTOR_KEY])
    assert (about["name"], about["takes"], about["base_sha256"]) == ("Anna", len(SPEEDS), base.sha256)
    assert about["source"] in info.metadata["facerig_licences"]
    assert info.metadata["facerig_licences"].startswith(base.metadata["facerig_licences"])
    assert info.lips == base.lips
    assert set(base.metadata) <= set(info.metadata)


def test_the_mouth_still_rests_in_silence(fitted: FitReport) -> None:
    session = Session(16_000, model=str(fitted.out), performance=STILL)
    values = np.concatenate([session.feed(np.zeros(32_000, np.float32)).values, session.flush().values])
    assert np.abs(values).max() < 1e-6


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.floats(0.001, 1.0))
def test_any_readout_of_the_curves_seals_and_parts_the_lips(seed: int, size: float) -> None:
    random = np.random.default_rng(seed)
    tracks = random.normal(0, size, (60, len(TRACKS))).astype(np.float32)
    tracks[:, VOICE] = 1.0
    tracks[:, SEAL:VOICE] = 0.0
    tracks[20:40, SEAL] = 1.0
    decoder = LipDecoder(LipSettings())
    values = decoder.step(tracks, decoder.initial_state())[0]
    widest = mouth_geometry().gaps_mm(values).max(1)
    assert (widest[22:40] <= SEAL_MM).all()
    assert (widest[8:16] > SEAL_MM).all()
    assert values.min() >= 0.0


def test_the_offline_model_is_fitted_too(takes: Path, tmp_path: Path) -> None:
    offline = Listener("offline")
    audio, rate = soundfile.read(takes / "line0.wav", dtype="float32")
    heard = offline.hear(audio, rate)  # raises where the readout is not what the model uses
    assert len(heard.tracks) * 2 == pytest.approx(len(audio) / rate * 100, abs=3)
    weight, bias = (part[:, :N_CURVE_TRACKS] * 1.0 for part in offline.readout.by_knot)
    bias[:, CURVE_TRACKS.index("mouthSmile")] += 0.2
    out = tmp_path / "own.onnx"
    write_model(out, offline, weight, bias, name="a", source="b", facts={})
    after = Listener(str(out)).hear(audio, rate)
    np.testing.assert_array_equal(after.tracks[..., N_CURVE_TRACKS:], heard.tracks[..., N_CURVE_TRACKS:])
    lifted = (after.tracks - heard.tracks)[..., :N_CURVE_TRACKS].mean((0, 1))
    np.testing.assert_allclose(lifted, 0.2 * (np.array(CURVE_TRACKS) == "mouthSmile"), atol=1e-5)


def test_the_command_line(takes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("PIL", reason='pictures are drawn with Pillow: pip install "facerig[preview]"')
    out, picture = tmp_path / "anna.onnx", tmp_path / "fit.png"
    given = ["fit", str(takes), "-o", str(out), "--name", "Anna", "--keep", "mouthSmile"]
    assert cli.run([*given, "--picture", str(picture), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    rows = {row["track"]: row for row in said["curves"]}
    assert said["ok"]
    assert rows["mouthSmile"]["kept"] == "as asked"
    assert rows["jawOpen"]["after"] > 0.9
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert open_model(str(out))[1].kind == "live"


def film(out: Path, sound: Path, jaw: np.ndarray, fps: int) -> None:
    """A film as bright as the jaw is open, with sound."""
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg", reason='films need pip install "facerig[preview]"')
    pictures = np.repeat(np.clip(40 + jaw * 500, 0, 255).astype(np.uint8), 32 * 32)
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt",
                    "gray", "-s", "32x32", "-r", str(fps), "-i", "-", "-i", str(sound), "-c:v", "libx264",
                    "-pix_fmt", "yuv420p", "-c:a", "aac", str(out)], input=pictures.tobytes(), check=True)


def test_videos_teach_what_a_landmarker_sees(takes: Path, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    for path in takes.glob("*.csv"):
        clip = read_curves(path)
        film(tmp_path / f"{path.stem}.mp4", path.with_suffix(".wav"), clip["jawOpen"], int(clip.fps))

    def read(picture: np.ndarray, _milliseconds: int) -> dict[str, float]:
        return {"_neutral": 0.5, "jawOpen": max(0.0, (float(picture.mean()) - 40) / 500), "mouthPucker": 0.02}

    @contextmanager
    def landmarker(_task: Path) -> Iterator[Callable[[], Reader]]:
        yield lambda: read

    monkeypatch.setattr(fitting, "landmarker", landmarker)  # its model file cannot be shipped
    report = fit_to([tmp_path], tmp_path / "x.onnx", FitSettings(landmarker=tmp_path / "face.task"))
    assert len(report.takes) == len(SPEEDS)
    assert [row.track for row in report.curves if not row.kept] == ["jawOpen"]
    assert curve(report, "jawOpen")[1] > 0.9
    assert report.takes[0].lag.secs == pytest.approx(LAG_SECS, abs=0.02)


def test_too_little_speech_is_refused(takes: Path, tmp_path: Path) -> None:
    pair = [takes / "line0.wav", takes / "line0.csv"]
    with pytest.raises(ConfigError, match=r"there are \d s of speech .* at least 30 s"):
        fit_to(pair, tmp_path / "x.onnx")
    assert not list(tmp_path.iterdir())


def test_curves_of_another_take_are_left_out(takes: Path, tmp_path: Path, listener: Listener) -> None:
    for i in range(len(SPEEDS)):
        for ending in (".wav", ".csv"):
            (tmp_path / f"line{i}{ending}").symlink_to(takes / f"line{i}{ending}")
    random = np.random.default_rng(5)
    steps = np.repeat(random.random((41, 61)), 6, axis=0).astype(np.float32) * 0.3
    write_livelink(tmp_path / "other.csv", steps, 30)
    (tmp_path / "other.wav").symlink_to(takes / "line0.wav")
    report = fit_to([tmp_path], tmp_path / "x.onnx")
    assert len(report.takes) == len(SPEEDS)
    assert any(remark.startswith("other is left out: its jaw does not follow") for remark in report.remarks)


def test_percent_is_told_from_shares(takes: Path, tmp_path: Path) -> None:
    values = np.full((60, 61), 40.0, np.float32)
    write_livelink(tmp_path / "a.csv", values, 30)
    (tmp_path / "a.wav").symlink_to(takes / "line0.wav")
    with pytest.raises(ConfigError, match="reach 40, ARKit's end at 1"):
        fit_to([tmp_path], tmp_path / "x.onnx")


def test_the_fitted_model_itself_is_not_overwritten(listener: Listener, tmp_path: Path) -> None:
    own = tmp_path / "mine.onnx"
    own.write_bytes(listener.info.path.read_bytes())
    mine = Listener(str(own))
    weight, bias = (part[:, :N_CURVE_TRACKS] for part in mine.readout.by_knot)
    with pytest.raises(OutputError, match="would be overwritten"):
        write_model(own, mine, weight, bias, name="a", source="b", facts={})


@pytest.mark.parametrize(("keep", "message"), [(("mouthSneer",), "no curve 'mouthSneer' to keep")])
def test_a_curve_that_is_none_cannot_be_kept(keep: tuple[str, ...], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        fit_to([tmp_path], tmp_path / "x.onnx", FitSettings(keep=keep))


def test_a_model_without_a_float_readout_is_refused(listener: Listener) -> None:
    onnx = readouts.onnx_module()
    model = onnx.ModelProto()
    model.CopyFrom(listener.model)
    for tensor in model.graph.initializer:
        if tensor.name == listener.readout.weight_name:
            halved = onnx.numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(onnx.numpy_helper.from_array(halved, tensor.name))
    with pytest.raises(ModelError, match="no linear layer of"):
        readouts.find_readout(model, "half.onnx")


def test_knots_in_silence_and_closures_do_not_teach(fitted: FitReport) -> None:
    for take in fitted.takes:
        tracks = take.heard.tracks.reshape(-1, len(TRACKS))
        counted = take.lesson.weight > 0
        assert 0.2 < counted.mean() < 0.8
        assert tracks[counted, SEAL].max() < 0.1
        assert (tracks[counted, VOICE] >= 0.2).all()
        assert take.lesson.speech.sum() == (tracks[:, VOICE] >= SPEECH).sum()
