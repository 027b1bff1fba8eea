"""The page of `facerig live` in a real Chromium: its head, its sound, its sliders.

FACERIG_SCREENSHOT=live.png keeps a picture of it.
"""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from facerig.core.channels import INDEX, NAMES
from facerig.mesh.head import shipped_head
from facerig.retargeting import read_face
from tests.chromium import PROGRAM, Tab, chromium

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed")]
WIDTH, HEIGHT = (1280, 800) if "FACERIG_SCREENSHOT" in os.environ else (800, 500)  # less is drawn sooner
STAGE = WIDTH - 330, HEIGHT - 132
LIVE = (sys.executable, "-c", "import sys; from facerig.cli import main; sys.exit(main())", "live")
NOTICE = "document.getElementById('notice').textContent"
SOON_SECS = 90  # on a computer that does much else


@dataclass(frozen=True, slots=True)
class Opened:
    """The page, where it saves, and the server behind it."""

    tab: Tab
    saved: Path
    url: str
    server: subprocess.Popen[str]

    def curve(self, name: str) -> float:
        """Its value as the page shows it now."""
        return float(self.tab.run(f"facerig.values[{INDEX[name]}]"))

    def until_curve(self, name: str, condition: str) -> None:
        """Wait for a frame whose value of the curve meets `condition`."""
        self.tab.until(f"facerig.values[{INDEX[name]}] {condition}", SOON_SECS)

    def until_seen(self, name: str, value: float) -> None:
        """Wait until a frame from now on has the curve above `value`, drawn or not."""
        self.tab.run(f"""(() => {{
          const came = facerig.came;
          facerig.seen = false;
          facerig.came = function (frames) {{
            facerig.seen ||= frames.rows.some((values) => values[{INDEX[name]}] > {value});
            came.call(this, frames);
          }};
        }})()""")
        self.tab.until("facerig.seen", SOON_SECS)
        self.tab.run("delete facerig.came")

    def move(self, slider: str, value: float) -> None:
        """Drag a slider."""
        self.tab.run(f"""(() => {{
          const row = [...document.querySelectorAll('.slider')].find(
            (one) => one.firstChild.textContent === {json.dumps(slider)});
          row.querySelector('input').value = {value};
          row.querySelector('input').dispatchEvent(new Event('input'));
        }})()""")

    def click(self, name: str) -> None:
        self.tab.run(f"document.getElementById('{name}').click()")


