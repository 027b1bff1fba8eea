"""engine_bridges/PROTOCOL.md says what the wire is."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from facerig.service import wire
from tools import protocol

DOCUMENT = protocol.DOCUMENT.read_text("utf-8")


def test_the_tables_are_those_of_the_wire() -> None:
    assert protocol.made(DOCUMENT) == DOCUMENT, protocol.COMMAND


def test_a_table_that_is_old_is_found_and_mended(tmp_path, monkeypatch: pytest.MonkeyPatch,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "PROTOCOL.md"
    path.write_text(DOCUMENT.replace("| `sample_rate` | integer 8000 to 48000", "| `sample_rate` | integer"))
    monkeypatch.setattr(protocol, "DOCUMENT", path)
    assert protocol.main(["--check"]) == 1
    assert protocol.COMMAND in capsys.readouterr().out
    assert protocol.main([]) == 0
    assert path.read_text("utf-8") == DOCUMENT
    assert protocol.main(["--check"]) == 0


def test_a_table_that_is_not_there_is_missed() -> None:
    with pytest.raises(ValueError, match="should have"):
        protocol.made(DOCUMENT.replace("<!-- made: frame -->", ""))


def test_every_field_of_every_message_has_a_row() -> None:
    for kind in (*get_args(wire.Request), *get_args(wire.Reply), wire.Schema, wire.Curve):
        table = protocol.message_table(kind)
        assert table in DOCUMENT
        rows = re.findall(r"^\| `(\w+)` \|", table, re.M)
        assert rows == list(kind.__struct_fields__)


def test_the_header_of_a_frame_is_laid_out_as_it_is_packed() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", protocol.frame_table(), re.M)
    names = ["magic", "version", "flags", "count", "epoch", "index", "sample", "values"]
    assert [name for _, name in rows] == names
    assert int(rows[-1][0]) == wire.Frame.HEADER.size


@pytest.mark.parametrize(("value", "text"), [(48_000, "48000"), (2**62, "2^62"), (2**31 - 1, "2^31 - 1"),
                                             (-1e6, "-1000000"), (1 << 20, "2^20"), (0.5, "0.5")])
def test_numbers_read_well(value: float, text: str) -> None:
    assert protocol.number(value) == text
