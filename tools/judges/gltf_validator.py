"""Khronos' glTF validator under node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.judges.programs import node_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many findings of each severity, and their texts."""

    errors: int
    warnings: int
    infos: int
    hints: int
    messages: tuple[str, ...]


def validate(path: Path) -> Verdict:
    """The validator's verdict. Raises JudgeMissing where it is not installed."""
    issues = node_json("gltf_validate.mjs", str(path))["issues"]
    texts = tuple(f"{m['code']} at {m.get('pointer', '?')}: {m['message']}" for m in issues["messages"])
    return Verdict(errors=issues["numErrors"], warnings=issues["numWarnings"], infos=issues["numInfos"],
                   hints=issues["numHints"], messages=texts)
