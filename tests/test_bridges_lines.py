"""Lines of the bridges: what counts, and which files know an engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import REPO
from tools.bridges import lines


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("a.h", "// said\n\n#pragma once\n#include <array>\nint a;  // and this\n/* more\n * of it\n */\n", 3),
    ("a.cs", "/// said\nusing System;\n\n    x += 1;\n", 2),
    ("a.gd", "# said\nextends Node\n## more\nvar a = 1  # and this\n\n", 2),
])
def test_what_counts_is_code(name: str, text: str, expected: int, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert lines.code_lines(tmp_path / name) == expected


@pytest.mark.parametrize(("path", "expected"), [
    ("FaceRigCore/Public/FaceRigCore/JitterBuffer.h", False),
    ("FaceRigCore/Private/JitterBuffer.cpp", False),
    ("FaceRigCore/FaceRigCore.Build.cs", True),
    ("FaceRig/Public/FaceRigComponent.h", True),
    ("FaceRig/Private/FaceRigComponent.cpp", True),
])
def test_what_knows_unreal_is_told_by_its_headers(path: str, expected: bool) -> None:
    assert lines.knows_unreal(lines.UNREAL / path) == expected


def test_a_header_brings_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that includes nothing of the engine but a header that does."""
    (tmp_path / "Far.h").write_text('#include "CoreMinimal.h"\n')
    (tmp_path / "Near.h").write_text('#include "Far.h"\n#include "Near.h"\n')
    (tmp_path / "Free.cpp").write_text('#include "Free.h"\n#include <CoreMinimal.h>\n')
    monkeypatch.setattr(lines, "UNREAL", tmp_path)
    assert lines.knows_unreal(tmp_path / "Near.h")
    assert not lines.knows_unreal(tmp_path / "Free.cpp")


def test_every_bridge_is_counted() -> None:
    rows = {one.bridge: one for one in lines.counted()}
    assert set(rows) == {"unreal", "unity", "godot"}
    for one in rows.values():
        assert min(one.shared, one.made, one.specific) > 0
        assert one.share < 0.5
    assert all(bridge in lines.table() for bridge in rows)
    base = lines.UNITY / "Runtime" / "Base"
    assert not [path.relative_to(REPO) for path in base.rglob("*.cs") if lines.knows_unity(path)]
