"""Train the encoder and export it: `python -m tools.train [live|offline]` from the project's root.

Data to ONNX in one command. Checkpoints and a log go to runs/<name>/ and a stopped run resumes by itself. The
best recipe so far, what was tried and what each gave stand in EXPERIMENTS.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

try:
    import torch
except ImportError:
    raise SystemExit('training needs torch: pip install ".[train]"') from None
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.optim import swa_utils

from facerig.script.phones import INVENTORY
from tools.train import align_grid, corpus, sung, teacher, windows
from tools.train.augment import Augmenter, Batch
from tools.train.corpus import N_CURVES
from tools.train.network import KNOTS_PER_STEP, Encoder, OfflineEncoder
from tools.train.widening import load_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the weights, besides the data."""

    kind: str = "live"
    delay_knots: int = 8  # of 10 ms: the live model answers for the mouth this long ago
    width: int = 256
    layers: int = 2
    conv: int = 192
    dropout: float = 0.1
    steps: int = 6000
    batch: int = 16
    frames: int = 400  # of 10 ms in a crop
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    average: float = 0.998  # of the weights that are exported (Polyak averaging)
    seed: int = 7


RECIPES = {
    "live": Recipe(width=384, steps=12000),  # 0.23 GFLOP per second of speech
    "live-40": Recipe(kind="live-40", delay_knots=3),  # 0.12
    "offline": Recipe(kind="offline", delay_knots=2, width=192, conv=128, steps=4000),
}
VALIDATION_SEED, N_VALIDATION = 1, 8  # batches, the same at every validation
N_PASSES = 2  # of windows over the corpus, for the offline model
Network = Encoder | OfflineEncoder
Sampler = Augmenter | windows.WindowSampler
# weight of each loss; curves are compared as small numbers, hence the large factor
CURVE_WEIGHT, SEAL_WEIGHT, CONTACT_WEIGHT, VOICE_WEIGHT, CLASS_WEIGHT = 40.0, 2.0, 2.0, 0.5, 0.5
EAR_WEIGHT = 0.5
START_RATE = 0.35  # of the learning rate where weights are given to start from
VELOCITY_WEIGHT = 40.0


def aligned(outputs: Tensor, batch_targets: Tensor, delay_knots: int) -> tuple[Tensor, Tensor]:
    """Outputs and the targets of the same times. Output row m stands at knot m + 2 - delay_knots."""
    shift = delay_knots - 2
    if shift == 0:
        return outputs, batch_targets
    return outputs[:, shift:], batch_targets[:, : outputs.shape[1] - shift]


def answers(model: Network, batch: Batch) -> tuple[Tensor, Tensor, Tensor | None]:
    """Tracks and phone logits of a batch; of the live model, what it guesses that Moonshine hears, too."""
    mel = torch.from_numpy(batch.mel)
    if isinstance(model, OfflineEncoder):
        return *model(mel, torch.from_numpy(batch.heard)), None
    hidden = model.hidden(mel)
    return *model.said(hidden), None if batch.vectors is None else model.ear(hidden)


def ear_loss(guessed: Tensor, vectors: Tensor, delay_knots: int) -> Tensor:
    """Distance of the guess from what Moonshine hears, where that is known."""
    shift = (delay_knots - 2) // KNOTS_PER_STEP
    vectors = vectors[:, : vectors.shape[1] - shift]
    known = ~vectors[..., 0].isnan()
    if not known.any():
        return guessed.new_zeros(())
    return F.smooth_l1_loss(guessed[:, shift:].float()[known], vectors[known])


def losses(model: Network, batch: Batch, delay_knots: int) -> dict[str, Tensor]:
    """Each loss of a batch, weighted."""
    tracks, logits, guessed = answers(model, batch)
    tracks, targets = aligned(tracks, torch.from_numpy(batch.targets), delay_knots)
    weights = torch.from_numpy(batch.weights)[:, : tracks.shape[1]]
    shape = weights[..., :N_CURVES]
    curves, wanted = tracks[..., :N_CURVES], targets[..., :N_CURVES]
    error = F.smooth_l1_loss(curves.float(), wanted, reduction="none", beta=0.05)
    speed = (curves.float().diff(dim=1) - wanted.diff(dim=1)).abs()
    bce = F.binary_cross_entropy_with_logits(tracks[..., N_CURVES:].float(), targets[..., N_CURVES:],
                                             reduction="none")
    bce = (bce * weights[..., N_CURVES:]).mean((0, 1))
    made = {
        "curves": CURVE_WEIGHT * (error * shape).mean(),
        "speed": VELOCITY_WEIGHT * 0.1 * (speed * shape[:, -speed.shape[1] :]).mean(),
        "seal": SEAL_WEIGHT * bce[0],
        "contact": CONTACT_WEIGHT * bce[1],
        "voice": VOICE_WEIGHT * bce[2],
        "class": CLASS_WEIGHT * class_loss(logits, batch, delay_knots),
    }
    if guessed is not None and batch.vectors is not None:
        made["ear"] = EAR_WEIGHT * ear_loss(guessed, torch.from_numpy(batch.vectors), delay_knots)
    return made


