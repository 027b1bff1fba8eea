"""Words to times: Viterbi over the network's phone probabilities, in a graph that need not take every word.

    node 0 --word 0--> node 1 --word 1--> node 2 ...      each word one of its variants, phone after phone
      |filler|           |filler|                         a pause, or speech that the script does not hold
      +------skip------>                                  a word that nobody says, at a price

All states of a frame are computed at once, 100 times a second. Of a long recording only a band of words
around the best path is kept, so that memory stays within BACKPOINTERS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.script.phones import CLASS, PAUSE
from facerig.script.words import Word

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

BACKPOINTERS: Final = 200_000_000  # bytes: one a state and frame
MOST_STATES: Final = 4_000  # of a band: five minutes of speech
BEAM: Final = 300.0  # nats: words this far behind the best path leave the band
LEAST_FRAMES: Final = 2  # of a phone
MOVE_FRAMES: Final = 50  # the band moves this often
VARIANT: Final = 2  # backpointers of nodes from here on are variants
NEVER: Final = np.float32(-1e30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Prices in nats, chosen on validation speakers."""

    skip: float = 12.0  # a word that is not said
    skip_optional: float = 1.0
    filler: float = 2.5  # per frame of speech outside the script, below the best phone
    prior: float = 0.6  # exponent of the classes' priors that is taken out of the posteriors


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word that was found: frames [start, end), the phones said, and each phone's first frame."""

    word: int
    start: int
    end: int
    phones: tuple[str, ...]
    starts: tuple[int, ...]

    def timed(self) -> Iterator[tuple[str, int, int]]:
        """Each phone with its first frame and the frame after its last."""
        return zip(self.phones, self.starts, (*self.starts[1:], self.end), strict=True)


@dataclass(frozen=True, slots=True)
class _Graph:
    """States of all words on end: variant after variant, phone after phone, LEAST_FRAMES states each."""

    classes: Ints  # [S] of each state
    entry: Ints  # [V] first state of each variant
    last: Ints  # [V] last state of each variant
    variant_word: Ints  # [V]
    variant_index: NDArray[np.int8]  # [V] within its word
    word_state: Ints  # [N + 1] first state of each word
    word_variant: Ints  # [N + 1] first variant of each word
    skip_before: Array  # [N + 1] price of skipping all words before a node


def _graph(words: Sequence[Word], costs: Costs) -> _Graph:
    variants = [(w, i, v) for w, word in enumerate(words) for i, v in enumerate(word.variants)]
    sizes = [LEAST_FRAMES * len(v) for _, _, v in variants]
    ends = np.cumsum(sizes, dtype=np.int64)
    counts = [len(word.variants) for word in words]
    word_variant = np.concatenate([[0], np.cumsum(counts)])
    skips = [costs.skip_optional if word.optional else costs.skip for word in words]
    return _Graph(
        classes=np.array([CLASS[p] for _, _, v in variants for p in v for _ in range(LEAST_FRAMES)]),
        entry=np.concatenate([[0], ends[:-1]]).astype(np.int64), last=ends - 1,
        variant_word=np.array([w for w, _, _ in variants]),
        variant_index=np.array([i for _, i, _ in variants], np.int8),
        word_state=np.concatenate([[0], ends])[word_variant], word_variant=word_variant,
        skip_before=np.concatenate([[0.0], np.cumsum(skips)]).astype(np.float32))


@dataclass(frozen=True, slots=True)
class _Step:
    """Backpointers of a frame: of the band's states (bits: 1 came from the one before) and of its nodes."""

    word: int
    came: NDArray[np.uint8]
    nodes: NDArray[np.int8]  # 0: filler, 1: by skipping, VARIANT + i: variant i of the word before


class _Band:
    """The words [low, high) whose states are computed, and where their states, variants and nodes lie."""

    def __init__(self, graph: _Graph, low: int, most_states: int) -> None:
        reach = int(np.searchsorted(graph.word_state, graph.word_state[low] + most_states, side="right")) - 1
        self.low, self.high = low, min(max(reach, low + 1), len(graph.word_state) - 1)
        self.states = slice(graph.word_state[low], graph.word_state[self.high])
        self.nodes = slice(low, self.high + 1)
        chosen = slice(graph.word_variant[low], graph.word_variant[self.high])
        self.entry = graph.entry[chosen] - self.states.start
        self.last = graph.last[chosen] - self.states.start
        self.word = graph.variant_word[chosen] - low
        self.index = graph.variant_index[chosen] + np.int8(VARIANT)
        self.first_variant = graph.word_variant[low : self.high] - chosen.start
        self.classes = graph.classes[self.states]
        self.skip_before = graph.skip_before[self.nodes]


