"""The last linear layer of a model file: found in the graph, read, and replaced.

Both kinds of model end alike: a matrix over the recurrent layer's output, a bias, and a reshape into the
knots of a step. It is found by walking back from the output `tracks`, not by the names that an exporter gave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.encoder.tracks import KNOTS_PER_STEP, N_CURVE_TRACKS, TRACKS
from facerig.errors import ConfigError, ModelError

Array = NDArray[np.float32]

N_ROWS: Final = KNOTS_PER_STEP * len(TRACKS)  # row p * len(TRACKS) + k: track k of a step's knot p
OUTPUT: Final = "tracks"
_FLOAT32: Final = 1  # onnx.TensorProto.FLOAT; onnx.AttributeProto has the same number
# What may stand between the readout and the output: it moves or squashes values, and mixes none.
_PLAIN: Final = frozenset({"Add", "Cast", "Clip", "Concat", "Flatten", "Identity", "Sigmoid", "Transpose"})
_SHAPED: Final = frozenset({"Reshape", "Slice", "Split", "Squeeze", "Unsqueeze"})  # by their further inputs
_FIX: Final = "fit a float32 model that facerig shipped or `python -m tools.train` wrote"


@dataclass(frozen=True, slots=True)
class Readout:
    """`weight` float32 [N_ROWS, n_hidden] and `bias` [N_ROWS]; `hidden` is the tensor that they are applied
    to.

    `*_name` are the initialisers that hold them, `transposed` tells that the file has [n_hidden, N_ROWS].
    """

    hidden: str
    weight: Array
    bias: Array
    weight_name: str
    bias_name: str
    transposed: bool

    @property
    def by_knot(self) -> tuple[Array, Array]:
        """Weight [KNOTS_PER_STEP, len(TRACKS), n_hidden] and bias [KNOTS_PER_STEP, len(TRACKS)]."""
        shape = (KNOTS_PER_STEP, len(TRACKS))
        return self.weight.reshape(*shape, -1), self.bias.reshape(shape)


def onnx_module() -> Any:
    """The onnx package, which is optional. Raises ConfigError."""
    try:
        import onnx
        import onnx.numpy_helper
    except ImportError:
        raise ConfigError("the onnx package is not installed, and model files are written with it",
                          where="fit", fix='pip install "facerig[fit]"') from None
    return onnx


def find_readout(model: Any, where: str) -> Readout:
    """The readout of a loaded ONNX model. Raises ModelError where there is none, or more than one."""
    held = {t.name: t for t in model.graph.initializer}
    found = list(_matrices(model.graph, held))
    if len(found) != 1:
        count = "more than one" if found else "no"
        raise ModelError(f"the model has {count} linear layer of {N_ROWS} float values before its output "
                         f"{OUTPUT!r}", where=where, fix=_FIX)
    node = found[0]
    bias_name = _bias(node, model.graph, held)
    uses = [name for n in model.graph.node for name in n.input]
    if bias_name is None or uses.count(node.input[1]) != 1 or uses.count(bias_name) != 1:
        raise ModelError("the model's last linear layer has no bias of its own, or shares its weights",
                         where=where, fix=_FIX)
    matrix = _values(held[node.input[1]])
    transposed = not _attribute(node, "transB", 0)
    weight = matrix.T if transposed else matrix
    if weight.shape[0] != N_ROWS:
        raise ModelError(f"the model's last linear layer gives {weight.shape[0]} values, not {N_ROWS}",
                         where=where, fix=_FIX)
    return Readout(node.input[0], np.ascontiguousarray(weight), _values(held[bias_name]), node.input[1],
                   bias_name, transposed)


def _matrices(graph: Any, held: dict[str, Any]) -> Iterator[Any]:
    """Nodes that multiply by a stored matrix, met first on the way back from the output."""
    made_by = {name: node for node in graph.node for name in node.output}
    ahead, seen = [OUTPUT], set[str]()
    while ahead:
        name = ahead.pop()
        node = made_by.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        if node.op_type in ("Gemm", "MatMul"):
            if _is_matrix(node, held):
                yield node
        elif node.op_type in _PLAIN:
            ahead += node.input
        elif node.op_type in _SHAPED:
            ahead += node.input[:1]


def _is_matrix(node: Any, held: dict[str, Any]) -> bool:
    stored = held.get(node.input[1])
    if stored is None or stored.data_type != _FLOAT32 or len(stored.dims) != 2 or N_ROWS not in stored.dims:
        return False
    as_is = (("transA", 0.0), ("alpha", 1.0), ("beta", 1.0))
    return all(_attribute(node, name, value) == value for name, value in as_is)


def _bias(node: Any, graph: Any, held: dict[str, Any]) -> str | None:
    """Name of the bias [N_ROWS]: the third input of a Gemm, or what is added to a MatMul."""
    if node.op_type == "Gemm":
        names = list(node.input[2:])
    else:
        names = [name for other in graph.node if other.op_type == "Add" and node.output[0] in other.input
                 for name in other.input]
    fitting = [name for name in names if name in held and list(held[name].dims) == [N_ROWS]]
    return fitting[0] if len(fitting) == 1 else None


def _attribute(node: Any, name: str, default: float) -> float:
    for attribute in node.attribute:
        if attribute.name == name:
            return float(attribute.f if attribute.type == _FLOAT32 else attribute.i)
    return default


def _values(tensor: Any) -> Array:
    return np.asarray(onnx_module().numpy_helper.to_array(tensor), np.float32)


def with_curves(readout: Readout, weight: Array, bias: Array) -> tuple[Array, Array]:
    """The readout's rows with those of the curve tracks exchanged; seal, contact and voice stay bit for bit.

    weight: [KNOTS_PER_STEP, N_CURVE_TRACKS, n_hidden], bias: [KNOTS_PER_STEP, N_CURVE_TRACKS].
    """
    new_weight, new_bias = (part.copy() for part in readout.by_knot)
    new_weight[:, :N_CURVE_TRACKS], new_bias[:, :N_CURVE_TRACKS] = weight, bias
    return new_weight.reshape(N_ROWS, -1), new_bias.reshape(N_ROWS)


def replace_readout(model: Any, readout: Readout, weight: Array, bias: Array) -> None:
    """Write other values into the readout of a loaded model: weight [N_ROWS, n_hidden], bias [N_ROWS]."""
    to_tensor = onnx_module().numpy_helper.from_array
    stored = np.ascontiguousarray(weight.T if readout.transposed else weight, np.float32)
    values = {readout.weight_name: stored, readout.bias_name: np.asarray(bias, np.float32)}
    for tensor in model.graph.initializer:
        if tensor.name in values:
            tensor.CopyFrom(to_tensor(values[tensor.name], tensor.name))


def load(path: Path) -> Any:
    """The ONNX model of a file that `open_model` has accepted. Raises ConfigError where onnx is missing."""
    return onnx_module().load(str(path))
