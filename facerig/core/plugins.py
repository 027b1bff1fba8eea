"""What other packages add through entry points: loaded one by one, so that a broken one harms no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint
from typing import Any


def loaded(points: Iterable[EntryPoint], kind: str, own: str, fault: Callable[[Any, Sequence[Any]], str]
           ) -> tuple[list[Any], list[str]]:
    """The objects behind `points`, and in words why others could not be loaded.

    kind: what they are, for messages; own: how the modules of facerig's own begin, which come first and so
    win where two claim one name; fault: what keeps an object from being one, beside those before it ("" for
    none).
    """
    found: list[Any] = []
    problems: list[str] = []
    for point in sorted(points, key=lambda p: (not p.value.startswith(own), p.name)):
        try:
            one = point.load()
        except Exception as error:  # a third party's module may raise anything at import
            problems.append(f"{kind} {point.name!r} ({point.value}) cannot be loaded: {error!r}")
            continue
        wrong = fault(one, found)
        if wrong:
            problems.append(f"{kind} {point.name!r} ({point.value}) {wrong}")
        else:
            found.append(one)
    return found, problems