def class_loss(logits: Tensor, batch: Batch, delay_knots: int) -> Tensor:
    """Cross-entropy of the phones against the labels, or the teacher's probabilities where there are some."""
    if batch.probs is not None:
        logits, probs = aligned(logits, torch.from_numpy(batch.probs), delay_knots)
        return F.cross_entropy(logits.float().flatten(0, 1), probs.flatten(0, 1))
    logits, ids = aligned(logits, torch.from_numpy(batch.classes), delay_knots)
    return F.cross_entropy(logits.float().flatten(0, 1), ids.flatten(), ignore_index=-1,
                           label_smoothing=teacher.SMOOTHING)


@dataclass(frozen=True, slots=True)
class Data:
    """Where batches come from: `train` for each step anew, `validation` the same at every validation."""

    train: Sampler
    validation: list[Batch]


def drawn(recipe: Recipe, sampler: Callable[[Any, int, np.random.Generator], Sampler], train: Any, held: Any
          ) -> Data:
    """Batches of the recipe by a kind of `sampler`, from what trains and from what is held out."""
    rng, fixed = (np.random.default_rng(seed) for seed in (recipe.seed, VALIDATION_SEED))
    validation = sampler(held, recipe.frames, fixed)
    batches = [validation.batch(recipe.batch) for _ in range(N_VALIDATION)]
    return Data(sampler(train, recipe.frames, rng), batches)


def live_data(recipe: Recipe, clips: list[corpus.Clip]) -> Data:
    """Batches made new at every step from the clips' features."""
    return drawn(recipe, Augmenter, *([c for c in clips if c.part == part] for part in ("train", "validate")))


@dataclass(frozen=True, slots=True)
class Places:
    """Folders: the training sets, the extra ones (tools.train.extra), and the runs with what they cache."""

    data: Path
    extra: Path
    runs: Path

    @property
    def grid_phones(self) -> Path:
        """GRID's phones, aligned where they are not there yet."""
        path = self.runs / "grid_phones.jsonl"
        if not path.exists():
            self.runs.mkdir(parents=True, exist_ok=True)
            align_grid.main(str(self.data / "grid_s1"), str(path))
        return path


def data_for(recipe: Recipe, places: Places, teacher_model: str | None) -> Data:
    """The batches of a recipe; the live models learn from `teacher_model` too."""
    if recipe.kind == "offline":
        wanted = (("train", N_PASSES), ("validate", 1))
        made = (windows.load(places.data, places.grid_phones, places.runs, n, part) for part, n in wanted)
        return drawn(recipe, windows.WindowSampler, *made)
    extra = places.extra if places.extra.is_dir() else None
    clips = corpus.load(places.data, places.grid_phones, extra, places.runs)
    if teacher_model:
        speech = list(corpus.recordings(places.data, places.grid_phones, extra))
        learn(clips, speech, teacher_model, places.runs)
    return live_data(recipe, clips)


def learn(clips: list[corpus.Clip], speech: list[corpus.Recording], model: str, runs: Path) -> None:
    """Mix what a teacher says of the speech into the clips; what it hears of the unlabelled people, too."""
    for people in (False, True):
        recordings = [r for r in speech if (r.source == corpus.PEOPLE) == people]
        heard = [c for c in clips if c.source not in ("nonspeech", sung.SOURCE)
                 and (c.source == corpus.PEOPLE) == people]
        told = teacher.sayings(model, [r.audio for r in recordings], runs)
        teacher.taught(heard, recordings, told.said)
        if people:
            teacher.hear(heard, told.heard)
    for clip in clips:
        if clip.source == sung.SOURCE:  # the teacher learnt from speech alone: it would shut the mouth
            clip.probs = certain(clip.classes)


def certain(classes: NDArray[np.int8]) -> NDArray[np.float16]:
    """Known classes [T] as the probabilities of a teacher [T, len(INVENTORY)]."""
    probs = np.full((len(classes), len(INVENTORY)), teacher.SMOOTHING / len(INVENTORY), np.float16)
    probs[np.arange(len(classes)), classes] += np.float16(1 - teacher.SMOOTHING)
    return probs


@torch.no_grad()
def validate(model: Network, batches: list[Batch], recipe: Recipe) -> dict[str, float]:
    """Mean losses, the accuracy of the phone classes and the average precision of seals."""
    model.eval()
    sums: dict[str, float] = {}
    hits = total = 0
    scores, truth = [], []
    for batch in batches:
        for key, value in losses(model, batch, recipe.delay_knots).items():
            sums[key] = sums.get(key, 0.0) + float(value) / len(batches)
        tracks, logits, _ = answers(model, batch)
        logits, ids = aligned(logits, torch.from_numpy(batch.classes), recipe.delay_knots)
        known = ids > 0
        hits, total = hits + int((logits.argmax(-1) == ids)[known].sum()), total + int(known.sum())
        tracks, targets = aligned(tracks, torch.from_numpy(batch.targets), recipe.delay_knots)
        scores.append(tracks[..., N_CURVES].flatten())
        truth.append(targets[..., N_CURVES].flatten() > 0.5)
    model.train()
    order = torch.cat(scores).argsort(descending=True)
    right = torch.cat(truth)[order].double()
    precision = (right.cumsum(0) / torch.arange(1, len(right) + 1) * right).sum() / right.sum()
    return {**sums, "phone_accuracy": hits / max(1, total), "seal_ap": float(precision)}


