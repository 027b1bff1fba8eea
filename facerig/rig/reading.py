"""Rig files: TOML, checked to the last key on load.

    format = 1
    name = "hero"
    summary = "Our hero's head"

    [terms.smileOpen]                       # a corrective
    product = ["mouthSmileLeft", "jawOpen"]

    [curves]
    JawDrop = "jawOpen"                     # as it is
    LipsApart = { from = { jawOpen = 0.8, mouthClose = -0.8 }, range = [0, 1] }
    BrowL = { from = { browOuterUpLeft = 1, browDownLeft = -0.6 }, range = [-0.6, 1] }
    Smile_Open_L = "smileOpen"
    JawDrop100 = { from = { jawOpen = 100 }, range = [0, 100], through = [[0, 0], [50, 30], [100, 100]] }
    HeadTurn = { from = { headYaw = 1 }, unit = "degrees", range = [-60, 60] }
    AA = { pose = { jawOpen = 0.7, mouthStretchLeft = 0.1, mouthStretchRight = 0.1 } }
    Blink = { from = { bothLids = 1 }, looks = { eyeBlinkLeft = 1, eyeBlinkRight = 1 } }  # for meshes to show
    EarWiggle = {}                          # the rig has it, nothing here moves it
    Silence = { remainder = true }          # with [mixture]: what the poses leave of 1

    [mixture]                               # poses share one face: none below 0, 1 in all
    near = 0.2                              # 0 to 1: how much the pose leads that is nearest
    counts = { tongueOut = 2, lipsTogether = 0.4 }  # what tells more than the other curves of poses, or less
    others = { seal = { mouthClose = 0.1, jawOpen = 0.1 } }  # poses that are no curves

    [[measures]]                            # for the way back: both give the same, millimetres perhaps
    rig = { Expression0 = 1.4, JawTurn = 70 }
    products = { "JawTurn*JawTurn" = -12 }  # of two curves of the rig
    face = { jawOpen = 21, mouthFunnel = 2.5 }

Everything is data: a text is a name and nothing else, so a rig file can run nothing and reach nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import pi
from pathlib import Path
from typing import Any, Final

from facerig.core.channels import INDEX, NAMES
from facerig.core.columns import is_column
from facerig.core.toml_files import Table, one_of, parse_toml, read_toml
from facerig.errors import ConfigError, RigError
from facerig.rig.declaration import (
    FORMAT,
    Measure,
    Mixture,
    Points,
    Range,
    Rig,
    RigCurve,
    Term,
    TermKind,
    Unit,
    Weights,
)
from facerig.rig.measured import MEASURED

MOST_CURVES: Final = 2000
MOST_POINTS: Final = 64
MOST_SOURCES: Final = 64
MOST_MEASURES: Final = 500
MOST_TERMS: Final = 500
SHOWN_LINKS: Final = 6  # of terms that need each other, in a message
LARGEST: Final = 1e4  # of any number in a rig
LONGEST_NAME: Final = 120
_RIG_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
# No path, no formula, no control character.
_CURVE_NAME: Final = re.compile(r"[^\W_][\w .:#()\[\]-]*|_[\w .:#()\[\]-]+")
_TERM_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WAYS: Final = ("from", "pose", "remainder")  # in which a curve is made
_RANGES: Final = {Unit.NONE: (0.0, 1.0), Unit.RADIANS: (-pi, pi), Unit.DEGREES: (-180.0, 180.0)}


def read_rig(path: Path) -> Rig:
    """The rig in the file `path`. Raises RigError, with the path of the mistake inside the file."""
    try:
        return _rig(read_toml(path))
    except ConfigError as error:
        raise RigError(error.what, where=error.where, fix=error.fix) from None


def parse_rig(data: bytes, file: str) -> Rig:
    """The same from bytes; `file` is how messages call it."""
    try:
        return _rig(parse_toml(data, file))
    except ConfigError as error:
        raise RigError(error.what, where=error.where, fix=error.fix) from None


def is_rig_name(name: str) -> bool:
    """Whether a rig may be called so."""
    return _RIG_NAME.fullmatch(name) is not None


def _rig(table: Table) -> Rig:
    version = table.whole("format", 1, 10**6)
    if version != FORMAT:
        raise table.bad("format", "is missing" if version is None else f"format {version} is not known here",
                        f"write format = {FORMAT}" if version is None else "use a newer facerig")
    name = table.text("name", needed=True)
    if not is_rig_name(name):
        raise table.bad("name", f"{name[:60]!r} is no name of a rig",
                        "use lower-case letters, digits and dashes")
    summary, source = table.text("summary") or "", table.text("source") or ""
    sections = {key: table.table(key) for key in ("terms", "mixture", "curves", "inverse")}
    table.tables("measures")
    table.finish()  # a section that is spelled wrong is told before what is missing without it
    terms = _terms(sections["terms"], (*NAMES, *MEASURED), reserved=(*NAMES, *MEASURED))
    sources = (*NAMES, *MEASURED, *terms)
    mixture = _mixture(sections["mixture"], sources) if "mixture" in table else None
    curves = _curves(sections["curves"], sources, mixed=mixture is not None)
    own = tuple(curve.name for curve in curves)
    inverse = _terms(sections["inverse"], own, only=NAMES)
    measures = _measures(table, own)
    return Rig(name=name, summary=summary, source=source, curves=curves, terms=terms, inverse=inverse,
               measures=measures, mixture=mixture, file=table.file)


# --- curves


def is_curve_name(name: str) -> bool:
    """Whether a rig's curve may be called so."""
    return len(name) <= LONGEST_NAME and _CURVE_NAME.fullmatch(name) is not None and not is_column(name)


