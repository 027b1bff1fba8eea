"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def machine() -> dict[str, str]:
    """Processor, cores, how busy they are, system, and the versions that decide the speed."""
    return {"cpu": _cpu(), "cores": f"{os.cpu_count()} (one is used)", "busy": _busy(),
            "os": f"{platform.system()} {platform.release()} {platform.machine()}",
            "python": platform.python_version(), "numpy": _version("numpy"),
            "onnxruntime": _version("onnxruntime")}


def _cpu() -> str:
    """Name of the processor, as the system knows it."""
    with suppress(OSError):
        if sys.platform == "darwin":
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True).stdout.strip()
        text = Path("/proc/cpuinfo").read_text("utf-8")
        if found := re.search(r"^model name\s*: (.+)$", text, re.MULTILINE):
            return found[1]
    return platform.processor() or platform.machine()


def _busy() -> str:
    """What else was going on: processes that wanted a core in the last minute, this one among them."""
    return f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"


def _version(package: str) -> str:
    for name in (package, f"{package}-gpu"):
        with suppress(PackageNotFoundError):
            return version(name)
    return "not installed"
