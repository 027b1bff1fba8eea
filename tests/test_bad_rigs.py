"""Rig files with mistakes: the message names the file and the path inside it, what is allowed, and the way
out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.cli import run as cli
from facerig.core.channels import INDEX, N_CHANNELS
from facerig.errors import RigError
from facerig.rig import Retarget, load_rig
from facerig.rig.reading import MOST_CURVES, MOST_TERMS, parse_rig, read_rig

HEAD = 'format = 1\nname = "hero"\n'
CURVE = '[curves]\nJaw = "jawOpen"\n'
MANY = "[curves]\n" + "".join(f'c{k} = "jawOpen"\n' for k in range(10_000))
CYCLE = ('[terms]\na = { product = ["b", "jawOpen"] }\nb = { min = ["c", "jawOpen"] }\n'
         "c = { from = { a = 1 } }\n")


def chain(count: int) -> str:
    """Terms that each need the next, down to one called last."""
    needs = [f"t{k + 1}" for k in range(count - 1)] + ["last"]
    return "[terms]\n" + "".join(f"t{k} = {{ from = {{ {need} = 1 }} }}\n" for k, need in enumerate(needs))


# what is wrong: the file, where, what is said of it, and of the way out
BAD = {
    "empty": ("", "$.format", "missing", "format = 1"),
    "only a comment": ("# nothing\n", "$.format", "missing", "format = 1"),
    "no TOML": ("<rig/>", "", "not TOML", "NAME = VALUE"),
    "no text": (b"\xff\xfe\x00\x01", "", "UTF-8", "save it as UTF-8"),
    "of the future": ("format = 2\n", "$.format", "format 2", "newer facerig"),
    "without a name": ("format = 1\n" + CURVE, "$.name", "missing", "text"),
    "name with a path": ('format = 1\nname = "../hero"\n' + CURVE, "$.name", "../hero", "lower-case"),
    "no curves": (HEAD, "$.curves", "no curves", "list them"),
    "10,000 curves": (HEAD + MANY, "$.curves", "10000 curves", f"at most {MOST_CURVES}"),
    "a typo in a section": (HEAD + CURVE + "[term]\n", "$.term", "not a setting", "terms"),
    "a typo in a key": (HEAD + "[curves]\nJaw = { form = { jawOpen = 1 } }\n",
        "$.curves.Jaw.form", "not a setting", "from"),
    "an unknown curve": (HEAD + '[curves]\nJaw = "jawOpn"\n', "$.curves.Jaw", "jawOpn", "use jawOpen"),
    "an unknown source": (HEAD + "[curves]\nJaw = { from = { jawopen = 1 } }\n",
        "$.curves.Jaw.from.jawopen", "jawopen", "use jawOpen"),
    "an unknown one in a pose": (HEAD + "[curves]\nAA = { pose = { lipsTogether = 1 } }\n",
        "$.curves.AA.pose.lipsTogether", "no curve", "use "),
    "a curve twice": (HEAD + '[curves]\nJaw = "jawOpen"\nJaw = "jawLeft"\n', "", "line 5 sets 'Jaw' again",
        "rename"),
    "a curve twice in the middle": (HEAD + '[curves]\n"Jaw.a" = "jawOpen"\n"Jaw.a" = "jawLeft"\n[terms]\n',
        "", """not TOML: line 5 sets '"Jaw.a"' again""", "rename"),
    "a curve and a section of it": (HEAD + '[curves]\nJaw = "jawOpen"\n[curves.Jaw]\nrange = [0, 1]\n', "",
        "line 5 sets 'curves.Jaw' again", "rename"),
    "a long value twice": (HEAD + '[curves]\nA = [\n1]\nA = [\n"b = 2",\n"c = 1"]\n', "", "overwrite",
        "VALUE"),
    "the column of times": (HEAD + '[curves]\nTime = "jawOpen"\n', "$.curves.Time",
        "is a column of curve files", "rename"),
    "Live Link's count": (HEAD + '[curves]\nBlendshapeCount = "jawOpen"\n', "$.curves.BlendshapeCount",
        "is a column of curve files", "rename"),
    "a timecode with a space": (HEAD + '[curves]\n"timecode " = "jawOpen"\n', '$.curves."timecode "',
        "is a column of curve files", "rename"),
    "twice but for a space": (HEAD + '[curves]\nJaw = "jawOpen"\n"Jaw " = "jawLeft"\n',
        '$.curves."Jaw "', "spaces at the end", "rename"),
    "twice in a wider sense": (HEAD + '[curves]\n"Fu\u00df" = "jawOpen"\nFuss = "jawLeft"\n',
        "$.curves.Fuss", "differs from Fu\u00df", "rename"),
    "a typo in the section of curves": (HEAD + '[curve]\nJaw = "jawOpen"\n', "$.curve", "not a setting",
        "use curves"),
    "too many terms": (HEAD + CURVE + chain(3000), "$.terms", "3000 terms", f"at most {MOST_TERMS}"),
    "a long circle": (HEAD + CURVE + chain(MOST_TERMS - 1) + "last = { from = { t0 = 1 } }\n", "$.terms.t0",
        "t5 -> ... -> t0", "take one"),
    "twice but for case": (HEAD + '[curves]\nJaw = "jawOpen"\njaw = "jawLeft"\n',
        "$.curves.jaw", "differs from Jaw", "rename"),
    "an inverted range": (HEAD + '[curves]\nJaw = { from = { jawOpen = 1 }, range = [1, 0] }\n',
        "$.curves.Jaw.range", "inverted", "lower number first"),
    "an empty range": (HEAD + '[curves]\nJaw = { from = { jawOpen = 1 }, range = [1, 1] }\n',
        "$.curves.Jaw.range", "empty", "lower number first"),
    "a range of three": (HEAD + '[curves]\nJaw = { from = { jawOpen = 1 }, range = [0, 1, 2] }\n',
        "$.curves.Jaw.range", "[0, 1, 2]", "2 numbers"),
    "rest outside": (HEAD + '[curves]\nJaw = { from = { jawOpen = 1 }, rest = 2 }\n',
        "$.curves.Jaw.rest", "outside", "move one"),
    "a cyclic corrective": (HEAD + CURVE + CYCLE, "$.terms.a", "a -> b -> c -> a", "take one"),
    "one that needs itself": (HEAD + CURVE + '[terms]\na = { product = ["a", "jawOpen"] }\n',
        "$.terms.a", "a -> a", "take one"),
    "two ways in a term": (
        HEAD + CURVE + '[terms]\na = { min = ["jawOpen", "jawLeft"], max = ["jawOpen", "jawLeft"] }\n',
        "$.terms.a", "several ways", "one of"),
    "no way in a term": (HEAD + CURVE + "[terms.a]\n", "$.terms.a", "how it is made", "product"),
    "a ratio of three": (HEAD + CURVE + '[terms]\na = { ratio = ["jawOpen", "jawLeft", "jawRight"] }\n',
        "$.terms.a.ratio", "list of names", "two"),
    "a term called as a curve": (HEAD + CURVE + '[terms]\njawOpen = { min = ["jawLeft", "jawRight"] }\n',
        "$.terms.jawOpen", "canonical", "another name"),
    "NaN": (HEAD + "[curves]\nJaw = { from = { jawOpen = nan } }\n",
        "$.curves.Jaw.from.jawOpen", "nan", "number from"),
    "infinity": (HEAD + "[curves]\nJaw = { from = { jawOpen = inf } }\n",
        "$.curves.Jaw.from.jawOpen", "inf", "number from"),
    "NaN in breakpoints": (
        HEAD + "[curves]\nJaw = { from = { jawOpen = 1 }, through = [[0, 0], [nan, 1]] }\n",
        "$.curves.Jaw.through", "breakpoints", "[[0, 0]"),
    "a number in quotes": (HEAD + '[curves]\nJaw = { from = { jawOpen = "1" } }\n',
        "$.curves.Jaw.from.jawOpen", "'1'", "number from"),
    "breakpoints going back": (
        HEAD + "[curves]\nJaw = { from = { jawOpen = 1 }, through = [[0, 0], [0.5, 1], [0.4, 1]] }\n",
        "$.curves.Jaw.through[2]", "0.4 comes after 0.5", "rise"),
    "one breakpoint": (HEAD + "[curves]\nJaw = { from = { jawOpen = 1 }, through = [[0, 0]] }\n",
        "$.curves.Jaw.through", "breakpoints", "2 to"),
    "a pose beside from": (HEAD + "[curves]\nJaw = { from = { jawOpen = 1 }, pose = { jawOpen = 1 } }\n",
        "$.curves.Jaw.pose", "beside", "keep one"),
    "a pose of nothing": (HEAD + "[curves]\nJaw = { pose = { jawOpen = 0 } }\n",
        "$.curves.Jaw.pose", "moves nothing", "jawOpen = 0.7"),
    "an unknown unit": (HEAD + '[curves]\nTurn = { from = { headYaw = 1 }, unit = "turns" }\n',
        "$.curves.Turn.unit", "turns", "degrees"),
    "an expression": (HEAD + '[curves]\nJaw = "jawOpen * 2"\n',
        "$.curves.Jaw", "jawOpen * 2", "use jawOpen"),
    "a call": (HEAD + '[curves]\nJaw = "__import__(\'os\').system(\'ls\')"\n',
        "$.curves.Jaw", "__import__", "use "),
    "a path": (HEAD + '[curves]\nJaw = "../../etc/passwd"\n', "$.curves.Jaw", "../../etc/passwd", "use "),
    "a path as a name": (HEAD + '[curves]\n"../x" = "jawOpen"\n',
        '$.curves."../x"', "no name", "no slashes"),
    "a formula as a name": (HEAD + '[curves]\n"=cmd()" = "jawOpen"\n',
        '$.curves."=cmd()"', "no name", "= + @"),
    "a formula with a space": (HEAD + '[curves]\n" =1" = "jawOpen"\n',
        '$.curves." =1"', "no name", "begin with"),
    "a line break in a name": (HEAD + '[curves]\n"a\\nb" = "jawOpen"\n',
        '$.curves."a\\nb"', "no name", "line breaks"),
    "an endless name": (HEAD + f'[curves]\n{"x" * 500} = "jawOpen"\n', "$.curves.xxx", "no name", "begin"),
    "a number for a curve": (HEAD + "[curves]\nJaw = 1\n", "$.curves.Jaw", "1 is not a curve", "from"),
    "a list for a curve": (HEAD + '[curves]\nJaw = ["jawOpen"]\n', "$.curves.Jaw", "not a curve", "from"),
    "curves that are no table": ('format = 1\nname = "hero"\ncurves = 1\n',
        "$.curves", "not a table", "[curves]"),
    "an inverse of no curve": (HEAD + CURVE + '[inverse]\njawOpne = { from = { Jaw = 1 } }\n',
        "$.inverse.jawOpne", "no canonical", "jawOpen"),
    "an inverse of another": (HEAD + CURVE + '[inverse]\njawOpen = { from = { Jow = 1 } }\n',
        "$.inverse.jawOpen.from.Jow", "Jow", "use Jaw"),
    "nested without end": (HEAD + "a" + ".a" * 3000 + " = 1\n", "", "nested too deeply", ""),
}


@pytest.mark.parametrize("wrong", BAD)
def test_a_mistake_is_told_with_its_place_and_the_way_out(wrong: str, tmp_path: Path):
    text, where, says, fix = BAD[wrong]
    path = tmp_path / "hero.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RigError) as told:
        read_rig(path)
    assert told.value.where.startswith(str(path))
    assert where in told.value.where
    assert says in told.value.what
    assert fix in f"{told.value.what} {told.value.fix}"
    assert told.value.fix
    assert len(str(told.value)) < 1000
    assert "\n" not in told.value.where


def test_the_command_line_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "hero.toml"
    path.write_text(HEAD + '[curves]\nJaw = "jawOpn"\n')
    assert cli.run(["rig", "check", str(path), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["code"]) == (False, "rig")
    assert told["where"] == f"{path}: $.curves.Jaw"
    assert told["fix"] == "use jawOpen"


def test_a_missing_file_and_an_unknown_name(tmp_path: Path):
    with pytest.raises(RigError, match="cannot be read"):
        load_rig(tmp_path / "none.toml")
    with pytest.raises(RigError, match="there is no rig 'metahumen'") as told:
        load_rig("metahumen")
    assert "metahuman" in told.value.fix


def test_a_chain_of_terms_is_settled_however_long():
    data = HEAD + '[curves]\nJaw = "t0"\n' + chain(MOST_TERMS - 1) + "last = { from = { jawOpen = 1 } }\n"
    rig = parse_rig(data.encode(), "hero.toml")
    assert [*rig.terms][:2] == ["last", f"t{MOST_TERMS - 2}"]
    face = np.zeros((1, N_CHANNELS), np.float32)
    face[0, INDEX["jawOpen"]] = 0.5
    assert Retarget(rig).values(face)[0, 0] == 0.5


PIECES = st.sampled_from([
    "format = 1\n", 'name = "a"\n', "[curves]\n", "[terms]\n", "[inverse]\n", "[mixture]\n", "[[measures]]\n",
    "Jaw", "jawOpen", " = ", '"jawOpen"', "{}", "{ from = { jawOpen = 1 } }", "{ pose = { jawOpen = 1 } }",
    "{ remainder = true }", 'a = { product = ["jawOpen", "a"] }\n', "rest = 3\n", "range = [1, 0]\n",
    "near = 2\n", "\n", "nan", "[", "]", "é", "\0"])


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=20).map(lambda p: "".join(p).encode()),
                 st.lists(PIECES, max_size=12).map(lambda p: (HEAD + CURVE + "".join(p)).encode())))
def test_any_bytes_are_a_rig_or_a_rig_error(data: bytes):
    try:
        rig = parse_rig(data, "any.toml")
    except RigError:
        return
    Retarget(rig)
