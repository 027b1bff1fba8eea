"""Addresses of outlets: what they may say, and what is told where they are wrong."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facerig.errors import ConfigError, RigError
from facerig.outlets import open_outlet
from facerig.outlets.address import is_loopback, read_address
from facerig.outlets.opening import Defaults


def test_an_address_is_read() -> None:
    read = read_address("livelink://192.168.1.7:11111?subject=Anna%20B&fps=29.97")
    assert (read.kind, read.host, read.port) == ("livelink", "192.168.1.7", 11111)
    assert dict(read.options) == {"subject": "Anna B", "fps": "29.97"}
    assert read_address("vmc://[::1]").host == "::1"


@given(st.one_of(st.text(max_size=60), st.text("livenk:/?&=%[]@#.1", max_size=40).map("livelink://".__add__)))
@example("livelink://[")
@example("livelink://a:99999")
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    try:
        read = read_address(text)
    except ConfigError:
        return
    assert read.host
    assert read.kind


@pytest.mark.parametrize(("text", "what"), [
    ("127.0.0.1:11111", "kind"),
    ("livelink://", "host"),
    ("livelink://a b", "host|control"),
    ("livelink://user@127.0.0.1", "host"),
    ("livelink://127.0.0.1:0", "port 0"),
    ("livelink://127.0.0.1:70000", "address"),
    ("livelink://127.0.0.1/path", "behind the port"),
    ("livelink://127.0.0.1?fps=60&fps=30", "twice"),
    ("livelink://127.0.0.1?fps=", "without a value"),
    ("livelink://127.0.0.1?fps", "address"),
    ("livelink://127.0.0.1?speed=60", "no option 'speed'"),
    ("livelink://127.0.0.1?fps=fast", "not a frame rate"),
    ("livelink://127.0.0.1?fps=1000", "240"),
    ("livelink://127.0.0.1?subject=" + "x" * 300, "too long"),
    ("maya://127.0.0.1", "no outlet 'maya'"),
    ("vmc://127.0.0.1?bones=maybe", "neither yes nor no"),
    ("vmc://127.0.0.1?names=vrm2", "not known"),
    ("ifacialmocap://127.0.0.1?version=3", "not known"),
    ("ifacialmocap://127.0.0.1?listen=49983", "handshake=wait"),
    ("ifacialmocap://127.0.0.1?handshake=wait&listen=0", "out of range"),
    ("livelink://no-such-host.invalid", "not known"),
])  # fmt: skip
def test_a_wrong_address_is_told(text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        open_outlet(text)


def test_a_rig_that_is_not_there_is_told() -> None:
    with pytest.raises(RigError, match="no rig 'alien'"):
        open_outlet("vmc://127.0.0.1?rig=alien")


def test_defaults_hold_where_the_address_says_nothing() -> None:
    plain = open_outlet("livelink://127.0.0.1", Defaults(fps=Fraction(30)))
    told = open_outlet("livelink://127.0.0.1?fps=24", Defaults(fps=Fraction(30)))
    assert (plain.fps, told.fps) == (30, 24)
    plain.close()
    told.close()


def test_a_token_is_not_shown() -> None:
    assert "s3cret" not in read_address("ws://127.0.0.1?token=s3cret&format=json").text
    assert read_address("ws://127.0.0.1?token=s3cret").options["token"] == "s3cret"


@pytest.mark.parametrize(("host", "loopback"), [
    ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
    ("0.0.0.0", False), ("::", False), ("192.168.0.1", False), ("localhost.evil.example", False)])
def test_what_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
