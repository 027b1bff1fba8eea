"""The doctor: what it finds, and that it never falls ill itself."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib

import pytest
from conftest import REPO

from facerig import doctor
from facerig.cli.run import run
from facerig.doctor import Finding


def versions(monkeypatch: pytest.MonkeyPatch, **changed: str | None) -> None:
    """Pretend that distributions (_ for -) have these versions; None: not installed."""
    real = importlib.metadata.version

    def version(name: str) -> str:
        answer = changed.get(name.replace("-", "_"), real)
        if answer is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name) if callable(answer) else answer

    monkeypatch.setattr(importlib.metadata, "version", version)


def found(topic: str) -> Finding:
    return next(finding for finding in doctor.examine() if finding.topic == topic)


def test_a_healthy_place() -> None:
    findings = list(doctor.examine())
    assert doctor.works(findings)
    assert {"python", "numpy", "onnxruntime", "providers", "model live", "animate", "renderer"} <= {
        finding.topic for finding in findings}
    assert "real-time factor" in next(f.detail for f in findings if f.topic == "animate")
    assert all(finding.fix for finding in findings if finding.state == "missing")


def test_it_asks_for_what_pyproject_declares() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    declared = doctor.declared()
    names = {re.match(r"[\w.-]+", line)[0] for line in project["dependencies"]}  # type: ignore[index]
    assert {doctor._name(line) for line in declared[""]} == names
    assert set(declared) - {""} == set(project["optional-dependencies"])


DEVELOPERS = {"gpu", "evaluate", "test", "lint"}  # gpu stands in for cpu


def test_every_extra_of_users_is_looked_at() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(doctor.USER_EXTRAS) == set(project["optional-dependencies"]) - DEVELOPERS


def test_what_several_extras_need_is_said_once_and_missed_by_each(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, hibari_tts="0.2.1", websockets=None)
    findings = list(doctor._requirements())
    assert [finding.topic for finding in findings].count("hibari-tts") == 1
    assert [finding.fix for finding in findings if finding.topic == "websockets"] == [
        'pip install "facerig[browser]"', 'pip install "facerig[websocket]"']


def test_a_missing_package_has_a_line_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, pillow=None)
    assert (found("pillow").state, found("pillow").fix) == ("missing", 'pip install "facerig[preview]"')
    assert not found("pillow").needed, "animate works without"


def test_an_old_package_has_a_line_to_renew_it(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, numpy="1.9.3")
    numpy = found("numpy")
    assert (numpy.state, numpy.needed) == ("broken", True)
    assert numpy.fix.startswith("pip install --upgrade")


def test_gpu_stands_in_for_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, onnxruntime=None, onnxruntime_gpu="1.20.0")
    findings = list(doctor.examine())
    assert doctor.works(findings)
    assert "onnxruntime" not in {finding.topic for finding in findings if finding.state != "ok"}


def test_both_runtimes_are_a_trap(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch, onnxruntime="1.20.0", onnxruntime_gpu="1.20.0")
    trap = [finding for finding in doctor.examine() if finding.state == "broken"]
    assert [finding.topic for finding in trap] == ["onnxruntime"]
    assert "pip uninstall" in trap[0].fix


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_options: object) -> None:
        raise OSError("libsndfile is not the library it was")

    monkeypatch.setattr("soundfile.available_formats", broken)
    monkeypatch.setattr("facerig.session.Session", broken)
    findings = list(doctor.examine())
    assert {f.topic for f in findings if f.state == "broken"} == {"sound files", "animate"}
    assert not doctor.works(findings)


def test_a_damaged_model_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from facerig.encoder import model

    real = model.model_path
    monkeypatch.setattr(model, "model_path", lambda name: (real(name)[0], "0" * 64))
    live = found("model live")
    assert (live.state, live.needed) == ("broken", True)
    assert "sha256" in live.detail


def test_exit_code_and_records_for_hosts(monkeypatch: pytest.MonkeyPatch,
                                         capsys: pytest.CaptureFixture[str]) -> None:
    ill = [Finding(topic="animate", state="broken", detail="no", needed=True)]
    monkeypatch.setattr(doctor, "examine", lambda: iter(ill))
    assert run(["doctor", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert (record["topic"], record["state"]) == ("animate", "broken")
    assert run(["doctor"]) == 1
    assert "does not work here" in capsys.readouterr().out
    well = [Finding(topic="gl", state="missing", detail="", fix="x")]
    monkeypatch.setattr(doctor, "examine", lambda: iter(well))
    assert run(["doctor"]) == 0


@pytest.mark.parametrize(("older", "newer"), [("1.9", "1.26"), ("2.0.0rc1", "2.1"), ("1.26.4", "2")])
def test_versions_compare_as_numbers(older: str, newer: str) -> None:
    assert doctor._numbers(older) < doctor._numbers(newer)
