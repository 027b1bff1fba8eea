"""An actor made up for tests: he speaks as the bundled clip does, and moves by a readout of his own."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile

from facerig.actor.hidden import Heard, Listener
from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.encoder.lips import LipDecoder
from facerig.encoder.tracks import CURVE_TRACKS, N_CURVE_TRACKS
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.livelink_csv import LiveLinkCsv

SMILE = 0.06  # of his face at rest
SPEEDS = (1.0, 0.92, 1.09, 0.96, 1.05, 1.14)
UNSEEN = ("tongueOut", "mouthFunnel")  # what his tracker never moves


@dataclass(frozen=True)
class Actor:
    """`scale` and `mix` [N_CURVE_TRACKS, n_hidden] make his readout of the shipped one."""

    scale: np.ndarray
    mix: np.ndarray

    def curves(self, heard: Heard, listener: Listener) -> np.ndarray:
        """His true face at the knots [n, 61]: closures as any face makes them, the open shape his own."""
        weight, bias = listener.readout.by_knot
        own = weight[:, :N_CURVE_TRACKS] * self.scale[:, None] + self.mix
        tracks = heard.tracks.copy()
        tracks[..., :N_CURVE_TRACKS] = (np.einsum("nh,pkh->npk", heard.hidden, own)
                                        + bias[:, :N_CURVE_TRACKS] * self.scale)
        decoder = LipDecoder(listener.info.lips)
        values = decoder.step(tracks.reshape(-1, tracks.shape[-1]), decoder.initial_state())[0]
        values[:, [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]] += SMILE
        values[:, [INDEX[name] for name in UNSEEN]] = 0.0
        return values


def made_up_actor(n_hidden: int, seed: int = 0) -> Actor:
    """Someone who opens half as far, rounds more, and differs from the shipped face in time as well."""
    random = np.random.default_rng(seed)
    scale = np.ones(N_CURVE_TRACKS)
    scale[CURVE_TRACKS.index("jawOpen")], scale[CURVE_TRACKS.index("mouthPucker")] = 0.6, 1.4
    mix = random.normal(0, 0.006, (N_CURVE_TRACKS, n_hidden))
    return Actor(scale, mix)


def record(folder: Path, speech: Path, listener: Listener, actor: Actor, *, fps: int = 30,
           lag_secs: float = 0.0, speeds: tuple[float, ...] = SPEEDS) -> None:
    """Takes of the clip at some speeds: line0.wav and line0.csv, his curves `lag_secs` late."""
    samples, rate = soundfile.read(speech, dtype="float32")
    for i, speed in enumerate(speeds):
        places = np.arange(0, len(samples) - 1, speed)
        audio = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
        soundfile.write(folder / f"line{i}.wav", audio, rate)
        heard = listener.hear(soundfile.read(folder / f"line{i}.wav", dtype="float32")[0], rate)
        values = actor.curves(heard, listener)
        times = np.arange(0, len(audio) / rate, 1 / fps) - lag_secs
        knots = heard.times_secs.ravel()
        frames = np.stack([np.interp(times, knots, column) for column in values.T], 1)
        write_livelink(folder / f"line{i}.csv", frames.astype(np.float32), fps)


def write_livelink(path: Path, values: np.ndarray, fps: int) -> None:
    """A Live Link Face CSV of canonical curves."""
    assert values.shape[1] == N_CHANNELS
    clip = CurveClip(values, Fraction(fps), 48_000)
    LiveLinkCsv().write(path, [clip], ExportInfo(fps=clip.fps, sample_rate=48_000, audio_path=None))
