"""What `open` takes: every option of the protocol, and mistakes told in the words of who calls it."""

from __future__ import annotations

import pytest

from facerig.errors import ConfigError
from facerig.service import wire
from facerig.service.character import OpenOptions, opening


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
