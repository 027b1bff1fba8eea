"""Write the tables of engine_bridges/PROTOCOL.md from the wire itself: python -m tools.protocol

What stands between `<!-- made: NAME -->` and `<!-- end -->` is made here; the chapters around it are written
by hand. `--check` writes nothing and fails where the file is not what would be written.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, get_args

import msgspec
from msgspec import inspect as types

from facerig.service import wire
from tools.bridges import facts

REPO: Final = Path(__file__).resolve().parents[1]
DOCUMENT: Final = REPO / "engine_bridges" / "PROTOCOL.md"
PACKETS: Final = REPO / "tests" / "goldens" / "packets"
COMMAND: Final = "python -m tools.protocol"
MADE: Final = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.S)
EXAMPLES: Final = ("open-least", "audio", "interrupt", "interrupted", "frame")


def kind_of(one: types.Type) -> tuple[str, str]:
    """A type as a table has it, and its description."""
    if isinstance(one, types.Metadata):
        kind, _ = kind_of(one.type)
        return kind, str((one.extra_json_schema or {}).get("description", ""))
    if isinstance(one, types.IntType | types.FloatType):
        name = "integer" if isinstance(one, types.IntType) else "number"
        bounds = [number(bound) for bound in (one.ge, one.le) if bound is not None]
        range_of = {0: "", 1: f" from {bounds[0]}" if bounds else "", 2: f" {' to '.join(bounds)}"}
        return name + range_of[len(bounds)], ""
    if isinstance(one, types.StrType):
        return " ".join(["text", *length(one), *([f"`{one.pattern}`"] if one.pattern else [])]), ""
    if isinstance(one, types.BytesType):
        return " ".join(["bytes", *length(one)]), ""
    if isinstance(one, types.ListType):
        return " ".join(["list of", *length(one), kind_of(one.item_type)[0]]), ""
    if isinstance(one, types.DictType):
        return f"map of text to {kind_of(one.value_type)[0]}", ""
    if isinstance(one, types.UnionType):
        parts = [kind_of(part) for part in one.types if not isinstance(part, types.NoneType)]
        return " or ".join(kind for kind, _ in parts), next((told for _, told in parts if told), "")
    if isinstance(one, types.LiteralType):
        return " or ".join(str(value) for value in one.values), ""
    if isinstance(one, types.StructType):
        return f"`{one.cls.__name__}`", ""
    return {"BoolType": "true or false"}[type(one).__name__], ""


def number(value: float) -> str:
    """Large powers of two as such."""
    for low in (0, 1):
        power = int(value + low).bit_length() - 1
        if power >= 20 and 2**power == value + low:
            return f"2^{power}" + (" - 1" if low else "")
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def length(one: types.StrType | types.BytesType | types.ListType) -> list[str]:
    """How long it may be."""
    low, high = one.min_length, one.max_length
    if low is not None and low == high:
        return [str(low)]
    return [] if high is None else [f"({low} to {high})" if low else f"(at most {high})"]


def default_of(field: types.Field) -> str:
    """What a field is that is not there."""
    if field.required:
        return ""
    if field.default is None:
        return "not changed"
    return f"`{json.dumps(field.default)}`"


def message_table(kind: type[msgspec.Struct]) -> str:
    """A message: what it is for, and its fields."""
    info = types.type_info(kind)
    if not isinstance(info, types.StructType):
        raise TypeError(f"{kind} is no message")
    told = " ".join((inspect.getdoc(kind) or "").split())
    lines = [f"### `{info.tag or kind.__name__}`", "", told, ""]
    if info.fields:
        lines += ["| field | what | if absent | meaning |", "|---|---|---|---|"]
    for field in info.fields:
        what, meaning = kind_of(field.type)
        cells = [f"`{field.encode_name}`", what, default_of(field), meaning]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines + [""] * bool(info.fields))


def messages(union: object) -> str:
    """All messages of one side."""
    return "\n".join(message_table(kind) for kind in get_args(union))


def frame_table() -> str:
    """The header of a frame, as it is packed."""
    rows = [f"| {at} | `{name}` | {kind} | {meaning} |\n" for at, name, kind, meaning in facts.frame_layout()]
    return "| byte | field | type | meaning |\n|---|---|---|---|\n" + "".join(rows)


def constants() -> str:
    """The numbers of the wire."""
    rows = [f"| {fact.told or fact.name} | {fact.value} |\n" for fact in facts.CONSTANTS]
    return "| | |\n|---|---|\n" + "".join(rows)


def buffer_constants() -> str:
    """The numbers of the jitter buffer."""
    return "| name | value | |\n|---|---|---|\n" + "".join(
        f"| {name} | {value} | {told} |\n" for name, value, told in facts.BUFFER)


def examples() -> str:
    """Some golden packets, byte by byte."""
    index, lines = json.loads((PACKETS / "index.json").read_text("utf-8")), list[str]()
    for name in EXAMPLES:
        told = index[name]
        meaning = json.dumps(told.get("message", told.get("frame")), ensure_ascii=False)
        data = (PACKETS / f"{name}.bin").read_bytes()
        lines += [f"`{name}.bin`: `{meaning}`", "", "```", *dump(data), "```", ""]
    return "\n".join(lines)


def dump(data: bytes) -> list[str]:
    """Bytes as hex, sixteen a line, with their letters."""
    rows = [data[at : at + 16] for at in range(0, len(data), 16)]
    texts = ["".join(chr(byte) if 32 <= byte < 127 else "." for byte in row) for row in rows]
    return [f"{row.hex(' '):<47}  {text}" for row, text in zip(rows, texts, strict=True)]


TABLES: Final[dict[str, Callable[[], str]]] = {
    "constants": constants, "requests": lambda: messages(wire.Request),
    "replies": lambda: messages(wire.Reply),
    "schema": lambda: message_table(wire.Schema) + "\n" + message_table(wire.Curve), "frame": frame_table,
    "buffer": buffer_constants, "examples": examples}


def made(document: str) -> str:
    """The document with today's tables. Raises ValueError for a table that is missing or unknown."""
    names = [match[2] for match in MADE.finditer(document)]
    if sorted(names) != sorted(TABLES):
        raise ValueError(f"{DOCUMENT} has {', '.join(names)}; it should have {', '.join(TABLES)}")

    def table(match: re.Match[str]) -> str:
        return f"{match[1]}\n{TABLES[match[2]]().rstrip()}\n\n{match[3]}"

    return MADE.sub(table, document)


def main(arguments: list[str]) -> int:
    """Write the document, or say whether it is what would be written."""
    before = DOCUMENT.read_text("utf-8")
    after = made(before)
    if "--check" in arguments:
        print(f"{DOCUMENT.name}: {'as it should be' if before == after else f'old; run {COMMAND}'}")
        return int(before != after)
    DOCUMENT.write_text(after, "utf-8")
    print(f"{DOCUMENT.name}: {'no change' if before == after else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
