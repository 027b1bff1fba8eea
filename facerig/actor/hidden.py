"""What a model hears in a take: the features before its readout, and its own tracks, knot by knot.

The sound runs through a `Session`, the way every sound does; only the network's session is exchanged for one
that also notes the hidden features of each run. So features, delays and windows are the runtime's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.actor import readout as readouts
from facerig.actor.readout import Readout
from facerig.core.clock import KNOT_RATE_HZ
from facerig.encoder.model import INSTALL
from facerig.encoder.offline import CONTEXT, CORE
from facerig.encoder.tracks import KNOTS_PER_STEP, N_CURVE_TRACKS
from facerig.errors import ConfigError, ModelError
from facerig.performance.settings import STILL
from facerig.session import Session

Array = NDArray[np.float32]

TOLERANCE: Final = 1e-3  # of a curve: the readout times the features must be what the model itself says
FEED_SECS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One take as the model hears it; knot m of the stream stands at m / KNOT_RATE_HZ s.

    hidden: float32 [n_steps, n_hidden]; step s answers for the knots first_knot + KNOTS_PER_STEP * s + (0, 1,
    ...)
    tracks: float32 [n_steps, KNOTS_PER_STEP, len(TRACKS)], what the model itself made of them
    """

    hidden: Array
    tracks: Array
    first_knot: int

    @property
    def knots(self) -> NDArray[np.int64]:
        """Index of every knot [n_steps, KNOTS_PER_STEP]."""
        steps = np.arange(len(self.hidden), dtype=np.int64)[:, None]
        return self.first_knot + KNOTS_PER_STEP * steps + np.arange(KNOTS_PER_STEP, dtype=np.int64)

    @property
    def times_secs(self) -> NDArray[np.float64]:
        """Time of every knot [n_steps, KNOTS_PER_STEP]."""
        return self.knots / KNOT_RATE_HZ

    def within(self, seconds: float) -> Heard:
        """The steps whose knots all lie in [0, seconds)."""
        kept = (self.times_secs >= 0).all(1) & (self.times_secs < seconds).all(1)
        first = int(self.knots[kept][0, 0]) if kept.any() else 0
        return Heard(self.hidden[kept], self.tracks[kept], first)


class _Recorder:
    """Stands in for an onnxruntime session: gives what was asked for, and notes the hidden features."""

    def __init__(self, session: Any, hidden: str) -> None:
        self._session, self._hidden = session, hidden
        self._names = [o.name for o in session.get_outputs() if o.name != hidden]
        self.hidden, self.tracks = list[Array](), list[Array]()

    def get_inputs(self) -> Any:
        return self._session.get_inputs()

    def run(self, names: Sequence[str] | None, feed: dict[str, Array]) -> list[Any]:
        wanted = list(names or self._names)
        out = self._session.run([*wanted, readouts.OUTPUT, self._hidden], feed)
        self.hidden.append(np.array(out[-1], np.float32).reshape(-1, out[-1].shape[-1]))
        self.tracks.append(np.array(out[-2], np.float32).reshape(-1, out[-2].shape[-1]))
        return list(out[: len(wanted)])


class Listener:
    """Hears takes with a model file.

    Raises what `open_model` raises, ConfigError where the onnx package is missing and ModelError where the
    model has no readout that could be fitted.
    """

    def __init__(self, model: str) -> None:
        self._name = model
        self.info = Session(16_000, model=model).model_info  # checks the file, before onnx reads it
        self.model = readouts.load(self.info.path)
        self.readout: Readout = readouts.find_readout(self.model, str(self.info.path))
        self._network = _network(self.model, self.readout.hidden, self.info.path)
        self._sessions = dict[int, Session]()  # by sample rate

    def hear(self, audio: Array, sample_rate: int) -> Heard:
        """A take's sound, float32 mono [n]. Raises ModelError where the readout is not what it seemed."""
        session = self._sessions.get(sample_rate)
        if session is None:
            session = self._sessions[sample_rate] = Session(sample_rate, fps=KNOT_RATE_HZ, model=self._name,
                                                            performance=STILL)
        session.reset()
        recorder = _Recorder(self._network, self.readout.hidden)
        session.encoder.session = recorder
        n = max(1, round(FEED_SECS * sample_rate))
        for i in range(0, len(audio), n):
            session.feed(audio[i : i + n])
        session.flush()
        heard = self._in_order(recorder).within(len(audio) / sample_rate)
        self._check(heard)
        return heard

    def _in_order(self, recorder: _Recorder) -> Heard:
        """A live model gives one step a run, an offline one a window, of which the core counts."""
        hidden, tracks = recorder.hidden, recorder.tracks
        if self.info.kind == "live":
            first = KNOTS_PER_STEP - self.info.delay_knots
        else:
            first = 0
            hidden = [h[CONTEXT // KNOTS_PER_STEP : (CONTEXT + CORE) // KNOTS_PER_STEP] for h in hidden]
            tracks = [t[CONTEXT : CONTEXT + CORE] for t in tracks]
        joined = np.concatenate(tracks)
        return Heard(np.concatenate(hidden), joined.reshape(-1, KNOTS_PER_STEP, joined.shape[-1]), first)

    def _check(self, heard: Heard) -> None:
        weight, bias = self.readout.by_knot
        said = np.einsum("nh,pkh->npk", heard.hidden, weight) + bias
        apart = np.abs(said - heard.tracks)[..., :N_CURVE_TRACKS]
        if apart.size and float(apart.max()) > TOLERANCE:
            raise ModelError(f"the model's curves are not its last linear layer's (off by {apart.max():.2g})",
                             where=str(self.info.path), fix="fit a model that this version of facerig ships")


def _network(model: Any, hidden: str, path: Path) -> Any:
    """An onnxruntime session of the model with its hidden features as one more output."""
    try:
        import onnxruntime as ort
    except ImportError:
        raise ConfigError("onnxruntime is not installed", where="fit", fix=INSTALL) from None
    onnx = readouts.onnx_module()
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.graph.output.append(onnx.helper.make_empty_tensor_value_info(hidden))
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(copy.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes differ between its versions
        why = str(error).splitlines()[0][:200]
        raise ModelError(f"the hidden features cannot be read: {why}", where=str(path),
                         fix="fit a model that this version of facerig ships") from None
