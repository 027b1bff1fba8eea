"""The training code: labels, articulation, augmentation, a resumable trainer, an export as torch."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from facerig.core.channels import INDEX
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import LipDecoder
from facerig.encoder.tracks import N_CURVE_TRACKS, TRACKS
from facerig.errors import ConfigError
from facerig.features import logmel
from facerig.script import articulation, phones
from facerig.script.phones import PAUSE, Phone
from tests.streams import made_up_speech
from tools.train import corpus

WORD = [Phone(PAUSE, 0, 0.3), Phone("a", 0.3, 0.45), Phone("p", 0.45, 0.55), Phone("a", 0.55, 0.7),
        Phone("f", 0.7, 0.8), Phone("u", 0.8, 0.95), Phone(PAUSE, 0.95, 1.5)]


def teacher(timed: list[Phone], n: int = 150) -> np.ndarray:
    """What the targets would look like on the head, [n, 61]."""
    tracks = np.concatenate([articulation.shapes(timed, n), articulation.activations(timed, n)], 1)
    decoder = LipDecoder()
    return decoder.step(tracks, decoder.initial_state())[0]


def test_the_runtime_and_the_corpus_name_the_same_tracks() -> None:
    assert corpus.CHANNELS == TRACKS
    assert corpus.N_CURVES == N_CURVE_TRACKS


def test_the_teacher_seals_p_touches_in_f_opens_in_a_and_rests_in_pauses() -> None:
    values = teacher(WORD)
    widest, geometry = mouth_geometry().gaps_mm(values).max(1), mouth_geometry()
    assert (widest[46:51] <= 1.0).all()  # the closure of p; its end is the burst
    assert (widest[[38, 62]] > 5).all()
    assert geometry.teeth_mm(values[75]) <= 2.5
    assert geometry.gaps_mm(values[75])[2] >= 1.2
    assert np.abs(values[:20]).max() < 0.05
    assert np.abs(values[125:]).max() < 0.02


def test_rounding_starts_before_its_vowel() -> None:
    pucker = teacher(WORD)[:, INDEX["mouthPucker"]]
    assert pucker[74] > 0.05  # in the f, 60 ms before the u
    assert 80 <= np.argmax(pucker) <= 96  # and is full within it


def test_a_closure_after_a_pause_starts_before_the_burst() -> None:
    first = articulation.closure_of(Phone("p", 1.0, 1.1), after_pause=True)[0]
    inside = articulation.closure_of(Phone("p", 1.0, 1.1), after_pause=False)[0]
    assert inside - first == pytest.approx(0.065)


def test_labels_of_every_set_parse_and_unknown_ones_are_named() -> None:
    parsed = phones.parse([["SIL", 0, 0.2], ["AY1", 0.2, 0.4], ["P", 0.4, 0.5]], "arpabet", 0.6)
    assert [p.name for p in parsed] == ["_", "a", "ɪ", "p", "_"]
    assert [p.name for p in phones.parse([["ɑ", 0, 0.1], ["̃", 0.1, 0.2]], "ipa", 0.2)] == ["ɑ"]
    russian = phones.parse([["sch", 0, 0.1], ["bb", 0.1, 0.2]], "festvox_ru", 0.2)
    assert [p.name for p in russian] == ["ʃ", "b"]
    with pytest.raises(KeyError, match="'XX'"):
        phones.parse([["XX", 0, 1]], "arpabet", 1)


def test_phones_cover_the_clip_without_gaps() -> None:
    parsed = phones.parse([["p", 0.2, 0.3], ["a", 0.34, 0.5], ["t", 0.8, 0.9]], "ipa", 1.2)
    assert parsed[0].start == 0
    assert parsed[-1].end == 1.2
    assert all(a.end == b.start for a, b in pairwise(parsed))
    assert [p.name for p in parsed] == ["_", "p", "a", "_", "t", "_"]


def test_features_of_the_corpus_are_those_of_the_runtime() -> None:
    audio = made_up_speech(1.0)
    mel = 10 ** corpus.mel_of_samples(audio).astype(np.float32)
    levels, _, _ = logmel.track_level(mel.mean(1), 0.0, logmel.LEVEL_FLOOR)
    stage = logmel.LogMel()
    state, out = stage.initial_state(), []
    for block in audio.reshape(-1, logmel.BLOCK):
        rows, state = stage.step(block, state)
        out.append(rows)
    difference = np.abs(np.concatenate(out) - logmel.normalised(mel, levels))
    assert np.percentile(difference, 99) < 0.02  # the cache holds half precision


def made_up_clips(n: int = 6) -> list[corpus.Clip]:
    clips = []
    for i in range(n):
        timed = [replace_times(p, 0.05 * i) for p in WORD]
        mel = corpus.mel_of_samples(made_up_speech(1.5, seed=i))
        targets = np.concatenate([articulation.shapes(timed, 150), articulation.activations(timed, 150)], 1)
        clips.append(corpus.Clip("an4", "validate" if i == 0 else "train", mel, targets.astype(np.float16),
                                 articulation.classes(timed, 150).astype(np.int8),
                                 np.ones(len(corpus.CHANNELS), np.float32), "someone"))
    return clips


def replace_times(phone: Phone, by: float) -> Phone:
    return Phone(phone.name, max(0.0, phone.start + (by if phone.start else 0)), phone.end + by)


def test_batches_are_repeatable_finite_and_keep_their_targets() -> None:
    from tools.train.augment import Augmenter

    one, two = (Augmenter(made_up_clips(), 120, np.random.default_rng(5)).batch(12) for _ in range(2))
    assert np.array_equal(one.mel, two.mel)
    assert np.isfinite(one.mel).all()
    assert one.mel.min() >= -2.81
    assert one.targets.min() >= 0
    assert one.targets[..., TRACKS.index("seal")].max() == 1
    assert not np.array_equal(one.mel[0], one.mel[1])


def test_what_moonshine_hears_goes_with_its_crop_and_is_unknown_outside() -> None:
    from tools.train.augment import Augmenter

    clips = made_up_clips()
    for i, clip in enumerate(clips):
        clip.heard = np.repeat(np.arange(75, dtype=np.float16)[:, None], 4, 1) if i % 2 else None
    drawn = Augmenter(clips, 120, np.random.default_rng(2))
    vectors = np.stack([v for v in (drawn.batch(1).vectors for _ in range(40)) if v is not None])[:, 0]
    assert vectors.shape[1:] == (60, 4)
    unknown = np.isnan(vectors)
    assert unknown.any()
    assert not unknown.all()
    steps = np.diff(vectors[..., 0], axis=1)
    steps = steps[~np.isnan(steps)]
    assert ((steps >= 0) & (steps <= 3)).all()
    assert steps.mean() == pytest.approx(1.08, abs=0.25)  # people speak faster than voices read


def test_of_many_people_nobody_is_heard_much_oftener_than_the_others() -> None:
    from tools.train.augment import Augmenter

    clips = made_up_clips(5)
    for i, clip in enumerate(clips):
        clip.source, clip.speaker = corpus.PEOPLE, "talker" if i else "quiet one"
    weights = Augmenter._clip_weights(clips)
    assert weights[0] / weights[1:].sum() == pytest.approx(1 / 2)  # the square root of their minutes
    assert weights.sum() == pytest.approx(1)


def test_whispers_and_breaths_stay_finite_and_breath_keeps_to_the_pauses() -> None:
    from tools.train.augment import Augmenter

    drawn = Augmenter(made_up_clips(), 150, np.random.default_rng(1))
    power = np.full((150, logmel.N_MELS), 1e-6, np.float32)
    voice = (np.arange(150) >= 60).astype(np.float32)
    breathed = np.stack([drawn._breathed(power, voice) for _ in range(40)])
    assert (breathed[:, 60:] == power[60:]).all()
    assert (breathed[:, :60] > power[:60]).any()
    assert np.isfinite(drawn._warped(np.log10(breathed[0]))).all()


@pytest.mark.train
def test_the_teachers_windows_hold_every_row_once() -> None:
    training()
    from tools.train import teacher

    lengths = [100, 640, 2000, 0, 899, 30]
    pieces = [p for window in teacher.packed(lengths) for p in window]
    rows = [(p.index, row) for p in pieces for row in range(p.first, p.last)]
    assert sorted(rows) == [(i, row) for i, n in enumerate(lengths) for row in range(n)]
    for window in teacher.packed(lengths):
        ends = [p.at + p.last - p.first for p in window]
        assert all(end + teacher.GAP <= after.at for end, after in zip(ends, window[1:], strict=False))
        assert ends[-1] <= teacher.WINDOW


@pytest.mark.train
def test_a_teacher_is_mixed_into_labels_and_stands_alone_where_there_are_none() -> None:
    training()
    from tools.train import teacher

    clip, unlabelled = made_up_clips(2)
    unlabelled.classes[:], unlabelled.weights[:] = -1, 0
    sure = np.zeros((len(clip.mel), len(corpus.CHANNELS) + len(phones.INVENTORY)), np.float16)
    sure[:, TRACKS.index("seal")], sure[:, len(corpus.CHANNELS)] = 1.0, 1.0
    silent = np.zeros(1, np.float32)
    speech = [corpus.Recording(c.source, c.part, silent, c.targets.astype(np.float32), c.classes, c.weights)
              for c in (clip, unlabelled)]
    before = clip.targets.copy()
    teacher.taught([clip, unlabelled], speech, [sure, sure])
    seal = TRACKS.index("seal")
    assert np.allclose(clip.targets[:, seal], 0.5 * before[:, seal] + 0.5, atol=1e-3)
    assert (unlabelled.targets[:, seal] == 1).all()
    assert (unlabelled.weights == teacher.UNLABELLED_WEIGHT).all()
    for c in (clip, unlabelled):
        assert c.probs is not None
        assert np.allclose(c.probs.astype(np.float32).sum(1), 1, atol=5e-3)


def training() -> tuple[ModuleType, ModuleType]:
    """The trainer and the export; skips without torch, and for no other reason."""
    pytest.importorskip("torch", reason="training needs the extra `train`")
    return import_module("tools.train.__main__"), import_module("tools.train.export")


def ears() -> ModuleType:
    """Moonshine's layers; skips where npm cannot fetch them."""
    moonshine = import_module("tools.train.moonshine")
    try:
        moonshine.session()
    except ConfigError as error:
        pytest.skip(f"Moonshine's layers cannot be fetched with npm: {error}")
    return moonshine


