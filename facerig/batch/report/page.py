"""One page that needs nothing else: the report's data as JSON inside, drawn by a script of our own."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

import facerig
from facerig.batch.report.gather import Entry, Report

PARTS: Final = "page"  # folder beside this module


def page_of(report: Report) -> str:
    """The HTML."""
    told = {"run": report.run, "version": facerig.__version__, "changes": report.changes(),
            "characters": report.totals("character"), "languages": report.totals("language"),
            "entries": [_told(entry, report) for entry in report.entries]}
    # "</script>" in a text must not end the script
    data = json.dumps(told, separators=(",", ":")).replace("<", "\\u003c")
    head, rest = _part("report.html").replace("/*STYLE*/", _part("report.css")).split("/*DATA*/")
    return head + data + rest.replace("/*SCRIPT*/", _part("report.js"))


def _told(entry: Entry, report: Report) -> dict[str, Any]:
    line = entry.line
    sketch = (entry.record.get("seen") or {}).get("sketch") or {}
    return {"out": entry.out, "p": round(entry.likelihood, 3),
            "secs": round(entry.record.get("secs") or 0, 2),
            "signs": [[sign.name, sign.text, round(sign.weight, 1)] for sign in entry.signs],
            "character": line.get("character") or "", "language": line.get("language") or "",
            "text": line.get("text") or "", "emotion": line.get("emotion") or "",
            "place": line.get("place", ""),
            "sound": _address(str(line.get("audio", "")), report), "changed": entry.changed,
            "before": entry.before, "fix": (entry.record.get("error") or {}).get("fix", ""),
            "wave": sketch.get("sound", ""), "curves": sketch.get("curves", {}),
            "moments": sketch.get("moments", []), "faces": entry.faces}


def _address(audio: str, report: Report) -> str:
    """Of a sound, seen from the page, so that both may be moved together."""
    if not audio or "://" in audio:
        return audio
    try:
        return quote(os.path.relpath(audio, report.folder).replace(os.sep, "/"))
    except ValueError:  # another drive
        return f"file:///{quote(os.path.abspath(audio).replace(os.sep, '/'))}"


def _part(name: str) -> str:
    return files("facerig.batch.report").joinpath(PARTS, name).read_text("utf-8")
