"""The service's config file: every mistake has its path, the defaults are printed and read back."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facerig.cli.run import run
from facerig.cli.serve import _settings
from facerig.core.toml_files import Table, parse_toml
from facerig.errors import ConfigError
from facerig.service.limits import Limits
from facerig.service.log import LogSettings
from facerig.service.metrics_page import MetricsSettings
from facerig.service.settings import LIMITS, Settings, read_settings, settings_of, settings_text

HERE = Path("/somewhere")


def parsed(text: str) -> Settings:
    return settings_of(parse_toml(text.encode(), "service.toml"), HERE)


def test_the_defaults_are_printed_with_comments_and_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--print-config"]) == 0
    text = capsys.readouterr().out
    assert parsed(text) == Settings()
    lines = text.splitlines()
    for k, line in enumerate(lines):
        if " = " in line and not line.startswith("#"):
            assert lines[k - 1].startswith("# "), line
    assert set(tomllib.loads(text)["limits"]) == {one.name for one in fields(Limits)}


def test_every_limit_is_in_the_table_and_its_default_in_its_range() -> None:
    assert set(LIMITS) == {one.name for one in fields(Limits)}
    for name, (least, most, _) in LIMITS.items():
        assert least <= getattr(Limits(), name) <= most


@st.composite
def some_settings(draw: st.DrawFn) -> Settings:
    limits = {}
    for name, (least, most, _) in LIMITS.items():
        whole = isinstance(getattr(Limits(), name), int)
        limits[name] = draw(st.integers(int(least), int(most)) if whole else st.floats(least, most))
    ports = st.integers(0, 65_535)
    names = st.none() | st.text(st.characters(exclude_characters="\0~/", exclude_categories=["Cs"]),
                                min_size=1).filter(lambda name: name not in (".", "..")).map(HERE.joinpath)
    of = Settings().service.__class__(
        bind=draw(st.sampled_from(["127.0.0.1", "::1", "0.0.0.0", "host"])), control_port=draw(ports),
        curves_port=draw(ports), models=draw(st.sampled_from([("live",), ("live-40",), ("live-40", "live")])),
        insecure=draw(st.booleans()), limits=Limits(**limits))
    log = LogSettings(file=draw(names), format=draw(st.sampled_from(["human", "json"])), level="warning",
                      file_mb=draw(st.floats(0.01, 10_000)), files=draw(st.integers(1, 1_000)))
    metrics = MetricsSettings(enabled=True, bind="0.0.0.0", port=draw(ports), insecure=True)
    return Settings(service=of, keys=draw(names), log=log, metrics=metrics)


@given(some_settings())
def test_any_settings_come_back_from_their_text(settings: Settings) -> None:
    assert parsed(settings_text(settings)) == settings


@pytest.mark.parametrize(("text", "where", "fix"), [
    ("binnd = '::1'", "$.binnd", "use bind"),
    ("bind = 3", "$.bind", "quotes"),
    ("control_port = 70000", "$.control_port", "65535"),
    ("curves_port = '1'", "$.curves_port", "whole number"),
    ("models = 'live'", "$.models", "models = ["),
    ("models = []", "$.models", "models = ["),
    ("models = ['live', 'lvie']", "$.models[1]", "give live"),
    ("models = ['live', 'live']", "$.models[1]", "once"),
    ("insecure = 1", "$.insecure", "true or false"),
    ("keys = ''", "$.keys", "folder"),
    ("limits = 3", "$.limits", "[limits]"),
    ("[limits]\nsesions = 3", "$.limits.sesions", "use sessions"),
    ("[limits]\nsessions = 0", "$.limits.sessions", "1 to 10000"),
    ("[limits]\nsessions = 2.5", "$.limits.sessions", "whole number"),
    ("[limits]\nbusy = nan", "$.limits.busy", "0.05 to 1"),
    ("[limits]\nidle_secs = -1", "$.limits.idle_secs", "1 "),
    ("[log]\nformat = 'xml'", "$.log.format", "human"),
    ("[log]\nlevel = 'loud'", "$.log.level", "debug"),
    ("[log]\nfiles = 0", "$.log.files", "1 to 1000"),
    ("[log]\npath = 'x'", "$.log.path", "file"),
    ("[metrics]\nenabled = true\nbind = '0.0.0.0'", "$.metrics.bind", "insecure"),
    ("[metrics]\nhost = 'x'", "$.metrics.host", "bind"),
    ("bind = '::1'\nbind = '::1'", "service.toml", "one of them")])
def test_a_mistake_is_told_with_its_path(text: str, where: str, fix: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parsed(text)
    assert raised.value.where.startswith("service.toml")
    assert raised.value.where.endswith(where)
    assert fix in raised.value.fix


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8),
       st.sampled_from(["bind", "models", "keys", "limits", "log", "metrics", "control_port", "insecure"]))
def test_any_value_is_read_or_told(value: object, key: str) -> None:
    where = f"$.{key}"
    try:
        settings_of(Table({key: value}, "service.toml"), HERE)
    except ConfigError as problem:
        where = problem.where
    assert f"$.{key}" in where


def test_paths_are_seen_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "service.toml").write_text('keys = "keys"\n[log]\nfile = "/var/log/facerig.log"\n')
    settings = read_settings(tmp_path / "service.toml")
    assert settings.keys == tmp_path / "keys"
    assert settings.log.file == Path("/var/log/facerig.log")


def test_the_command_line_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "service.toml"
    file.write_text('control_port = 1\ncurves_port = 2\nmodels = ["live"]\n'
                    '[limits]\nsessions = 3\nwishes = 4\n[log]\nlevel = "debug"\n')
    assert run(["serve", "--config", str(file), "--control-port", "9", "--sessions", "7",
                "--model", "live-40", "--metrics", "0", "--print-config"]) == 0
    settings = parsed(capsys.readouterr().out)
    of = settings.service
    assert (of.control_port, of.curves_port, of.models) == (9, 2, ("live-40",))
    assert (of.limits.sessions, of.limits.wishes, settings.log.level) == (7, 4, "debug")
    assert settings.metrics == MetricsSettings(enabled=True, port=0)


def test_what_others_can_reach_needs_keys_wherever_that_is_said(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text('bind = "0.0.0.0"\n')
    for config, bind, where in ((file, None, f"{file}: $.bind"), (None, "0.0.0.0", "--bind"),
                                (file, "::", "--bind")):
        with pytest.raises(ConfigError, match="open to others") as raised:
            _settings(config, {"bind": bind}, None, None, None, None, quiet=False)
        assert raised.value.where == where
    assert _settings(file, {"bind": None}, None, tmp_path, None, None, quiet=False).keys == tmp_path
    assert _settings(file, {"bind": "::1"}, None, None, None, None, quiet=True).log.level == "error"


def test_a_service_with_a_config_that_is_wrong_does_not_start(tmp_path: Path,
                                                              capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "service.toml").write_text("[limits]\nsesions = 3\n")
    assert run(["serve", "--config", str(tmp_path / "service.toml")]) == 2
    assert "service.toml: $.limits.sesions: is not a setting" in capsys.readouterr().err
    assert run(["serve", "--config", str(tmp_path / "none.toml")]) == 2
    assert run(["serve", "--keys", str(tmp_path), "--control-port", "0", "--curves-port", "0"]) == 2
    assert "server.key" in capsys.readouterr().err
