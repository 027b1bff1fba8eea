"""Frames leave on time: on a clock of the test's own, exactly; late ones are dropped by index and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import facerig
import facerig_assets
from facerig.animation import AnimateSettings
from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.clock import sample_of_frame
from facerig.core.curves import CurveClip
from facerig.core.rate_change import at_rate
from facerig.errors import AudioError, ConfigError
from facerig.outlets import Posed, livelink, open_outlet, play
from facerig.outlets.playing import NS_PER_SEC, Clock, Track, perform
from facerig.outlets.sources import Frames, engines, pieces_of
from tests.random_faces import all_heard, listening

RATES = [Fraction(24), Fraction(30_000, 1001), Fraction(60)]


@dataclass
class Time:
    """A clock that only waiting moves on; `hiccups`: naps that take so many ns longer."""

    ns: int = 10**15
    naps: int = 0
    hiccups: dict[int, int] = field(default_factory=dict)

    def clock(self) -> Clock:
        return Clock(lambda: self.ns, self.nap)

    def nap(self, ns: int) -> None:
        assert ns > 0
        self.ns += ns + self.hiccups.get(self.naps, 0)
        self.naps += 1


@dataclass
class Witness:
    """An outlet that writes down what it got, and when."""

    time: Time
    fps: Fraction
    rig: str | None = None
    name: str = "witness"
    got: list[tuple[int, Posed]] = field(default_factory=list)
    stops_at: int = -1
    takes: bool = True

    def send(self, posed: Posed) -> bool:
        self.got.append((self.time.ns, posed))
        if posed.index == self.stops_at:
            self.stops_at = -1
            raise KeyboardInterrupt
        return self.takes

    def close(self) -> None:
        pass


def made_up(n: int, fps: Fraction) -> CurveClip:
    """A smooth clip: the jaw goes up and down, no seals and no blinks."""
    values = np.zeros((n, N_CHANNELS), np.float32)
    values[:, INDEX["jawOpen"]] = 0.5 + 0.3 * np.sin(np.arange(n) / 5)
    return CurveClip(values, fps, 48_000)


def track(clip: CurveClip, *outlets: Witness) -> Track:
    rigs = engines({one.rig for one in outlets})
    return Track(Frames(iter([clip]), clip.fps, rigs), outlets)


@pytest.mark.parametrize("fps", RATES)
def test_every_frame_leaves_in_the_nanosecond_it_is_due(fps: Fraction) -> None:
    time = Time()
    witness = Witness(time, fps)
    one = track(made_up(45, fps), witness)
    start = time.ns
    perform([one], time.clock())
    assert [posed.index for _, posed in witness.got] == list(range(45))
    for ns, posed in witness.got:
        assert 0 <= ns - start - posed.index / fps * NS_PER_SEC < 1
        assert posed.sample == sample_of_frame(posed.index, fps, 48_000)
    told = one.report()[0]
    assert (told.sent, told.dropped, told.refused, told.worst_late_ms) == (45, 0, 0, 0)


@settings(deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(RATES))
def test_time_does_not_drift(index: int, fps: Fraction) -> None:
    one = Track(Frames(iter([]), fps, {}), [])
    assert 0 <= one.due_ns(index) - index / fps * NS_PER_SEC < 1


def test_a_hiccup_drops_exactly_the_frames_that_it_hid() -> None:
    time = Time(hiccups={10: 100_000_000})  # 6 frames of 60 fps
    witness = Witness(time, Fraction(60))
    one = track(made_up(60, Fraction(60)), witness)
    perform([one], time.clock())
    indices = [posed.index for _, posed in witness.got]
    missing = sorted(set(range(60)) - set(indices))
    assert indices == sorted(indices)
    assert len(missing) in (5, 6)
    assert missing == list(range(missing[0], missing[-1] + 1))
    told = one.report()[0]
    assert (told.dropped, told.sent) == (len(missing), 60 - len(missing))
    assert 0 <= told.worst_late_ms < 1000 / 60


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.integers(0, 80), st.integers(1, 200_000_000), max_size=8), st.sampled_from(RATES))
def test_whatever_the_machine_does_no_frame_is_late_by_a_frame(hiccups: dict[int, int], fps: Fraction
                                                                ) -> None:
    time = Time(hiccups=hiccups)
    witness = Witness(time, fps)
    one = track(made_up(40, fps), witness)
    start = time.ns
    perform([one], time.clock())
    told = one.report()[0]
    assert told.sent + told.dropped == 40
    assert all(ns - start < (posed.index + 1) / fps * NS_PER_SEC for ns, posed in witness.got[:-1])
    assert witness.got[-1][1].index == 39  # the last one shows, however late: the mouth is at rest


def test_outlets_of_several_rates_and_rigs_play_together() -> None:
    time = Time()
    outlets = [Witness(time, Fraction(60), "arkit"), Witness(time, Fraction(24), "vrm"),
               Witness(time, Fraction(60))]
    clips = {fps: made_up(int(fps), fps) for fps in (Fraction(60), Fraction(24))}
    perform([track(clips[Fraction(60)], outlets[0], outlets[2]), track(clips[Fraction(24)], outlets[1])],
            time.clock())
    assert [len(one.got) for one in outlets] == [60, 24, 60]
    assert {tuple(posed.rigs) for _, posed in outlets[0].got} == {("arkit",)}
    vrm = engines({"vrm"})["vrm"]
    for _, posed in outlets[1].got:
        assert np.array_equal(posed.rigs["vrm"], vrm.values(posed.face[None])[0])


def test_a_refusal_is_counted_for_the_one_who_refuses() -> None:
    time = Time()
    outlets = [Witness(time, Fraction(60)), Witness(time, Fraction(60), takes=False)]
    one = track(made_up(10, Fraction(60)), *outlets)
    perform([one], time.clock())
    assert [(told.sent, told.refused) for told in one.report()] == [(10, 0), (0, 10)]


def test_stopped_in_the_middle_of_a_word_the_face_comes_to_rest() -> None:
    time = Time()
    witness = Witness(time, Fraction(60), rig="oculus", stops_at=30)
    one = track(made_up(100, Fraction(60)), witness)
    with pytest.raises(KeyboardInterrupt):
        perform([one], time.clock())
    jaw = [float(posed.face[INDEX["jawOpen"]]) for _, posed in witness.got[30:]]
    assert jaw[0] > 0.1
    assert jaw == sorted(jaw, reverse=True)
    assert jaw[-1] == 0
    assert [posed.index for _, posed in witness.got] == list(range(46))
    at_rest = engines({"oculus"})["oculus"].values(np.zeros((1, N_CHANNELS)))[0]
    assert np.array_equal(witness.got[-1][1].rigs["oculus"], at_rest)  # "sil" is 1 there, not 0


def test_what_goes_wrong_while_frames_are_made_is_told_where_they_play(tmp_path: Path) -> None:
    broken = tmp_path / "line.wav"
    broken.write_bytes(b"RIFF, but not quite")
    time = Time()
    with pytest.raises(AudioError):
        play(broken, [Witness(time, Fraction(60))], clock=time.clock())
    with pytest.raises(ConfigError):
        play(tmp_path / "none.csv", [Witness(time, Fraction(60))], clock=time.clock())


def test_frames_are_made_ahead_but_not_without_bound() -> None:
    asked = []

    def endless():  # type: ignore[no-untyped-def]
        for start in range(0, 10**6, 10):
            asked.append(start)
            clip = made_up(10, Fraction(60))
            yield CurveClip(clip.values, clip.fps, clip.sample_rate, start)

    frames = Frames(endless(), Fraction(60), {})
    frames.ready()
    assert frames.until(59)[0].index == 59  # type: ignore[union-attr]
    assert frames.until(59) == (None, 0)
    frames.close()
    assert len(asked) * 10 < 60 + 120 + 30


# --- sources


@pytest.mark.parametrize("fps", RATES)
def test_a_curve_file_loops_without_a_seam_at_any_rate(fps: Fraction, tmp_path: Path) -> None:
    clip = made_up(31, Fraction(30))
    take = tmp_path / "take.csv"
    header = "Timecode,BlendShapeCount,JawOpen\n"
    rows = [f"00:00:00:{k % 30:02d}.000,61,{v:.6f}\n" if k < 30 else f"00:00:01:{k - 30:02d}.000,61,{v:.6f}\n"
            for k, v in enumerate(clip["jawOpen"].tolist())]
    take.write_text(header + "".join(rows))
    got = pieces_of(take, AnimateSettings(), loop=True)(fps)
    pieces = [next(got) for _ in range(4)]
    joined = CurveClip.joined(pieces)  # raises where a frame is missing or twice
    tiled = at_rate(CurveClip(np.tile(clip.values, (5, 1)), clip.fps, clip.sample_rate), fps)
    assert np.allclose(joined.values, tiled.values[: len(joined)], atol=1e-5)
    assert Fraction(len(joined)) / fps >= Fraction(4 * 31 - 1, 30)


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """The first two seconds of the bundled clip."""
    path = tmp_path / "line.wav"
    samples, rate = soundfile.read(facerig_assets.path("speech", "hello.flac"), frames=48_000)
    soundfile.write(path, samples, rate)
    return path


def test_a_sound_played_is_the_sound_animated_at_each_rate(speech: Path) -> None:
    make = pieces_of(speech, AnimateSettings(seed=3))
    for fps in (Fraction(24), Fraction(60)):
        played = CurveClip.joined([clip for clip in make(fps) if len(clip)])
        assert np.array_equal(played.values, facerig.animate(speech, fps=fps, seed=3).values)


def test_a_sound_that_loops_is_one_long_sound(speech: Path) -> None:
    once = facerig.animate(speech, fps=30)
    pieces = pieces_of(speech, AnimateSettings(), loop=True)(Fraction(30))
    looped: list[CurveClip] = []
    while sum(map(len, looped)) < 1.5 * len(once):
        looped.append(next(pieces))
    joined = CurveClip.joined(looped)
    first = len(once) - 10  # its end is eased to rest, where it does not loop
    assert np.array_equal(joined.values[:first], once.values[:first])
    assert joined.values[len(once) :, INDEX["jawOpen"]].max() > 0.05


def test_played_over_a_real_socket_in_real_time(tmp_path: Path) -> None:
    take = tmp_path / "take.csv"
    rows = "".join(f"{k / 60:.6f},{k / 60:.4f}\n" for k in range(31))
    take.write_text("time,jawOpen\n" + rows)
    with listening() as heard:
        outlet = open_outlet(f"livelink://127.0.0.1:{heard.getsockname()[1]}?subject=anna")
        told = play(take, [outlet])[0]
        outlet.close()
        read = [livelink.decoded(data) for data in all_heard(heard)]
    assert told.sent + told.dropped == 31
    assert len(read) == told.sent
    assert [r.frame for r in read] == sorted({r.frame for r in read})
    assert read[-1].frame == 30
    for one in read:
        assert one.face is not None
        assert one.face[INDEX["jawOpen"]] == pytest.approx(one.frame / 60, abs=1e-4)
