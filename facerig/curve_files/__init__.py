"""Curve files read back: what exporters, recordings and animators' tools write, under the names that they
give.

    curves = read_named(Path("take.csv"))    # names, values, rate, what was mended
    clip = read_curves(Path("take.csv"))     # the same as the 61 canonical curves

One module a format, each with `read(path) -> NamedCurves`; `dispatch.py` tells them apart.
"""

from facerig.curve_files.canonical import read_curves
from facerig.curve_files.dispatch import read_named
from facerig.curve_files.named import NamedCurves

__all__ = ["NamedCurves", "read_curves", "read_named"]
