"""Choose a model's lip thresholds on the validation speakers, and write them into the model file.

`python -m tools.train.thresholds live` (done by `python -m tools.train` after the export). The network runs
once over the validation part of each set; every threshold is then judged on the same tracks, in millimetres.
Taken are the lowest thresholds that keep wrong seals and contacts within what may be wrong.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.encoder.lips import LipDecoder, LipSettings
from facerig.hearing import Hearing
from tools.evaluate import sets
from tools.evaluate.figures import Utterances, figures
from tools.evaluate.noise import Draw, condition
from tools.evaluate.track import Track
from tools.train import export

SETS: Final = ("an4:validate", "kokoro:validate", "festvox_ru:validate")
PER_LANGUAGE: Final = 50
SEAL_ON: Final = (0.14, 0.16, 0.18, 0.2, 0.22, 0.24, 0.27, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
CONTACT_ON: Final = (0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
# share, mean over the languages; without vowels beside a pause, as Kokoro's labels run on into silence
MOST_WRONG: Final = {"inner_vowel_sealed": 0.035, "other_sealed": 0.060, "chance": 0.130}
CONDITIONS: Final = ("clean", "pink20", "pink10")  # every recording in each: few are as quiet as a studio's
# Beside an f or v there is contact by chance however sure a model is: a vowel's window reaches into it.
MOST_CONTACT_CHANCE: Final = 0.15
CONTACT: Final = ("labiodental_contact", "contact_chance")

Array = NDArray[np.float32]
Judged = dict[str, float]


def judge(settings: LipSettings, tracks: Sequence[Array], utterances: Sequence[sets.Utterance]) -> Judged:
    """Figures of the settings, as means over the languages that have one."""
    decoder, judged = LipDecoder(settings), defaultdict[str, Utterances](Utterances)
    for track, utterance in zip(tracks, utterances, strict=True):
        values, _ = decoder.step(track, decoder.initial_state())
        missing = int(utterance.phones[-1][2] * KNOT_RATE_HZ) + 2 - len(values)
        values = np.pad(values, ((0, max(0, missing)), (0, 0)))
        times = np.arange(len(values)) / KNOT_RATE_HZ
        heard = Track(times, values, utterance.phones, utterance.kind)
        judged[utterance.language].add(heard, utterance.speaker)
    rows = [figures(u) for u in judged.values()]
    names = (*MOST_WRONG, "bilabial_sealed", *CONTACT, "at_rest")
    return {n: float(np.mean([r[n] for r in rows if r[n] is not None])) for n in names}


def choose(tracks: Sequence[Array], utterances: Sequence[sets.Utterance], settings: LipSettings
           ) -> LipSettings:
    """The thresholds by the rule above, the rest as in `settings`; prints what each gave."""
    settings = replace(settings, contact_on=CONTACT_ON[-1])
    for contact_on in reversed(CONTACT_ON):
        got = judge(replace(settings, contact_on=contact_on), tracks, utterances)
        print(f"contact_on {contact_on:.2f}: " + ", ".join(f"{k} {got[k]:.3f}" for k in CONTACT))
        if got[CONTACT[1]] > MOST_CONTACT_CHANCE:
            break
        settings = replace(settings, contact_on=contact_on)
    settings = replace(settings, seal_on=SEAL_ON[-1])
    for seal_on in reversed(SEAL_ON):
        got = judge(replace(settings, seal_on=seal_on), tracks, utterances)
        print(f"seal_on {seal_on:.2f}: " + ", ".join(f"{k} {v:.3f}" for k, v in got.items()))
        if any(got[name] > most for name, most in MOST_WRONG.items()):
            break
        settings = replace(settings, seal_on=seal_on)
    return settings


def choose_for(model: str, data: Path = sets.DATA) -> LipSettings:
    """Choose the thresholds of a model (shipped name or path) and write them into its file."""
    hearing = Hearing(sets.SAMPLE_RATE, model)
    chosen = [u for name in SETS for u in sets.spread(sets.development_set(name, data), PER_LANGUAGE)]
    heard = [(u, condition(name).change(u.audio(), u, Draw(0, data))) for name in CONDITIONS for u in chosen]
    tracks = [hearing.tracks(audio) for _, audio in heard]
    settings = choose(tracks, [u for u, _ in heard], hearing.model_info.lips)
    export.write_lips(hearing.model_info.path, asdict(settings))
    print(f"{hearing.model_info.path}: {settings}")
    return settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.train.thresholds", description=__doc__)
    parser.add_argument("model", help="live, offline or the path of an .onnx file")
    parser.add_argument("--data", type=Path, default=sets.DATA)
    options = parser.parse_args()
    choose_for(options.model, options.data)


if __name__ == "__main__":
    main()