@pytest.fixture(scope="module")
def voice(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone hears, over and over."""
    samples, rate = soundfile.read(speech, dtype="int16")
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def page(voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    saved = tmp_path_factory.mktemp("saved")
    with subprocess.Popen([*LIVE, "--no-open", "--json"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = json.loads(server.stdout.readline())["url"]
            with chromium(tmp_path_factory.mktemp("profile"), url,
                          f"--use-file-for-fake-audio-capture={voice}", size=(WIDTH, HEIGHT)) as tab:
                tab.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(saved))
                tab.until("window.facerig && facerig.frames > 30", SOON_SECS)
                yield Opened(tab, saved, url, server)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(SOON_SECS)


def floats(tab: Tab, script: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A Float32Array of the page."""
    text = tab.run(f"""(() => {{
      const bytes = new Uint8Array(({script}).slice().buffer);
      let text = '';
      for (let i = 0; i < bytes.length; i += 8192) {{
        text += String.fromCharCode(...bytes.subarray(i, i + 8192));
      }}
      return btoa(text);
    }})()""")
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_it_lives_before_anybody_speaks(page: Opened) -> None:
    """Silence makes frames, too; the page complains of nothing and asks nobody else."""
    page.tab.until("facerig.plots.count > 60", SOON_SECS)
    assert page.tab.said == []
    site = page.url.split("?")[0]
    assert page.tab.asked_for
    assert all(one.startswith((site, "blob:")) for one in page.tab.asked_for)


def test_the_head_is_posed_as_in_python(page: Opened) -> None:
    """Points and normals in the page are those of the preview."""
    head, random = shipped_head(), np.random.default_rng(1)
    values = np.zeros(len(NAMES), np.float32)
    values[:52] = random.random(52) * (random.random(52) < 0.4)
    values[52:] = random.normal(0, 0.2, 9)
    script = f"""(() => {{
      const values = {json.dumps([float(one) for one in values])};
      const at = new Map({json.dumps([[name, i] for i, name in enumerate(NAMES)])});
      facerig.viewer.head.pose((name) => values[at.get(name)]);
      return facerig.viewer.head.WHAT;
    }})()"""
    points = floats(page.tab, script.replace("WHAT", "points")).reshape(-1, 3)
    expected = head.posed(values)
    np.testing.assert_allclose(points, expected, atol=2e-3)  # mm
    normals = floats(page.tab, script.replace("WHAT", "normals")).reshape(-1, 3)
    cosines = (normals * head.normals(expected)).sum(1)
    sure = np.linalg.norm(head.normals(expected), axis=1) > 0.5
    assert np.quantile(cosines[sure], 0.001) > 0.999


def test_the_microphone_moves_the_jaw(page: Opened) -> None:
    """Speech from the fake device opens the mouth; when it ends, the mouth shuts."""
    page.move("joy", 0.4)
    page.click("microphone")
    page.until_seen("jawOpen", 0.15)
    time.sleep(5)  # some more speech, for the eye
    picture = page.tab.picture()
    if place := os.environ.get("FACERIG_SCREENSHOT"):
        Path(place).write_bytes(picture)
    middle = [round(side * share) for side in STAGE for share in (0.43, 0.57)]
    seen = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    skin = seen[middle[2] : middle[3], middle[0] : middle[1]]
    assert np.mean(skin[..., 0] > skin[..., 2] + 20) > 0.8  # the middle of the stage is a face
    assert page.tab.run("facerig.playout.delaySecs > facerig.playout.lookaheadSecs")
    page.click("microphone")
    page.click("calm")
    page.until_curve("jawOpen", "< 0.03")
    assert page.tab.said == []


def test_a_dropped_file_speaks_and_ends(page: Opened, voice: Path) -> None:
    """It goes to the face at once and to the ear as much later as the face is."""
    samples, rate = soundfile.read(voice, frames=3 * 24_000, dtype="int16")
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV")
    text = base64.b64encode(buffer.getvalue()).decode()
    page.tab.run(f"""(() => {{
      const bytes = Uint8Array.from(atob('{text}'), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'line.wav', {{ type: 'audio/wav' }}));
      document.getElementById('stage').dispatchEvent(new DragEvent('drop', {{ dataTransfer: data }}));
    }})()""")
    page.tab.until("facerig.sound.kind === 'file'", SOON_SECS)
    assert page.tab.run("document.getElementById('name').textContent") == "line.wav"
    assert page.tab.run("facerig.sound.delay.delayTime.value >= facerig.playout.lookaheadSecs")
    page.until_seen("jawOpen", 0.1)
    page.tab.until("facerig.sound.kind === 'silence'", SOON_SECS)
    assert page.tab.run("document.getElementById('play').textContent") == "Play"


def test_a_file_that_is_no_sound_is_told(page: Opened) -> None:
    page.tab.run("""(() => {
      const data = new DataTransfer();
      data.items.add(new File(['no sound'], 'notes.txt'));
      document.getElementById('stage').dispatchEvent(new DragEvent('drop', { dataTransfer: data }));
    })()""")
    page.tab.until(f"{NOTICE}.includes('notes.txt is no sound')", SOON_SECS)


def test_sliders_eyes_and_blinks(page: Opened) -> None:
    page.move("joy", 1.0)
    page.until_curve("mouthSmileLeft", "> 0.3")
    page.click("calm")
    page.until_curve("mouthSmileLeft", "< 0.15")
    page.move("anger", 0.7)
    page.move("joy", 0.6)  # a face has one full expression to share
    assert page.tab.run("facerig.panel.all().emotion.anger") == pytest.approx(0.4, abs=0.011)
    page.click("calm")
    page.click("follow")
    for x, sign in ((0.05, 1), (0.95, -1)):  # the viewer's left is the subject's right: positive
        page.tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x * STAGE[0], y=STAGE[1] / 2)
        page.until_curve("leftEyeYaw", f"* {sign} > 0.1")
    page.click("follow")
    page.click("blink")
    page.until_seen("eyeBlinkLeft", 0.6)


