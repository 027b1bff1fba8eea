"""What is in deploy/ fits the service that it deploys."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from facerig.service.limits import Limits
from facerig.service.metrics import BUCKETS, COUNTERS, FAMILIES, GAUGES, MEASURES, Metrics
from facerig.service.settings import read_settings
from tests.conftest import REPO

DEPLOY = REPO / "deploy"


def shown() -> set[str]:
    """The metrics of a service that has done everything."""
    metrics = Metrics(gauges={"log_lines_lost": ("Lines.", lambda: 0.0)})
    for name in [*COUNTERS, *(f"{begin}x" for begin in FAMILIES)]:
        metrics.count(name)
    for name in MEASURES:
        metrics.observe(name, BUCKETS[0])
    metrics.report(dict.fromkeys(GAUGES, 1.0), "")
    return set(re.findall(r"^([a-z_0-9]+)", metrics.text(), re.MULTILINE))


def test_the_rules_ask_for_metrics_that_there_are() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus-rules.yml").read_text())["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"facerig_\w+", rule["expr"])}
    assert len(rules) >= 5
    assert asked <= shown()


def test_the_documentation_names_metrics_and_limits_that_there_are() -> None:
    text = (REPO / "docs" / "operations.md").read_text()
    names = set(re.findall(r"facerig_[a-z_]+(?=[`\[{])", text))
    assert len(names) >= 8
    assert names <= shown() | {"facerig_tick_seconds"}
    for name, default in re.findall(r"\| `limits\.(\w+)` \| ([\d.]+) \|", text):
        assert getattr(Limits(), name) == float(default)


def test_the_containers_settings_are_right() -> None:
    settings = read_settings(DEPLOY / "container.toml")
    assert settings.service.bind == settings.metrics.bind == "0.0.0.0"
    assert settings.keys == DEPLOY / "keys"
    assert settings.log.format == "json"
    file = (DEPLOY / "Containerfile").read_text()
    assert f"127.0.0.1:{settings.metrics.port}/health" in file
    assert "USER 10001" in file
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", file, re.MULTILINE):
        assert all((REPO / name).exists() for name in source.split()), source


def test_the_unit_waits_as_long_as_a_stop_takes() -> None:
    unit = (DEPLOY / "facerig.service").read_text()
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[1]) > 2 * Limits().drain_secs


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (Debian: systemd)")
    text = (DEPLOY / "facerig.service").read_text()
    for line, other in ((r"^ExecStart=.*$", "ExecStart=/bin/true"), (r"^User=.*$", "User=daemon"),
                        (r"^Group=.*$", "Group=daemon")):  # which are not here
        text, n = re.subn(line, other, text, flags=re.MULTILINE)
        assert n == 1
    (tmp_path / "facerig.service").write_text(text)
    told = subprocess.run(["systemd-analyze", "verify", str(tmp_path / "facerig.service")],
                          capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    assert "facerig.service" not in told.stderr
