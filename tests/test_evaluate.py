"""The evaluation judges made-up mouths as it must, and agrees with the reference metrics."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_mouths import (
    BILABIALS,
    FPS,
    SPOKEN,
    Curves,
    Phones,
    articulator,
    phones,
    random_mouth,
    write_curves,
)

from facerig.core.channels import INDEX
from facerig.errors import ConfigError
from tools.evaluate.figures import Utterances, auc, best_lag, figures, speaker_interval, wilson
from tools.evaluate.judge import stray_seals
from tools.evaluate.labels import LABEL_SETS
from tools.evaluate.sets import development_set
from tools.evaluate.systems import read_curves
from tools.evaluate.track import Track, held_only, runs


def judged(values_of: Any, repeats: int = 4) -> dict[str, Any]:
    """Figures of a mouth over several utterances; `values_of(labels)` gives times and values."""
    got = Utterances()
    for i in range(repeats):
        labels = phones(SPOKEN[: len(SPOKEN) - 1] * 2 + SPOKEN[-1:])
        got.add(Track(*values_of(labels), labels, "ipa"), f"speaker {i}")
    return figures(got)


def test_a_mouth_that_does_what_is_asked_scores_full() -> None:
    f = judged(articulator, repeats=6)
    assert (f["bilabial_sealed"], f["labiodental_contact"], f["at_rest"], f["skill"]) == (1, 1, 1, 1)
    assert (f["vowel_sealed"], f["other_sealed"], f["chance"], f["crossed_share"]) == (0, 0, 0, 0)
    assert (f["open_vs_close_auc"], f["rounded_vs_spread_auc"]) == (1, 1)
    assert f["stray_seals_per_min"] == 0
    assert abs(f["best_lag_s"]) <= 0.011
    assert abs(f["seal_onset_ms"]) <= 15
    assert f["seal_hold_ms"] == pytest.approx(f["bilabial_ms"], abs=20)
    assert f["bilabial_sealed_ci_speakers"] == (1, 1)


def test_a_mouth_that_stays_shut_earns_nothing() -> None:
    f = judged(lambda labels: (articulator(labels)[0], np.zeros_like(articulator(labels)[1])))
    assert f["bilabial_sealed"] == 0
    assert f["bilabial_nearly"] == 1  # it is near enough; it only never opens
    assert (f["vowel_sealed"], f["chance"]) == (1, 1)
    assert f["skill"] is None


def test_a_mouth_that_stays_open_earns_nothing() -> None:
    def gaping(labels: Phones) -> Curves:
        times, values = articulator(labels)
        values[:] = 0
        values[:, INDEX["jawOpen"]] = 0.3
        return times, values

    f = judged(gaping)
    assert (f["bilabial_sealed"], f["bilabial_nearly"], f["vowel_sealed"], f["at_rest"]) == (0, 0, 0, 0)
    assert f["best_lag_s"] is None


def test_a_flapping_mouth_shows_in_chance_and_strays() -> None:
    def flapper(labels: Phones) -> Curves:
        times, values = articulator(labels)
        values[:] = 0
        values[:, INDEX["jawOpen"]] = 0.25 * ((times % 0.12) >= 0.06)
        return times, values

    f = judged(flapper)
    assert f["bilabial_sealed"] > 0.9  # it always meets some seal by luck,
    assert f["chance"] > 0.9  # and as often where nothing asks for one
    assert (f["skill"] or 0.0) < 0.3
    assert f["stray_seals_per_min"] > 100
    assert f["turns_per_s"] > 8


def test_lips_pressed_through_each_other_are_not_sealed() -> None:
    def crossing(labels: Phones) -> Curves:
        times, values = articulator(labels)
        values[:, INDEX["mouthClose"]] *= 5  # 0.5 of mouthClose under 0.1 of jawOpen: 6 mm and more too far
        return times, values

    f = judged(crossing)
    assert f["bilabial_sealed"] == 0
    assert f["crossed_share"] > 0.03


@pytest.mark.parametrize("delay_ms", [-70, -40, 50, 90])
def test_lag_and_onset_are_found(delay_ms: int) -> None:
    f = judged(lambda labels: articulator(labels, delay_ms / 1000))
    assert f["best_lag_s"] * 1000 == pytest.approx(delay_ms, abs=15)
    if abs(delay_ms) <= 50:  # further off, no seal counts
        assert f["seal_onset_ms"] == pytest.approx(delay_ms, abs=15)


def test_a_seal_too_short_to_see_does_not_count() -> None:
    def brief(labels: Phones) -> Curves:
        opened = [(label if label not in BILABIALS else "a", start, end) for label, start, end in labels]
        times, values = articulator(opened)
        for label, start, _ in labels:
            if label in BILABIALS:  # one frame: with the ramps to both sides under 20 ms below 1 mm
                values[int(np.ceil((start + 0.04) * FPS))] = 0
        return times, values

    assert judged(brief)["bilabial_sealed"] == 0


def test_exempt_labels_are_no_consonants() -> None:
    labels = phones([("a", 0.2), ("t", 0.1), ("ᵻ", 0.1), ("t", 0.1), ("a", 0.2), ("w", 0.1), ("a", 0.2)])
    times, values = articulator(labels)
    values[(times > 0.3) & (times < 0.4)] = 0  # sealed through ᵻ
    values[(times > 0.7) & (times < 0.8)] = 0  # and through w
    track = Track(times, values, labels, "ipa")
    got = Utterances()
    got.add(track)
    f = figures(got)
    assert f["other_sealed"] == pytest.approx(1 / 3)  # the reference counts ᵻ among t, ᵻ, t
    assert f["consonant_sealed"] == 0
    assert stray_seals(track) == 0


def test_curves_that_end_early_or_are_not_finite_are_refused() -> None:
    labels = phones()
    times, values = articulator(labels)
    short = times < labels[-1][2] - 0.5
    with pytest.raises(ConfigError, match="curves end at"):
        Track(times[short], values[short], labels, "ipa")
    with pytest.raises(ConfigError, match="NaN"):
        Track(times, values * np.nan, labels, "ipa")
    with pytest.raises(ConfigError, match="no label set"):
        Track(times, values, labels, "klingon")


# ---- the reference

@pytest.fixture(scope="module")
def reference(shared: Path) -> ModuleType:
    path = shared / "data_tools" / "lip_metrics.py"
    spec = importlib.util.spec_from_file_location("reference_lip_metrics", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The reference leaves its files open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("set_name", "kind"), [("emodb", "emodb"), ("an4", "arpabet"), ("kokoro", "ipa"),
                                                ("festvox_ru", "festvox_ru")])
def test_figures_agree_with_the_reference(reference: ModuleType, tmp_path: Path, set_name: str,
                                          kind: str) -> None:
    ours, items = Utterances(), []
    for i, utterance in enumerate(development_set(set_name)[:6]):
        path = tmp_path / f"{i}.csv"
        write_curves(path, *random_mouth(utterance.phones[-1][2], seed=i))
        times, values = read_curves(path)
        ours.add(Track(times, values, utterance.phones, kind))
        items.append((*reference.read_curves(path), list(utterance.phones), kind))
    expected, got = reference.score(items), figures(ours)
    assert expected["bilabials"] > 0 or set_name == "an4"
    for name, value in expected.items():
        assert got[name] == (value if value is None else pytest.approx(value, abs=2e-3)), name


def test_label_tables_agree_with_the_reference(reference: ModuleType) -> None:
    for kind, classes in reference.CLASSES.items():
        for name, members in classes.items():
            assert LABEL_SETS[kind].classes[name] == members, (kind, name)


# ---- statistics

@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson_holds_the_share(hits: int, misses: int) -> None:
    low, high = wilson(hits, hits + misses) or (1.0, 0.0)
    share = hits / (hits + misses)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


values_lists = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=12)


@given(values_lists, values_lists)
def test_auc_is_the_share_of_pairs(high: list[float], low: list[float]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in high for b in low]
    assert auc(high, low) == pytest.approx(np.mean(pairs))


@given(st.lists(st.booleans(), max_size=60))
def test_runs_are_where_the_mask_is_true(mask: list[bool]) -> None:
    array = np.array(mask, bool)
    rebuilt = np.zeros(len(mask), bool)
    for start, stop in runs(array):
        assert not rebuilt[max(0, start - 1):stop].any()  # apart from the run before
        rebuilt[start:stop] = True
    assert (rebuilt == array).all()
    kept = held_only(array, 0.02)
    assert all(stop - start >= 4 for start, stop in runs(kept))
    assert (kept <= array).all()


def test_few_speakers_give_no_interval_and_many_spread_it() -> None:
    got = Utterances()
    for i in range(8):
        labels = phones()
        times, values = articulator(labels)
        got.add(Track(times, values * (i % 2), labels, "ipa"), f"speaker {i}")  # every other one never opens
    low, high = speaker_interval(got, "bilabial_sealed") or (0.5, 0.5)
    assert low < 0.35 < 0.65 < high
    few = Utterances(got.tracks[:4], got.rows[:4], got.speakers[:4])
    assert speaker_interval(few, "bilabial_sealed") is None
    assert best_lag([]) is None