def test_another_model_begins_a_stream_with_its_own_look_ahead(page: Opened) -> None:
    before = page.tab.run("[facerig.link.stream, facerig.playout.lookaheadSecs]")
    page.tab.run("""(() => {
      const model = document.getElementById('model');
      model.value = 'live-40';
      model.dispatchEvent(new Event('change'));
    })()""")
    page.tab.until(f"facerig.link.stream > {before[0]} && facerig.playout.shown > 10", SOON_SECS)
    assert page.tab.run("facerig.playout.lookaheadSecs") < before[1]


def test_what_is_recorded_is_a_live_link_csv(page: Opened) -> None:
    """Saved by the browser, read by our own reader: the values that were shown, on their frames."""
    page.click("record")
    page.tab.until("facerig.recording.rows.length > 40", SOON_SECS)
    shown = page.tab.run("facerig.recording.rows.slice(0, 20).map((row) => [...row])")
    page.click("record")
    end = time.monotonic() + SOON_SECS
    while not (found := list(page.saved.glob("*.csv"))):
        assert time.monotonic() < end
        time.sleep(0.2)
    clip, _ = read_face(found[0])
    assert clip.fps == Fraction(60)
    np.testing.assert_allclose(clip.values[:20], np.array(shown), atol=1e-6)


@pytest.mark.parametrize("fps", ["24", "30000/1001", "25/2", "60"])
def test_timecodes_are_those_of_the_exporter(page: Opened, fps: str) -> None:
    from facerig_exporters.livelink_csv import timecode

    rate, frames = Fraction(fps), [0, 1, 23, 24, 59, 1001, 107_892, 215_784]
    told = page.tab.run(f"""import('./recording.js').then(({{ timecode }}) =>
      {frames}.map((frame) => timecode(frame, [{rate.numerator}, {rate.denominator}])))""")
    assert told == [timecode(frame, rate) for frame in frames]


def test_frames_are_shown_when_their_sound_plays(page: Opened) -> None:
    """With clocks of its own: an hour of a stream that runs 100 ppm fast, frames 130 ms after their sound."""
    errors = page.tab.run("""import('./playout.js').then(({ Playout }) => {
      const playout = new Playout(), rate = 48000, fast = 1.0001, errors = [];
      playout.begin(rate, 60, 0.091);
      let nowMs = 5000, shown = -1, sent = 0, next = 0;
      for (let k = 0; k < 50 * 3600; k++) {
        nowMs += 20 / fast;
        playout.passed(960, nowMs);
        sent += 960;
        const first = next, rows = [];
        while (next / 60 + 0.091 + 0.039 < sent / rate) rows.push(Float32Array.of(next++));
        if (rows.length) playout.came({ first, rows, computeSecs: 0.004 }, nowMs, false);
        for (const [index] of playout.due(nowMs, 0)) shown = index;
        if (k > 500) errors.push(sent / rate - playout.delaySecs - shown / 60);
      }
      return [Math.min(...errors.slice(0, 100000)), Math.max(...errors.slice(0, 100000)),
              Math.min(...errors.slice(-1000)), Math.max(...errors.slice(-1000)), playout.delaySecs,
              playout.frames.size];
    })""")
    low, high, low_at_end, high_at_end, delay, waiting = errors
    assert -0.003 < low <= high < 1 / 60 + 0.003       # the frame that is due, never one of the future
    assert -0.003 < low_at_end <= high_at_end < 1 / 60 + 0.003  # an hour later as well
    assert 0.13 <= delay < 0.17
    assert waiting < 12


def test_the_page_says_when_facerig_is_gone(page: Opened) -> None:
    page.server.send_signal(signal.SIGTERM)
    page.tab.until(f"{NOTICE}.includes('Start facerig live again')", SOON_SECS)
