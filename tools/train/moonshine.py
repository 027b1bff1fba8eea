"""The first layers of Moonshine tiny (Useful Sensors, MIT), a speech recogniser's encoder, as our ears.

Taught by hundreds of thousands of hours of people, its fourth layer tells phones of unknown speakers better
than anything that our corpus can teach from log-mel alone (Jeffries et al. 2024, "Moonshine: speech
recognition for live transcription and voice commands"). The int8 graph comes from the npm package
`@usefulsensors/moonshine-js`; it is cut after the fourth layer and computes in float, from weights kept as
int8, so that every machine answers alike.
"""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import tempfile
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PACKAGE: Final = "@usefulsensors/moonshine-js@0.1.21"
MEMBER: Final = "package/dist/model/tiny/quantized/encoder_model.onnx"
SHA256: Final = "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a"
INPUT: Final = "input_values"
CUT: Final = "/layers.3/Add_1_output_0"
CACHED: Final = Path.home() / ".cache" / "facerig-train"

WIDTH: Final = 288
HOP: Final = 384  # samples from one vector to the next: 24 ms
FIRST: Final = 447  # sample in the middle of what the first vector's convolutions see


def frames(n_samples: int) -> int:
    """Vectors that so many samples give: convolutions of 127, 7 and 3 with strides 64, 3 and 2."""
    return ((((n_samples - 127) // 64 + 1) - 7) // 3 + 1 - 3) // 2 + 1


def _fetched() -> Path:
    """The package's int8 encoder, fetched with npm once and checked."""
    path = CACHED / "moonshine-tiny-int8.onnx"
    if not path.exists():
        CACHED.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
                member = archive.extractfile(MEMBER)
                data = member.read() if member else b""
        if hashlib.sha256(data).hexdigest() != SHA256:
            raise ValueError(f"{PACKAGE}: {MEMBER} is not the file that this code was written for")
        path.write_bytes(data)
    return path


def trunk() -> onnx.ModelProto:
    """audio [batch, samples] float32 -> heard [batch, frames(samples), WIDTH], in float32 throughout."""
    path = CACHED / "moonshine-tiny-4-layers.onnx"
    if not path.exists():
        model = onnx.load(str(_fetched()))
        _make_float(model.graph)
        whole = CACHED / "whole.part.onnx"
        onnx.save(model, str(whole))
        onnx.utils.extract_model(str(whole), str(path), [INPUT], [CUT])
        whole.unlink()
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