def _curves(table: Table, sources: tuple[str, ...], *, mixed: bool) -> tuple[RigCurve, ...]:
    names = table.names()
    if not names:
        raise ConfigError("no curves", where=table.where(),
                          fix='list them: [curves] and then JawDrop = "jawOpen"')
    if len(names) > MOST_CURVES:
        raise ConfigError(f"{len(names)} curves", where=table.where(), fix=f"a rig has at most {MOST_CURVES}")
    by_key: dict[str, str] = {}
    for name in names:
        if is_column(name):
            raise table.bad(name, "is a column of curve files", "rename it: a CSV could not hold it")
        if not is_curve_name(name):
            raise table.bad(name[:LONGEST_NAME], "is no name of a curve",
                            "begin with a letter or digit; no slashes, quotes, = + @ or line breaks")
        other = by_key.setdefault(name.strip().casefold(), name)
        if other != name:
            how = "spaces at the end" if other.strip() == name.strip() else "upper and lower case"
            raise table.bad(name, f"differs from {other} in {how} only", "rename one of them")
    return tuple(_curve(table, name, sources, mixed=mixed) for name in names)


def _curve(table: Table, name: str, sources: tuple[str, ...], *, mixed: bool) -> RigCurve:
    value = table.raw(name)
    if isinstance(value, str):
        return RigCurve(name=name, weights={_known(table, name, value, sources): 1.0})
    if not isinstance(value, dict):
        raise table.bad(name, f"{value!r} is not a curve",
                        'write NAME = "jawOpen" or NAME = { from = { jawOpen = 1.0 } }')
    row = Table(value, table.file, table.where(name).removeprefix(f"{table.file}: "))
    weights = _weights(row, "from", sources)
    ways = [key for key in _WAYS if key in row]
    if len(ways) > 1:
        raise row.bad(ways[1], f"stands beside {ways[0]}", "keep one of them")
    pose = _pose(row, "pose") if "pose" in row else None
    looks = _pose(row, "looks") if "looks" in row else None
    if looks is not None and "from" not in row:
        raise row.bad("looks", "belongs to a curve with from", "leave it out: a pose says it already")
    remainder = row.flag("remainder") or False
    if remainder and not mixed:
        raise row.bad("remainder", "is what the poses of a mixture leave, and there is none",
                      "write [mixture], and poses for other curves")
    through = _points(row)
    if pose is not None and through:
        raise row.bad("through", "a pose is met as it is", "leave through out")
    unit = Unit(row.text("unit", [u.value for u in Unit if u.value]) or "")
    bounds = _range(row, _RANGES[unit])
    rest = row.number("rest", -LARGEST, LARGEST) or 0.0
    if not bounds[0] <= rest <= bounds[1]:
        raise row.bad("rest", f"{rest:g} lies outside of the range {bounds[0]:g} to {bounds[1]:g}",
                      "move one of them")
    row.finish()
    return RigCurve(name=name, weights=weights, pose=pose, through=through, range=bounds, rest=rest,
                    unit=unit, remainder=remainder, looks=looks)


