"""A Chromium without a screen, driven over its DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
START_SECS = 60
ANSWER_SECS = 60
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu-sandbox", "--use-gl=angle",
         "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--use-fake-device-for-media-stream",
         "--use-fake-ui-for-media-stream",
         "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars",
         "--disable-component-update", "--disable-sync", "--remote-debugging-port=0")


class Tab:
    """One page of the browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._next = socket, 0
        self.said: list[str] = []  # warnings, errors and uncaught exceptions of the page
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.asked_for: list[str] = []

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command."""
        self._next += 1
        self._socket.send(json.dumps({"id": self._next, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=ANSWER_SECS))
            if message.get("id") == self._next:
                if "error" in message:
                    raise AssertionError(message["error"])
                return dict(message["result"])
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        kind, told = message.get("method"), message.get("params", {})
        if kind == "Runtime.exceptionThrown":
            self.said.append(told["exceptionDetails"].get("exception", {}).get("description", str(told)))
        elif kind == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.said.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
        elif kind == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.said.append(str([one.get("value", one.get("description")) for one in told["args"]]))
        elif kind == "Network.requestWillBeSent":
            self.asked_for.append(told["request"]["url"])

    def run(self, script: str) -> Any:
        """The value of a script, awaited where it is a promise; it counts as a click of the user."""
        result = self.ask("Runtime.evaluate", expression=script, awaitPromise=True,
                          returnByValue=True, userGesture=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"]["exception"].get("description"))
        return result["result"].get("value")

    def until(self, script: str, secs: float) -> Any:
        """The first value of a script that is true; asked several times a second."""
        end = time.monotonic() + secs
        while not (value := self.run(script)):
            if time.monotonic() > end:
                shown = self.run("document.getElementById('stage')?.innerText")
                raise AssertionError(f"not within {secs} s: {script}\n" + "\n".join([*self.said, shown]))
            time.sleep(0.2)
        return value

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])


@contextmanager
def chromium(folder: Path, url: str, *flags: str, size: tuple[int, int] = (1280, 800)) -> Iterator[Tab]:
    """A new browser with an empty profile in `folder`, and `url` open in it."""
    assert PROGRAM is not None
    nice = ("nice", "-n", "15") if os.name == "posix" else ()
    command = (*nice, PROGRAM, *FLAGS, *flags, f"--window-size={size[0]},{size[1]}",
               f"--user-data-dir={folder}", "about:blank")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with connect(_tab_address(folder, process), max_size=None, compression=None) as socket:
                tab = Tab(socket)
                tab.ask("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1],
                        deviceScaleFactor=1, mobile=False)
                tab.ask("Page.navigate", url=url)
                yield tab
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _tab_address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    from urllib.error import URLError
    from urllib.request import urlopen

    end = time.monotonic() + START_SECS
    while time.monotonic() < end and process.poll() is None:
        try:
            port = (folder / "DevToolsActivePort").read_text("ascii").splitlines()[0]
            with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
                tabs = [one for one in json.load(answer) if one["type"] == "page"]
            if tabs:
                return str(tabs[0]["webSocketDebuggerUrl"])
        except (OSError, URLError, IndexError):
            pass
        time.sleep(0.1)
    raise AssertionError("the browser did not start")
