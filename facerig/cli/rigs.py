"""`facerig rigs`: whose curves can be written."""

from __future__ import annotations

from facerig.cli.options import Json
from facerig.cli.report import Report


def rigs(
    json: Json = False,
) -> None:
    """List the rigs that --rig takes, with what they hold and where their files lie."""
    from facerig.errors import RigError
    from facerig.rig import load_rig
    from facerig.rig.catalogue import MADE_BY, rig_files, user_folder

    report, files = Report(json=json), rig_files()
    for name, path in files.items():
        try:
            rig = load_rig(path)
        except RigError as problem:  # one of the user's own; the others are of use all the same
            report.log(str(problem))
            continue
        report.result(f"{name:<16} {len(rig.curves):>4} curves  {rig.summary}", name=name, curves=rig.names,
                      summary=rig.summary, source=rig.source, file=str(path))
    for name, fix in MADE_BY.items():
        if name not in files:
            report.log(f"{name}: {fix}")
    report.log(f"your own: `facerig rig new`; they lie in {user_folder()}, or give a file: --rig hero.toml")
