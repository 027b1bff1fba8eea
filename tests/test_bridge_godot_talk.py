"""What a game does with a FaceRigFace, in the engines: live sound, a line, a stop, wishes, a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bridges.godot_projects import Godot, engines, made
from tests.fake_service import FakeService
from tests.live_service import running_service
from tests.services import speech

RATE = 16_000
FED_SECS, LINE_SECS = 1.0, 2.0
STEPS = "feed,hear_it_out,speak,stop,rest,wish_wrongly,go_far,finish"
STATE, SAMPLE, INDEX, JAW = range(4)  # of what is shown

pytestmark = pytest.mark.parametrize("engine", engines(), indirect=True, scope="module")


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Godot:
    return made(request.param, tmp_path_factory.mktemp("godot"))


@pytest.fixture(scope="module")
def told(engine: Godot, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """All that engine_bridges/godot/tests/talk.gd printed."""
    line: Path = tmp_path_factory.mktemp("line") / "line.s16"
    line.write_bytes(speech(LINE_SECS, RATE).astype("<i2").tobytes())
    with running_service() as service:
        return engine.lines("talk", *map(str, service.ports), str(line), str(RATE), "anna", STEPS)


def step(told: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(one for one in told if one.get("step") == name)


def column(told: list[dict[str, Any]], name: str, of: int) -> list[Any]:
    return [one[of] for one in step(told, name)["shown"]]


def test_sound_that_comes_live_is_heard_with_its_face(told: list[dict[str, Any]]) -> None:
    heard = [one for one in column(told, "feed", SAMPLE) + column(told, "hear_it_out", SAMPLE) if one >= 0]
    assert heard == sorted(heard)
    assert heard[-1] >= 0.9 * FED_SECS * RATE
    assert "speech" in column(told, "feed", STATE) + column(told, "hear_it_out", STATE)
    assert column(told, "hear_it_out", SAMPLE)[-1] == -1  # and then it is over


def test_a_line_follows_on_the_same_clock(told: list[dict[str, Any]]) -> None:
    heard = [one for one in column(told, "speak", SAMPLE) if one >= 0]
    assert heard == sorted(heard)
    assert FED_SECS * RATE <= heard[0] < heard[-1]
    states = {one[STATE] for one in step(told, "speak")["shown"] if one[SAMPLE] >= 0}
    assert states == {"speech"}  # all its faces were there before it began


def test_a_stop_silences_voice_and_face(told: list[dict[str, Any]]) -> None:
    assert step(told, "stop")["happened"]["interrupted"] == 1
    assert set(column(told, "stop", SAMPLE)[1:]) <= {-1}  # the first picture was the one that asked for it
    assert set(column(told, "rest", SAMPLE)) == {-1}
    assert set(column(told, "rest", STATE)) <= {"idle", "rest"}
    assert column(told, "rest", JAW)[-1] < 0.1


def test_wishes_are_taken_or_refused_at_once(told: list[dict[str, Any]]) -> None:
    assert next(one["taken"] for one in told if "taken" in one) == [False, True, True, True, False]
    errors = [one["error"] for one in told if "error" in one]
    assert errors[:2] == [["$.emotoin is no key", "direct"], ["$.text is ", "say"]]


def test_far_away_every_fourth_frame_comes(told: list[dict[str, Any]]) -> None:
    indices = sorted(set(column(told, "go_far", INDEX)) - {-1})
    assert set(np.diff(indices[-4:]) % 4) == {0}


def test_the_recording_holds_a_track_for_each_shape(told: list[dict[str, Any]]) -> None:
    take = next(one["take"] for one in told if "take" in one)
    assert take["tracks"] == 52
    assert take["length"] > FED_SECS + LINE_SECS / 2
    assert take["keys"] > 10


def test_the_voice_of_the_service_is_heard_with_its_face(engine: Godot, tmp_path: Path) -> None:
    (tmp_path / "none.s16").write_bytes(bytes(640))
    service = FakeService()
    try:
        told = engine.lines("talk", *map(str, service.ports), str(tmp_path / "none.s16"), str(RATE), "anna",
                            "say,finish")
    finally:
        service.die()
    heard = [one for one in column(told, "say", SAMPLE) if one >= 0]
    assert heard == sorted(heard)
    assert 0.5 * 3200 < heard[-1] < 3200  # so much is what the service says
    assert {one[STATE] for one in step(told, "say")["shown"] if one[SAMPLE] >= 0} == {"speech"}
    assert not service.wrong
