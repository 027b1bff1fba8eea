"""What `open` takes: every option of the protocol, and mistakes told in the words of who calls it."""

from __future__ import annotations

import pytest

from facerig.errors import ConfigError, RigError
from facerig.service import wire
from facerig.service.character import OpenOptions, opening
from facerig.service.limits import ServiceSettings
from facerig.service.opening import Opening


def test_the_options_of_open_are_those_of_the_protocol() -> None:
    assert {*OpenOptions.__annotations__, "version", "subject"} == set(wire.Open.__struct_fields__)


@pytest.mark.parametrize("rate", ["often", 0, 5000])
def test_a_wrong_rate_names_the_option_and_not_a_switch_of_the_command_line(rate: str | int) -> None:
    with pytest.raises(ConfigError) as raised:
        opening("anna", fps=rate)
    assert raised.value.where == "$.fps"


def test_an_option_that_is_not_there_is_answered_with_all_that_are() -> None:
    with pytest.raises(ConfigError, match="detail"):
        opening("anna", details=2)  # type: ignore[call-arg]


@pytest.mark.parametrize(("option", "value", "words"), [("pace", "slow", "one of realtime, burst"),
                                                        ("model", "offline", "one of live, live-40"),
                                                        ("encoding", "mp3", "one of s16, f32, opus")])
def test_a_wrong_word_is_answered_with_the_right_ones(option: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as raised:
        opening("anna", **{option: value})  # type: ignore[arg-type]
    assert raised.value.where == f"$.{option}"


def test_a_rig_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(RigError, match="there is no rig 'arkitt' here") as raised:
        Opening(ServiceSettings()).retarget("arkitt")
    assert (raised.value.where, raised.value.fix) == ("$.rig", "give arkit")
