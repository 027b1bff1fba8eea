"""`facerig keys`: who may connect to a service that others can reach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facerig.cli import options
from facerig.cli.report import Report
from facerig.errors import ConfigError

EXAMPLES = """
[bold]Examples[/bold]

  facerig keys new -o keys --name game

  facerig serve --bind 0.0.0.0 --keys keys

  facerig top tcp://10.0.0.7 --keys game.key

  facerig keys allow editor "kq:rB..." -o keys       a client that has made its own pair

  facerig keys list -o keys

A client is locked out by removing keys/clients/NAME.public: new connections are refused within a second.
"""

keys = typer.Typer(help="Keys of a service: who may connect from other machines.", epilog=EXAMPLES,
                   invoke_without_command=True, rich_markup_mode="rich")

Folder = Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="The service's folder of keys.")]


@keys.callback()
def _help_of_its_own(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help(), end="")


@keys.command()
def new(
    folder: Folder = Path("facerig-keys"),
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the client.")] = "client",
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Make a key pair for a client and let it in; the first time, one for the service as well."""
    _check_installed()
    from facerig.service.keys import new_keys

    made = new_keys(folder, name)
    lines = [f"{made.public}: {name} is let in", f"{made.secret}: move it to {name}; it is secret"]
    if made.server is not None:
        lines.insert(0, f"{made.server}: stays with the service; it is secret")
    Report(json=json, quiet=quiet).result("\n".join(lines), folder=str(folder), name=name,
                                          server=made.server, public=made.public, secret=made.secret)


@keys.command()
def allow(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the client.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its public key, 40 characters of Z85.")],
    folder: Folder = Path("facerig-keys"),
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Let a client in that has made its key pair itself."""
    _check_installed()
    from facerig.service.keys import allow as let_in

    public = let_in(folder, name, key)
    Report(json=json, quiet=quiet).result(f"{public}: {name} is let in", folder=str(folder), name=name,
                                          public=public)


@keys.command(name="list")
def list_(folder: Folder = Path("facerig-keys"), json: options.Json = False) -> None:
    """The service's public key, and the clients that are let in."""
    _check_installed()
    from facerig.service.key_files import read_server
    from facerig.service.keys import CLIENTS_FOLDER, SERVER_FILE, read_clients

    server, _ = read_server(folder / SERVER_FILE)
    clients = {name: key for key, name in read_clients(folder / CLIENTS_FOLDER).items()}
    wide = max(map(len, ("service", *clients)))
    lines = [f"{name:{wide}}  {key}" for name, key in {"service": server, **clients}.items()]
    Report(json=json).result("\n".join(lines), folder=str(folder), server=server, clients=clients)


def _check_installed() -> None:
    """Raises ConfigError where the packages of the service are missing, or cannot do CURVE."""
    try:
        import msgspec  # noqa: F401
        import zmq
    except ImportError as missing:
        raise ConfigError(f"keys need {missing.name}", where="keys",
                          fix='pip install "facerig[serve]"') from None
    if not zmq.has("curve"):
        raise ConfigError("this ZeroMQ was built without CURVE", where="keys",
                          fix="install pyzmq from PyPI, whose wheels have it")