@pytest.mark.train
def test_a_stopped_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    trainer, _ = training()
    recipe = trainer.Recipe(width=16, conv=16, batch=4, frames=80, steps=6)
    clips = made_up_clips()

    def weights(folder: str, stop: int | None) -> list[np.ndarray]:
        run = trainer.Trainer(recipe, trainer.live_data(recipe, clips), tmp_path / folder)
        if stop:
            for _ in range(stop):
                run.train_step()
            run.save()
            run = trainer.Trainer(recipe, trainer.live_data(recipe, clips), tmp_path / folder)
            assert run.step == stop
        run.run(validate_every=3)
        return [p.detach().numpy() for p in run.averaged.module.parameters()]

    for whole, resumed in zip(weights("whole", None), weights("resumed", 3), strict=True):
        assert np.allclose(whole, resumed, atol=1e-6)
    lines = [json.loads(line) for line in (tmp_path / "whole" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [3, 6]


@pytest.mark.train
@pytest.mark.parametrize(("kind", "delay"), [("live", 8), ("live-40", 3), ("offline", 2)])
def test_an_export_runs_in_a_session_and_matches_torch(tmp_path: Path, kind: str, delay: int) -> None:
    trainer, export = training()
    from facerig import Session

    recipe = replace(trainer.RECIPES[kind], width=24, conv=16)
    if kind == "offline":
        ears()
    network = trainer.OfflineEncoder if kind == "offline" else trainer.Encoder
    encoder = network(24, 2, 16, 0.1).eval()
    path = tmp_path / "own.onnx"
    export.write_onnx(encoder, recipe, path)
    assert export.largest_difference(encoder, path) < 1e-4
    session = Session(16_000, model=str(path))
    assert session.model_info.delay_knots == delay
    assert len(session.feed(made_up_speech(0.5))) + len(session.flush()) == 30


@pytest.mark.train
def test_a_wider_network_begins_with_what_the_narrow_one_says(tmp_path: Path) -> None:
    trainer, _ = training()
    import torch

    narrow, wide = trainer.Encoder(16, 2, 12, 0.0).eval(), trainer.Encoder(24, 2, 20, 0.0).eval()
    for name, network in (("narrow", narrow), ("wide", wide)):
        weights = {f"module.{k}": v for k, v in network.state_dict().items()}
        torch.save({"averaged": weights}, tmp_path / f"{name}.pt")
    with pytest.raises(ValueError, match="do not fit"):
        trainer.load_weights(narrow, tmp_path / "wide.pt")
    trainer.load_weights(wide, tmp_path / "narrow.pt")
    mel = torch.randn(2, 40, logmel.N_MELS)
    with torch.no_grad():
        for ours, theirs in zip(wide(mel), narrow(mel), strict=True):
            assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.train
def test_training_lowers_the_loss(tmp_path: Path) -> None:
    trainer, _ = training()
    recipe = trainer.Recipe(width=32, conv=32, batch=8, frames=120, steps=60, learning_rate=4e-3)
    run = trainer.Trainer(recipe, trainer.live_data(recipe, made_up_clips()), tmp_path)
    first = np.mean([run.train_step() for _ in range(5)])
    for _ in range(45):
        run.train_step()
    assert np.mean([run.train_step() for _ in range(5)]) < 0.8 * first


@pytest.mark.train
def test_the_guess_of_what_moonshine_hears_is_judged_at_its_own_time_and_where_it_is_known() -> None:
    trainer, _ = training()
    import torch

    vectors = torch.randn(2, 30, 5)
    late = torch.cat([torch.full((2, 3, 5), 9.0), vectors[:, :-3]], 1)  # a delay of 8 knots: 3 steps
    assert float(trainer.ear_loss(late, vectors, 8)) == 0
    assert float(trainer.ear_loss(vectors, vectors, 8)) > 0.1
    vectors[0] = torch.nan
    assert float(trainer.ear_loss(late, vectors, 8)) == 0
    vectors[1] = torch.nan
    assert float(trainer.ear_loss(late, vectors, 8)) == 0


@pytest.mark.train
def test_training_learns_what_moonshine_hears(tmp_path: Path) -> None:
    trainer, _ = training()
    import torch

    from tools.train import moonshine, teacher

    clips = made_up_clips()
    heard = [np.repeat(c.targets[::2, :1], moonshine.WIDTH, 1) * 50 for c in clips]
    teacher.hear(clips, heard)
    known = np.concatenate([c.heard for c in clips]).astype(np.float32)
    assert np.abs(known.mean(0)).max() < 0.2
    assert known.std(0).mean() == pytest.approx(1, abs=0.2)
    recipe = trainer.Recipe(width=32, conv=32, batch=8, frames=120)
    run = trainer.Trainer(recipe, trainer.live_data(recipe, clips), tmp_path)
    batch = run.data.train.batch(8)
    before = after = float(trainer.losses(run.model, batch, recipe.delay_knots)["ear"].detach())
    optimiser = torch.optim.Adam(run.model.parameters(), lr=5e-3)
    for _ in range(60):
        optimiser.zero_grad()
        loss = trainer.losses(run.model, batch, recipe.delay_knots)["ear"]
        loss.backward()
        optimiser.step()
        after = float(loss.detach())
    assert after < 0.7 * before
