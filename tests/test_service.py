"""The service over real sockets: what a client asks for is what it gets, and it is only ever its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from facerig.core.channels import CHANNELS, INDEX
from facerig.core.clock import frames_within, sample_of_frame
from facerig.performance.settings import Performance
from facerig.rig import load_rig
from facerig.rig.retarget import Retarget
from facerig.service import wire
from facerig.session import Session
from tests.services import Client, Stage, speech, stage, values

MOUTH = [i for i, c in enumerate(CHANNELS) if c.region in ("jaw", "mouth", "tongue", "cheeks")]
TURNS = [INDEX[f"head{axis}"] for axis in ("Yaw", "Pitch", "Roll")]
SPEECH = speech(1.5)
SILENCE = np.zeros(16_000, np.int16)
LATE = Session(16_000).lookahead.total  # s, between sound and the frame that plays


@pytest.fixture(name="on")
def _on() -> Iterator[Stage]:
    with stage() as one:
        yield one


def sent(client: Client, session: wire.Opened, samples: np.ndarray, sizes: list[int], at: int = 0) -> None:
    """Sound in chunks of those sizes, again and again."""
    k, start = 0, at
    while at - start < len(samples):
        n = sizes[k % len(sizes)]
        client.sound(session, samples[at - start : at - start + n], at)
        at, k = min(at + n, start + len(samples)), k + 1


def spoken(frames: list[wire.Frame]) -> list[wire.Frame]:
    return [frame for frame in frames if frame.sample >= 0]


@pytest.mark.parametrize("how", [
    dict(fps="60"), dict(fps="29.97", sample_rate=44_100, seed=7), dict(fps="24", sample_rate=8_000),
    dict(fps="15", sample_rate=48_000, emotion="joy:0.6", mode="listen")])
def test_sound_in_odd_chunks_gives_the_curves_of_a_session_alone(on: Stage, how: dict) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="burst", alive=False, **how)
    rate = how.get("sample_rate", 16_000)
    samples = speech(1.2, rate)
    sent(anna, opened, samples, [1, 333, 4_000, 77, 0, 9_999])
    anna.send(wire.Flush(session=opened.session))
    on.pass_secs(0.1)
    frames = spoken(ears.frames())
    performance = Performance(mode=how.get("mode", "speak")).with_(emotion=how.get("emotion"))
    alone = Session(rate, fps=how["fps"], seed=how.get("seed", 0), performance=performance)
    expected = alone.feed(np.concatenate([samples, np.zeros(rate, np.int16)]))
    n = frames_within(len(samples), alone.fps, rate)
    assert [frame.index for frame in frames] == list(range(n))
    assert [frame.sample for frame in frames] == [sample_of_frame(k, alone.fps, rate) for k in range(n)]
    assert values(frames).tobytes() == expected.values[:n].tobytes()
    assert [bool(frame.flags & wire.Frame.LAST) for frame in frames] == [False] * (n - 1) + [True]


def test_a_character_far_away_sends_fewer_frames_and_says_how_far_apart(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="realtime", seed=3, detail=2)
    anna.sound(opened, SPEECH)
    on.pass_secs(0.5)
    anna.send(wire.Direct(session=opened.session, detail=4))
    on.pass_secs(0.5)
    anna.send(wire.Interrupt(session=opened.session))
    on.pass_secs(0.3)
    anna.send(wire.Direct(session=opened.session, detail=1))
    on.pass_secs(0.3)
    frames = ears.frames()
    steps = np.diff([frame.index for frame in frames])
    assert steps.tolist() == [frame.step for frame in frames[1:]]  # nothing is lost, though much is left out
    changed = [int(step) for k, step in enumerate(steps) if k == 0 or step != steps[k - 1]]
    assert [step for step in changed if step != 3] == [2, 4, 1]
    assert {frame.epoch for frame in frames if frame.step == 1 and frame.index} == {1}


@pytest.mark.parametrize("how", [dict(pace="realtime"), dict(pace="burst"), dict(pace="burst", alive=False)])
def test_larger_pieces_give_the_same_frames_later_and_none_too_late(how: dict) -> None:
    told = []
    for blocks in (1, 3):
        with stage(blocks=blocks) as on:
            anna, ears = on.client(), on.subscriber("anna")
            opened = anna.open(seed=3, **how)
            anna.sound(opened, SPEECH)
            anna.send(wire.Flush(session=opened.session))
            on.pass_secs(2.5)
            told.append((opened.schema.latency_samples, spoken(ears.frames())))
            assert not on.figures.get("frames_late", 0)
    (latency, frames), (later, pieces) = told
    assert later == latency + 2 * 320
    assert [frame.sample for frame in frames][-1] == [frame.sample for frame in pieces][-1]
    assert pieces[-1].flags & wire.Frame.LAST
    if not how.get("alive", True):
        assert values(frames).tobytes() == values(pieces).tobytes()


def test_the_last_frame_of_the_sound_is_told_at_every_detail(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="burst", alive=False, detail=4)
    anna.sound(opened, SPEECH)
    anna.send(wire.Flush(session=opened.session))
    on.pass_secs(0.2)
    frames = spoken(ears.frames())
    assert [bool(frame.flags & wire.Frame.LAST) for frame in frames] == [False] * (len(frames) - 1) + [True]
    assert frames[-1].index == (frames_within(len(SPEECH), Session(16_000).fps, 16_000) - 1) // 4 * 4


def test_a_living_character_is_one_stream_of_silence_and_sound(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="realtime", seed=3)
    on.pass_secs(0.7)
    anna.sound(opened, SPEECH)
    on.pass_secs(3.0)
    frames = ears.frames()
    assert [frame.index for frame in frames] == list(range(len(frames)))
    first = spoken(frames)[0]
    begins = sample_of_frame(first.index, Session(16_000).fps, 16_000) - first.sample
    assert {frame.flags for frame in frames if frame.sample < 0} == {wire.Frame.IDLE}
    alone = Session(16_000, seed=3)
    whole = np.concatenate([np.zeros(begins, np.int16), SPEECH, *[SILENCE] * 4])
    assert values(frames).tobytes() == alone.feed(whole).values[: len(frames)].tobytes()
    assert len(spoken(frames)) == 90


def test_another_rig_and_its_schema(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="burst", alive=False, rig="metahuman")
    anna.sound(opened, SPEECH)
    anna.send(wire.Flush(session=opened.session))
    on.pass_secs(0.1)
    frames = spoken(ears.frames())
    retarget = Retarget(load_rig("metahuman"))
    face = Session(16_000).feed(np.concatenate([SPEECH, SILENCE]))
    assert values(frames).tobytes() == retarget.values(face.values)[: len(frames)].tobytes()
    assert ears.schemas[0] == opened.schema
    assert tuple(curve.name for curve in opened.schema.curves) == retarget.names
    assert opened.schema.latency_samples == LATE * 16_000
    late = on.subscriber("anna")
    on.pass_secs(0.5)
    late.frames()
    assert late.schemas == [opened.schema]


def test_a_subscription_that_is_a_prefix_hears_its_own_alone(on: Stage) -> None:
    client, ears = on.client(), on.subscriber("bob")
    for subject in ("bob", "bobby"):
        client.open(subject, fps="30")
    on.pass_secs(0.5)
    ears.frames()
    assert {schema.subject for schema in ears.schemas} == {"bob"}


def test_two_sessions_do_not_disturb_each_other(on: Stage) -> None:
    anna, ben, ears = on.client(), on.client(), on.subscriber("anna")
    hers = anna.open(pace="burst", alive=False)
    his = ben.open("ben", seed=5, fps="30", sample_rate=48_000)
    other, n_his = speech(3, 48_000, seed=4), 0
    for at in range(0, len(SPEECH), 1_600):
        anna.sound(hers, SPEECH[at : at + 1_600], at)
        ben.sound(his, other[n_his : n_his + 5_000], n_his, epoch=at // 8_000)
        n_his += 5_000
        if at % 8_000 == 6_400:
            n_his = ben.ask(wire.Interrupt(session=his.session), wire.Interrupted).at
            ben.send(b"\xc1" * 100)
            assert {type(one) for one in ben.replies()} >= {wire.Refusal}
        on.pass_secs(0.03)
    ben.send(wire.Close(session=his.session))
    anna.send(wire.Flush(session=hers.session))
    on.pass_secs(0.2)
    frames = spoken(ears.frames())
    alone = Session(16_000).feed(np.concatenate([SPEECH, SILENCE]))
    assert values(frames).tobytes() == alone.values[: len(frames)].tobytes()
    assert len(frames) == 90


# --- interruptions


def at_rest_after(frames: list[wire.Frame]) -> int:
    """How many of the frames show a mouth that moves yet."""
    moving = [k for k, frame in enumerate(frames) if frame.values[MOUTH].max() > 0.12]
    return max(moving, default=-1) + 1


@pytest.mark.parametrize("pace", ["realtime", "burst"])
def test_an_interruption_counts_from_what_plays(on: Stage, pace: str) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace=pace)
    on.pass_secs(0.4)
    anna.sound(opened, SPEECH)
    on.pass_secs(0.9)
    before = ears.frames()
    assert len(before) == (73 if pace == "realtime" else before[-1].index + 1)
    told = anna.ask(wire.Interrupt(session=opened.session), wire.Interrupted)
    assert (told.epoch, told.at) == (1, len(SPEECH))
    on.pass_secs(1.0)
    after = ears.frames()
    assert {frame.epoch for frame in after} == {1}
    assert {frame.sample for frame in after} == {-1}
    playing = int((1.3 - LATE) * 60)
    assert after[0].index == playing + 1
    assert [frame.index for frame in after] == list(range(after[0].index, after[-1].index + 1))
    assert at_rest_after(after) <= 0.15 * 60
    face = values([*[frame for frame in before if frame.index <= playing], *after])
    plain = values(before)
    for part in (MOUTH, TURNS):
        steps, usual = (np.abs(np.diff(one[:, part], axis=0)).max() for one in (face, plain))
        assert steps <= 1.2 * usual + 0.01


def test_a_burst_that_is_interrupted_has_the_bits_of_a_session_interrupted_there(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="burst", alive=False)
    anna.sound(opened, SPEECH)
    on.pass_secs(0.6)
    ears.frames()
    anna.ask(wire.Interrupt(session=opened.session), wire.Interrupted)
    on.pass_secs(0.5)
    after = ears.frames()
    got, fits = values(after), []
    for blocks in range(27, 34):  # of 20 ms that were heard before
        alone = Session(16_000)
        clip = alone.feed(SPEECH[: 320 * blocks])
        faces = np.concatenate([clip.values, alone.interrupt().values, alone.feed(SILENCE).values])
        fits += [blocks] * (faces[after[0].index :][: len(got)].tobytes() == got.tobytes())
    assert len(fits) == 1  # the fewest that show what plays
    assert after[0].index == int((0.6 - LATE) * 60) + 1


def test_sound_after_an_interruption_is_of_the_new_epoch(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open()
    anna.sound(opened, SPEECH)
    on.pass_secs(0.5)
    told = anna.ask(wire.Interrupt(session=opened.session), wire.Interrupted)
    anna.sound(opened, SPEECH, told.at, epoch=0)  # was on its way
    on.pass_secs(0.3)
    ears.frames()
    anna.sound(opened, SPEECH, told.at, epoch=1)
    on.pass_secs(2.5)
    frames = spoken(ears.frames())
    assert {frame.epoch for frame in frames} == {1}
    assert frames[0].sample - told.at in range(0, 267)
    assert frames[-1].sample - told.at in range(len(SPEECH) - 267, len(SPEECH))
    assert {type(one) for one in anna.replies()} == {wire.Progress}
    assert anna.refused(wire.Audio(session=1, at=0, epoch=2, data=b"")).where == "$.epoch"


# --- directions


def test_directions_at_a_sample_are_those_of_a_session(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="burst", alive=False)
    anna.send(wire.Direct(session=1, at=12_000, emotion="anger", blink=True, transition_secs=0.2))
    anna.send(wire.Direct(session=1, at=3_200, gaze=[0.3, 0.1, 0.8], layers={"head": 0.5}))
    on.work()
    sent(anna, opened, SPEECH, [3_200])
    anna.send(wire.Flush(session=1))
    on.pass_secs(0.2)
    frames = spoken(ears.frames())
    alone = Session(16_000)
    alone.direct(3_200, gaze=(0.3, 0.1, 0.8), layers={"head": 0.5})
    alone.direct(12_000, emotion="anger", blink=True, transition_secs=0.2)
    expected = alone.feed(np.concatenate([SPEECH, SILENCE])).values
    assert values(frames).tobytes() == expected[: len(frames)].tobytes()
    assert not np.array_equal(values(frames), Session(16_000).feed(SPEECH).values[: len(frames)])


def test_a_direction_counts_at_once_where_frames_wait(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open()
    anna.sound(opened, SPEECH)
    on.pass_secs(0.5)
    ears.frames()
    anna.send(wire.Direct(session=1, blink=True))
    on.pass_secs(0.35)
    shut = [frame.values[INDEX["eyeBlinkLeft"]] > 0.8 for frame in ears.frames()]
    assert any(shut)


def test_what_was_told_before_an_interruption_holds_after_it(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="burst")
    anna.sound(opened, SPEECH)
    on.pass_secs(0.3)
    anna.send(wire.Direct(session=1, emotion="joy", transition_secs=0.1))
    on.pass_secs(0.1)  # told to frames that are a second ahead
    anna.ask(wire.Interrupt(session=1), wire.Interrupted)
    on.pass_secs(0.8)
    assert ears.frames()[-1].values[INDEX["mouthSmileLeft"]] > 0.2


# --- pace and time


def test_realtime_frames_leave_when_their_sound_plays(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(pace="realtime")
    on.pass_secs(0.333)
    arrived_ns = on.now_ns
    anna.sound(opened, SPEECH)
    lags = []
    for _ in range(20):
        on.pass_secs(0.08)
        now_secs = (on.now_ns - arrived_ns) / 1e9
        lags += [now_secs - frame.sample / 16_000 for frame in spoken(ears.frames())[-1:]]
    assert len(lags) >= 18
    assert min(lags) >= LATE  # of the newest frame: it never leaves early
    assert max(lags[:-1]) <= LATE + 0.02 + 1 / 60 + 0.005  # after a silence, a block later at most
    assert "frames_late" not in on.figures


def test_a_silent_character_lives(on: Stage) -> None:
    client, ears = on.client(), on.subscriber("anna")
    client.open(seed=2)
    on.pass_secs(6.0, step_ns=20_000_000)
    frames = ears.frames()
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert len(frames) == pytest.approx((6 - LATE) * 60, abs=2)
    face = values(frames)
    assert face[:, INDEX["eyeBlinkLeft"]].max() > 0.8
    assert np.ptp(face[:, TURNS], axis=0).max() > 0.005
    assert face[:, INDEX["jawOpen"]].max() < 0.1


def test_a_computer_that_slept_goes_on(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open()
    on.pass_secs(0.5)
    ears.frames()
    on.now_ns += 3_600 * 10**9
    on.pass_secs(1.0)
    assert 50 <= len(ears.frames()) <= 75
    assert on.figures["stalls"] == 1
    anna.sound(opened, SPEECH)
    on.pass_secs(2.0)
    assert len(spoken(ears.frames())) == 90


def test_late_frames_are_dropped_by_index_and_counted(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open()
    anna.sound(opened, SPEECH)
    on.pass_secs(0.5)
    ears.frames()
    on.pass_secs(0.9, step_ns=900_000_000)  # the service was not let in for so long
    on.pass_secs(1.5)
    frames = ears.frames()
    gaps = np.diff([frame.index for frame in frames])
    dropped = on.figures["frames_dropped"]
    assert dropped > 0
    assert frames[0].index - 1 - 24 + (gaps - 1).sum() == pytest.approx(dropped, abs=2)


def test_sound_that_pauses_without_a_flush_is_waited_for_a_while(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open()
    anna.sound(opened, SPEECH[:8_000])
    on.pass_secs(0.5 + 0.15)
    anna.sound(opened, SPEECH[8_000:16_000], 8_000)  # late, but one stream
    on.pass_secs(0.5 + 0.6)
    anna.sound(opened, SPEECH[16_000:], 16_000)  # the character has lived on
    on.pass_secs(1.5)
    frames = [(frame.index, frame.sample) for frame in ears.frames()]
    said = [(index, sample) for index, sample in frames if sample >= 0]
    gaps = np.diff([index for index, _ in said]).tolist()
    assert sorted(gaps)[:-1] == [1] * (len(said) - 2)
    assert max(gaps) > 20
    assert said[-1][1] >= len(SPEECH) - 267


def test_without_life_nothing_comes_in_silence(on: Stage) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    opened = anna.open(alive=False)
    on.pass_secs(1.0)
    assert ears.frames() == []
    anna.sound(opened, SPEECH)
    anna.send(wire.Flush(session=1))
    on.pass_secs(3.0)
    frames = ears.frames()
    assert len(spoken(frames)) == 90
    assert 12 <= len(frames) - 90 <= 20
    assert frames[-1].values[MOUTH].max() < 0.12
    on.pass_secs(1.0)
    assert ears.frames() == []
    anna.sound(opened, SPEECH, len(SPEECH))
    on.pass_secs(3.0)
    assert spoken(ears.frames())[0].sample - len(SPEECH) in range(0, 267)
