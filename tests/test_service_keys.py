"""Keys over real sockets: who is on the list comes in, and nobody else."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import zmq

import facerig
from facerig.cli.run import run
from facerig.errors import ConfigError, OutputError
from facerig.service import wire
from facerig.service.key_files import ClientKeys, read_server
from facerig.service.keys import LOOK_SECS, AllowList, CurveGuard, allow, new_keys, read_clients
from facerig.service.limits import ServiceSettings
from facerig.service.server import Service
from tests.live_service import service_with_keys

REFUSED_MS = 700  # without an answer: nobody was let in


def running(folder: Path) -> AbstractContextManager[Service]:
    return service_with_keys(folder, "0.0.0.0")


def near(address: str) -> str:
    return address.replace("0.0.0.0", "127.0.0.1")


def answers(service: Service, keys: ClientKeys | None, wait_ms: int = REFUSED_MS) -> bool:
    """Whether a client with these keys hears from the control socket."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        if keys is not None:
            show(socket, keys)
        socket.connect(near(service.control_address))
        socket.send(wire.encoded(wire.Ping(number=1)))
        return socket.poll(wait_ms) != 0


def show(socket: zmq.Socket[bytes], keys: ClientKeys) -> None:
    socket.curve_serverkey = keys.server.encode()
    socket.curve_publickey, socket.curve_secretkey = keys.public.encode(), keys.secret.encode()


def strangers(known: ClientKeys) -> ClientKeys:
    public, secret = (key.decode() for key in zmq.curve_keypair())
    return ClientKeys(server=known.server, public=public, secret=secret)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    new_keys(tmp_path / "keys", "game")
    return tmp_path / "keys"


# --- connections

def test_a_client_with_its_file_is_let_in_and_gets_faces(folder: Path) -> None:
    with running(folder) as service:
        control, curves = (near(one) for one in (service.control_address, service.curves_address))
        with facerig.connect(control, curves_port=int(curves.rpartition(":")[2]),
                             keys=folder / "game.key") as client:
            anna = client.open("anna", pace="burst", alive=False, timeout_secs=30)
            anna.say_sound([0.0] * 8_000)
            assert len(list(anna.frames(timeout_secs=30))) == 30


def test_nobody_else_is_let_in(folder: Path) -> None:
    mine = ClientKeys.read(folder / "game.key")
    other_service = ClientKeys(server=zmq.curve_keypair()[0].decode(), public=mine.public, secret=mine.secret)
    anothers_secret = ClientKeys(server=mine.server, public=mine.public, secret=strangers(mine).secret)
    with running(folder) as service:
        assert answers(service, mine, 20_000)
        assert not answers(service, None)  # no keys at all
        assert not answers(service, strangers(mine))  # unknown
        assert not answers(service, other_service)  # meant for another service
        assert not answers(service, anothers_secret)  # on the list, but not its own
        assert answers(service, mine, 20_000)


def test_a_stranger_hears_no_curves(folder: Path) -> None:
    mine = ClientKeys.read(folder / "game.key")
    with (running(folder) as service, zmq.Context() as context, context.socket(zmq.SUB) as allowed,
          context.socket(zmq.SUB) as stranger):
        for socket, keys in ((allowed, mine), (stranger, strangers(mine))):
            show(socket, keys)
            socket.connect(near(service.curves_address))
            socket.subscribe(b"")
        control = near(service.control_address)
        curves_port = int(service.curves_address.rpartition(":")[2])
        with facerig.connect(control, curves_port=curves_port, keys=mine) as client:
            client.open("anna", timeout_secs=30)
            assert allowed.poll(20_000)
            assert not stranger.poll(200)


def test_who_is_taken_off_the_list_cannot_come_back_and_who_is_added_can(folder: Path) -> None:
    mine = ClientKeys.read(folder / "game.key")
    with running(folder) as service:
        assert answers(service, mine, 20_000)
        (folder / "clients" / "game.public").unlink()
        new_keys(folder, "late")
        time.sleep(LOOK_SECS)
        assert not answers(service, mine)
        assert answers(service, ClientKeys.read(folder / "late.key"), 20_000)


def test_without_the_authenticator_nobody_gets_in(folder: Path) -> None:
    class Asleep(CurveGuard):
        def start(self, context: zmq.Context) -> None:
            """Keys are asked for, but nobody looks at them: what CURVE alone would let through."""

    settings = ServiceSettings(control_port=0, curves_port=0, models=("live",))
    service = Service(settings, guard=Asleep(folder))
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        assert not service._guard.is_alive
        assert not answers(service, ClientKeys.read(folder / "game.key"))
    finally:
        service.stop()
        thread.join(20)


