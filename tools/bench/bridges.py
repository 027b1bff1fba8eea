"""The engines' libraries: frames decoded, allocations, how late a face comes, whether any is lost.

Each language's own program measures (tests/bridges/README.md says what); here they are built, run against a
service in a process of its own, and put into one table.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from facerig.errors import ConfigError, FacerigError
from facerig.service import wire
from tools.bench.serving import REPO, Serving
from tools.bench.sound import speech
from tools.bench.tables import Row, Table
from tools.bridges.programs import LANGUAGES, program

PAGE: Final = REPO / "docs" / "bridges.md"
RATE_HZ: Final = 16_000
ARKIT_CURVES: Final = 52  # values of the frame that is decoded
COUNTS: Final = {"python": 200_000, "cpp": 5_000_000, "csharp": 2_000_000, "godot3": 50_000, "godot4": 50_000}
PATIENCE_SECS: Final = 300.0  # besides the time that is measured
MARGIN_SECS: Final = 8.0  # of sound, repeated

DECODE: Final = {"language": "", "run by": "", "frames/s": ",.0f", "allocations a frame": ".2f",
                 "bytes a frame": ".2f"}
LISTEN: Final = {"language": "", "minutes": ".1f", "frames": ",", "pictures": ",", "gaps": ",", "held": ",",
                 "drift samples": ",", "p50 ms": ".1f", "p99 ms": ".1f", "max ms": ".1f"}


def tables(languages: list[str], minutes: float, together: bool, log: Callable[[str], None]) -> list[Table]:
    """Every language that can be run here. Raises ConfigError for one that is unknown."""
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown:
        raise ConfigError(f"no language {', '.join(unknown)}", where="bridges",
                          fix=f"the languages are {', '.join(LANGUAGES)}")
    here = []
    for language in languages or LANGUAGES:
        lacking = LANGUAGES[language].lacking()
        if lacking:
            log(f"{language}: left out, {lacking}")
        else:
            log(f"{language}: building")
            program(language, "bench")
            here.append(language)
    out = []
    with tempfile.TemporaryDirectory(prefix="facerig-bench-") as folder:
        if not together:
            decoded = [_decoded(language, Path(folder), log) for language in here]
            title = f"Frames of {ARKIT_CURVES} curves decoded, on one core"
            out.append(Table("bridges_decode", title, DECODE, decoded))
        if minutes:
            heard = _heard(here, minutes, together, Path(folder), log)
            title = ("At 60 fps in real time; ms from the moment at which the sound of a frame plays to the "
                     "frame in the library's hands")
            out.append(Table("bridges_together" if together else "bridges_listen", title, LISTEN, heard))
    return out


def _decoded(language: str, folder: Path, log: Callable[[str], None]) -> Row:
    packet = folder / "frame.bin"
    values = np.linspace(0, 1, ARKIT_CURVES, dtype=np.float32)
    packet.write_bytes(wire.Frame(0, 1_234, 98_765, values).packed())
    log(f"{language}: decoding")
    figures = _figures(language, "decode", str(packet), str(COUNTS[language]), secs=PATIENCE_SECS)
    return {"language": language, "run by": LANGUAGES[language].version(),
            "frames/s": figures["frames_per_sec"],
            "allocations a frame": figures.get("allocations_per_frame"),
            "bytes a frame": figures.get("allocated_bytes_per_frame")}


def _heard(languages: list[str], minutes: float, together: bool, folder: Path,
           log: Callable[[str], None]) -> list[Row]:
    sound = folder / "speech.s16"
    sound.write_bytes((np.clip(speech(RATE_HZ, MARGIN_SECS), -1, 1) * 32_767).astype("<i2").tobytes())
    secs = round(60 * minutes)
    with Serving() as serving:
        def listen(language: str) -> Row:
            log(f"{language}: listening for {minutes:g} minutes")
            try:
                figures = _figures(language, "listen", str(serving.control_port), str(serving.curves_port),
                                   str(sound), str(secs), language, secs=secs + PATIENCE_SECS)
            except FacerigError as problem:  # the others' minutes are not to be lost
                log(str(problem))
                return {"language": language} | dict.fromkeys(list(LISTEN)[1:])
            late_ms = figures["latency_ms"]
            return {"language": language, "minutes": secs / 60, "frames": figures["frames"],
                    "pictures": figures["pictures"], "gaps": figures["gaps"], "held": figures["held"],
                    "drift samples": figures["drift_samples"],
                    **{f"{name} ms": late_ms[name] for name in ("p50", "p99", "max")}}

        with ThreadPoolExecutor(len(languages) if together else 1) as pool:
            return list(pool.map(listen, languages))


def _figures(language: str, *arguments: str, secs: float) -> dict[str, Any]:
    """What a program printed last. Raises FacerigError where it failed."""
    done = program(language, "bench").run(*arguments, secs=secs)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise FacerigError(f"its bench failed: {(done.stdout + done.stderr).strip()[-1000:]}", where=language,
                           fix="run it by hand, as tests/bridges/README.md says")
    figures: dict[str, Any] = json.loads(lines[-1])
    return figures
