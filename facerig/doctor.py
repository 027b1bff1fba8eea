"""What is installed here, what works, and how to get the rest.

    findings = list(examine())      # each check runs when its turn comes
    works(findings)                 # whether `animate` does

Requirements are read from the package's own declaration, so the list cannot drift from pyproject.toml.
Nothing here raises: a check that fails is a finding.
"""

from __future__ import annotations

import importlib.metadata
import platform
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final, Literal

import numpy as np

from facerig.errors import ConfigError, FacerigError

State = Literal["ok", "missing", "broken"]

# extra      what it is for; the order in which they are reported. Extras of developers are left out.
USER_EXTRAS: Final = {
    "cpu":       "the encoder on the processor",
    "preview":   "preview videos and pictures",
    "text":      "reading the script of a recording",
    "say":       "a voice for `facerig say`",
    "browser":   "`facerig live`, the page in the browser",
    "websocket": "`facerig play` to WebSocket listeners",
    "serve":     "the service and its client",
    "opus":      "Opus packets sent to the service",
    "cluster":   "`facerig batch` on a Ray cluster, and on stores such as S3",
    "usd":       "OpenUSD files",
    "gl":        "previews through OpenGL (the software renderer does without)",
    "fit":       "`facerig fit`, a model of an actor's own",
    "fit-video": "`facerig fit` from videos",
    "flame":     "`facerig rig fit-flame`, FLAME's rig",
    "train":     "training a model of your own",
}
INSTEAD: Final = {"cpu": "gpu"}  # an extra that stands in for another
RUN_SECS: Final = 1.0            # of the bundled clip, for the real run; its first word begins at 0.4 s
PROBE_PIXELS: Final = 64
MOVED: Final = 0.05              # of jawOpen: a face that moves less did not hear the speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `needed`: `animate` does not work without it. `fix`: a command or a sentence."""

    topic: str
    state: State
    detail: str
    fix: str = ""
    needed: bool = False


def works(findings: Iterable[Finding]) -> bool:
    """Whether `animate` works: nothing that it needs is missing or broken."""
    return all(finding.state == "ok" for finding in findings if finding.needed)


def examine() -> Iterator[Finding]:
    """Look at everything, in the order in which a user would fix it."""
    checks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("python", _python), ("requirements", _requirements), ("onnxruntime", _onnxruntime),
        ("sound files", _codecs), ("models", _models), ("animate", _animate), ("video", _ffmpeg),
        ("renderer", _renderer),
    )
    for topic, check in checks:
        try:
            yield from check()
        except Exception as error:  # whatever a broken library raises is a finding
            yield Finding(topic=topic, state="broken", detail=f"{type(error).__name__}: {error}",
                          fix=getattr(error, "fix", ""), needed=topic in ("onnxruntime", "models", "animate"))


# --- packages -----------------------------------------------------------------------------------------


def _python() -> Iterator[Finding]:
    yield Finding(topic="python", state="ok", needed=True,
                  detail=f"{platform.python_version()} on {platform.platform()}, {sys.executable}")
    try:
        version = f"{importlib.metadata.version('facerig')}, in {Path(__file__).parent}"
    except importlib.metadata.PackageNotFoundError:
        version = f"from source in {Path(__file__).parent}, not installed"
    yield Finding(topic="facerig", state="ok", detail=version)


def _requirements() -> Iterator[Finding]:
    by_extra, fine = declared(), set[str]()
    for requirement in by_extra.pop("", ()):
        yield _requirement(requirement, extra="", needed=True)
    for extra, purpose in USER_EXTRAS.items():
        given = extra
        if extra in INSTEAD and all(_version(r) for r in map(_name, by_extra.get(INSTEAD[extra], ()))):
            given = INSTEAD[extra]
        for requirement in by_extra.get(given, ()):
            finding = _requirement(requirement, extra=given, purpose=purpose, needed=extra == "cpu")
            if finding.topic not in fine:  # what several extras need is said once, what is missing for each
                yield finding
            if finding.state == "ok":
                fine.add(finding.topic)


def declared() -> dict[str, list[str]]:
    """Requirements by extra ("" is the core), as `name>=version`: the installed ones, or a source tree's."""
    try:
        lines = importlib.metadata.requires("facerig") or []
    except importlib.metadata.PackageNotFoundError:
        project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
        return {"": project["dependencies"], **project["optional-dependencies"]}
    by_extra: dict[str, list[str]] = {}
    for line in lines:
        requirement, _, marker = line.partition(";")
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", marker)
        by_extra.setdefault(extra[1] if extra else "", []).append(requirement.strip())
    return by_extra