def test_a_lookup_that_fails_lets_nobody_in(folder: Path, monkeypatch: pytest.MonkeyPatch,
                                            caplog: pytest.LogCaptureFixture) -> None:
    guard, key = CurveGuard(folder), ClientKeys.read(folder / "game.key").public.encode()
    assert guard.callback("facerig", key)
    monkeypatch.setattr(AllowList, "name_of", lambda self, key: 1 / 0)
    assert not guard.callback("facerig", key)
    assert "ZeroDivisionError" in caplog.text


# --- files

def test_secrets_are_the_owners_alone(folder: Path) -> None:
    for name, rights in (("server.key", 0o600), ("game.key", 0o600), ("clients/game.public", 0o644)):
        assert stat.S_IMODE((folder / name).stat().st_mode) == rights
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not [one for one in folder.rglob("*") if ".part" in one.name]
    server, secret = read_server(folder / "server.key")
    mine = ClientKeys.read(folder / "game.key")
    assert mine.server == server
    assert read_clients(folder / "clients") == {mine.public: "game"}
    assert secret not in repr(mine) + (folder / "game.key").read_text()
    assert mine.secret not in repr(mine)


def test_a_second_client_keeps_the_services_pair(folder: Path) -> None:
    before = (folder / "server.key").read_bytes()
    made = new_keys(folder, "editor")
    assert made.server is None
    assert (folder / "server.key").read_bytes() == before
    assert sorted(read_clients(folder / "clients").values()) == ["editor", "game"]
    with pytest.raises(ConfigError, match="has keys already"):
        new_keys(folder, "editor")


@pytest.mark.parametrize("name", ["", "../game", "a/b", ".hidden", "x" * 65, "naïve", "a\n", "server"])
def test_names_that_are_no_file_names_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="no name of a client"):
        new_keys(folder, name)


def test_a_secret_that_everybody_can_read_is_refused(folder: Path) -> None:
    (folder / "server.key").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        CurveGuard(folder)
    (folder / "game.key").chmod(0o604)
    with pytest.raises(ConfigError, match="chmod 600"):
        facerig.connect("tcp://127.0.0.1:1", keys=folder / "game.key")


@pytest.mark.parametrize(("text", "complaint"), [
    ("", "is missing"), ('public = "short"', r"\$\.public: is no CURVE key"), ("public = 3", "no CURVE key"),
    (f'public = "{"x" * 40}"\nmore = 1', r"\$\.more"), ("\0", "not TOML")])
def test_a_list_with_a_file_that_is_no_key_is_told_at_the_start(folder: Path, text: str,
                                                                complaint: str) -> None:
    (folder / "clients" / "odd.public").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        CurveGuard(folder)


def test_a_file_that_is_no_key_locks_nobody_else_out_later(folder: Path,
                                                            caplog: pytest.LogCaptureFixture) -> None:
    names, mine = AllowList(folder / "clients"), ClientKeys.read(folder / "game.key")
    (folder / "clients" / "odd.public").write_text("public = 3")
    time.sleep(LOOK_SECS)
    assert names.name_of(mine.public) == "game"
    assert "odd.public lets nobody in" in caplog.text
    for one in (folder / "clients").iterdir():
        one.unlink()
    (folder / "clients").rmdir()
    time.sleep(LOOK_SECS)
    assert names.name_of(mine.public) is None


def test_a_folder_without_keys_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"server\.key"):
        CurveGuard(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        new_keys(tmp_path / "file", "game")


def test_a_client_that_made_its_own_pair(folder: Path) -> None:
    public, secret = (key.decode() for key in zmq.curve_keypair())
    allow(folder, "own", public)
    with running(folder) as service:
        own = ClientKeys(server=read_server(folder / "server.key")[0], public=public, secret=secret)
        assert answers(service, own, 20_000)
    with pytest.raises(ConfigError, match="no public CURVE key"):
        allow(folder, "other", "short")


# --- the command line

def test_the_verb_makes_lists_and_allows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "keys")
    assert run(["keys", "new", "-o", folder, "--name", "game", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["secret"]).is_file()
    assert run(["keys", "allow", "editor", zmq.curve_keypair()[0].decode(), "-o", folder]) == 0
    capsys.readouterr()
    assert run(["keys", "list", "-o", folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sorted(told["clients"]) == ["editor", "game"]
    assert run(["keys", "list", "-o", folder]) == 0
    assert told["server"] in capsys.readouterr().out
    assert run(["keys", "new", "-o", folder, "--name", "game"]) == 2
    assert "has keys already" in capsys.readouterr().err
    assert told["server"] not in os.listdir(folder)
