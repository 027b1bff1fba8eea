"""What facerig's own neutral output shows, measured as `facerig style extract` measures what it compares.

    python -m tools.style_reference --data ../shared/data    # rewrites facerig/performance/style/reference.py

Sentences of every English Kokoro voice are joined to one recording each, with the voice's number as seed.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile

from facerig.core.curves import CurveClip
from facerig.performance.style.events import BlinkHabits, GazeHabits, HeadHabits
from facerig.performance.style.measure import Measured, measured
from facerig.session import Session

SENTENCES, PAUSE_SECS = 6, 0.6  # of each voice; between two
FPS = 60
TARGET = Path(__file__).resolve().parents[1] / "facerig" / "performance" / "style" / "reference.py"
HEAD = '''"""facerig's own neutral output, measured as styles are. `python -m tools.style_reference` wrote it.

{about}
"""

from __future__ import annotations

from typing import Final

from facerig.performance.style.events import BlinkHabits, GazeHabits, HeadHabits

#  curve or pair      low and high while speaking (style_measure.LOW_PERCENT, HIGH_PERCENT)
RANGES: Final = {{
{ranges}
}}
BLINKS: Final = {blinks}
GAZE: Final[GazeHabits | None] = {gaze}
HEAD: Final[HeadHabits | None] = {head}
'''


def recordings(data: Path) -> list[np.ndarray]:
    """Sentences of each English voice, joined; 16 kHz."""
    by_voice: dict[str, list[str]] = defaultdict(list)
    for line in (data / "kokoro" / "phones.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if record["lang"].startswith("en") and len(by_voice[record["voice"]]) < SENTENCES:
            by_voice[record["voice"]].append(record["id"])
    out = []
    for _, sentences in sorted(by_voice.items()):
        parts = []
        for name in sentences:
            samples, rate = soundfile.read(data / "kokoro" / "audio" / f"{name}.opus", dtype="float32")
            parts += [samples, np.zeros(round(PAUSE_SECS * rate), np.float32)]
        out.append(np.concatenate(parts))
    return out


def clips(data: Path) -> list[CurveClip]:
    """Every recording animated live, with nothing asked for."""
    out = []
    for seed, samples in enumerate(recordings(data)):
        session = Session(16_000, fps=FPS, seed=seed)
        out.append(CurveClip.joined([session.feed(samples), session.flush()]))
    return out


def mean_of(parts: list[Measured]) -> str:
    """The module's text: ranges of all together, habits as means over the recordings."""
    names = [name for name in parts[0].ranges if all(name in part.ranges for part in parts)]
    rows = []
    for name in names:
        low, high = np.mean([part.ranges[name] for part in parts], 0)
        key = f'"{name}":'
        rows.append(f"    {key:<20} ({low:.3f}, {high:.3f}),")
    secs = sum(part.secs for part in parts)
    about = (f"{len(parts)} Kokoro voices, {secs / 60:.1f} minutes at {FPS} fps, model live, seeds 0 to "
             f"{len(parts) - 1}: means over the voices.")
    return HEAD.format(about=about, ranges="\n".join(rows),
                       blinks=_mean(BlinkHabits, [part.blinks for part in parts]),
                       gaze=_mean(GazeHabits, [part.gaze for part in parts]),
                       head=_mean(HeadHabits, [part.head for part in parts]))


def _mean(kind: type, habits: list) -> str:  # type: ignore[type-arg]
    if any(one is None for one in habits):
        return "None"
    fields = {}
    for name in kind.__slots__:  # type: ignore[attr-defined]
        values = [getattr(one, name) for one in habits if getattr(one, name) is not None]
        mean = float(np.mean(values))
        fields[name] = round(mean) if name == "count" else round(mean, 3)
    inner = "".join(f"\n    {name}={value}," for name, value in fields.items())
    return f"{kind.__name__}({inner}\n)"


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    text = mean_of([measured(clip.values, FPS) for clip in clips(parser.parse_args().data)])
    TARGET.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