def _pose(table: Table, key: str) -> Weights:
    pose = _weights(table, key, tuple(INDEX))
    if not any(pose.values()):
        raise table.bad(key, "moves nothing",
                        f"name the canonical curves at value 1: {key} = {{ jawOpen = 0.7 }}")
    return pose


def _mixture(table: Table, sources: tuple[str, ...]) -> Mixture:
    others = table.table("others")
    if len(others.values) > MOST_SOURCES:
        raise table.bad("others", f"{len(others.values)} poses", f"give at most {MOST_SOURCES}")
    poses = {name: _pose(others, name) for name in others.names()}
    counts = _weights(table, "counts", sources)
    for name, count in counts.items():
        if count < 0:
            raise table.table("counts").bad(name, f"{count:g} is less than nothing", "give 0 or more")
    near = table.number("near", 0, 1) or 0.0
    table.finish()
    return Mixture(near=near, counts=counts, others=poses)


def _measures(table: Table, own: tuple[str, ...]) -> tuple[Measure, ...]:
    rows = table.tables("measures")
    if len(rows) > MOST_MEASURES:
        raise table.bad("measures", f"{len(rows)} measures", f"give at most {MOST_MEASURES}")
    out = []
    for row in rows:
        out.append(Measure(rig=_weights(row, "rig", own, MOST_CURVES), face=_weights(row, "face", NAMES),
                           products=_products(row, own)))
        row.finish()
    return tuple(out)


def _products(row: Table, own: tuple[str, ...]) -> dict[tuple[str, str], float]:
    inner, out = row.table("products"), {}
    if len(inner.values) > MOST_SOURCES:
        raise row.bad("products", f"{len(inner.values)} products", f"give at most {MOST_SOURCES}")
    for key in inner.names():
        pair = tuple(key.split("*"))
        if len(pair) != 2:
            raise inner.bad(key, "is no product of two curves", 'write "JawTurn*JawTurn" = 0.5')
        for name in pair:
            _known(inner, key, name, own)
        out[pair[0], pair[1]] = inner.number(key, -LARGEST, LARGEST, needed=True)
    return out


def _weights(row: Table, key: str, sources: tuple[str, ...], most: int = MOST_SOURCES) -> Weights:
    inner = row.table(key)
    if len(inner.values) > most:
        raise row.bad(key, f"{len(inner.values)} sources", f"give at most {most}")
    out = {}
    for source in inner.names():
        _known(inner, source, source, sources)
        out[source] = inner.number(source, -LARGEST, LARGEST, needed=True)
    return out


def _known(table: Table, key: str, source: str, sources: tuple[str, ...], index: int | None = None) -> str:
    if source not in sources:
        near = one_of(sources, source[:60])
        raise table.bad(key, f"there is no curve {source[:60]!r}", f"use {near}", index)
    return source


def _range(row: Table, default: Range) -> Range:
    given = row.numbers("range", 2, -LARGEST, LARGEST, "a range of two numbers")
    if given is None:
        return default
    low, high = given
    if low >= high:
        how = "inverted" if low > high else "empty"
        raise row.bad("range", f"[{low:g}, {high:g}] is {how}", "give the lower number first")
    return low, high


