"""The constants as source files of C++17, C# 7.3 and GDScript (3 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tools.bridges.facts import Fact, Group, Value

COMMAND: Final = "python -m tools.bridges"
NOTICE: Final = (f"made by {COMMAND} from facerig/service/wire.py; do not edit",
                 "SPDX-License-Identifier: Apache-2.0")
LINE_CHARS: Final = 110
ADDRESS: Final = Path("engine_bridges")


def quoted(text: str) -> str:
    """A string that all three languages read alike: ASCII, backslashes and control characters escaped."""
    out = []
    for letter in text:
        if letter in '"\\':
            out.append("\\" + letter)
        elif " " <= letter <= "~":
            out.append(letter)
        else:
            raise ValueError(f"{letter!r} in {text!r}: not every language can write it")
    return f'"{"".join(out)}"'


def pascal(name: str) -> str:
    """header_bytes -> HeaderBytes."""
    return "".join(part.capitalize() for part in name.replace("-", "_").split("_"))


def listed(head: str, items: Iterable[str], tail: str, indent: str) -> list[str]:
    """A list over as many lines as it needs."""
    out, line = [], indent + head
    for item in [f"{item}," for item in items]:
        if len(line) + 1 + len(item) > LINE_CHARS:
            out.append(line)
            line = f"{indent}    {item}"
        else:
            line += ("" if line.endswith(("{", "[")) else " ") + item
    return [*out, line.removesuffix(",") + tail]


def remark(fact: Fact, sign: str) -> str:
    """What is said of a constant, behind it."""
    return f"  {sign} {fact.told}" if fact.told else ""


def is_wide(value: Value) -> bool:
    """Whether it needs 64 bits."""
    return isinstance(value, int) and not -2**31 <= value < 2**31


# --- C++


def cpp_literal(value: Value) -> str:
    """A value in C++."""
    if isinstance(value, str):
        return quoted(value)
    return f"{value}LL" if is_wide(value) else repr(value)


def cpp_fact(fact: Fact) -> list[str]:
    """A constant in C++."""
    name, value = "k" + pascal(fact.name), fact.value
    if isinstance(value, tuple):
        kind = "int" if isinstance(value[0], int) else "std::string_view"
        told = [f"/// {fact.told}"] if fact.told else []
        head = f"inline constexpr std::array<{kind}, {len(value)}> {name}{{"
        return told + listed(head, map(cpp_literal, value), "};", "")
    kind = ("std::string_view" if isinstance(value, str) else "double" if isinstance(value, float)
            else "std::int64_t" if is_wide(value) else "int")
    return [f"inline constexpr {kind} {name} = {cpp_literal(value)};{remark(fact, '//')}"]


def cpp(groups: tuple[Group, ...]) -> str:
    """Wire.h"""
    lines = [*(f"// {line}" for line in NOTICE), "", "#pragma once", "",
             *(f"#include <{name}>" for name in ("array", "cstdint", "string_view")), "",
             "namespace facerig::wire {"]
    for group in groups:
        body = [line for fact in group.facts for line in cpp_fact(fact)]
        lines += ["", f"/// {group.told}", f"namespace {group.name} {{", *body,
                  f"}}  // namespace {group.name}"] if group.name else ["", *body]
    return "\n".join([*lines, "", "}  // namespace facerig::wire", ""])


# --- C#


def csharp_literal(value: Value) -> str:
    """A value in C#."""
    if isinstance(value, str):
        return quoted(value)
    return f"{value}L" if is_wide(value) else repr(value)


def csharp_fact(fact: Fact, indent: str) -> list[str]:
    """A constant in C#."""
    name, value = pascal(fact.name), fact.value
    if isinstance(value, tuple):
        kind = "int" if isinstance(value[0], int) else "string"
        told = [f"{indent}// {fact.told}"] if fact.told else []
        return told + listed(f"public static readonly {kind}[] {name} = {{", map(csharp_literal, value), "};",
                             indent)
    kind = ("string" if isinstance(value, str) else "double" if isinstance(value, float)
            else "long" if is_wide(value) else "int")
    return [f"{indent}public const {kind} {name} = {csharp_literal(value)};{remark(fact, '//')}"]


def csharp(groups: tuple[Group, ...]) -> str:
    """Wire.cs"""
    lines = [*(f"// {line}" for line in NOTICE), "", "namespace FaceRig", "{",
             "    /// <summary>The protocol of facerig's live service, as constants.</summary>",
             "    public static class Wire", "    {"]
    for group in groups:
        inner = " " * (12 if group.name else 8)
        body = [line for fact in group.facts for line in csharp_fact(fact, inner)]
        lines += ["", f"        /// <summary>{group.told}</summary>",
                  f"        public static class {pascal(group.name)}", "        {", *body, "        }"
                  ] if group.name else body
    return "\n".join([*lines, "    }", "}", ""])


# --- GDScript


def gdscript_literal(value: Value) -> str:
    """A value in GDScript."""
    return quoted(value) if isinstance(value, str) else repr(value)


def gdscript_fact(fact: Fact, prefix: str) -> list[str]:
    """A constant in GDScript."""
    name, value = (prefix + fact.name).replace("-", "_").upper(), fact.value
    if isinstance(value, tuple):
        told = [f"# {fact.told}"] if fact.told else []
        return told + listed(f"const {name} = [", map(gdscript_literal, value), "]", "")
    return [f"const {name} = {gdscript_literal(value)}{remark(fact, '#')}"]


def gdscript(groups: tuple[Group, ...]) -> str:
    """wire.gd, which Godot 3 and 4 read alike: it says not even what it extends."""
    lines = [f"# {line}" for line in NOTICE]
    for group in groups:
        prefix = f"{group.name}_" if group.name else ""
        lines += ["", *([f"# {group.told}"] if group.told else []),
                  *(line for fact in group.facts for line in gdscript_fact(fact, prefix))]
    return "\n".join([*lines, ""])


FILES: Final[dict[Path, Callable[[tuple[Group, ...]], str]]] = {
    ADDRESS / "unreal/FaceRig/Source/FaceRigCore/Public/FaceRigCore/Wire.h": cpp,
    ADDRESS / "unity/com.facerig.bridge/Runtime/Base/Wire.cs": csharp,
    ADDRESS / "godot/addons/facerig/wire.gd": gdscript,
}
