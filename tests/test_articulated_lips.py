"""The mouth where the network is perfect: the teacher's tracks of made-up words through the decoder."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest

from facerig.core.channels import INDEX
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import LipDecoder
from facerig.encoder.opening import TONGUE_BETWEEN
from facerig.script.articulation import activations, shapes
from facerig.script.phones import PAUSE, Phone

SEALED_MM, CONTACT_MM, APART_MM = 1.0, 2.5, 1.2  # as lips are judged
#          phone and its length in hundredths of a second
WORDS = {
    "five brave": "f10 a9 ɪ8 v7 b7 ɹ8 e8 ɪ6 v6",
    "wave back": "w7 e8 ɪ6 v6 b6 æ12 k8",
    "above": "ə5 b6 ʌ10 v7",
    "mama": "m9 a14 m9 a14",
    "moon": "m8 u16 n10",
    "see two": "s10 i14 t7 u16",
    "other": "ʌ10 θ7 ə10",
    "top": "t8 ɑ16 p9",
}
LEAD_SECS = 0.4


def spoken(word: str) -> tuple[list[Phone], np.ndarray]:
    """A word between pauses, and its knots [n, 61]."""
    parts = [(item[0], int(item[1:]) / 100) for item in WORDS[word].split()]
    starts = [LEAD_SECS + t for t in accumulate([secs for _, secs in parts], initial=0.0)]
    phones = [Phone(PAUSE, 0.0, LEAD_SECS)]
    phones += [Phone(name, start, start + secs) for (name, secs), start in zip(parts, starts, strict=False)]
    phones.append(Phone(PAUSE, starts[-1], starts[-1] + LEAD_SECS))
    n = round(phones[-1].end * 100)
    tracks = np.concatenate([shapes(phones, n), activations(phones, n)], 1).astype(np.float32)
    decoder = LipDecoder()
    return phones, decoder.step(tracks, decoder.initial_state())[0]


def during(knots: np.ndarray, phone: Phone) -> np.ndarray:
    return knots[round(phone.start * 100) : round(phone.end * 100) + 1]


def sealed(knots: np.ndarray) -> np.ndarray:
    return np.asarray(mouth_geometry().gaps_mm(knots).max(1) <= SEALED_MM)


def touching(knots: np.ndarray) -> np.ndarray:
    mouth = mouth_geometry()
    return np.asarray((mouth.teeth_mm(knots) <= CONTACT_MM) & (mouth.gaps_mm(knots)[:, 2] >= APART_MM))


@pytest.mark.parametrize("word", WORDS)
def test_p_b_m_seal_and_f_v_touch_and_vowels_are_open(word: str) -> None:
    phones, knots = spoken(word)
    for phone in phones[1:-1]:
        here = during(knots, phone)
        middle = here[len(here) // 3 : -(len(here) // 3)]
        if phone.name in "pbm":
            assert sealed(here).sum() >= 4, phone
        elif phone.name in "fv":
            assert touching(here).sum() >= 3, phone
        elif phone.end - phone.start >= 0.08:
            assert not sealed(middle).any(), phone


@pytest.mark.parametrize("word", ["five brave", "wave back"])
def test_v_before_b_shows_the_teeth_and_then_seals(word: str) -> None:
    phones, knots = spoken(word)
    v = next(k for k, p in enumerate(phones) if p.name == "v" and phones[k + 1].name == "b")
    start, end = round(phones[v].start * 100), round(phones[v + 1].end * 100) + 1
    touch, seal = np.flatnonzero(touching(knots[start:end])), np.flatnonzero(sealed(knots[start:end]))
    assert len(touch) >= 3
    assert len(seal) >= 4
    assert touch.max() < seal.min()


def test_rounding_begins_before_the_sound() -> None:
    for word in ("see two", "moon"):
        phones, knots = spoken(word)
        u = next(p for p in phones if p.name == "u")
        pucker = knots[:, INDEX["mouthPucker"]]
        began = np.flatnonzero(pucker > 0.2 * during(pucker, u).max())[0]
        assert began / 100 <= u.start - 0.05


def test_a_th_shows_the_tongue_between_the_teeth_for_a_moment() -> None:
    phones, knots = spoken("other")
    tongue = knots[:, INDEX["tongueOut"]]
    th = next(p for p in phones if p.name == "θ")
    assert during(tongue, th).max() >= TONGUE_BETWEEN - 0.01
    through = (tongue > 0.22) & (tongue < 0.40)  # where it would cut through the teeth
    assert through.sum() <= 4
    assert tongue[round((th.end + 0.08) * 100)] <= 0.2


def test_stressed_open_vowels_open_wide_and_others_less() -> None:
    jaw = INDEX["jawOpen"]
    top, see = spoken("top"), spoken("see two")
    wide = during(top[1], next(p for p in top[0] if p.name == "ɑ"))[:, jaw].max()
    narrow = during(see[1], next(p for p in see[0] if p.name == "i"))[:, jaw].max()
    s = during(see[1], next(p for p in see[0] if p.name == "s"))[:, jaw].min()
    assert 0.35 <= wide <= 0.6
    assert narrow < 0.2
    assert s < 0.14


def test_the_mouth_rests_before_and_after() -> None:
    for word in WORDS:
        _, knots = spoken(word)
        assert np.abs(knots[:20]).max() == 0
        assert np.abs(knots[-10:]).max() == 0
