"""What a batch is asked for: folders, globs, tables of many kinds, and all that is wrong with them."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from facerig.batch.lines import Line
from facerig.batch.names import NameTable, check_name
from facerig.batch.planning import SHOWN_FAULTS, Faults, Plan
from facerig.batch.settings import BatchSettings, read_batch_settings
from facerig.batch.sheets import meaning_named
from facerig.batch.watching import Watch
from facerig.errors import ConfigError, FacerigError, OutputError

Write = Callable[..., Path]


@pytest.fixture(name="sounds")
def _sounds(tmp_path: Path) -> Path:
    """A folder with a few sounds, some of them in a folder of it."""
    folder = tmp_path / "sounds"
    for name in ("a.wav", "b.WAV", "guards/halt.wav", "guards/who goes.flac", ".hidden.wav",
                 "guards/notes.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, np.zeros(800, np.float32), 16_000,
                        format="FLAC" if name.endswith("flac") else "WAV")
    return folder


@pytest.fixture(name="write")
def _write(sounds: Path) -> Write:
    def write(text: str, name: str = "lines.csv", encoding: str = "utf-8") -> Path:
        path = sounds / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def never(error: FacerigError) -> None:
    """No row was good before and is not now."""
    pytest.fail(str(error))


def planned(source: Path | str, settings: BatchSettings | None = None, root: Path | None = None,
            **columns: str) -> tuple[list[Line], Faults, list[str]]:
    """The good lines of a source, its faults, and what was told."""
    told: list[str] = []
    plan = Plan(str(source), Path("out"), settings or BatchSettings(), root, columns)
    faults = plan.check(told.append)
    return list(plan.lines(never)), faults, told


def places(faults: Faults) -> list[str]:
    return [Path(error.where).name for error in faults.shown]


def test_a_folder_keeps_its_structure(sounds: Path) -> None:
    lines, faults, _ = planned(sounds)
    assert [line.out for line in lines] == ["a", "b", "guards/halt", "guards/who goes"]
    assert faults.count == 0
    assert lines[0].endings == (".livelink.csv",)


def test_a_glob_is_seen_from_its_first_plain_folder(sounds: Path) -> None:
    lines, _, _ = planned(f"{sounds}/**/*.wav")
    assert [line.out for line in lines] == ["a", "guards/halt"]
    lines, _, _ = planned(sounds / "guards" / "halt.wav")
    assert [line.out for line in lines] == ["halt"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_of_all_spreadsheets(write: Write, encoding: str, delimiter: str) -> None:
    text = 'File_Name,Speaker,Dialogue,FPS,Output\r\na.wav,Jürgen,"Halt, wer da?\r\nDu?",24,x/y\r\n\r\n'
    cells = text.replace(",", delimiter).replace(f"Halt{delimiter}", "Halt,")
    lines, faults, told = planned(write(cells, encoding=encoding))
    assert (faults.count, told) == (0, [])
    (line,) = lines
    assert (line.character, line.text, line.fps, line.out) == ("Jürgen", "Halt, wer da?\r\nDu?", "24", "x/y")


def test_a_table_says_its_delimiter(write: Write) -> None:
    lines, _, _ = planned(write("sep=;\naudio;text\na.wav;Yes, and no, and yes\n"))
    assert lines[0].text == "Yes, and no, and yes"
    assert lines[0].place.endswith("lines.csv:3")


def test_a_table_without_a_header_is_one_of_sounds_and_texts(write: Write) -> None:
    text = "a.wav;Hello, you\nb.WAV;\nguards/halt.wav;Halt;now\n"
    lines, faults, _ = planned(write(text, encoding="utf-8-sig"))
    assert [(line.out, line.text) for line in lines] == [("a", "Hello, you"), ("b", None)]
    assert places(faults) == ["lines.csv:3"]


def test_json_lines(write: Write) -> None:
    rows = [{"audio": "a.wav", "fps": 30, "formats": ["fbx", "glb"], "seed": 7, "text": None},
            {"audio": "guards/halt.wav", "output": "h", "every_frame": True}]
    lines, faults, _ = planned(write("\n".join(map(json.dumps, rows)) + "\n\n", "lines.jsonl"))
    assert faults.count == 0
    assert [(one.fps, one.endings, one.seed, one.text) for one in lines] == [
        ("30", (".fbx", ".glb"), 7, None), (None, (".livelink.csv",), None, None)]
    assert lines[1].every_frame


@pytest.mark.parametrize("row", [
    "{", "[1]", '"a"', "[" * 9000, '{"audio": 3}', '{"audio": "a.wav", "txt": "x"}',
    '{"audio": "a.wav", "text": "\\ud800"}', '{"audio": "a.wav", "fps": true}',
    '{"audio": "a.wav", "text": 5}'])
def test_bad_json_is_one_fault(write: Write, row: str) -> None:
    lines, faults, _ = planned(write(f'{{"audio": "a.wav"}}\n{row}\n{{"audio": "b.WAV"}}\n', "lines.jsonl"))
    assert [line.out for line in lines] == ["a", "b"]
    assert len(faults.shown) == 1
    assert "lines.jsonl:2" in faults.shown[0].where


# What is wrong with a row            columns      cells                    what is said
BAD_ROWS = {
    "a sound that is not there":    ("audio",      "nope.wav",              "there is no sound"),
    "no sound":                     ("text,audio", "Hello,",                "names no sound"),
    "a text in another encoding":   ("audio,text", "a.wav,K\udce4se",       "not UTF-8"),
    "a text that was spoilt":       ("audio,text", "a.wav,K\N{REPLACEMENT CHARACTER}se", "spoilt"),
    "more cells than columns":      ("audio,text", "a.wav,Yes, no",         "4 cells under 3 columns"),
    "a quote inside of a cell":     ("audio,text", 'a.wav,"Yes" no',        "is no CSV"),
    "an output above":              ("audio,output", "a.wav,../x",          "outside the output folder"),
    "an output elsewhere":          ("audio,output", "a.wav,/etc/x",        "outside the output folder"),
    "an output on a drive":         ("audio,output", "a.wav,C:\\x",         "outside the output folder"),
    "a device's name":              ("audio,output", "a.wav,x/aux.take1",   "no name that every system"),
    "a name with a star":           ("audio,output", "a.wav,wh*t",          "no name that every system"),
    "a name that ends in a dot":    ("audio,output", "a.wav,x./y",          "no name that every system"),
    "an unknown format":            ("audio,formats", "a.wav,fbxx",         "there is no format 'fbxx'"),
    "an unknown rig":               ("audio,rig",  "a.wav,metahumen",       "metahumen"),
    "an unknown emotion":           ("audio,emotion", "a.wav,joy:7",        "out of range"),
    "a rate that is none":          ("audio,fps",  "a.wav,quick",           "quick"),
    "a model that is none":         ("audio,model", "a.wav,liv",            "liv"),
    "a text for a deaf model":      ("audio,text,model", "a.wav,Hello,live", "cannot follow a text"),
    "a style that is not there":    ("audio,style", "a.wav,x.toml",         "there is no file"),
    "a channel that is none":       ("audio,channel", "a.wav,middle",       "middle"),
    "a seed that is none":          ("audio,seed", "a.wav,-1",              "is no seed"),
    "a timecode that is none":      ("audio,timecode,formats", "a.wav,soon,fbx", "soon"),
    "yes or no":                    ("audio,every_frame", "a.wav,perhaps",  "neither yes nor no"),
    "the output of another row":    ("audio,output", "a.wav,GOOD",          "written by"),
}


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_a_bad_row_is_told_with_its_place_and_stops_no_other(write: Write, kind: str) -> None:
    columns, cells, said = BAD_ROWS[kind]
    own = columns.split(",")
    if "output" not in own:
        columns, own, cells = f"output,{columns}", ["output", *own], f"bad,{cells}"
    good = {name: ",".join({"audio": "a.wav", "output": out}.get(name, "") for name in own)
            for name, out in (("first", "good"), ("last", "other"))}
    path = write("")
    rows = "\n".join([columns, good["first"], cells, good["last"], ""])
    path.write_bytes(rows.encode("utf-8", "surrogateescape"))
    lines, faults, _ = planned(path)
    assert [line.out for line in lines] == ["good", "other"]
    assert faults.count == 1
    assert said in str(faults.shown[0])
    assert "lines.csv:3" in faults.shown[0].where
    assert faults.shown[0].fix


def test_faults_are_named_up_to_some_and_counted(write: Write) -> None:
    rows = "".join(f"nope{k}.wav,{k}\n" for k in range(50)) + "".join("a.wav,same\n" for _ in range(30))
    lines, faults, _ = planned(write(f"audio,output\n{rows}"))
    assert len(lines) == 1
    assert faults.count == 79
    assert len(faults.shown) == SHOWN_FAULTS


def test_a_quote_that_never_ends_costs_what_it_swallows(write: Write) -> None:
    _, faults, _ = planned(write('audio,text\na.wav,x\nb.WAV,"never closed\n' + "guards/halt.wav,y\n" * 3))
    assert faults.count == 1
    assert places(faults) == ["lines.csv:3"]


def test_columns_nobody_reads_are_told_once_with_the_nearest(write: Write) -> None:
    _, _, told = planned(write("audio,langage,remarks\na.wav,en,x\nb.WAV,en,y\n"))
    assert [one.partition("column ")[2] for one in told] == ["'langage'; did you mean language?", "'remarks'"]


@pytest.mark.parametrize(("header", "said"), [
    ("text,character", "no column names the sound"), ("audio,file,text", "both mean audio"),
    ("audio,text,line", "both mean text"), ("", "holds no line"), ("audio,text", "holds no line")])
def test_headers_that_are_none(write: Write, header: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        planned(write(header + "\n"))


def test_columns_can_be_named(write: Write) -> None:
    path = write("Cue,Line,VO text\na.wav,12,Hello\n")
    lines, _, _ = planned(path, audio="cue", text="vo_text")
    assert (lines[0].audio[-5:], lines[0].text) == ("a.wav", "Hello")
    with pytest.raises(ConfigError, match="did you mean cue"):
        planned(path, audio="cues")
    assert meaning_named("text=VO text") == ("text", "VO text")
    for bad in ("text", "txt=Line", "text="):
        with pytest.raises(ConfigError):
            meaning_named(bad)


def test_what_is_no_source(sounds: Path, write: Write) -> None:
    empty = sounds / "empty"
    empty.mkdir()
    for source in (empty, sounds / "nope.csv", sounds / "guards" / "notes.md", sounds / "no" / "*.wav",
                   write("audio\na.wav\n", encoding="utf-16-le")):
        with pytest.raises(ConfigError):
            planned(source)


def test_a_sheet_of_wwise(write: Write) -> None:
    text = ("Audio File\tObject Path\tObject Type\tNotes\tProperty[Volume]\n"
            "\t\\Actor-Mixer Hierarchy\\VO\\<Virtual Folder>Guards\tVirtual Folder\t\t\n"
            "guards\\halt.wav\t\\Actor-Mixer Hierarchy\\VO\\<Virtual Folder>Guards\\<Sound Voice>Halt 01\t"
            "Sound Voice\tHalt!\t-3\n"
            "a.wav\t\tSound Voice\t\t\n")
    lines, faults, told = planned(write(text, "import.txt"), text="Notes")
    assert (faults.count, told) == (0, [])
    assert [(line.out, line.text) for line in lines] == [
        ("Actor-Mixer Hierarchy/VO/Guards/Halt 01", "Halt!"), ("a", None)]


def test_a_list_of_external_sources(write: Write) -> None:
    text = ('<?xml version="1.0" encoding="UTF-8"?>\n<ExternalSourcesList SchemaVersion="1" Root="guards">\n'
            '<Source Path="halt.wav" Conversion="Voice" Destination="vo\\halt.wem" />\n'
            '<Source Path="who goes.flac" Conversion="Voice"/>\n</ExternalSourcesList>\n')
    lines, faults, _ = planned(write(text, "vo.wsources"))
    assert [line.out for line in lines] == ["vo/halt", "who goes"]
    assert faults.count == 0
    for bad in ("<Other/>", "<ExternalSourcesList>", "text",
                '<!DOCTYPE x [<!ENTITY a "aa">]>\n<ExternalSourcesList/>'):
        with pytest.raises(ConfigError):
            planned(write(bad, "bad.wsources"))


def test_the_keys_of_an_audio_table(write: Write) -> None:
    lines, faults, _ = planned(write("welcome,a.wav\nguards/halt.wav,halt\nno file\n", "keys.txt"))
    assert [line.out for line in lines] == ["welcome", "halt"]
    assert places(faults) == ["keys.txt:3"]


def test_the_nearest_wish_wins(sounds: Path, write: Write) -> None:
    (sounds / "batch.toml").write_text(
        '[defaults]\nformats = ["fbx"]\nfps = 24\nemotion = "joy:0.1"\n'
        '[characters.Anna]\nemotion = "anger"\nfps = 30\n[characters.Zoe]\nrig = "metahuman"\n')
    settings = read_batch_settings(sounds / "batch.toml").over({"fps": "60", "formats": (".glb",)})
    path = write("audio,character,emotion,fps\na.wav,ANNA,sadness,\nb.WAV,anna,,48\nguards/halt.wav,Bob,,\n")
    lines, _, told = planned(path, settings)
    assert [(line.emotion, line.fps, line.endings) for line in lines] == [
        ("sadness", "30", (".glb",)), ("anger", "48", (".glb",)), ("joy:0.1", "60", (".glb",))]
    assert told == ["no row has the character Zoe of the settings"]


def test_the_settings_of_the_documentation_can_be_read() -> None:
    settings = read_batch_settings(Path(__file__).parents[1] / "docs" / "examples" / "batch.toml")
    wishes = settings.of({"character": "guard 2", "fps": "24"})
    assert (wishes["formats"], wishes["fps"], wishes["language"]) == ((".glb",), "24", "en")
    assert Path(settings.of({"character": "ANNA"})["style"]).name == "hero.toml"


@pytest.mark.parametrize("toml", [
    "[defaults]\nfsp = 3", "[defaults]\ntext = 'x'", "[character.Anna]\n", "[characters.Anna]\nfps = 'joy'",
    "[characters.Anna]\n[characters.ANNA]\n", "[defaults]\nformats = []", "[defaults]\nstyle = 'nope.toml'"])
def test_settings_that_are_none(sounds: Path, toml: str) -> None:
    (sounds / "batch.toml").write_text(toml)
    with pytest.raises(ConfigError) as raised:
        read_batch_settings(sounds / "batch.toml")
    assert "batch.toml" in raised.value.where


def test_sounds_are_seen_from_another_root(sounds: Path, tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text("audio\nguards\\halt.wav\n")
    lines, _, _ = planned(tmp_path / "lines.csv", root=sounds)
    assert lines[0].audio == str(sounds / "guards/halt.wav")
    assert lines[0].out == "guards/halt"


def test_a_sound_that_goes_away_meanwhile_fails_in_its_turn(sounds: Path) -> None:
    plan = Plan(str(sounds / "*.wav"), Path("out"), BatchSettings())
    plan.check(pytest.fail)
    (sounds / "lines.csv").write_text("audio\na.wav\nb.WAV\n")
    plan = Plan(str(sounds / "lines.csv"), Path("out"), BatchSettings())
    plan.check(pytest.fail)
    (sounds / "a.wav").unlink()
    assert [line.out for line in plan.lines(never)] == ["a", "b"]


def test_a_long_table_is_not_held_in_memory(sounds: Path) -> None:
    def peak(rows: int) -> int:
        path = sounds / f"{rows}.csv"
        with open(path, "w") as file:
            file.write("audio,text,output\n")
            file.writelines(f"a.wav,\"This is line {k}, and no other\",x/{k}\n" for k in range(rows))
        tracemalloc.start()
        plan = Plan(str(path), Path("out"), BatchSettings())
        assert plan.check(pytest.fail).count == 0
        assert len([None for _ in plan.lines(never)]) == rows
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(10)  # what is loaded once
    assert peak(1500) - peak(500) < 1000 * 150  # bytes a row; a row as text is some 50, as a Line 1,000


@given(st.lists(st.lists(st.sampled_from(["a", "A", "b", "ä", "a\N{COMBINING DIAERESIS}", "c/d", "C/d"]),
                         min_size=1, max_size=3), max_size=8))
def test_names_that_are_one_file_are_found(rows: list[list[str]]) -> None:
    names, seen, later = NameTable(), dict[str, int](), set[int]()
    for number, row in enumerate(rows):
        names.add(number, row)
        for name in row:
            key = name.lower().replace("a\N{COMBINING DIAERESIS}", "ä")
            if seen.setdefault(key, number) != number:
                later.add(number)
    twice = names.twice()
    assert twice.rows == sorted(later)
    assert all(first < second for first, second in twice.pairs)


@given(st.text(min_size=1))
def test_a_name_that_passes_can_be_stored(name: str) -> None:
    try:
        check_name(name, "")
    except OutputError:
        return
    assert not set(name) & set('<>:"|?*\0\n')
    assert len(name.encode("utf-8", "replace")) <= 200


def watching(source: Path, settings: Path | None = None) -> Watch:
    def make() -> Plan:
        read = BatchSettings() if settings is None else read_batch_settings(settings)
        return Plan(str(source), Path("out"), read)

    return Watch(make)


def looked(watch: Watch) -> tuple[list[str], list[str]]:
    """What is due, and what is wrong now that was not before."""
    told: list[FacerigError] = []
    return [line.out for line in watch.look(told.append)], [error.what for error in told]


def test_a_watch_waits_for_a_sound_that_is_still_written(sounds: Path) -> None:
    watch = watching(sounds / "guards")
    assert looked(watch) == ([], [])
    with open(sounds / "guards" / "new.wav", "wb") as file:
        file.write(b"RIFF")
        file.flush()
        assert looked(watch) == (["halt", "who goes"], [])
        file.write(b"more")
        file.flush()
        assert looked(watch) == ([], [])
    assert looked(watch) == (["new"], [])
    assert looked(watch) == ([], [])
    (sounds / "guards" / "halt.face.toml").write_text("[[blink]]\nat = 0.1\n")
    assert looked(watch) == ([], [])
    assert looked(watch) == (["halt"], [])


def test_a_watch_sees_rows_and_settings_change_and_is_ended_by_nothing(sounds: Path, write: Write) -> None:
    path, settings = write("audio,emotion\na.wav,\nb.WAV,\n"), sounds / "batch.toml"
    settings.write_text("[defaults]\nfps = 24\n")
    watch = watching(path, settings)
    looked(watch)
    assert looked(watch) == (["a", "b"], [])
    write("audio,emotion\nnope.wav,\na.wav,joy\nb.WAV,\n")
    due, told = looked(watch)
    assert (due, len(told)) == ([], 1)
    assert looked(watch) == (["a"], [])
    settings.write_text("[defaults\n")
    due, told = looked(watch)
    assert (due, len(told)) == ([], 1)
    settings.write_text("[defaults]\nfps = 30\n")
    looked(watch)
    assert looked(watch) == (["a", "b"], [])
    path.unlink()
    due, told = looked(watch)
    assert (due, len(told)) == ([], 1)
