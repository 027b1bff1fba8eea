"""Curve files with mistakes: the message names the file and the place in it, what is allowed, and the way
out."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facerig.cli import run as cli
from facerig.curve_files import read_named
from facerig.curve_files.dispatch import FORMATS, curve_endings
from facerig.curve_files.listing import curve_names
from facerig.curve_files.named import MOST_CURVES
from facerig.errors import ConfigError, FacerigError
from facerig.sinks.formats import formats

WIDE = ",".join(f"c{k}" for k in range(10_000))
A2F = {"exportFps": 30, "facsNames": ["jawOpen"], "weightMat": [[0.5]]}


def a2f(**changed: object) -> str:
    return json.dumps(A2F | changed)


# what is wrong: the file's name, what is in it, what is said of it, and of the way out
BAD: dict[str, tuple[str, str | bytes, str, str]] = {
    "empty": ("a.csv", "", "holds no frames", "give a Live Link Face CSV"),
    "a header only": ("a.csv", "time,jawOpen\n", "holds no frames", "give"),
    "not text": ("a.csv", bytes(range(128, 256)), "not text", "UTF-8"),
    "no number": ("a.csv", "time,jawOpen\n0,1\n0.1,x\n", "row 3, column jawOpen: 'x' is not a number",
        "0.25"),
    "an expression": ("a.csv", "time,jawOpen\n0,=1+1\n0.1,1\n", "row 2, column jawOpen: '=1+1'", "0.25"),
    "NaN": ("a.csv", "time,jawOpen\n0,nan\n0.1,1\n", "row 2, column jawOpen: 'nan'", "0.25"),
    "infinity": ("a.csv", "time,jawOpen\n0,1e999\n0.1,1\n", "row 2, column jawOpen: '1e999'", "0.25"),
    "a curve twice": ("a.csv", "time,jawOpen,mood,jawOpen\n0,1,1,1\n0.1,1,1,1\n",
        "columns 1 and 3 are both called 'jawOpen'", "rename or remove"),
    "twice but for case": ("a.csv", "time,jawOpen,JAWOPEN\n0,1,1\n0.1,1,1\n",
        "columns 1 and 2 are both called 'JAWOPEN' (once 'jawOpen')", "rename or remove"),
    "a short row": ("a.csv", "time,a,b,c\n0,1,1,1\n0.1,1,1\n0.2,1,1,1\n",
        "row 3 has 3 fields, the header 4", "give every row as many"),
    "a curve of a table cut off": ("a.csv", "---,0,0.1,0.2\njaw,0,1,1\near,0,1",
        "row 3 has 3 fields, the header 4", "give every row as many"),
    "nothing but a short row": ("a.csv", "time,a,b,c\n0,1,1", "row 2 has 3 fields, the header 4",
        "give every row as many"),
    "decimal commas": ("a.csv", "time,jawOpen\n0,0,5\n0,1,0,6\n", "row 2 has 3 fields, the header 2",
        "semicolons"),
    "10,000 columns": ("a.csv", f"time,{WIDE}\n0{',0' * 10_000}\n1{',0' * 10_000}\n",
        "10001 columns", f"at most {MOST_CURVES}"),
    "no time": ("a.csv", "jawOpen\n1\n", "neither a Timecode nor a time column", "called time"),
    "time that goes back": ("a.csv", "time,jawOpen\n0,1\n0.1,1\n0.05,1\n", "row 4: the time goes back",
        "rise"),
    "time that stands": ("a.csv", "time,jawOpen\n0,1\n0,1\n", "row 3: the time stands still", "rise"),
    "a gap of minutes": ("a.csv", "time,jawOpen\n0,1\n0.1,1\n99,1\n", "row 4: the time jumps", "10 s"),
    "a bad timecode": ("a.csv", "Timecode,jawOpen\n1:2,1\n", "row 2, column Timecode: '1:2'",
        "01:00:00:00"),
    "a dropped number": ("a.csv", "Timecode,jawOpen\n00:00:59;29,1\n00:01:00;00,1\n",
        "row 3, column Timecode: there is no such drop-frame timecode", "colon"),
    "dropping now and then": ("a.csv", "Timecode,jawOpen\n00:00:01;00,1\n00:00:01:01,1\n",
        "row 3, column Timecode: '00:00:01:01' is not written as the first", "semicolon"),
    "midnight twice": ("a.csv", "Timecode,jawOpen\n" + "23:59:59:00,1\n00:00:00:00,1\n" * 2,
        "row 3: the time goes back", "rise"),
    "only text": ("a.csv", "time,mood\n0,glad\n0.1,sad\n", "no column that is a curve", "jawOpen"),
    "a row unnamed": ("a.csv", "curve_name,frame_number,value\n,0,1\n",
        "row 2, column curve_name: is empty", "name"),
    "half a frame": ("a.csv", "curve_name,frame_number,value\njaw,0.5,1\n", "0.5 is not whole",
        "whole frames"),
    "a frame twice": ("a.csv", "curve_name,frame_number,value\njaw,1,1\njaw,1,1\n",
        "row 3: frame 1 of 'jaw' stands twice", "remove"),
    "a frame far away": ("a.csv", "curve_name,frame_number,value\njaw,0,1\njaw,1e8,1\n", "nearly all",
        "more of its"),
    "no JSON": ("a.json", "{", "not JSON", "give"),
    "JSON of another kind": ("a.json", "{}", "$.exportFps", "1 to 1000"),
    "no rate": ("a.json", a2f(exportFps=0), "$.exportFps: '0'", "1 to 1000"),
    "a pose twice": ("a.json", a2f(facsNames=["a", "a"], weightMat=[[0, 0]]),
        "$.facsNames: poses 1 and 2 are both called 'a'", "rename"),
    "10,000 poses": ("a.json", a2f(facsNames=[f"c{k}" for k in range(10_000)]),
        "10000 poses", f"at most {MOST_CURVES}"),
    "a wrong count": ("a.json", a2f(weightMat=[[1], [1, 2]]), "$.weightMat[1]: not 1 numbers", "facsNames"),
    "text for a weight": ("a.json", a2f(weightMat=[[1], ["x"]]),
        "$.weightMat[1][0]: 'x' is not a number", "numbers"),
    "NaN in JSON": ("a.json", '{"exportFps": 30, "facsNames": ["a"], "weightMat": [[NaN]]}',
        "$.weightMat[0][0]: 'nan'", "numbers"),
    "no frames in JSON": ("a.json", a2f(weightMat=[]), "$.weightMat: holds no frames", "row"),
    "endless nesting": ("a.json", "{" + '"a":{' * 100_000, "not JSON", "give"),
}


@pytest.mark.parametrize("wrong", BAD)
def test_a_mistake_is_told_with_its_place_and_the_way_out(wrong: str, tmp_path: Path):
    name, content, says, fix = BAD[wrong]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as told:
        read_named(path)
    assert told.value.where == str(path)
    assert says in told.value.what
    assert fix in told.value.fix
    assert ("decimal commas" in told.value.fix) == (wrong == "decimal commas")
    assert len(str(told.value)) < 1000


def test_the_command_line_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "take.csv"
    path.write_text("time,jawOpen\n0,1\n0.1,x\n")
    assert cli.run(["retarget", str(path), "-o", str(tmp_path / "out.csv"), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["code"], told["where"]) == (False, "config", str(path))
    assert "row 3, column jawOpen" in told["what"]
    assert not (tmp_path / "out.csv").exists()


NEVER_READ = {
    "take.usdc": b"PXR-USDC\0\0\0\0\0\x08", "take.usda": b'#usda 1.0\n(\n    defaultPrim = "root"\n)\n',
    "take.usd": b"PXR-USDC\0\0\0\0\0\x08",
    "take.anim": b"%YAML 1.1\n%TAG !u! tag:unity3d.com,2011:\n--- !u!74 &7400000\nAnimationClip:\n",
    "take.bvh": b"HIERARCHY\nROOT root\n{\n", "take.TextGrid": b'File type = "ooTextFile"\n',
    "take.visemes.json": b'{\n  "metadata": {"duration": 1.0},\n  "mouthCues": []}\n'}


@pytest.mark.parametrize("name", NEVER_READ)
@pytest.mark.parametrize("ending", ["", ".csv", ".json"])
def test_what_is_only_written_is_told_so(name: str, ending: str, tmp_path: Path):
    path = tmp_path / f"{name}{ending}"
    path.write_bytes(NEVER_READ[name])
    for read in (read_named, curve_names):
        with pytest.raises(ConfigError, match=r"facerig writes .* and does not read it") as told:
            read(path)
        assert told.value.fix == "retarget the csv, fbx or glb of the same take"


def test_every_format_that_is_written_is_read_or_told_to_be_only_written():
    for exporter in formats().exporters:
        for ending in exporter.endings:
            assert f"take{ending}".endswith(curve_endings())


def test_a_missing_file_and_a_folder(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_named(tmp_path / "none.csv")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_named(tmp_path)


def test_names_reach_no_terminal_raw(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("time,a\x1b[31m,A\x1b[31m\n0,1,1\n0.1,1,1\n")
    with pytest.raises(ConfigError) as told:
        read_named(path)
    assert "\x1b" not in str(told.value)


def test_a_small_file_fills_no_memory(tmp_path: Path):
    path = tmp_path / "a.csv"
    wide = "".join(f",c{k}" for k in range(3000))
    rows = [f"{at}{',1' * 3000}" for at in (0, 0.001, 0.002, 0.003, 9.9, 9.901, 19.8)]
    path.write_text("\n".join([f"time{wide}", *rows]))
    tracemalloc.start()
    with pytest.raises(ConfigError, match="7 of 19801 frames"):
        read_named(path)
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


ENDINGS = sorted({ending for one in FORMATS for ending in one.endings})
CELLS = st.sampled_from([
    "time", "timecode", "frame", "curve_name", "frame_number", "value", "jawOpen", "---", ",", ";",
    "\t", "\n",
    "0", "1.5", "-1", "1e400", "00:00:01:02", "nan", '"', "'", "{", "}", "[", "]", ":", '"exportFps"',
    '"facsNames"', '"weightMat"', '"asset"', '"meshes"', "glTF", "PK\x03\x04", "\x93NUMPY",
    "Kaydara FBX Binary  \0\x1a\0", "Vocaloid Motion Data 0002", "\0", "é", "= "])
HEADERS = st.sampled_from(["time,jawOpen,x", "Timecode,BlendshapeCount,jawOpen",
"curve_name,frame_number,value",
                           "---,0,0.1,0.2", "frame;a;b"])
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4).map(",".join), max_size=6)
FILES = st.one_of(st.binary(max_size=80),
                  st.lists(CELLS, max_size=30).map(lambda p: "".join(p).encode()),
                  st.tuples(HEADERS, ROWS).map(lambda t: "\n".join([t[0], *t[1]]).encode()))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ending=st.sampled_from(ENDINGS), data=FILES)
def test_any_bytes_are_curves_or_an_error(tmp_path: Path, ending: str, data: bytes):
    path = tmp_path / f"any{ending}"
    path.write_bytes(data)
    for read in (read_named, curve_names):
        try:
            got = read(path)
        except FacerigError:
            continue
        if read is read_named:
            assert got.values.shape == (len(got), len(got.names))
            assert np.isfinite(got.values).all()