def _requirement(requirement: str, *, extra: str, purpose: str = "", needed: bool) -> Finding:
    name, lowest = _name(requirement), requirement.partition(">=")[2]
    version = _version(name)
    target = f'"facerig[{extra}]"' if extra else "facerig"
    if version is None:
        return Finding(topic=name, state="missing", detail=f"not installed: {purpose or 'facerig needs it'}",
                       fix=f"pip install {target}", needed=needed)
    if lowest and _numbers(version) < _numbers(lowest):
        detail = f"{version} is too old: facerig needs {lowest} or newer"
        return Finding(topic=name, state="broken", detail=detail,
                       fix=f"pip install --upgrade {target}", needed=needed)
    return Finding(topic=name, state="ok", detail=version, needed=needed)


def _name(requirement: str) -> str:
    return "".join(takewhile(lambda c: c.isalnum() or c in "-_.", requirement))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The release part, for comparing: "1.26.0rc1" -> (1, 26, 0)."""
    return tuple(int(n) for n in re.findall(r"\d+", (re.match(r"[\d.]+", version) or [""])[0]))


def _onnxruntime() -> Iterator[Finding]:
    both = [name for name in ("onnxruntime", "onnxruntime-gpu") if _version(name)]
    if len(both) > 1:
        yield Finding(topic="onnxruntime", state="broken",
                      detail="onnxruntime and onnxruntime-gpu share their files: whichever came last wins",
                      fix="pip uninstall -y onnxruntime onnxruntime-gpu, then "
                          'pip install "facerig[cpu]" or "facerig[gpu]"')
    import onnxruntime

    names = [name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers()]
    yield Finding(topic="providers", state="ok", detail=", ".join(names), needed=True)


# --- sound and pictures -------------------------------------------------------------------------------


def _codecs() -> Iterator[Finding]:
    import soundfile

    formats = soundfile.available_formats()
    ogg = soundfile.available_subtypes("OGG") if "OGG" in formats else {}
    kinds = {"WAV": "WAV" in formats, "FLAC": "FLAC" in formats, "Vorbis": "VORBIS" in ogg,
             "Opus": "OPUS" in ogg, "MP3": "MP3" in formats}
    absent = [kind for kind, there in kinds.items() if not there]
    library = f"libsndfile {soundfile.__libsndfile_version__}"
    if absent:
        lack = f"{library} cannot read {', '.join(absent)}"
        yield Finding(topic="sound files", state="missing", detail=lack,
                      fix="pip install --upgrade soundfile   (its wheels carry libsndfile 1.1 or newer)")
    else:
        yield Finding(topic="sound files", state="ok", detail=f"{', '.join(kinds)} ({library})")


def _ffmpeg() -> Iterator[Finding]:
    from facerig.preview.video import ffmpeg

    try:
        path = ffmpeg()
    except ConfigError as error:
        yield Finding(topic="video", state="missing", detail=error.what, fix=error.fix)
        return
    told = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=20, check=False)
    words = (told.stdout or told.stderr).split()
    state: State = "broken" if told.returncode else "ok"
    yield Finding(topic="video", state=state, detail=f"{' '.join(words[:3])}, {path}")


def _renderer() -> Iterator[Finding]:
    from facerig.preview.studio import choose_renderer

    try:
        choose_renderer("gl", PROBE_PIXELS, PROBE_PIXELS).close()
        drawn_by = "gl"
    except ConfigError as error:
        choose_renderer("software", PROBE_PIXELS, PROBE_PIXELS).close()
        drawn_by = f"software ({error.what})"
    yield Finding(topic="renderer", state="ok", detail=drawn_by)


# --- the engine ---------------------------------------------------------------------------------------


def _models() -> Iterator[Finding]:
    from facerig.encoder.model import SHIPPED, open_model

    for name in SHIPPED:
        needed = name == "live"
        try:
            _, info = open_model(name)
        except FacerigError as error:
            state: State = "missing" if isinstance(error, ConfigError) else "broken"
            yield Finding(topic=f"model {name}", state=state, detail=f"{error.where}: {error.what}",
                          fix=error.fix, needed=needed)
            continue
        size_mb = info.path.stat().st_size / 1e6
        yield Finding(topic=f"model {name}", state="ok", needed=needed,
                      detail=f"{size_mb:.1f} MB, sha256 {info.sha256[:12]}... as it should be")


def _animate() -> Iterator[Finding]:
    import soundfile

    import facerig_assets
    from facerig.session import Session

    samples, sample_rate = soundfile.read(facerig_assets.path("speech", "hello.flac"), dtype="float32")
    session = Session(sample_rate)
    started = time.perf_counter()
    clips = [session.feed(samples[: round(RUN_SECS * sample_rate)]), session.flush()]
    factor = (time.perf_counter() - started) / RUN_SECS
    frames, moved = sum(map(len, clips)), max(float(np.ptp(clip["jawOpen"])) for clip in clips if len(clip))
    yield Finding(topic="animate", state="ok" if moved > MOVED else "broken", needed=True,
                  detail=f"{frames} frames for {RUN_SECS:g} s of speech, real-time factor {factor:.3f}, "
                         f"look-ahead {float(1000 * session.lookahead.total):.0f} ms")
