"""A trained encoder as ONNX, checked against torch step by step, with what the runtime needs as metadata."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import onnx
import torch
from onnx import compose

import facerig_assets
from facerig.encoder.model import LIPS_KEY
from facerig.encoder.offline import WINDOW
from facerig.encoder.tracks import TRACKS
from facerig.features.logmel import HOP, N_MELS, SAMPLE_RATE
from facerig.script.phones import INVENTORY
from tools.train import moonshine
from tools.train.corpus import CHANNELS
from tools.train.network import (
    KERNELS,
    KNOTS_PER_STEP,
    Encoder,
    LiveStep,
    OfflineEncoder,
    OfflineWindow,
    activated,
)

if TYPE_CHECKING:
    from tools.train.__main__ import Recipe, Trainer

LICENCES = ("Kokoro-82M voices Apache-2.0; AN4 BSD-like; festvox Russian BSD-like; GRID CC BY 4.0; "
            "FACEGOOD MIT")
EARS = "Moonshine tiny MIT"  # inside the offline model
EXTRA = ("and, where tools.train.extra fetched them: flite MIT-like, klettres GPL-2+, hedgewars GFDL-1.3, "
         "asterisk CC BY-SA 3.0 and GPL-2, gcompris, ktuberling and kajongg GPL-2+, tuxpaint, fillets and "
         "childsplay GPL-2, qabcs GPL-3+, people of test data as models/README.md says")  # the live models
TOLERANCE = 1e-4  # onnxruntime against torch
OPSET = 14  # Moonshine's, which the offline model is joined to
IR_VERSION = 10
N_SAMPLES = WINDOW * HOP


def live_state(encoder: Encoder, batch: int = 1) -> tuple[torch.Tensor, ...]:
    """The zero state of LiveStep."""
    conv, width, layers = encoder.conv1.out_channels, encoder.rnn.hidden_size, encoder.rnn.num_layers
    return (torch.zeros(batch, N_MELS, KERNELS[0] - 1), torch.zeros(batch, conv, KERNELS[1] - 2),
            torch.zeros(batch, width if conv == width else conv, KERNELS[2] - 1),
            torch.zeros(layers, batch, width))


def window_of(encoder: OfflineEncoder) -> OfflineWindow:
    """The offline model as it is run."""
    window = OfflineWindow(encoder, WINDOW // KNOTS_PER_STEP, moonshine.frames(N_SAMPLES))
    return window.eval()


def _to_onnx(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], out: Path, names: list[str],
             outputs: list[str], dynamic: dict[str, dict[int, str]]) -> None:
    module.eval()  # of the wrapper: the exporter restores its mode afterwards
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        torch.onnx.export(module, inputs, str(out), input_names=names, output_names=outputs, dynamo=False,
                          opset_version=OPSET, dynamic_axes=dynamic)


def _offline(encoder: OfflineEncoder, out: Path) -> onnx.ModelProto:
    """mel [1, WINDOW, N_MELS], audio [1, N_SAMPLES] -> tracks, phones: Moonshine's layers, then ours."""
    heard = torch.zeros(1, moonshine.frames(N_SAMPLES), moonshine.WIDTH)
    _to_onnx(window_of(encoder), (torch.zeros(1, WINDOW, N_MELS), heard), out, ["mel", "heard"],
             ["tracks", "phones"], {})
    head, trunk = onnx.load(str(out)), compose.add_prefix(moonshine.trunk(), "ear/")
    head.ir_version = trunk.ir_version = IR_VERSION
    joined = compose.merge_models(trunk, head, [(f"ear/{moonshine.CUT}", "heard")])
    audio = joined.graph.input[0]
    for node in joined.graph.node:
        node.input[:] = ["audio" if name == audio.name else name for name in node.input]
    shapes = {"audio": (1, N_SAMPLES), "mel": (1, WINDOW, N_MELS)}
    del joined.graph.input[:]
    joined.graph.input.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
                              for name, shape in shapes.items())
    return joined


