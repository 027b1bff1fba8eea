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
    """A matrix of scipy, of whatever version wrote it."""

    def dense(self) -> NDArray[Any] | None:
        """The matrix as an array; None where the state is not one's."""
        shape = self.state.get("_shape", self.state.get("shape"))
        try:
            return np.asarray(self._made(self.state, tuple(shape or ())).toarray())
        except (KeyError, TypeError, ValueError, IndexError):
            return None

    def _made(self, state: dict[str, Any], shape: tuple[int, ...]) -> Any:
        raise KeyError("kind")


class CscMatrix(SparseMatrix):
    """Column after column, as FLAME's regressor."""

    def _made(self, state: dict[str, Any], shape: tuple[int, ...]) -> Any:
        made = sparse.csc_matrix((state["data"], state["indices"], state["indptr"]), shape)
        made.check_format(full_check=True)  # a place outside of it would be written to
        return made


class CsrMatrix(SparseMatrix):
    """Row after row."""

    def _made(self, state: dict[str, Any], shape: tuple[int, ...]) -> Any:
        made = sparse.csr_matrix((state["data"], state["indices"], state["indptr"]), shape)
        made.check_format(full_check=True)  # a place outside of it would be written to
        return made


class CooMatrix(SparseMatrix):
    """Each number with its place."""

    def _made(self, state: dict[str, Any], shape: tuple[int, ...]) -> Any:
        places = state["coords"] if "coords" in state else (state["row"], state["col"])
        return sparse.coo_matrix((state["data"], tuple(places)), shape)


_MATRICES: Final = {"csc": CscMatrix, "csr": CsrMatrix, "coo": CooMatrix}


def _plain_object(cls: type, base: type, state: object) -> object:
    """copyreg._reconstructor for holders, which is how Python 2 makes an object."""
    if not (isinstance(cls, type) and issubclass(cls, Holder)) or base is not object:
        raise pickle.UnpicklingError("makes an object of a class that is not granted")
    return cls()


def _encoded(text: str, encoding: str) -> bytes:
    """_codecs.encode as pickles of bytes use it."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"encodes as {encoding[:20]!r}")
    return codecs.encode(text, "latin1")


def _from_buffer(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], order: str) -> NDArray[Any]:
    """How numpy pickles arrays since protocol 5."""
    return np.frombuffer(data, dtype).reshape(shape, order="F" if order == "F" else "C")


def _numpy_parts() -> dict[str, Any]:
    """numpy's own makers of arrays and numbers, under whatever module name it has them."""
    array, number = np.zeros(1).__reduce__(), np.float64(0).__reduce__()
    return {"_reconstruct": array[0], "scalar": number[0]}


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
        out[module.replace("multiarray", "numeric"), "_frombuffer"] = _from_buffer
    for kind, matrix in _MATRICES.items():
        for module in (f"scipy.sparse.{kind}", f"scipy.sparse._{kind}", "scipy.sparse"):
            out[module, f"{kind}_matrix"] = matrix
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
        return value.dense()
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        return value
    return None

