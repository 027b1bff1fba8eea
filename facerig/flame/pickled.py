"""Arrays out of a pickle, without running anything that the pickle asks for.

A pickle is a program: it may import and call whatever it names. FLAME is shipped as one, written by Python 2,
with arrays of numpy, matrices of scipy and objects of chumpy, a package that no present Python installs. So
only these few names are granted; arrays are built by numpy, matrices and chumpy's objects become plain
holders of what they carry, and any other name ends the reading.
"""

from __future__ import annotations

import codecs
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from facerig.errors import ModelError

_GOT: Final = "get FLAME from https://flame.is.tue.mpg.de: generic_model.pkl (2020) or flame2023.pkl"


class Holder:
    """Stands for an object whose class is not asked: its state is kept and nothing is done."""

    state: dict[str, Any]

    def __new__(cls, *_: object) -> Self:  # unpickling calls nothing else
        made = super().__new__(cls)
        made.state = {}
        return made

    def __setstate__(self, state: object) -> None:
        for part in state if isinstance(state, tuple) else (state,):
            if isinstance(part, dict):
                self.state.update({str(key): value for key, value in part.items()})


class ChumpyArray(Holder):
    """What chumpy calls `Ch`: an array under `x`."""


class SparseMatrix(Holder):
    """A compressed matrix of scipy, of whatever version wrote it."""


def _plain_object(cls: type, base: type, state: object) -> object:
    """copyreg._reconstructor for holders, which is how Python 2 makes an object."""
    if cls not in (ChumpyArray, SparseMatrix, Holder) or base is not object:
        raise pickle.UnpicklingError("makes an object of a class that is not granted")
    return cls()


def _encoded(text: str, encoding: str) -> bytes:
    """_codecs.encode as pickles of bytes use it."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"encodes as {encoding[:20]!r}")
    return codecs.encode(text, "latin1")


def _numpy_parts() -> dict[str, Any]:
    array = np.zeros(1)
    return {"_reconstruct": array.__reduce__()[0],  # type: ignore[index]
            "scalar": np.float64(0).__reduce__()[0]}  # type: ignore[index]


def _granted() -> dict[tuple[str, str], Any]:
    out: dict[tuple[str, str], Any] = {
        ("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): np.dtype,
        ("copy_reg", "_reconstructor"): _plain_object, ("copyreg", "_reconstructor"): _plain_object,
        ("__builtin__", "object"): object, ("builtins", "object"): object,
        ("__builtin__", "set"): set, ("builtins", "set"): set,
        ("_codecs", "encode"): _encoded,
        ("chumpy.ch", "Ch"): ChumpyArray, ("chumpy", "Ch"): ChumpyArray,
    }
    for module in ("numpy.core.multiarray", "numpy._core.multiarray"):
        out |= {(module, name): part for name, part in _numpy_parts().items()}
    for kind in ("csc", "csr", "coo"):
        for module in (f"scipy.sparse.{kind}", f"scipy.sparse._{kind}", "scipy.sparse"):
            out[module, f"{kind}_matrix"] = SparseMatrix
    return out


class _Reader(pickle.Unpickler):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="latin1")
        self._granted: dict[tuple[str, str], Callable[..., Any]] = _granted()

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._granted:
            raise pickle.UnpicklingError(f"asks for {module[:60]}.{name[:60]}")
        return self._granted[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("refers to something outside of it")


def arrays_of_pickle(path: Path) -> dict[str, NDArray[Any]]:
    """The numeric arrays of a pickled dict by name. Raises ModelError for anything else."""
    try:
        with path.open("rb") as file:
            found = _Reader(file).load()
    except OSError as error:
        raise ModelError(f"cannot be read: {error.strerror or error}", where=str(path), fix=_GOT) from None
    except MemoryError:
        raise ModelError("asks for more memory than there is", where=str(path), fix=_GOT) from None
    except Exception as problem:  # damaged pickles raise nearly anything
        raise ModelError(f"is not a FLAME model that can be read safely ({str(problem)[:120] or 'damaged'})",
                         where=str(path), fix=_GOT) from None
    if not isinstance(found, dict):
        raise ModelError("holds no model", where=str(path), fix=_GOT)
    arrays = {str(key): _array(value) for key, value in found.items()}
    return {name: array for name, array in arrays.items() if array is not None}


def _array(value: object) -> NDArray[Any] | None:
    """`value` as a numeric array; None for what is none."""
    if isinstance(value, ChumpyArray):
        value = value.state.get("x")
    if isinstance(value, SparseMatrix):
        return _dense(value.state)
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        return value
    return None


def _dense(state: dict[str, Any]) -> NDArray[Any] | None:
    shape = state.get("_shape", state.get("shape"))
    try:
        if "indptr" in state:
            rows = len(state["indptr"]) - 1 == shape[0] and state.get("format") == "csr"
            make = sparse.csr_matrix if rows else sparse.csc_matrix
            return np.asarray(make((state["data"], state["indices"], state["indptr"]), shape).toarray())
        return np.asarray(sparse.coo_matrix((state["data"], (state["row"], state["col"])), shape).toarray())
    except (KeyError, TypeError, ValueError):
        return None