def write_onnx(encoder: Encoder | OfflineEncoder, recipe: Recipe, out: Path) -> None:
    """Export `encoder` to `out` with its metadata."""
    facts = {"kind": "live", "delay_knots": recipe.delay_knots, "tracks": json.dumps(TRACKS), "hop": HOP,
             "sample_rate": SAMPLE_RATE, "licences": f"{LICENCES}; {EXTRA}", "seed": recipe.seed,
             "steps": recipe.steps}
    if isinstance(encoder, OfflineEncoder):
        model = _offline(encoder, out)
        facts |= {"kind": "offline", "licences": f"{LICENCES}; {EARS}",
                  "phones": json.dumps(INVENTORY, ensure_ascii=False)}
    else:
        names = ["mel", "c1", "c2", "c3", "h"]
        outputs = ["tracks", *(f"{n}_out" for n in names[1:])]
        dynamic = {n: {1 if n in ("h", "h_out") else 0: "sessions"} for n in (*names, *outputs)}
        inputs = (torch.zeros(1, KNOTS_PER_STEP, N_MELS), *live_state(encoder))
        _to_onnx(LiveStep(encoder), inputs, out, names, outputs, dynamic)
        model = onnx.load(str(out))
    for key, value in facts.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = f"facerig_{key}", str(value)
    onnx.checker.check_model(model)
    onnx.save(model, str(out))


def largest_difference(encoder: Encoder | OfflineEncoder, path: Path, n_steps: int = 50) -> float:
    """Largest difference between torch and onnxruntime on random features, run as the runtime does."""
    import onnxruntime as ort

    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    with torch.no_grad():
        if isinstance(encoder, OfflineEncoder):
            mel = rng.normal(0, 1, (1, WINDOW, N_MELS)).astype(np.float32)
            audio = rng.normal(0, 0.1, (1, N_SAMPLES)).astype(np.float32)
            heard = moonshine.session().run(None, {moonshine.INPUT: audio})[0]
            ours = window_of(encoder)(torch.from_numpy(mel), torch.from_numpy(heard))
            theirs = session.run(["tracks", "phones"], {"mel": mel, "audio": audio})
            return max(float(np.abs(a.numpy() - b).max()) for a, b in zip(ours, theirs, strict=True))
        mel = rng.normal(0, 1, (1, 2 * n_steps, N_MELS)).astype(np.float32)
        whole = activated(encoder(torch.from_numpy(mel))[0]).numpy()  # the same network, all at once
        state, out = [s.numpy() for s in live_state(encoder)], []
        for i in range(n_steps):
            feed = dict(zip(("mel", "c1", "c2", "c3", "h"), (mel[:, 2 * i : 2 * i + 2], *state), strict=True))
            tracks, *state = session.run(None, feed)
            out.append(tracks)
        return float(np.abs(np.concatenate(out, 1) - whole).max())


def write_lips(path: Path, settings: dict[str, float]) -> None:
    """Write lip thresholds into a model file; a shipped model gets its new hash."""
    model = onnx.load(str(path))
    kept = [(p.key, p.value) for p in model.metadata_props if p.key != LIPS_KEY]
    del model.metadata_props[:]
    for key, value in [*kept, (LIPS_KEY, json.dumps(settings))]:
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, str(path))
    if path.parent == facerig_assets.path("models"):
        register(path.stem, path)


def register(name: str, path: Path) -> None:
    """Name a shipped model and its hash in models.json."""
    registry_path = facerig_assets.path("models", "models.json")
    registry = json.loads(registry_path.read_text("utf-8")) if registry_path.exists() else {}
    registry[name] = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    registry_path.write_text(json.dumps(registry, indent=1, sort_keys=True) + "\n", "utf-8")


def export(trainer: Trainer, out: Path | None) -> Path:
    """Write the averaged weights; without `out`, as the shipped model of that kind.

    Raises ValueError on a mismatch.
    """
    if CHANNELS != TRACKS:
        raise ValueError("the corpus and the runtime name different tracks")
    encoder, recipe = cast(Encoder | OfflineEncoder, trainer.averaged.module).eval(), trainer.recipe
    path = out or facerig_assets.path("models", f"{recipe.kind}.onnx")
    aside = path.with_suffix(".part.onnx")
    write_onnx(encoder, recipe, aside)
    difference = largest_difference(encoder, aside)
    if difference > TOLERANCE:
        raise ValueError(f"onnxruntime and torch differ by {difference:.2g}: not exported")
    aside.replace(path)
    if out is None:
        register(recipe.kind, path)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, within {difference:.1g} of torch")
    return path
