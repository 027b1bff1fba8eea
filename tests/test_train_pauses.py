"""Pauses that labels have swallowed: where they are, and labels without them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facerig.script.phones import PAUSE, parse
from tools.train import pauses

RATE = 16_000
TIMES = st.lists(st.floats(0, 5), min_size=2, max_size=12, unique=True).map(sorted)


def sound(*parts: tuple[float, float]) -> np.ndarray:
    """Noise of (seconds, level) one after the other."""
    random = np.random.default_rng(0)
    return np.concatenate([random.standard_normal(round(s * RATE)) * level for s, level in parts]).astype(
        np.float32)


def test_silences_are_found_where_they_are_and_closures_are_left_alone() -> None:
    found = pauses.silences(sound((0.5, 0.1), (0.4, 0.0005), (0.5, 0.1), (0.1, 0.0), (0.5, 0.05), (0.3, 0.0)))
    assert np.allclose(found, [(0.5, 0.9), (2.0, 2.3)], atol=0.011)
    assert pauses.silences(np.zeros(RATE, np.float32)) == []
    assert pauses.silences(sound((1.0, 0.1))) == []


def test_a_rumble_does_not_hide_a_pause() -> None:
    at = np.arange(2 * RATE) / RATE
    rumble = 0.05 * np.sin(2 * np.pi * 25 * at)
    found = pauses.silences((sound((0.7, 0.1), (0.6, 0.0001), (0.7, 0.1)) + rumble).astype(np.float32))
    assert np.allclose(found, [(0.7, 1.3)], atol=0.011)


def test_phones_end_where_silence_begins_and_the_longer_side_stays() -> None:
    labels = [["a", 0.0, 0.6], ["t", 0.6, 0.8], ["b", 0.8, 1.0], ["i", 1.0, 2.0]]
    cut = pauses.without_silence(labels, [(0.5, 0.95), (1.7, 1.9)])
    assert cut == [["a", 0.0, 0.5], ["b", 0.95, 1.0], ["i", 1.0, 1.7]]
    assert labels[0] == ["a", 0.0, 0.6]


def test_a_closure_within_the_silence_stays() -> None:
    labels = [["a", 0.0, 0.4], ["P", 0.42, 0.5], ["t", 0.5, 0.8], ["bb", 0.8, 0.95], ["i", 0.95, 2.0]]
    cut = pauses.without_silence(labels, [(0.4, 1.0)])
    assert cut == [["a", 0.0, 0.4], ["P", 0.42, 0.5], ["bb", 0.8, 0.95], ["i", 0.95, 2.0]]


def test_what_is_cut_out_becomes_a_pause() -> None:
    labels = [["a", 0.0, 0.8], ["s", 0.8, 1.4]]
    timed = parse(pauses.without_silence(labels, [(0.5, 1.0)]), "ipa", 1.4)
    assert [(p.name, p.start, p.end) for p in timed] == [("a", 0.0, 0.5), (PAUSE, 0.5, 1.0), ("s", 1.0, 1.4)]


@given(TIMES, TIMES)
def test_labels_stay_in_order_and_out_of_the_silence(edges: list[float], silent: list[float]) -> None:
    labels = [["a", start, end] for start, end in zip(edges[::2], edges[1::2], strict=False)]
    spans = list(zip(silent[::2], silent[1::2], strict=False))
    cut = pauses.without_silence(labels, spans)
    times = [t for _, start, end in cut for t in (start, end)]
    assert times == sorted(times)
    assert all(end - start >= pauses.LEAST_SECS for _, start, end in cut if ["a", start, end] not in labels)
    assert all(end <= low or start >= high for _, start, end in cut for low, high in spans)
