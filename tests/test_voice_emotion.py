"""Emotion heard in the voice: the stage, its model file, the training and the judge."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from facerig.core.cues import CUES
from facerig.core.rows import put, taken
from facerig.errors import ModelError
from facerig.features.logmel import BLOCK, SAMPLE_RATE, LogMel
from facerig.features.voice_emotion import (
    CLASSES,
    HOLD_HOPS,
    N_HEARD,
    SILENT_ROWS,
    TELLING,
    VOICE_EMOTION_NAMES,
    Hearing,
    VoiceEmotion,
    VoiceEmotionModel,
    faded,
    heard_of,
    read_model,
)
from facerig.features.voice_measures import HOP_ROWS, MEASURES, N_MEASURES, ROWS_BEFORE, measured, summed
from tests.streams import in_pieces, made_up_speech, run
from tools.evaluate import noise
from tools.evaluate import voice_emotion as judge
from tools.train.voice_emotion import __main__ as training
from tools.train.voice_emotion import clips, fitting, sounds

DATA = Path(__file__).parents[2] / "shared" / "data"
STAGE = VoiceEmotion()
needs_data = pytest.mark.skipif(not (DATA / "emodb").is_dir(), reason="the data sets are not there")


def felt(audio: np.ndarray) -> np.ndarray:
    """What the shipped model says of a sound [n, 5]."""
    return np.asarray(run(STAGE, [sounds.rows_of(audio.astype(np.float32))]))


def voice(hz: float, tilt_db: float, secs: float = 4.0) -> np.ndarray:
    """Syllables of a voice of that pitch, whose harmonics fall by `tilt_db` an octave."""
    t = np.arange(int(secs * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(hz * (1 + 0.15 * np.sin(2 * np.pi * 0.9 * t))) / SAMPLE_RATE
    n = np.arange(1, int(7000 / hz / 1.2))
    levels = 10 ** (tilt_db * np.log2(n) / 20)
    buzz = (levels[:, None] * np.sin(n[:, None] * phase)).sum(0)
    noise = np.random.default_rng(0).normal(0, 1e-4, len(t))
    return np.asarray(0.1 * np.clip(np.sin(2 * np.pi * 4 * t), 0, 1) * buzz / np.abs(buzz).max() + noise)


def drawn_rows(seed: int, n: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1.2, (n, 64)).astype(np.float32)


def test_the_columns_are_cues() -> None:
    assert CUES[-len(VOICE_EMOTION_NAMES) :] == VOICE_EMOTION_NAMES


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=8), st.integers(0, 99))
def test_any_split_gives_the_same_bits_in_range(cuts: list[int], seed: int) -> None:
    rows = drawn_rows(seed)
    whole = run(STAGE, [rows])
    assert np.array_equal(run(STAGE, in_pieces(rows, cuts)), whole)
    assert np.abs(whole).max() <= 1
    assert whole[:, 2:].min() >= 0
    assert whole[:, 2:].sum(1).max() <= 1 + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 199), st.integers(0, 99))
def test_later_rows_change_nothing_and_nothing_jumps(kept: int, seed: int) -> None:
    rows = drawn_rows(seed)
    whole = run(STAGE, [rows])
    assert np.array_equal(run(STAGE, [rows[:kept]]), whole[:kept])
    assert np.abs(np.diff(whole, axis=0)).max() < 0.08


def test_a_forked_stream_does_not_disturb_its_twin() -> None:
    _, state = STAGE.step(drawn_rows(1, 130), STAGE.initial_state())
    before, _ = STAGE.step(drawn_rows(2, 50), state)
    STAGE.step(drawn_rows(3, 90), state)
    after, _ = STAGE.step(drawn_rows(2, 50), state)
    assert np.array_equal(before, after)


def test_it_starts_at_nothing_and_silence_is_nothing() -> None:
    assert not felt(np.zeros(SAMPLE_RATE * 3)).any()
    assert np.abs(felt(made_up_speech(2.0))[0]).max() == 0


@pytest.mark.parametrize("gain", [0.03, 0.3, 3.0])
def test_the_gain_of_a_recording_is_no_emotion(gain: float, speech: Path) -> None:
    audio, rate = soundfile.read(speech, dtype="float32")
    audio = resample_poly(audio, 2, 3) if rate == 24_000 else audio
    assert np.abs(felt(audio)[100:] - felt(audio * gain)[100:]).mean() < 0.06


def test_a_reader_is_about_neutral(speech: Path) -> None:
    audio, _ = soundfile.read(speech, dtype="float32")
    said = felt(resample_poly(audio, 2, 3))
    assert said[-1, 2:].max() < 0.5
    assert abs(said[-1, 0]) < 0.35


def test_a_high_pressed_voice_is_more_aroused_than_a_low_soft_one() -> None:
    pressed, soft = (felt(voice(hz, tilt))[-1, 0] for hz, tilt in ((330.0, 0.0), (110.0, -14.0)))
    assert pressed > soft + 0.5


def test_a_breath_changes_nothing_and_a_long_silence_forgets() -> None:
    loud = voice(330.0, 0.0)
    still = felt(np.concatenate([loud, np.zeros(SAMPLE_RATE * 20)]))
    n = len(loud) // 160
    assert still[n, 0] > 0.3
    held = still[n + 150 : n + HOLD_HOPS * HOP_ROWS]
    assert np.abs(held - held[0]).max() < 0.02
    assert np.abs(still[-1]).max() < 0.1


def test_forgetting_ends_at_the_prior() -> None:
    memories = Hearing.nothing().memories * 7.0
    for _ in range(300):
        memories = faded(memories)
    assert memories == pytest.approx(Hearing.nothing().memories, abs=0.01)


def test_the_prior_is_a_reader_at_the_mean_of_all_measures() -> None:
    heard = heard_of(Hearing.nothing().memories).reshape(2, -1)
    assert heard.size == N_HEARD
    assert heard[:, 2 : 2 + N_MEASURES] == pytest.approx(0.0)
    assert heard[:, 2 + N_MEASURES :] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("hz", [140.0, 210.0, 320.0, 450.0])
def test_the_pitch_is_the_voices(hz: float) -> None:
    audio = voice(hz, -6.0).astype(np.float32)
    measures, energy, harmonic, _ = measured(np.concatenate([SILENT_ROWS, sounds.rows_of(audio)]))
    voiced = (harmonic > 12) & (energy > energy.max() - 10)
    octaves = measures[voiced, MEASURES.index("pitch")] * 0.4 - 0.1
    assert voiced.mean() > 0.15
    assert np.median(octaves) == pytest.approx(np.log2(hz / 200.0), abs=0.15)


def test_the_sums_of_a_hop_without_sound_are_empty() -> None:
    silence = np.repeat(SILENT_ROWS[:1], ROWS_BEFORE + HOP_ROWS, 0)
    sums, _ = summed(silence[None], np.full(1, -60.0))
    assert sums.n_loud == sums.n_voiced == 0
    assert not sums.first.any()


def test_rows_of_a_whole_recording_are_those_of_the_stream() -> None:
    audio = made_up_speech(1.0)
    blocks = list(audio[: len(audio) // BLOCK * BLOCK].reshape(-1, BLOCK))
    assert sounds.rows_of(audio) == pytest.approx(run(LogMel(), blocks), abs=1e-4)


# ---- the file ----


def test_the_shipped_file_names_its_data_licences_and_figures() -> None:
    facts = read_model().facts
    assert set(facts["data"]) == {"emodb", "an4", "kokoro", "grid", "festvox_ru", "nonspeech"}
    assert all(own["licence"] and len(own["sha256_of_list"]) == 64 for own in facts["data"].values())
    assert facts["figures"]["actor_held_out"]["clean"]["arousal_accuracy"] > 0.9


def a_model(seed: int = 0) -> VoiceEmotionModel:
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 0.1, (2, N_HEARD + 1, len(CLASSES))).astype(np.float32).astype(np.float64)
    return VoiceEmotionModel(np.zeros((2, N_HEARD)), np.ones((2, N_HEARD)), weights, {})


def written(path: Path, model: VoiceEmotionModel, **changed: object) -> Path:
    said = {"classes": list(CLASSES), "measures": list(MEASURES), **changed}
    path.write_bytes(training.file_of(model, said))
    return path


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    model = a_model()
    read = read_model(written(tmp_path / "a.npz", model))
    assert np.array_equal(read.weights, model.weights)


@pytest.mark.parametrize("spoil", ["missing", "no zip", "other measures", "damaged", "cut", "no facts"])
def test_a_bad_file_is_refused_with_its_name(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "bad.npz"
    if spoil == "no zip":
        path.write_bytes(b"no model")
    elif spoil == "other measures":
        written(path, a_model(), measures=["loudness"])
    elif spoil == "damaged":
        written(path, a_model())
        with np.load(path) as file:
            np.savez(path, **{**file, "weights": file["weights"] + 1})
    elif spoil == "cut":
        whole = written(path, a_model()).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif spoil == "no facts":
        np.savez(path, centre=np.zeros(3))
    with pytest.raises(ModelError, match=r"bad\.npz") as caught:
        read_model(path)
    assert "tools.train.voice_emotion" in caught.value.fix


# ---- training and judging ----


def a_clip(set_name: str, speaker: str, emotion: str, number: int, audio: np.ndarray | None = None
           ) -> clips.Clip:
    sound = np.zeros(16, np.float32) if audio is None else audio.astype(np.float32)
    return clips.Clip(set_name, f"{speaker}{emotion}{number}", speaker, emotion, sound, "a01")


def made_examples(n: int = 6, seed: int = 0) -> list[fitting.Examples]:
    """Actors whose emotion is one measure of its own, and readers."""
    rng = np.random.default_rng(seed)
    found = []
    for speaker in ("s1", "s2", "s3"):
        for column, emotion in enumerate(CLASSES):
            for k in range(n):
                heard = rng.normal(0, 1, (5, N_HEARD))
                heard[:, column] += 4
                clip = a_clip("emodb", speaker, emotion, k)
                found.append(fitting.Examples(clip, heard, np.full(5, 0.2), np.ones(5)))
    heard = rng.normal(0, 1, (40, N_HEARD))
    heard[:, 0] += 4
    reader = a_clip("an4", "r", "neutral", 0)
    return [*found, fitting.Examples(reader, heard, np.full(40, 1 / 40), np.ones(40))]


def test_what_can_be_told_apart_is_learnt() -> None:
    model = fitting.fitted(made_examples())
    heard = np.zeros(N_HEARD)
    heard[2] = 4.0
    shares = model.shares(heard[None], np.ones(1))[0]
    assert shares.sum() == pytest.approx(1.0)
    assert list(CLASSES)[int(shares.argmax())] == "anger"
    assert model.shares(heard[None], np.zeros(1)) == pytest.approx(0.25)  # none came through a telephone


def test_each_band_has_weights_of_its_own_and_between_them_the_answer_slides() -> None:
    examples = made_examples()
    halves = [fitting.Examples(e.clip, e.heard, e.weights, np.full(len(e.heard), k % 2.0))
              for k, e in enumerate(examples)]
    model = fitting.fitted(halves)
    assert not model.weights[1, :-1][~TELLING[1]].any()
    assert model.weights[1, :-1][TELLING[1]].any()
    heard = examples[0].heard[0]
    wide, narrow, between = model.shares(np.tile(heard, (3, 1)), np.array([1.0, 0.0, 0.25]))
    assert between == pytest.approx(0.25 * wide + 0.75 * narrow)


def test_the_baseline_looks_at_its_columns_only() -> None:
    told = judge.columns_of(judge.PROSODY)
    assert told[0].sum() == 2 * (2 + 2 * len(judge.PROSODY))
    model = fitting.fitted(made_examples(), told)
    assert not model.weights[0, :-1][~told[0]].any()
    assert model.weights[0, :-1][told[0]].any()


def test_a_telephone_is_told_by_its_band() -> None:
    speech = voice(180.0, -4.0).astype(np.float32)
    speech += np.random.default_rng(1).normal(0, 0.003, len(speech)).astype(np.float32)
    told = [sounds.heard_in(sounds.rows_of(audio))[2][-1]
            for audio in (speech, noise.telephone(speech, *[None] * 2))]  # type: ignore[arg-type]
    assert told[0] > 0.9
    assert told[1] < 0.1


def test_examples_are_the_same_each_time_and_copies_differ() -> None:
    recordings = [a_clip("an4", "r", "neutral", k, made_up_speech(1.5, seed=k)) for k in range(2)]
    one, other = (fitting.examples_of(recordings, 3) for _ in range(2))
    assert all(np.array_equal(a.heard, b.heard) for a, b in zip(one, other, strict=True))
    assert len(one) == 2 * (1 + fitting.READER_COPIES)
    assert not np.array_equal(one[0].heard, one[1].heard)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_altered_recordings_are_sound_still(seed: int) -> None:
    audio = sounds.altered(made_up_speech(0.6), np.random.default_rng(seed))
    assert np.isfinite(audio).all()
    assert 0.02 < np.abs(audio).max() < 1
    assert 0.7 * 9600 < len(audio) < 1.4 * 9600


def answer(emotion: str, joy: float, anger: float, sadness: float, speaker: str = "s1") -> judge.Answer:
    felt_as = joy * 0.8 - anger * 0.8 - sadness * 0.6
    row = np.array([0.7 * joy + 0.8 * anger - 0.7 * sadness, felt_as, joy, anger, sadness], np.float32)
    return judge.Answer(a_clip("emodb", speaker, emotion, 0), np.tile(row, (250, 1)))


def test_the_judge_counts_by_true_and_named_class() -> None:
    found = [answer("joy", 0.6, 0.3, 0), answer("anger", 0.6, 0.2, 0), answer("anger", 0, 0.5, 0.1),
             answer("neutral", 0.1, 0.2, 0.1), answer("sadness", 0.1, 0, 0.2, "s2"),
             answer("sadness", 0, 0, 0.9)]
    table = judge.confusion(found)
    assert table.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 1]]
    assert judge.unweighted_recall(table) == pytest.approx(0.75)
    figures = judge.figures(found)
    assert figures["arousal_accuracy"] == 1.0
    assert figures["joy_or_anger"] == pytest.approx(0.667)
    low, high = figures["uar_95"]
    assert 0 <= low <= 0.75 <= high <= 1


def test_an_actor_is_judged_by_a_model_that_never_heard_him() -> None:
    seen: list[set[str]] = []

    def fit(train: list[fitting.Examples]) -> VoiceEmotionModel:
        seen.append({e.clip.speaker for e in train})
        return a_model()

    examples = made_examples(1)
    recordings = [e.clip for e in examples if e.clip.set_name == "emodb"]
    rows = {c.id: drawn_rows(0, 60) for c in recordings}
    models = judge.held_out_models(examples, fit)  # type: ignore[arg-type]
    found = judge.by_held_out_actor(models, recordings, rows)
    assert seen == [{"s2", "s3", "r"}, {"s1", "s3", "r"}, {"s1", "s2", "r"}]
    assert len(found) == len(recordings)


def test_the_readers_parts_share_nobody(tmp_path: Path) -> None:
    (tmp_path / "an4").mkdir()
    records = [{"id": f"{k}", "speaker": s, "part": p} for k, (s, p) in enumerate(
        [("fash", "train"), ("mabc", "train"), ("mxyz", "test")] * 3)]
    (tmp_path / "an4" / "phones.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    (tmp_path / "an4" / "audio").mkdir()
    for record in records:
        soundfile.write(tmp_path / "an4" / "audio" / f"{record['id']}.opus", made_up_speech(0.3), SAMPLE_RATE,
                        format="OGG", subtype="OPUS")
    parts = {part: [c.speaker for c in clips.of_set(tmp_path, "an4", part)]  # type: ignore[arg-type]
             for part in ("train", "validate", "test")}
    assert parts == {"train": ["an4/mabc"] * 2, "validate": ["an4/fash"] * 2, "test": ["an4/mxyz"] * 3}


def test_of_a_stranger_a_few_recordings_are_heard_and_not_to_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "ljspeech" / "audio"
    folder.mkdir(parents=True)
    lines = [{"id": f"{k}", "speaker": "lj"} for k in range(clips.MOST_OF_ONE + 2)]
    for line in lines:
        soundfile.write(folder / f"{line['id']}.opus", np.zeros(16 * SAMPLE_RATE), SAMPLE_RATE, format="OGG",
                        subtype="OPUS")
    (tmp_path / "ljspeech" / "list.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    found = list(clips.strangers(tmp_path))
    assert [c.id for c in found] == [str(k) for k in range(clips.MOST_OF_ONE)]
    assert {len(c.audio) for c in found} == {clips.STRANGER_SECS * SAMPLE_RATE}


@needs_data
def test_acted_anger_is_aroused_and_acted_sadness_is_not() -> None:
    arousal = {}
    for name in ("13a04Wc", "14a07Tc"):
        path = DATA / "emodb" / "audio" / f"{name}.opus"
        if not path.is_file():
            pytest.skip(f"{path.name} is not in the data")
        arousal[name[5]] = felt(clips.read(path))[-1, 0]
    assert arousal["W"] > 0.4
    assert arousal["T"] < -0.2


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 6), st.integers(0, 99))
def test_streams_side_by_side_have_the_bits_they_have_alone(streams: int, seed: int) -> None:
    rows = [drawn_rows(seed + k, 130 + 3 * k) for k in range(streams)]
    state = STAGE.initial_state(streams)
    for k, row in enumerate(rows):  # so that their hops end at different times
        which = np.array([k])
        _, ahead = STAGE.step(row[: 3 * k], taken(state, which))
        state = put(state, which, ahead)
    together = []
    for piece in np.split(np.stack([row[3 * k :] for k, row in enumerate(rows)]), [7, 50, 51], 1):
        out, state = STAGE.steps(piece, state)
        together.append(out)
    for k, joined in enumerate(np.concatenate(together, 1)):
        assert run(STAGE, [rows[k]])[3 * k :].tobytes() == joined.tobytes()
