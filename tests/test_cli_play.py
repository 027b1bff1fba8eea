"""`facerig play`: from a file to real sockets, in real time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from facerig.cli.run import run
from facerig.core.channels import INDEX
from facerig.outlets import ifacialmocap, livelink, osc
from tests.conftest import REPO
from tests.random_faces import all_heard, listening
from tests.signals import heeding_ctrl_c


@pytest.fixture(scope="module")
def half_second(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples, rate = soundfile.read(speech, start=12_000, frames=12_000, dtype="float32")
    path = tmp_path_factory.mktemp("sound") / "line.wav"
    soundfile.write(path, samples, rate)
    return path


def test_a_line_to_three_programs_at_once(half_second: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with listening() as unreal, listening() as warudo, listening() as magic:
        ports = [heard.getsockname()[1] for heard in (unreal, warudo, magic)]
        assert run(["play", str(half_second), "--to", f"livelink://127.0.0.1:{ports[0]}", "--subject", "anna",
                    "--to", f"vmc://127.0.0.1:{ports[1]}?rig=vrm&fps=24", "--emotion", "joy",
                    "--to", f"ifacialmocap://127.0.0.1:{ports[2]}?fps=30", "--json"]) == 0
        packets = [livelink.decoded(data) for data in all_heard(unreal)]
        told = [m for data in all_heard(warudo) for m in osc.decoded(data)]
        texts = [ifacialmocap.decoded(data) for data in all_heard(magic)]
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(r["fps"], r["sent"] + r["dropped"]) for r in results] == [("60", 30), ("24", 12), ("30", 15)]
    assert all(r["ok"] and r["refused"] == 0 for r in results)
    assert [len(packets), sum(m.address == "/VMC/Ext/Blend/Apply" for m in told), len(texts)] == [
        r["sent"] for r in results]
    assert {p.subject for p in packets} == {"anna"}
    assert all(p.face is not None for p in packets)
    assert max(p.face[INDEX["jawOpen"]] for p in packets if p.face is not None) > 0.02
    assert "aa" in {m.arguments[0] for m in told if m.arguments}


@pytest.mark.parametrize(("arguments", "code", "what"), [
    (["{sound}"], "usage", "Missing option '--to'"),
    (["{sound}", "--to", "unreal://127.0.0.1"], "config", "no outlet"),
    (["{sound}", "--to", "livelink://127.0.0.1?x=1"], "config", "no option"),
    (["{sound}", "--to", "vmc://127.0.0.1?rig=alien"], "rig", "no rig"),
    (["{sound}", "--to", "livelink://127.0.0.1", "--fps", "0"], "config", "out of range"),
    (["{sound}", "--to", "ws://0.0.0.0"], "config", "can be reached by others"),
    (["{sound}", "--to", "livelink://127.0.0.1", "--model", "none"], "config", "none"),
    (["none.wav", "--to", "livelink://127.0.0.1"], "audio", "no such file"),
    (["none.csv", "--to", "livelink://127.0.0.1"], "config", "cannot be read"),
])  # fmt: skip
def test_mistakes_are_told(arguments: list[str], code: str, what: str, half_second: Path,
                           capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["play", *(one.format(sound=half_second) for one in arguments), "--json"]) == 2
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["ok"], told["code"]) == (False, code)
    assert what.lower() in told["what"].lower()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_a_loop_with_the_face_at_rest(half_second: Path) -> None:
    with listening() as heard:
        address = f"livelink://127.0.0.1:{heard.getsockname()[1]}"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPO), *sys.path])}
        player = subprocess.Popen([sys.executable, "-m", "facerig", "play", str(half_second), "--to", address,
                                   "--loop", "--json"], env=environment, stdout=subprocess.PIPE, text=True,
                                  preexec_fn=heeding_ctrl_c)
        heard.settimeout(60)
        while livelink.decoded(heard.recv(2000)).frame < 40:  # the second time round
            continue
        player.send_signal(signal.SIGINT)
        out, _ = player.communicate(timeout=30)
        last = [livelink.decoded(data) for data in all_heard(heard)][-1]
    assert player.returncode == 130
    told = json.loads(out)
    assert told["sent"] + told["dropped"] > 40
    assert last.face is not None
    assert not last.face.any()