class Trainer:
    """One run: model, optimiser, averaged weights, and their checkpoint in `folder`."""

    def __init__(self, recipe: Recipe, data: Data, folder: Path, start: Path | None = None) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.data, self.folder, self.step = recipe, data, folder, 0
        network = OfflineEncoder if recipe.kind == "offline" else Encoder
        self.model: Network = network(recipe.width, recipe.layers, recipe.conv, recipe.dropout)
        if start is not None:
            load_weights(self.model, start)
        average = swa_utils.get_ema_multi_avg_fn(recipe.average)  # type: ignore[no-untyped-call]
        self.averaged = swa_utils.AveragedModel(self.model, multi_avg_fn=average)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=recipe.learning_rate,
                                           weight_decay=recipe.weight_decay, betas=(0.9, 0.98))
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "checkpoint.pt").exists():
            self._resume()

    def _resume(self) -> None:
        saved = torch.load(self.folder / "checkpoint.pt", weights_only=False)
        self.model.load_state_dict(saved["model"])
        self.averaged.load_state_dict(saved["averaged"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.data.train.rng.bit_generator.state = saved["rng"]
        self.step = saved["step"]
        torch.set_rng_state(saved["torch_rng"])

    def save(self) -> None:
        """Write the checkpoint aside, then rename."""
        aside = self.folder / "checkpoint.part"
        torch.save({"model": self.model.state_dict(), "averaged": self.averaged.state_dict(),
                    "optimiser": self.optimiser.state_dict(), "rng": self.data.train.rng.bit_generator.state,
                    "step": self.step, "torch_rng": torch.get_rng_state(),
                    "recipe": asdict(self.recipe)}, aside)
        aside.replace(self.folder / "checkpoint.pt")

    def _rate(self) -> float:
        warm = min(1.0, (self.step + 1) / 200)
        angle = np.pi * self.step / self.recipe.steps
        return float(self.recipe.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + np.cos(angle))))

    def train_step(self) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        batch = self.data.train.batch(self.recipe.batch)
        with torch.autocast("cpu", torch.bfloat16):
            parts = losses(self.model, batch, self.recipe.delay_knots)
        loss = torch.stack(list(parts.values())).sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.averaged.update_parameters(self.model)
        self.step += 1
        return float(loss.detach())

    def run(self, validate_every: int = 250) -> None:
        """To the recipe's last step, with a line of log at each validation."""
        began, mean = time.monotonic(), 0.0
        while self.step < self.recipe.steps:
            mean += self.train_step() / validate_every
            if self.step % validate_every and self.step != self.recipe.steps:
                continue
            figures = validate(cast(Network, self.averaged.module), self.data.validation, self.recipe)
            line: dict[str, Any] = {"step": self.step, "secs": round(time.monotonic() - began),
                                    "train": round(mean, 4)}
            line |= {k: round(v, 4) for k, v in figures.items()}
            print(json.dumps(line), flush=True)
            with open(self.folder / "log.jsonl", "a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            self.save()
            mean = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.train", description=__doc__.splitlines()[0],
                                     formatter_class=argparse.RawDescriptionHelpFormatter, epilog=__doc__)
    parser.add_argument("kind", nargs="?", default="live", choices=list(RECIPES))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the training sets")
    parser.add_argument("--extra", type=Path, default=Path("runs/extra"),
                        help="the sets that `python -m tools.train.extra` fetches (left out where not there)")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="checkpoints, logs, feature cache")
    parser.add_argument("--steps", type=int, help="fewer or more than the recipe's")
    parser.add_argument("--start", type=Path, metavar="CHECKPOINT",
                        help="begin with this run's averaged weights (of a narrower network, too), with "
                             "a third of the learning rate")
    parser.add_argument("--teacher", metavar="MODEL",
                        help="for the live models: an offline model (shipped name or path) to learn from too")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, help="ONNX file (default: into assets)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = RECIPES[options.kind]
    recipe = replace(recipe, steps=options.steps) if options.steps else recipe
    if options.start:
        recipe = replace(recipe, learning_rate=recipe.learning_rate * START_RATE)
    data = data_for(recipe, Places(options.data, options.extra, options.runs), options.teacher)
    trainer = Trainer(recipe, data, options.runs / recipe.kind, start=options.start)
    trainer.run()

    from tools.train import export, thresholds

    thresholds.choose_for(str(export.export(trainer, options.out)), options.data)


if __name__ == "__main__":
    main()
