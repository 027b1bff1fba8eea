"""Peak memory of animating a file to CSV: a long one beside a short one, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import soundfile

from facerig.encoder.model import open_model
from facerig.errors import ConfigError, FacerigError
from tools.bench.sound import clip
from tools.bench.tables import Row, Table

RATE_HZ: Final = 48_000
_MIB: Final = 2**20

# What the process of its own runs: animate argv[1] to argv[2] by model argv[3]; print peak bytes and RTF.
# Linux counts the peak of this program alone in VmHWM; ru_maxrss also holds the parent's before exec.
_CHILD: Final = """
import sys
from pathlib import Path
from facerig.animation import AnimateSettings, animate_to
report = animate_to(sys.argv[1], sys.argv[2], AnimateSettings(model=sys.argv[3]))
status = Path("/proc/self/status")
if status.exists():
    peak = 1024 * next(int(line.split()[1]) for line in status.open() if line.startswith("VmHWM"))
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(peak, report.realtime_factor)
"""


def table(model: str, short_minutes: float, long_minutes: float) -> Table:
    """Peak memory for either length, and what the longer one takes more. Raises ConfigError on Windows."""
    if sys.platform == "win32":
        raise ConfigError("the peak memory of a process is not measured on Windows", where="bench memory",
                          fix="measure on Linux or macOS")
    open_model(model)  # a wrong name is told before an hour of sound is written
    rows: list[Row] = []
    for minutes in (short_minutes, long_minutes):
        size, rtf = peak(model, minutes)
        rows.append({"model": model, "sound": f"{minutes:g} min", "peak MiB": size, "RTF": rtf})
    short, long = (float(row["peak MiB"] or 0) for row in rows)
    rows.append({"model": model, "sound": "difference", "peak MiB": long - short, "RTF": None})
    return Table("memory", f"Peak resident memory, RTF with files: WAV of {RATE_HZ} Hz to CSV of 60 fps",
                 {"model": "", "sound": "", "peak MiB": ".1f", "RTF": ".4f"}, rows)


def peak(model: str, minutes: float) -> tuple[float, float]:
    """Peak MiB of animating `minutes` of speech, and the real-time factor with reading and writing."""
    with tempfile.TemporaryDirectory(prefix="facerig-bench-") as folder:
        wav, csv = Path(folder, "speech.wav"), Path(folder, "speech.csv")
        write_speech(wav, minutes)
        size_mb = wav.stat().st_size / 1e6
        print(f"animating {minutes:g} min ({size_mb:.0f} MB of WAV)", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, "-c", _CHILD, str(wav), str(csv), model], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise FacerigError(f"animating {minutes:g} minutes failed:\n{done.stderr.strip()}",
                           where="bench memory", fix="read the lines above")
    size, rtf = done.stdout.split()
    return int(size) / _MIB, float(rtf)


def write_speech(path: Path, minutes: float) -> None:
    """`minutes` of the bundled clip, again and again, as 16-bit WAV; never more than the clip in memory."""
    audio, left = clip(RATE_HZ), round(minutes * 60 * RATE_HZ)
    with soundfile.SoundFile(path, "w", RATE_HZ, 1, "PCM_16") as file:
        while left > 0:
            file.write(audio[:left])
            left -= len(audio)