def _points(row: Table) -> Points:
    value = row.raw("through")
    if value is None:
        return ()
    pairs = value if isinstance(value, list) else []
    if not 2 <= len(pairs) <= MOST_POINTS or not all(_is_point(p) for p in pairs):
        raise row.bad("through", "is no list of breakpoints",
                      f"give 2 to {MOST_POINTS}: [[0, 0], [0.5, 0.3], [1, 1]]")
    for k in range(1, len(pairs)):
        if pairs[k][0] <= pairs[k - 1][0]:
            raise row.bad("through", f"{pairs[k][0]:g} comes after {pairs[k - 1][0]:g}",
                          "let the first numbers of the breakpoints rise", k)
    return tuple((float(x), float(y)) for x, y in pairs)


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(
        isinstance(v, int | float) and not isinstance(v, bool) and abs(v) <= LARGEST for v in value)


# --- terms


def _terms(table: Table, sources: tuple[str, ...], *, reserved: tuple[str, ...] = (),
           only: tuple[str, ...] = ()) -> dict[str, Term]:
    """The terms of `table` in an order in which each knows its sources: `sources`, and each other.

    `reserved` names are taken; `only` these names may be given (what they are then is no source).
    """
    names = table.names()
    if len(names) > MOST_TERMS:
        raise ConfigError(f"{len(names)} terms", where=table.where(), fix=f"a rig has at most {MOST_TERMS}")
    for name in names:
        if only and name not in only:
            raise table.bad(name, f"there is no canonical curve {name[:60]!r}", f"use {one_of(only, name)}")
        if not _TERM_NAME.fullmatch(name):
            raise table.bad(name, "is no name of a term", "use letters, digits and underscores")
        if name in reserved:
            raise table.bad(name, "is the name of a canonical or measured curve", "choose another name")
    among = () if only else tuple(names)
    terms = {name: _term(table, name, (*sources, *among)) for name in names}
    return _ordered(table, terms) if among else terms


def _term(table: Table, name: str, sources: tuple[str, ...]) -> Term:
    row = table.table(name)
    kinds = [kind for kind in TermKind if kind.value in row]
    if len(kinds) != 1:
        raise table.bad(name, "names several ways to make it" if kinds else "does not say how it is made",
                        f"give one of {', '.join(kind.value for kind in TermKind)}")
    kind = kinds[0]
    if kind is TermKind.SUM:
        weights = _weights(row, kind.value, sources)
        if not weights:
            raise row.bad(kind.value, "is empty", "name the sources: from = { jawOpen = 1.0 }")
        named, numbers = tuple(weights), tuple(weights.values())
    else:
        named = _names(row, kind, sources)
        numbers = (1.0,) * len(named)
    term = Term(kind=kind, sources=named, weights=numbers, through=_points(row),
                range=_range(row, (0.0, 1.0)))
    row.finish()
    return term


def _names(row: Table, kind: TermKind, sources: tuple[str, ...]) -> tuple[str, ...]:
    value = row.raw(kind.value)
    exact = kind is TermKind.RATIO
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value) \
            or not 2 <= len(value) <= (2 if exact else MOST_SOURCES):
        raise row.bad(kind.value, "is no list of names", f"give {'two' if exact else 'two or more'}: "
                                                         f'{kind.value} = ["mouthClose", "jawOpen"]')
    for k, source in enumerate(value):
        _known(row, kind.value, source, sources, k)
    return tuple(value)


def _ordered(table: Table, terms: Mapping[str, Term]) -> dict[str, Term]:
    """Sources first. Raises ConfigError for terms that need each other."""
    done: dict[str, Term] = {}
    for name in terms:
        above = {} if name in done else {name: iter(terms[name].sources)}  # each needs the one after it
        while above:
            last = next(reversed(above))
            source = next(above[last], None)
            if source is None:
                above.popitem()
                done[last] = terms[last]
            elif source in above:
                circle = [*above][[*above].index(source):]
                shown = circle if len(circle) <= SHOWN_LINKS else [*circle[:SHOWN_LINKS], "..."]
                raise table.bad(source, f"needs itself: {' -> '.join((*shown, source))}",
                                "take one of the links out")
            elif source in terms and source not in done:
                above[source] = iter(terms[source].sources)
    return done
