"""The evaluation's sets, noise, systems, peers' shapes and command line."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_mouths import SPOKEN, articulator, phones, random_mouth, write_curves
from typer.testing import CliRunner

from facerig.core.channels import INDEX
from facerig.errors import AudioError, ConfigError
from tools.evaluate import operating, report
from tools.evaluate.__main__ import app, chosen, main
from tools.evaluate.figures import Utterances, figures
from tools.evaluate.judge import OPEN_MM
from tools.evaluate.labels import CLASSES, LABEL_SETS
from tools.evaluate.noise import CONDITIONS, Draw, active_level, at_snr, babble, generator, pink
from tools.evaluate.peers import node_worker
from tools.evaluate.peers.registry import remembered
from tools.evaluate.peers.shapes import RHUBARB, SHAPE_OF_PHONE, VISEMES, stepped
from tools.evaluate.runner import Row
from tools.evaluate.sets import (
    SAMPLE_RATE,
    development_set,
    folder_set,
    read_mono,
    spread,
    training_voices,
)
from tools.evaluate.systems import read_curves, system
from tools.evaluate.track import CONTACT_MM, SEAL_MM, Track, mouth_series


def spoken_folder(folder: Path, voices: int = 4, each: int = 3) -> Path:
    """A folder of labelled "recordings": hums over the made-up phones."""
    (folder / "audio").mkdir()
    records = []
    labels = phones()
    samples = int(labels[-1][2] * SAMPLE_RATE)
    for voice in range(voices):
        for i in range(each):
            identifier = f"v{voice}_{i}"
            t = np.arange(samples) / SAMPLE_RATE
            hum = 0.2 * np.sin(2 * np.pi * (100 + 20 * voice + i) * t) * ((t > 0.8) & (t < t[-1] - 0.8))
            soundfile.write(folder / "audio" / f"{identifier}.wav", hum, SAMPLE_RATE)
            records.append({"id": identifier, "speaker": f"v{voice}", "lang": "it", "phones": labels})
    (folder / "phones.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spoken_folder(tmp_path_factory.mktemp("spoken"))


def test_a_folder_of_ones_own_is_read(folder: Path) -> None:
    utterances = folder_set(folder, "ipa")
    assert len(utterances) == 12
    assert utterances[0].language == "it"
    assert utterances[0].phones[1][0] == "a"
    assert utterances[0].audio().dtype == np.float32
    assert len({u.speaker for u in utterances}) == 4


def test_a_sample_is_spread_over_speakers_and_repeats(folder: Path) -> None:
    utterances = folder_set(folder, "ipa")
    few = spread(utterances, 4)
    assert len({u.speaker for u in few}) == 4
    assert [u.id for u in few] == [u.id for u in spread(utterances[::-1], 4)]
    assert {u.id for u in few} < {u.id for u in spread(utterances, 8)}
    drawn = {tuple(u.id for u in spread(utterances, 4, seed)) for seed in range(5)}
    assert len(drawn) > 1
    assert spread(utterances, None) == utterances


@pytest.mark.parametrize(("text", "message"), [
    ("{", "no JSON object"), ('{"id": 1, "phones": []}', "needs `id`"), ('[["a", 0, 1]]', "needs `id`"),
    ('{"id": "nowhere", "phones": [["a", 0, 1]]}', "no sound for 'nowhere'")])
def test_a_wrong_folder_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "phones.jsonl").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        folder_set(tmp_path, "ipa")


def test_missing_things_are_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"phones\.jsonl"):
        folder_set(tmp_path, "ipa")
    with pytest.raises(ConfigError, match="no label set"):
        folder_set(folder, "sampa")
    with pytest.raises(ConfigError, match="no development set"):
        development_set("timit")
    with pytest.raises(ConfigError, match="nothing to judge on"):
        chosen("", folder, "ipa", "fr", None, 0, folder)
    with pytest.raises(ConfigError, match="no system is called"):
        system("lipsync-9000")
    (tmp_path / "x.wav").write_bytes(b"not sound")
    with pytest.raises(AudioError, match="cannot be read as sound"):
        read_mono(tmp_path / "x.wav")


def test_development_sets_hold_nobody_who_trains(shared: Path) -> None:
    training = {path for paths in training_voices().values() for path in paths}
    for name in ("emodb", "an4", "kokoro", "festvox_ru"):
        utterances = development_set(name)
        assert utterances
        assert not training & {u.audio_path for u in utterances}
        known = frozenset().union(*(LABEL_SETS[utterances[0].kind].classes[c] for c in CLASSES))
        assert any(label in known for label, _, _ in utterances[0].phones)


def test_noise_lies_where_it_is_said_to(folder: Path) -> None:
    utterance = folder_set(folder, "ipa")[0]
    audio = utterance.audio()
    for snr_db in (20, 10, 5):
        mixed = at_snr(audio, pink(len(audio), generator(0, utterance, "pink")), snr_db)
        scale = 1 / max(1.0, float(np.abs(mixed).max()))
        noise = mixed - audio * scale
        got = 20 * np.log10(active_level(audio) / np.sqrt(np.mean(np.square(noise))))
        assert got == pytest.approx(snr_db, abs=0.5)
    assert active_level(audio) == pytest.approx(0.2 / np.sqrt(2), rel=0.02)  # the pauses do not count
    assert active_level(np.zeros(1000, np.float32)) == 0


def test_pink_noise_falls_three_decibels_an_octave() -> None:
    power = np.square(np.abs(np.fft.rfft(pink(1 << 16, np.random.default_rng(0)))))
    hz = np.fft.rfftfreq(1 << 16, 1 / SAMPLE_RATE)
    from_hz = (125, 250, 500, 1000, 2000, 4000)
    octaves = [10 * np.log10(power[(hz >= f) & (hz < 2 * f)].mean()) for f in from_hz]
    assert np.diff(octaves) == pytest.approx(-3.01, abs=0.7)


def test_conditions_depend_on_seed_and_utterance_alone(folder: Path) -> None:
    first, second = folder_set(folder, "ipa")[:2]
    draw = Draw(seed=3, data=folder)
    for name, condition in CONDITIONS.items():
        if name.startswith("babble"):
            continue
        once, again = (condition.change(first.audio(), first, draw) for _ in range(2))
        assert once.dtype == np.float32
        assert np.array_equal(once, again)
        assert len(once) == len(first.audio())
        assert float(np.abs(once).max()) <= 1.0
    pink10 = CONDITIONS["pink10"].change
    assert not np.array_equal(pink10(first.audio(), first, draw), pink10(first.audio(), second, draw))
    assert not np.array_equal(pink10(first.audio(), first, draw), pink10(first.audio(), first, Draw(seed=4)))


def test_babble_mixes_eight_other_voices(tmp_path: Path) -> None:
    several = spoken_folder(tmp_path, voices=9, each=1)
    voices: dict[str, list[Path]] = {}
    for utterance in folder_set(several, "ipa"):
        voices.setdefault(utterance.speaker, []).append(utterance.audio_path)
    n = 5 * SAMPLE_RATE
    noise = babble(n, np.random.default_rng(1), voices)
    assert len(noise) == n
    assert np.array_equal(noise, babble(n, np.random.default_rng(1), voices))
    spectrum = np.abs(np.fft.rfft(noise))
    heard = [spectrum[round(f * n / SAMPLE_RATE)] > 0.1 * spectrum.max() for f in range(100, 280, 20)]
    assert sum(heard) == 8
    with pytest.raises(ConfigError, match="babble needs 8 voices"):
        babble(n, np.random.default_rng(1), dict(list(voices.items())[:3]))


def test_telephone_keeps_time_and_loses_the_highs(folder: Path) -> None:
    utterance = folder_set(folder, "ipa")[0]
    t = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    click = (np.sin(2 * np.pi * 1000 * t) * np.exp(-(((t - 0.5) / 0.01) ** 2)) * 0.5).astype(np.float32)
    hiss = (0.1 * np.sin(2 * np.pi * 6000 * t)).astype(np.float32)
    heard = CONDITIONS["telephone"].change(click + hiss, utterance, Draw())
    energy = np.square(heard, dtype=np.float64)
    assert float((energy * t).sum() / energy.sum()) == pytest.approx(0.5, abs=5e-4)
    assert np.abs(heard[: SAMPLE_RATE // 4]).max() < 0.01


# ---- systems, peers' shapes, the run

def widest_mm(row: np.ndarray) -> float:
    return float(mouth_series(row[None]).gap.max())


def test_peers_shapes_are_fair_on_the_head() -> None:
    for name, row in RHUBARB.items():
        mouth = mouth_series(row[None])
        if name in "AX":
            assert -2.0 < widest_mm(row) <= SEAL_MM - 0.5, name
        else:
            assert widest_mm(row) >= OPEN_MM + 0.3, name
        contact = mouth.teeth[0] <= CONTACT_MM - 0.5 and mouth.gap[0, 2] >= 1.5
        assert contact == (name == "G"), name
    for name, row in VISEMES.items():
        at = row * (0.75 if name in ("PP", "FF") else 0.65)  # what its player goes to
        assert (widest_mm(at) <= SEAL_MM - 0.5) == (name in ("PP", "sil")), name
        assert widest_mm(at) > -2.5
    ff = mouth_series(VISEMES["FF"][None] * 0.75)
    assert ff.teeth[0] <= CONTACT_MM - 0.5
    assert ff.gap[0, 2] >= 1.5
    assert {SHAPE_OF_PHONE[p] for p in ("P", "B", "M")} == {"A"}
    assert set(SHAPE_OF_PHONE.values()) <= set(RHUBARB)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 3), st.sampled_from("ABCDEFGHX")), max_size=12))
def test_steps_hold_each_shape_until_the_next(cues: list[tuple[float, str]]) -> None:
    cues = sorted(cues)
    times, values = stepped(cues, 3.5)
    assert (np.diff(times) > 0).all()
    assert len(times) == len(values)
    for at, (start, shape) in enumerate(cues):
        end = cues[at + 1][0] if at + 1 < len(cues) else 3.5
        if end - start > 0.01:
            middle = [np.interp((start + end) / 2, times, column) for column in values.T]
            assert middle == pytest.approx(RHUBARB[shape])


def test_curve_files_of_both_kinds_are_read(tmp_path: Path) -> None:
    times, values = random_mouth(1.0, seed=5)
    write_curves(tmp_path / "plain.csv", times, values)
    got_times, got = read_curves(tmp_path / "plain.csv")
    assert got == pytest.approx(values, abs=1e-5)
    assert got_times == pytest.approx(times, abs=1e-4)
    lines = ["Timecode,BlendshapeCount,JawOpen,MouthClose"]
    lines += [f"10:59:59:{frame:02d}.000,61,{frame / 100},0.5" for frame in range(58, 60)]
    lines += [f"11:00:00:{frame:02d}.250,61,{frame / 100},0.5" for frame in range(2)]
    (tmp_path / "livelink.csv").write_text("\n".join(lines), "utf-8")
    got_times, got = read_curves(tmp_path / "livelink.csv")
    assert got_times == pytest.approx([0, 1 / 60, 2.25 / 60, 3.25 / 60])
    assert got[:, INDEX["jawOpen"]] == pytest.approx([0.58, 0.59, 0.0, 0.01])
    assert (got[:, INDEX["mouthClose"]] == 0.5).all()
    (tmp_path / "wrong.csv").write_text("jawOpen\n0.5\n", "utf-8")
    with pytest.raises(ConfigError, match="no `time`"):
        read_curves(tmp_path / "wrong.csv")


def test_a_run_from_the_command_line(folder: Path, tmp_path: Path) -> None:
    curves = tmp_path / "good"
    curves.mkdir()
    for utterance in folder_set(folder, "ipa"):
        write_curves(curves / f"{utterance.id}.csv", *articulator(list(utterance.phones)))
    out, tables, rows = (tmp_path / name for name in ("out.json", "out.md", "phones.csv"))
    done = CliRunner().invoke(app, [
        "run", "--folder", str(folder), "--labels-kind", "ipa", "--systems", f"csv:{curves}",
        "--noise", "clean,pink5", "--by", "speaker", "--limit", "5", "--json", str(out),
        "--markdown", str(tables), "--phones", str(rows)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    document = json.loads(out.read_text("utf-8"))
    everybody = [row for row in document["rows"] if not row["group"]]
    assert [row["noise"] for row in everybody] == ["clean", "pink5"]
    assert everybody[0]["figures"]["utterances"] == 5
    assert everybody[0]["figures"]["bilabial_sealed"] == 1
    assert {row["group"] for row in document["rows"]} == {"", *(f"speaker=v{i}" for i in range(4))}
    assert "| csv:good |" in tables.read_text("utf-8")
    assert tables.read_text("utf-8").count("csv:good") >= len(document["rows"])
    again = tmp_path / "again.md"
    done = CliRunner().invoke(app, ["show", str(out), "--markdown", str(again)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert again.read_text("utf-8").splitlines()[4:] == tables.read_text("utf-8").splitlines()[4:]
    with rows.open() as file:
        judged_phones = list(csv.DictReader(file))
    assert len(judged_phones) == 2 * 5 * len(SPOKEN)
    assert {row["sealed"] for row in judged_phones if row["label"] == "m"} == {"True"}


def test_a_table_cell_says_nothing_where_nothing_was_counted() -> None:
    labels = phones([("a", 0.3), ("t", 0.2), ("a", 0.3)])
    got = Utterances()
    got.add(Track(*articulator(labels), labels, "ipa"))
    f = figures(got)
    cells = {column.heading: column.cell(f) for column in report.COLUMNS}
    assert cells["p/b/m sealed"] == cells["lag ms"] == cells["at rest"] == "-"
    assert cells["vowels sealed"] == "0.0%"


def test_the_operating_curve_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="drawing needs the extra `evaluate`")
    assert operating.system_names("live", [0.25, 0.5]) == ["live@0.25", "live@0.5"]
    rows = [Row(f"live@{t}", "90 ms", "emodb", "de", noise, "", {
        "bilabial_sealed": 1 - t, "vowel_sealed": 0.2 - 0.2 * t, "other_sealed": None, "chance": 0.3})
        for noise in ("clean", "pink10") for t in (0.8, 0.2, 0.5)]
    lines = operating.points(rows)
    assert [threshold for threshold, _ in lines["emodb (de), clean"]] == [0.2, 0.5, 0.8]
    operating.draw(rows, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_answers_of_peers_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACERIG_PEERS", str(tmp_path))
    asked: list[str] = []

    def answer(text: str) -> list[str]:
        asked.append(text)
        return [text]

    sound = np.arange(5, dtype=np.float32)
    assert remembered("peer", sound, lambda: answer("first")) == ["first"]
    assert remembered("peer", sound.copy(), lambda: answer("second")) == ["first"]
    assert remembered("other", sound, lambda: answer("third")) == ["third"]
    assert remembered("peer", sound + 1, lambda: answer("fourth")) == ["fourth"]
    assert asked == ["first", "third", "fourth"]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_a_script_that_fails_or_ends_is_an_error(tmp_path: Path) -> None:
    lines = Path(node_worker.__file__).with_name("lines.mjs")
    script = tmp_path / "script.mjs"
    script.write_text(f"""import {{ serve }} from {json.dumps(lines.as_uri())};
        import {{ readFileSync }} from "node:fs";
        await serve(({{ path, sampleRate }}) => {{
            const length = readFileSync(path).length;
            if (length === 0) throw new Error("no samples");
            if (length > 100) process.exit(3);
            return [length, sampleRate, process.argv[2]];
        }});""", "utf-8")
    worker = node_worker.NodeWorker(script, tmp_path)
    assert worker.ask(np.zeros(10, "<i2"), 16_000) == [20, 16_000, str(tmp_path)]
    with pytest.raises(ConfigError, match="no samples"):
        worker.ask(np.zeros(0, "<i2"), 16_000)
    assert worker.ask(np.zeros(2, "<f4"), 8_000)[:2] == [8, 8_000]  # it goes on after an error
    for _ in range(2):
        with pytest.raises(ConfigError, match="stopped without an answer"):
            worker.ask(np.zeros(100, "<i2"), 16_000)


def test_mistakes_end_with_one_line_and_code_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--sets", "timit"], ["--folder", str(tmp_path / "nowhere")], []):
        monkeypatch.setattr("sys.argv", ["evaluate", "run", "--systems", "csv:.", *options])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 2
        assert capsys.readouterr().err.startswith("error: ")
    with pytest.raises(ConfigError, match="not a threshold"):
        system("live@x")
    with pytest.raises(ConfigError, match="not a frame rate"):
        system("live#often")
    with pytest.raises(ConfigError, match="no figures of this tool"):
        report.from_json(Path(__file__))


def test_a_frame_rate_is_part_of_a_systems_name(speech: Path) -> None:
    times, _ = system("live#24").curves(read_mono(speech)[:SAMPLE_RATE], SAMPLE_RATE, "")
    assert len(times) == 24
    assert times[1] == pytest.approx(1 / 24)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rhubarb", "rhubarb-phonetic", "rhubarb-wasm", "headaudio", "pocketsphinx",
                                  "pocketsphinx-live"])
def test_a_peer_moves_the_mouth_on_speech(speech: Path, name: str) -> None:
    """Installs the peer from its registry."""
    audio = read_mono(speech)
    times, values = system(name).curves(audio, SAMPLE_RATE, "")
    assert (np.diff(times) > 0).all()
    assert times[-1] >= len(audio) / SAMPLE_RATE - 0.11
    widest = mouth_series(values).gap.max(axis=1)
    assert widest.min() <= SEAL_MM
    assert widest.max() >= OPEN_MM
