"""Train the emotion heard in the voice: `python -m tools.train.voice_emotion --data ../shared/data`.

Judges by actors held out first, then fits the shipped file to all actors. Minutes on one core.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

import facerig_assets
from facerig.errors import FacerigError
from facerig.features.voice_emotion import CLASSES, VoiceEmotionModel, digest
from facerig.features.voice_measures import MEASURES
from facerig.sinks.files import written_aside
from tools.evaluate import voice_emotion as judge
from tools.evaluate.sets import DATA
from tools.train.voice_emotion import clips, fitting

SEED: Final = 7
MODEL: Final = facerig_assets.path("models", "voice-emotion.npz")
RESULT: Final = Path(__file__).parents[2] / "evaluate" / "results" / "voice-emotion.json"


def facts(examples: Sequence[fitting.Examples], figures: dict[str, Any], seed: int) -> dict[str, Any]:
    """What the file says about itself, but for its sha256."""
    known = list({(e.clip.set_name, e.clip.id): e.clip for e in examples}.values())
    sets = dict.fromkeys(c.set_name for c in known)
    return {
        "kind": "voice-emotion", "classes": list(CLASSES), "measures": list(MEASURES), "seed": seed,
        "data": {name: {"recordings": len(own), "sha256_of_list": clips.list_digest(own),
                        "licence": clips.LICENCES[name]}
                 for name in sets if (own := [c for c in known if c.set_name == name])},
        "recipe": {"penalty": fitting.PENALTY, "acted_copies": fitting.COPIES[fitting.ACTED],
                   "reader_copies": fitting.READER_COPIES},
        "figures": figures,
    }


def file_of(model: VoiceEmotionModel, said: dict[str, Any]) -> bytes:
    """The model as the bytes of an .npz that facerig.features.voice_emotion.read_model reads."""
    sink = io.BytesIO()
    text = json.dumps({**said, "sha256": digest(model.arrays)}, ensure_ascii=False)
    np.savez(sink, facts=np.frombuffer(text.encode(), np.uint8),
             centre=model.centre.astype(np.float32), scale=model.scale.astype(np.float32),
             weights=model.weights.astype(np.float32))
    return sink.getvalue()


def main() -> None:
    """Judge, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data sets")
    parser.add_argument("--extra", type=Path, help="folder of tools.train.extra: more people to judge on")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=MODEL, help="the model file")
    parser.add_argument("--figures", type=Path, default=RESULT, help="write the figures here too")
    options = parser.parse_args()
    try:
        examples, figures = judge.learnt_and_judged(options.data, options.seed, options.extra, _say)
        model = fitting.fitted(examples)
        with written_aside(options.out) as path:
            path.write_bytes(file_of(model, facts(examples, figures, options.seed)))
        command = "python -m tools.train.voice_emotion" + (" --extra runs/extra" if options.extra else "")
        options.figures.write_text(json.dumps({"command": command, **figures}, indent=1) + "\n", "utf-8")
    except FacerigError as error:
        sys.exit(f"error: {error}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
