"""The extra training sets: what is said, cut, kept and written, without network or synthesiser."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfilt

from facerig.errors import ConfigError
from facerig.script import phones
from tests.streams import made_up_speech
from tools.train import corpus, extra, flite, packages, people
from tools.train.people import RATE_HZ, Clip

HEARD, HELD_OUT = "af_heart", "af_nova"  # a voice of Kokoro that trains, and one that tests
RECORDS = [{"lang": "en-us", "voice": HELD_OUT if k % 5 == 0 else HEARD, "text": f"Sentence {k}."}
           for k in range(200)] + [{"lang": "es", "voice": HEARD, "text": "Una frase."}]


def wav(audio: np.ndarray, rate: int = RATE_HZ) -> bytes:
    sink = io.BytesIO()
    soundfile.write(sink, audio, rate, format="WAV", subtype="PCM_16")
    return sink.getvalue()


def tone(secs: float) -> np.ndarray:
    return (0.3 * np.sin(np.arange(round(secs * RATE_HZ)) * 0.2)).astype(np.float32)


def test_flite_says_each_sentence_once_and_none_that_is_held_out() -> None:
    lines = list(flite.planned(RECORDS, each=40))
    held_out = {r["text"] for r in RECORDS if r["voice"] == HELD_OUT}
    texts = [line.text for line in lines]
    assert len(set(texts)) == len(texts) > 80
    assert not held_out & set(texts)
    assert "Una frase." not in texts
    assert {line.voice for line in lines} == set(flite.VOICES)
    assert sum(line.voice == "kal16" for line in lines) <= 16 < sum(line.voice == "slt" for line in lines)
    assert all(flite.QUICKEST <= line.stretch <= flite.SLOWEST for line in lines)


def test_the_plan_is_the_same_each_time_and_holding_out_more_changes_no_other_line() -> None:
    lines = list(flite.planned(RECORDS, each=40))
    assert lines == list(flite.planned(reversed(RECORDS), each=40))
    dropped = lines[7].text
    more = [r | {"voice": HELD_OUT} if r["text"] == dropped else r for r in RECORDS]
    assert list(flite.planned(more, each=40)) == [line for line in lines if line.text != dropped]


def test_times_of_flite_become_phones_that_the_corpus_knows() -> None:
    told = "pau:0.214 dh:0.291 ax:0.326 b:0.326 ih:0.511 pau:0.700 \n"
    timed = flite.parse_times(told)
    assert timed == [["SIL", 0.0, 0.214], ["DH", 0.214, 0.291], ["AH", 0.291, 0.326], ["IH", 0.326, 0.511],
                     ["SIL", 0.511, 0.7]]
    parsed = phones.parse(timed, corpus.EXTRA_LABELLED["flite"], 0.7)
    assert [p.name for p in parsed] == ["_", "θ", "ʌ", "ɪ", "_"]


def test_without_flite_the_message_tells_how_to_get_it(
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="apt-get install flite"):
        flite.check_installed()


def test_without_the_texts_the_message_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--data"):
        flite.texts_of(tmp_path / "phones.jsonl")


@given(st.integers(1, 3 * 60 * RATE_HZ))
def test_pieces_lie_between_the_limits_and_lose_no_sound(n: int) -> None:
    parts = list(people.pieces(Clip("a", "b", np.arange(n, dtype=np.float32))))
    if n < RATE_HZ:
        assert not parts
        return
    assert all(1 <= len(p.audio) / RATE_HZ <= 60 for p in parts)
    assert np.array_equal(np.concatenate([p.audio for p in parts]), np.arange(n, dtype=np.float32))
    assert len({p.id for p in parts}) == len(parts) == -(-n // (60 * RATE_HZ))


def test_a_labelled_clip_is_never_cut() -> None:
    assert not list(people.pieces(Clip("a", "b", tone(61), {"phones": []})))
    assert len(list(people.pieces(Clip("a", "b", tone(59), {"phones": []})))) == 1


def test_of_a_take_at_two_bandwidths_the_wider_stays() -> None:
    speech = [made_up_speech(6.0, seed=seed) for seed in (1, 2)]
    narrow = sosfilt(butter(4, 3400, fs=RATE_HZ, output="sos"), speech[0])
    files = {
        "public/audio/fr-FR_a_narrow.wav": wav(resample_poly(narrow, 1, 2), 8000),
        "public/audio/fr-FR_a_wide.wav": wav(speech[0]),
        "public/audio/dutch_b.wav": wav(speech[1]),
    }
    kept = list(people.ibm_watson(files))
    assert [(c.id, c.more["lang"]) for c in kept] == [("dutch_b", "nl"), ("fr-FR_a_wide", "fr")]


TURN = st.tuples(st.integers(0, 900), st.integers(1, 400), st.sampled_from("abc"))


@given(st.lists(TURN, max_size=8))
def test_alone_is_where_one_turn_and_no_other_covers_a_second(drawn: list[tuple[int, int, str]]) -> None:
    turns = [(start / 100 + 0.001, (start + length) / 100 + 0.001, name) for start, length, name in drawn]
    covering = [{k for k, (start, length, _) in enumerate(drawn) if start <= i < start + length}
                for i in range(1000)]
    found = list(people.alone(turns, 1000))
    inside = np.zeros(1000, bool)
    for first, end, name in found:
        assert end - first >= 100
        assert all(len(c) == 1 and drawn[next(iter(c))][2] == name for c in covering[first:end])
        inside[first:end] = True
    single = [drawn[next(iter(c))][2] if len(c) == 1 else "" for c in covering]
    for first in range(901):
        same = set(single[first : first + 100])
        assert inside[first : first + 100].all() or len(same) > 1 or same == {""}


def test_speakers_of_a_meeting_are_cut_where_they_speak_alone() -> None:
    rttm = (b"SPEAKER dev00 1 0.5 2.0 <NA> <NA> MEE009 <NA> <NA>\n"
            b"SPEAKER dev00 1 2.0 3.0 <NA> <NA> FEE012 <NA> <NA>\n")
    files = {"tests/data/dev.rttm": rttm, "tests/data/dev00.wav": wav(tone(6))}
    clips = list(people.ami_pyannote(files))
    assert [(c.id, c.speaker, len(c.audio)) for c in clips] == [
        ("dev00_00050", "MEE009", 24000), ("dev00_00250", "FEE012", 40000)]


def test_read_sentences_get_their_reader_and_words() -> None:
    folder = "tests/data/ljspeech"
    files = {f"{folder}/metadata.csv": b"LJ1|x|In being, comparatively modern.\nLJ2|x|Not there.\n",
             f"{folder}/wavs/LJ1.wav": wav(tone(2), 22050)}
    (clip,) = people.ljspeech(files)
    assert clip.line == {"id": "LJ1", "speaker": "lj", "lang": "en", "rate": 22050,
                         "text": "in being comparatively modern", "duration": len(clip.audio) / RATE_HZ}
    assert len(clip.audio) == pytest.approx(2 * RATE_HZ * RATE_HZ / 22050, abs=1)
    folder = "test/data/librivox"
    (clip,) = people.librivox_ps({f"{folder}/transcription": b"<s> he was not </s> (s-0880)\n",
                                  f"{folder}/s-0880.wav": wav(tone(2))})
    assert (clip.id, clip.more["text"]) == ("s-0880", "he was not")


def test_only_wanted_plain_files_are_read_from_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name in ("p-1/tests/data/b.wav", "p-1/tests/data/a.wav", "p-1/setup.py"):
            info = tarfile.TarInfo(name)
            info.size = 4
            tar.addfile(info, io.BytesIO(name[-5:-1].encode()))
        link = tarfile.TarInfo("p-1/tests/data/c.wav")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    wanted = extra.PEOPLE["ami_pyannote"].wants
    assert packages.members(path, wanted) == {"tests/data/a.wav": b"a.wa", "tests/data/b.wav": b"b.wa"}
    assert list(packages.members(path, wanted)) == ["tests/data/a.wav", "tests/data/b.wav"]


def ar(members: dict[str, bytes]) -> bytes:
    """A Debian package: an `ar` archive of these members."""
    out = packages.AR_MAGIC
    for name, data in members.items():
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n"
        out += header.encode() + data + b"\n" * (len(data) % 2)
    return out


def test_a_debian_package_gives_the_files_of_its_data(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:xz") as tar:
        for name in ("./usr/share/klettres/de/a.ogg", "./usr/share/doc/readme"):
            info = tarfile.TarInfo(name)
            info.size = 3
            tar.addfile(info, io.BytesIO(b"abc"))
    package = tmp_path / "letters.deb"
    parts = {"debian-binary": b"2.0\n", "control.tar.xz": b"odd", "data.tar.xz": sink.getvalue()}
    package.write_bytes(ar(parts))
    assert packages.members(package, lambda p: p.startswith("share/klettres/")) == {
        "share/klettres/de/a.ogg": b"abc"}
    package.write_bytes(b"no archive at all")
    with pytest.raises(ConfigError, match="no Debian package"):
        packages.members(package, lambda p: True)


def test_short_recordings_of_a_voice_are_strung_together_and_no_voice_outweighs() -> None:
    files = {f"share/klettres/{language}/{k:02d}.ogg": wav(tone(2.0))
             for language, n in (("de", 5), ("ml", 40)) for k in range(n)}
    clips = list(people.strung(files, lambda path: path.split("/")[2], most_secs=30.0))
    assert {clip.speaker for clip in clips} == {"de", "ml"}
    secs = {name: sum(len(c.audio) for c in clips if c.speaker == name) / RATE_HZ for name in ("de", "ml")}
    assert secs["de"] == pytest.approx(5 * 2.3)
    assert secs["ml"] == pytest.approx(15 * 2.3)
    assert all(people.MIN_SECS < len(clip.audio) / RATE_HZ < 2 * people.STRUNG_SECS for clip in clips)
    assert len({clip.id for clip in clips}) == len(clips)


@pytest.mark.parametrize(("name", "paths", "speakers"), [
    ("tuxpaint", {"share/tuxpaint/stamps/a/dog_desc.ogg": "tuxpaint-en",
                  "share/tuxpaint/stamps/a/dog_desc_pt_BR.ogg": "tuxpaint-pt_BR"}, 2),
    ("ktuberling", {"share/ktuberling/sounds/sr@latin/a.opus": "ktuberling-sr",
                    "share/ktuberling/sounds/de/a.wav": "ktuberling-de"}, 2),
    ("qabcs", {"share/qabcs/abcs/de/sounds/words/a.ogg": "qabcs-de",
               "share/qabcs/abcs/all/noises/a.ogg": None}, 1),
    ("kajongg", {"share/kajongg/voices/de/male1/a.ogg": "kajongg-de-male1",
                 "share/kajongg/voices/male1/a.ogg": "kajongg-male1"}, 2),
    ("fillets_cs", {"share/games/fillets-ng/sound/ufo/cs/ufo-m-a.ogg": "fillets-cs-m",
                    "share/games/fillets-ng/sound/ufo/cs/ufo-x-a.ogg": "fillets-cs-ufo",
                    "share/games/fillets-ng/sound/ufo/cs/a.ogg": "fillets-cs-ufo"}, 2),
    ("gcompris", {"share/gcompris/boards/voices/fr/words/a.ogg": "gcompris-fr-words",
                  "share/gcompris/boards/voices/fr/geography/asia/a.ogg": "gcompris-fr"}, 2),
    ("childsplay", {"share/sp_alphabetsounds/de/a.ogg": "childsplay-de",
                    "share/childsplay_sp/CPData/FlashcardsData/names/de/b.ogg": "childsplay-de"}, 1),
    ("prompts_de", {"share/asterisk/sounds/de/digits/a.wav": "prompts-de",
                    "share/asterisk/sounds/de/b.wav": "prompts-de"}, 1),
])
def test_a_path_in_a_package_says_who_speaks(name: str, paths: dict[str, str | None], speakers: int) -> None:
    wanted = extra.PEOPLE[name]
    assert all(wanted.wants(path) for path in paths)
    clips = list(wanted.clips({path: wav(tone(1.5)) for path in paths}))
    assert {c.speaker for c in clips} == set(paths.values()) - {None}
    assert len(clips) == speakers


def test_prompts_of_telephones_are_read_without_a_header() -> None:
    sink = io.BytesIO()
    soundfile.write(sink, tone(2)[::2], 8000, format="RAW", subtype="GSM610")
    audio, rate = people.decoded(sink.getvalue(), "share/asterisk/sounds/de/a.gsm")
    assert rate == 8000
    assert len(audio) == pytest.approx(2 * RATE_HZ, rel=0.02)
    assert np.abs(audio).max() > 0.1


def test_an_archive_that_is_not_the_pinned_one_is_refused(
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(packages, "CACHED", tmp_path)
    packages.MFA.cached.write_bytes(b"something else")
    with pytest.raises(ConfigError, match=packages.MFA.sha256):
        packages.fetched(packages.MFA, lambda done, size: None)


def test_a_written_set_is_what_the_corpus_reads(tmp_path: Path) -> None:
    timed = [["SIL", 0.0, 0.5], ["AH", 0.5, 2.0]]
    extra.write(tmp_path, "flite", iter([Clip("slt0000", "slt", tone(2), {"voice": "slt", "phones": timed})]))
    extra.write(tmp_path, "ljspeech", iter([Clip("x", "lj", 5 * tone(3)), Clip("short", "lj", tone(0.9))]))
    said, heard = corpus._extra(tmp_path)
    assert (said.source, said.part, said.speaker, len(said.audio)) == ("flite", "train", "slt", 2 * RATE_HZ)
    assert said.weights.all()
    assert (heard.speaker, len(heard.audio)) == ("lj", 3 * RATE_HZ)
    assert not heard.weights.any()
    assert np.abs(heard.audio).max() < 1.2  # scaled before Opus, not clipped
    assert sorted(p.name for p in tmp_path.iterdir()) == ["flite", "ljspeech"]


def test_a_set_that_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[Clip]:
        yield Clip("x", "lj", tone(2))
        raise ConfigError("cannot be fetched")

    with pytest.raises(ConfigError, match="cannot be fetched"):
        extra.write(tmp_path, "ljspeech", broken())
    assert not list(tmp_path.iterdir())


def test_sets_that_are_there_are_not_made_again(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in extra.LICENCES:
        if name != "mfa_tests":
            extra.write(tmp_path, name, iter([Clip("x", "y", tone(2), {"phones": []})]))
    monkeypatch.setattr(sys, "argv", ["extra", "--out", str(tmp_path), "--without", "mfa_tests"])
    extra.main()
    told = capsys.readouterr().err
    assert told.count("there already") == len(extra.LICENCES) - 1
    written = (tmp_path / "LICENCES.md").read_text("utf-8")
    assert "| ibm_watson | 1 | 0.0 |" in written
    assert "package Apache-2.0, sound's origin unstated" in written
    assert "mfa_tests" not in written
    assert json.loads((tmp_path / "flite" / "phones.jsonl").read_text("utf-8"))["duration"] == 2.0


def test_every_set_that_the_corpus_reads_is_made_and_has_a_licence() -> None:
    read = {*corpus.EXTRA_LABELLED, *corpus.EXTRA_PEOPLE}
    assert set(extra.LICENCES) == read
    assert set(extra.PEOPLE) == set(corpus.EXTRA_PEOPLE)
    assert set(corpus.EXTRA_LABELLED) == extra.LABELLED