def _nodes(band: _Band, states: Array, filler: Array) -> tuple[Array, NDArray[np.int8]]:
    """Best score at each node of the band before a frame, and where it came from."""
    node, source = filler.copy(), np.zeros(len(filler), np.int8)
    if len(states):
        at_end = states[band.last]
        best = np.maximum.reduceat(at_end, band.first_variant)
        wins = (at_end == best[band.word]) & (at_end > node[1:][band.word])
        source[band.word[wins] + 1] = band.index[wins]
        np.maximum(node[1:], best, out=node[1:])
    free = node + band.skip_before
    best_free = np.maximum.accumulate(free)
    source[1:][free[1:] < best_free[:-1]] = 1
    return best_free - band.skip_before, source


def align(log_probs: Array, words: Sequence[Word], costs: Costs | None = None) -> list[Spoken]:
    """The words that are spoken, in order, from log-probabilities [T, len(INVENTORY)] at 100 Hz."""
    costs = costs or Costs()
    if not words or not len(log_probs):
        return []
    graph = _graph(words, costs)
    most = int(min(MOST_STATES, BACKPOINTERS * 4 // len(log_probs)))
    filler_score = np.maximum(log_probs[:, CLASS[PAUSE]], log_probs.max(1) - costs.filler)
    states = np.full(len(graph.classes), NEVER, np.float32)
    filler = np.full(len(words) + 1, NEVER, np.float32)
    filler[0] = 0.0
    band, steps = _Band(graph, 0, most), list[_Step]()
    for t, row in enumerate(log_probs):
        if t % MOVE_FRAMES == 0 and band.high < len(words):
            band = _moved(graph, band, states, filler, most)
        own = states[band.states]
        node, source = _nodes(band, own, filler[band.nodes])
        entered = np.empty_like(own)
        entered[1:] = own[:-1]
        entered[band.entry] = node[band.word]
        steps.append(_Step(band.low, np.packbits(entered > own), source))
        states[band.states] = np.maximum(entered, own) + row[band.classes]
        filler[band.nodes] = node + filler_score[t]
    _, source = _nodes(band, states[band.states], filler[band.nodes])
    return _traced(graph, words, steps, _Step(band.low, np.zeros(0, np.uint8), source), band.high)


def _moved(graph: _Graph, band: _Band, states: Array, filler: Array, most: int) -> _Band:
    """The band from the first word on that is not hopelessly behind."""
    best = max(float(states[band.states].max()), float(filler[band.nodes].max()))
    alive = filler[band.nodes][:-1] > best - BEAM
    alive |= np.maximum.reduceat(states[band.states], graph.word_state[band.low : band.high]
                                 - band.states.start) > best - BEAM
    low = band.low + int(np.argmax(alive)) if alive.any() else band.high - 1
    states[: graph.word_state[low]] = filler[:low] = NEVER
    return _Band(graph, low, most)


def _traced(graph: _Graph, words: Sequence[Word], steps: list[_Step], after: _Step, node: int
            ) -> list[Spoken]:
    """The path back from `node` after the last frame."""
    found, t, step = list[Spoken](), len(steps), after
    while t > 0 or node > 0:
        source = int(step.nodes[node - step.word])
        if source == 1:
            node -= 1
        elif source == 0:
            if t == 0:
                break
            t -= 1
            step = steps[t]
        else:
            node -= 1
            spoken = _word(graph, words, steps, node, source - VARIANT, t)
            found.append(spoken)
            t = spoken.start
            step = steps[t]
    return found[::-1]


def _word(graph: _Graph, words: Sequence[Word], steps: list[_Step], word: int, variant: int, end: int
          ) -> Spoken:
    """The word whose variant ended before frame `end`, traced to the frame where it began."""
    row = graph.word_variant[word] + variant
    entry, state = int(graph.entry[row]), int(graph.last[row])
    reached = np.zeros(state - entry + 1, np.int64)  # the frame at which each state began
    t = end - 1
    while True:
        bit = state - int(graph.word_state[steps[t].word])
        if steps[t].came[bit >> 3] >> (7 - (bit & 7)) & 1:
            reached[state - entry] = t
            state -= 1
            if state < entry:
                break
        t -= 1
    starts = tuple(int(s) for s in reached[::LEAST_FRAMES])
    return Spoken(word, starts[0], end, words[word].variants[variant], starts)
