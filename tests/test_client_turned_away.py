"""A client that is not let in: it says why, and does not storm the door."""

from __future__ import annotations

from pathlib import Path

import pytest
import zmq

import facerig
from facerig.errors import ConfigError
from facerig.service.client import connect
from facerig.service.key_files import ClientKeys
from facerig.service.keys import new_keys
from tests.live_service import service_with_keys

SHORT_SECS = 1.5  # two knocks


def strangers(server: str) -> ClientKeys:
    public, secret = (key.decode() for key in zmq.curve_keypair())
    return ClientKeys(server=server, public=public, secret=secret)


@pytest.mark.parametrize(("who", "why"), [("stranger", "this key is not allowed there"),
                                          ("nobody", "who is there wants keys"),
                                          ("another's", "who is there has other keys, or none")])
def test_who_is_not_let_in_is_told_why(who: str, why: str, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    new_keys(folder, "game")
    known = ClientKeys.read(folder / "game.key")
    keys = {"stranger": strangers(known.server), "nobody": None,
            "another's": strangers(zmq.curve_keypair()[0].decode())}[who]
    with service_with_keys(folder, "127.0.0.1") as service:
        curves_port = int(service.curves_address.rpartition(":")[2])
        with connect(service.control_address, curves_port=curves_port, keys=keys) as client:
            with pytest.raises(ConfigError, match=why):
                client.open("anna", timeout_secs=SHORT_SECS)
            assert client.losses <= 2  # it knocked once a second, not as fast as it could
        with facerig.connect(service.control_address, curves_port=curves_port, keys=known) as client:
            assert client.open("anna").names
