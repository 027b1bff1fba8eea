"""Reading audio files: every format and rate, one clear error for whatever is wrong with a file."""

from __future__ import annotations

import os
import re
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bad_audio import (
    BAD,
    CONTAINERS,
    RATE_HZ,
    N,
    encoded,
    mp3_frames,
    tone,
    wav,
    with_data_size,
    with_flac_length,
    write,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facerig.audio.reader import AudioSource, channel_count, open_audio
from facerig.errors import AudioError


def read(path: Path, *, allow_truncated: bool = False,
         seconds: float = 1.0) -> tuple[NDArray[np.float32], AudioSource]:
    with open_audio(path, allow_truncated=allow_truncated) as source:
        blocks = list(source.blocks(seconds))
    return np.concatenate(blocks), source


def refused(path: Path) -> str:
    """The error's message, checked to name the file and a way out."""
    with pytest.raises(AudioError) as caught:
        read(path)
    assert caught.value.where == str(path)
    assert caught.value.fix
    assert caught.value.exit_code == 2
    return caught.value.what


# --- whole files

@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW",
                                     "ULAW"])
@pytest.mark.parametrize("container", ["wav", "wavex", "rf64"])
def test_wav_of_every_sample_format(tmp_path: Path, container: str, subtype: str) -> None:
    sound, source = read(write(tmp_path, encoded(container, tone(), subtype=subtype)))
    step = {"PCM_U8": 1 / 64, "ALAW": 1 / 32, "ULAW": 1 / 32}.get(subtype, 1e-4)
    assert np.abs(sound - tone()).max() < step
    assert source.claimed_frames == len(sound) == N
    assert source.format == f"WAV {subtype}"
    assert source.remarks == []


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_sound_stands_at_its_time_in_every_format(tmp_path: Path, container: str, rate_hz: int) -> None:
    """Lossy codecs delay the sound and say by how much: no format may shift the lips."""
    rng = np.random.default_rng(0)
    wanted = np.convolve(rng.standard_normal(rate_hz), np.hanning(15) / 20, "same").astype(np.float32)
    sound, source = read(write(tmp_path, encoded(container, wanted[:, None], rate_hz)))
    assert (source.sample_rate, source.n_channels, len(sound)) == (rate_hz, 1, rate_hz)
    matches = {lag: float(np.dot(sound[100 + lag:-100 + lag, 0], wanted[100:-100])) for lag in range(-90, 91)}
    assert max(matches, key=lambda lag: matches[lag]) == 0


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 96000, 192000])
@pytest.mark.parametrize("channels", [1, 2, 6, 17])
def test_any_rate_and_channel_count(tmp_path: Path, rate_hz: int, channels: int) -> None:
    path = write(tmp_path, wav(tone(0.1, rate_hz, channels), rate_hz=rate_hz))
    sound, source = read(path)
    assert sound.shape == (rate_hz // 10, channels)
    assert (source.sample_rate, source.n_channels) == (rate_hz, channels)
    assert channel_count(path) == channels


@pytest.mark.parametrize("container", CONTAINERS)
def test_block_length_changes_no_sample(tmp_path: Path, container: str) -> None:
    path = write(tmp_path, encoded(container, tone(channels=2)))
    whole, _ = read(path, seconds=10)
    with open_audio(path) as source:
        blocks = list(source.blocks(0.037))
    assert {len(b) for b in blocks[:-1]} == {round(0.037 * RATE_HZ)}
    assert all(b.dtype == np.float32 for b in blocks)
    assert np.array_equal(np.concatenate(blocks), whole)


def test_50_ms_are_enough(tmp_path: Path) -> None:
    assert len(read(write(tmp_path, wav(tone(0.05))))[0]) == 800


@pytest.mark.parametrize(("size", "riff_size"), [
    (0xFFFFFFFF, 0xFFFFFFFF),  # ffmpeg
    (0x7FFFF000, 0x7FFFF024),  # SoX
    (0x80000000, 0x80000024),  # arecord
    (0, 0),  # never filled in
])
def test_a_wav_from_a_pipe_is_read_to_its_end(tmp_path: Path, size: int, riff_size: int) -> None:
    sound, source = read(write(tmp_path, with_data_size(wav(tone()), size, riff_size)))
    assert np.array_equal(sound, read(write(tmp_path, wav(tone()), "whole.wav"))[0])
    assert source.claimed_frames == N


def test_a_wav_from_a_pipe_may_exceed_4_gib(tmp_path: Path) -> None:
    """libsndfile alone stops such a file at 4 GiB: 12 hours of 48 kHz are 4.1 GB."""
    head = with_data_size(wav(tone(), rate_hz=48000), 0xFFFFFFFF, 0xFFFFFFFF)[:44]
    path = write(tmp_path, head)
    n_frames = 12 * 3600 * 48000 + 200_000_000
    try:
        os.truncate(path, 44 + 2 * n_frames)  # a hole: takes no room on most disks
    except OSError:
        pytest.skip("this disk holds no sparse files of 4.5 GB")
    with open_audio(path) as source:
        assert source.claimed_frames == n_frames
        assert source._sound.frames == n_frames  # what libsndfile will give


def test_a_flac_from_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    sound, source = read(write(tmp_path, with_flac_length(encoded("flac", tone()), 0)))
    assert len(sound) == N
    assert source.claimed_frames is None


def test_an_mp3_of_variable_bit_rate_without_index_is_read_to_its_end(tmp_path: Path) -> None:
    """libsndfile alone guesses the length from the first frame and stops there."""
    rng = np.random.default_rng(0)
    sound = np.concatenate([np.zeros(N), rng.standard_normal(2 * N) * 0.2]).astype(np.float32)[:, None]
    frames = mp3_frames(encoded("mp3", sound, bitrate_mode="VARIABLE", compression_level=0.1))
    assert b"Xing" in frames[0]
    assert len({len(f) for f in frames}) > 2
    got, source = read(write(tmp_path, b"".join(frames[1:])))
    assert abs(len(got) - 3 * N) < 3 * 576
    assert np.sqrt(np.mean(np.square(got[-N:]))) == pytest.approx(0.2, rel=0.2)
    assert source.remarks == []


@pytest.mark.parametrize(("before", "after"), [
    (b"ID3\x04\0\0\0\0\x02\0" + bytes(256), b""),
    (b"", b"TAG".ljust(128, b"\0")),
    (b"ID3\x04\0\0\0\0\x02\0" + bytes(256), b"TAG".ljust(128, b" ")),
])
@pytest.mark.parametrize("container", ["mp3", "flac"])
def test_tags_are_not_sound(tmp_path: Path, container: str, before: bytes, after: bytes) -> None:
    whole = encoded(container, tone())
    tagged, source = read(write(tmp_path, before + whole + after))
    assert np.array_equal(tagged, read(write(tmp_path, whole, "plain.bin"))[0])
    assert source.remarks == []


@pytest.mark.parametrize("after", [
    b"LIST" + struct.pack("<I", 4) + b"INFO" + bytes(4000), bytes(9000), b"ID3" + b"x" * 5000, b"xx",
])
def test_a_chunk_padding_or_a_tag_may_follow_the_sound(tmp_path: Path, after: bytes) -> None:
    sound, source = read(write(tmp_path, wav(tone()) + after))
    assert len(sound) == N
    assert source.remarks == []


def test_a_wrong_riff_size_alone_harms_nothing(tmp_path: Path) -> None:
    for riff_size in (0, 100, 0xFFFFFFFF):
        assert len(read(write(tmp_path, with_data_size(wav(tone()), 2 * N, riff_size)))[0]) == N


# --- bad files

@pytest.mark.parametrize(("make", "says"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_bad_file_gives_one_clear_error(tmp_path: Path, make: Callable[[], bytes], says: str,
                                          capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, make())
    what = refused(path)
    assert re.search(says, what), what
    assert capfd.readouterr().err == ""  # libmpg123 has words of its own for some of these


def test_what_is_not_a_file(tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path)
    assert "no such file" in refused(tmp_path / "missing.wav")
    assert "not a regular file" in refused(Path(os.devnull))


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, wav(tone()))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "may not be read" in refused(path)


@pytest.mark.parametrize("name", ["wav: claims double", "wav: cut", "wav: claims half", "flac: claims double",
                                  "flac: claims half", "ogg: two streams", "mp3: cut", "mp3: hole"])
def test_allow_truncated_gives_what_is_there_with_a_remark(tmp_path: Path, name: str) -> None:
    make = next(make for case, make, _ in BAD if case == name)
    sound, source = read(write(tmp_path, make()), allow_truncated=True)
    assert len(sound) >= N // 2
    assert np.abs(sound).max() > 0.2
    assert len(source.remarks) == 1


def test_allow_truncated_keeps_refusing_what_is_no_sound(tmp_path: Path) -> None:
    for name in ("nan", "text", "wav: 1 sample", "4 kHz", "wav: header alone"):
        make = next(make for case, make, _ in BAD if case == name)
        with pytest.raises(AudioError):
            read(write(tmp_path, make()), allow_truncated=True)


@given(container=st.sampled_from(CONTAINERS), data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_sound_or_an_audio_error(tmp_path: Path, container: str, data: st.DataObject) -> None:
    content = bytearray(encoded(container, tone(0.3)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)) | st.integers(0, 120))
        cut = data.draw(st.sampled_from([0, 0, 1, 4, 300]))
        content[at:at + cut] = data.draw(st.binary(max_size=8))
    path = write(tmp_path, bytes(content))
    try:
        sound, _ = read(path, allow_truncated=data.draw(st.booleans()))
    except AudioError:
        return
    assert np.isfinite(sound).all()


# --- remarks

def remarks_on(tmp_path: Path, samples: NDArray[np.float32], subtype: str = "PCM_16") -> list[str]:
    return read(write(tmp_path, wav(samples, subtype)), seconds=0.1)[1].remarks


def test_remark_on_clipping(tmp_path: Path) -> None:
    loud = np.clip(tone() * 5, -1, 1)
    flat = np.abs(loud[:, 0]) >= 1
    [remark] = remarks_on(tmp_path, loud)
    share = float(remark.split("%")[0].split()[-1]) / 100
    assert share == pytest.approx(flat.mean(), rel=0.1)
    for subtype in ("ULAW", "PCM_U8", "FLOAT"):
        assert "clipped" in remarks_on(tmp_path, loud, subtype)[0]


def test_a_sine_at_full_scale_is_not_clipped(tmp_path: Path) -> None:
    for hz in (80, 440, 3000):
        sine = np.sin(2 * np.pi * hz * np.arange(N) / RATE_HZ).astype(np.float32)[:, None] * 0.9999
        assert remarks_on(tmp_path, sine) == []


def test_clipping_is_counted_alike_in_any_blocks(tmp_path: Path) -> None:
    path = write(tmp_path, wav(np.clip(tone() * 5, -1, 1)))
    assert len({tuple(read(path, seconds=s)[1].remarks) for s in (10, 0.5, 0.01, 0.0001)}) == 1


def test_remark_on_an_offset(tmp_path: Path) -> None:
    assert remarks_on(tmp_path, tone() + 0.1) == ["DC offset: the mean lies at +0.100 of full scale"]
    assert remarks_on(tmp_path, tone() + 0.004) == []


def test_remark_on_silence(tmp_path: Path) -> None:
    assert remarks_on(tmp_path, tone() * 0) == ["silence throughout (peak zero)"]
    assert remarks_on(tmp_path, tone() * 1e-4) == ["silence throughout (peak -90 dB)"]
    assert remarks_on(tmp_path, tone() * 0.01) == []


def test_integers_in_a_float_file_are_read_with_a_remark(tmp_path: Path) -> None:
    assert remarks_on(tmp_path, tone() * 32768, "FLOAT") == ["far above full scale (peak 80 dB)"]


def test_denormal_numbers_become_zero(tmp_path: Path) -> None:
    samples = tone()
    samples[100:200] = 1e-40
    sound, _ = read(write(tmp_path, wav(samples, "FLOAT")))
    assert not sound[100:200].any()
    assert sound[200:].any()


# --- long files

@pytest.mark.parametrize("container", ["wav", "flac", "ogg", "mp3"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, container: str) -> None:
    def peak_bytes(secs: int) -> int:
        path = write(tmp_path, encoded(container, np.tile(tone(), (secs // 2, 1))))
        tracemalloc.start()
        with open_audio(path) as source:
            for _ in source.blocks():
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(60) < 1.1 * peak_bytes(10) + 50_000
