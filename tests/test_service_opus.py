"""Opus packets to the service: what libopus makes of them is the sound; what is none is refused."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facerig.errors import AudioError
from facerig.service import wire
from facerig.service.sound import Opus
from facerig.session import Session
from tests.services import Stage, speech, stage, values

av = pytest.importorskip("av", reason='Opus is decoded with PyAV: pip install "facerig[opus]"')

SPEECH = speech(1.0, 48_000)


@pytest.fixture(name="on")
def _on() -> Iterator[Stage]:
    with stage() as one:
        yield one


def packets(samples: np.ndarray, n: int = 960) -> list[bytes]:
    """Encoded, `n` samples a packet."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.time_base, encoder.options = Fraction(1, 48_000), {"frame_duration": str(n / 48)}
    out = []
    for at in range(0, len(samples) - n + 1, n):
        frame = av.AudioFrame.from_ndarray(samples[None, at : at + n], format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, at
        out += [bytes(packet) for packet in encoder.encode(frame)]
    return out


@pytest.mark.parametrize("n", [480, 960, 2_880])
def test_packets_are_the_sound_that_libopus_makes_of_them(on: Stage, n: int) -> None:
    anna, ears = on.client(), on.subscriber("anna")
    anna.open(pace="burst", alive=False, encoding="opus", sample_rate=48_000)
    sent = packets(SPEECH, n)
    for k, packet in enumerate(sent):
        anna.send(wire.Audio(session=1, at=k * n, data=packet))
        if k % 7 == 3:
            anna.send(wire.Audio(session=1, at=(k - 1) * n, data=sent[k - 1]))  # again
    anna.send(wire.Flush(session=1))
    on.pass_secs(0.1)
    frames = [frame for frame in ears.frames() if frame.sample >= 0]
    decoder = Opus()
    sound = np.concatenate([decoder.samples(packet) for packet in sent])
    assert len(sound) == len(sent) * n
    delay = np.argmax(np.correlate(sound[:24_000], SPEECH[:20_000] / 32_768.0, "valid"))
    assert delay == pytest.approx(312, abs=2)  # libopus looks 6.5 ms ahead
    expected = Session(48_000).feed(np.concatenate([sound, np.zeros(48_000, np.float32)])).values
    assert values(frames).tobytes() == expected[: len(frames)].tobytes()
    assert len(frames) == -(-len(sound) * 60 // 48_000)


def test_packets_are_taken_whole_or_not_at_all(on: Stage) -> None:
    anna = on.client()
    assert anna.refused(wire.Open(subject="x", encoding="opus")).where == "$.sample_rate"
    anna.open(encoding="opus", sample_rate=48_000)
    sent = packets(np.tile(SPEECH, 3))
    for k, packet in enumerate(sent):
        anna.send(wire.Audio(session=1, at=k * 960, data=packet))
        if told := [one for one in anna.replies() if isinstance(one, wire.Refusal)]:
            break
    assert [one.code for one in told] == ["credit"]
    assert on.service.roster.voices[1].received == 960 * k >= 96_000
    assert anna.refused(wire.Audio(session=1, at=960 * k - 500, data=sent[k])).code == "gap"
    on.pass_secs(1.0)
    anna.send(wire.Audio(session=1, at=960 * k, data=sent[k]))
    assert on.service.roster.voices[1].received == 960 * (k + 1)


@given(st.one_of(st.binary(max_size=300), st.binary(min_size=1, max_size=4).map(lambda head: head * 60)))
def test_any_bytes_are_sound_or_refused(data: bytes) -> None:
    decoder = Opus()
    try:
        n = decoder.length(data)
        sound = decoder.samples(data)
    except AudioError:
        pass
    else:
        assert len(sound) == n
        assert np.abs(sound).max() <= 1
    good = packets(SPEECH[:4_800])
    assert [len(decoder.samples(packet)) for packet in good] == [960] * len(good)
