"""The fitted readout into a model file, checked before it takes its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.actor import readout as readouts
from facerig.actor.hidden import Listener
from facerig.encoder.model import open_model
from facerig.encoder.tracks import N_CURVE_TRACKS
from facerig.errors import ModelError, OutputError
from facerig.sinks.files import written_aside

ACTOR_KEY: Final = "facerig_actor"  # metadata: whose model it is, as JSON
LICENCES_KEY: Final = "facerig_licences"
ENDING: Final = ".onnx"


def check_ending(out: Path) -> None:
    """Raise OutputError for a name that `--model` would not take as a file."""
    if out.suffix != ENDING:
        raise OutputError("a model file ends in .onnx", where=str(out), fix=f"name it {out.stem}{ENDING}")


def write_model(out: Path, listener: Listener, weight: NDArray[np.floating], bias: NDArray[np.floating], *,
                name: str, source: str, facts: dict[str, Any]) -> None:
    """Write the listener's model to `out` with the curves' readout exchanged.

    weight: [KNOTS_PER_STEP, N_CURVE_TRACKS, n_hidden]; bias: [KNOTS_PER_STEP, N_CURVE_TRACKS]. Raises
    OutputError, and ModelError where the result is not what was meant.
    """
    info = listener.info
    if out.exists() and info.path.exists() and out.samefile(info.path):
        raise OutputError("this is the model that is fitted; it would be overwritten", where=str(out),
                          fix="choose another name")
    model = readouts.onnx_module().ModelProto()
    model.CopyFrom(listener.model)
    rows = readouts.with_curves(listener.readout, weight.astype(np.float32), bias.astype(np.float32))
    readouts.replace_readout(model, listener.readout, *rows)
    licences = "; ".join(filter(None, (info.metadata.get(LICENCES_KEY, ""), f"fitted to {name}: {source}")))
    _set_metadata(model, {
        LICENCES_KEY: licences,
        ACTOR_KEY: json.dumps({"name": name, "source": source, "base_sha256": info.sha256, **facts})})
    with written_aside(out) as aside:
        readouts.onnx_module().save(model, str(aside))
        _check(aside, listener)


def _set_metadata(model: Any, values: dict[str, str]) -> None:
    kept = [(p.key, p.value) for p in model.metadata_props if p.key not in values]
    del model.metadata_props[:]
    for key, value in [*kept, *values.items()]:
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value


def _check(path: Path, listener: Listener) -> None:
    """Open the file as users will, and see that nothing but the curves' readout has changed."""
    _, info = open_model(str(path))
    if (info.kind, info.delay_knots) != (listener.info.kind, listener.info.delay_knots):
        raise ModelError("the written model is of another kind", where=str(path), fix="report this")
    written = readouts.load(path)
    found = readouts.find_readout(written, str(path))
    same = all(np.array_equal(a[:, N_CURVE_TRACKS:], b[:, N_CURVE_TRACKS:])
               for a, b in zip(found.by_knot, listener.readout.by_knot, strict=True))
    if not same or _others(written, found) != _others(listener.model, listener.readout):
        raise ModelError("the written model differs in more than its curves", where=str(path),
                         fix="report this")


def _others(model: Any, found: readouts.Readout) -> tuple[bytes, ...]:
    """Every stored number and node but the readout's."""
    held = [t for t in model.graph.initializer if t.name not in (found.weight_name, found.bias_name)]
    return tuple(part.SerializeToString(deterministic=True) for part in (*held, *model.graph.node))
