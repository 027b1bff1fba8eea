"""The encoder's networks: convolutions over log-mel, recurrent layers, heads.

`Encoder` is the live model. Everything in it is causal; the look-ahead comes from asking it for the mouth of
`delay_knots` knots ago. `LiveStep` is the same network one 20 ms step at a time with its state as inputs and
outputs, for export. `OfflineEncoder` is run over whole windows in both directions, and hears through
Moonshine's first layers besides.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from facerig.features.logmel import HOP, N_MELS
from facerig.script.phones import INVENTORY
from tools.train import moonshine
from tools.train.corpus import CHANNELS, N_CURVES

Array = NDArray[np.float32]

KNOTS_PER_STEP: Final = 2
KERNELS: Final = (5, 4, 3)  # the second has stride 2: 100 Hz in, 50 Hz on


class Encoder(nn.Module):
    """mel [B, T, N_MELS] (T even) -> tracks [B, T, len(CHANNELS)] at 100 Hz, logits [B, T, len(INVENTORY)].

    Row m of the outputs stands at the time (m - delay) / 100 s + 20 ms steps' end: see `LiveStep`. Tracks are
    the curves as they are and logits for seal, contact and voice.
    """

    def __init__(self, width: int = 256, layers: int = 2, conv: int = 192, dropout: float = 0.1) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(N_MELS, conv, KERNELS[0])
        self.conv2 = nn.Conv1d(conv, conv, KERNELS[1], stride=2)
        self.conv3 = nn.Conv1d(conv, width, KERNELS[2])
        self.rnn = nn.GRU(width, width, layers, batch_first=True, dropout=dropout)
        self.drop = nn.Dropout(dropout)
        self.tracks = nn.Linear(width, KNOTS_PER_STEP * len(CHANNELS))
        self.phones = nn.Linear(width, KNOTS_PER_STEP * len(INVENTORY))
        self.ear = nn.Linear(width, moonshine.WIDTH)  # in training only: what Moonshine would hear

    def front(self, mel: Tensor) -> Tensor:
        """[B, T, N_MELS] -> [B, width, T / 2]; the past before the first row is silence (zero padding)."""
        x = mel.transpose(1, 2)
        x = F.relu(self.conv1(F.pad(x, (KERNELS[0] - 1, 0))))
        x = F.relu(self.conv2(F.pad(x, (KERNELS[1] - 2, 0))))
        return F.relu(self.conv3(F.pad(x, (KERNELS[2] - 1, 0))))

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        return self.said(self.hidden(mel))

    def hidden(self, mel: Tensor) -> Tensor:
        """[B, T, N_MELS] -> [B, T / 2, width]: what the heads read."""
        out: Tensor = self.drop(self.rnn(self.drop(self.front(mel)).transpose(1, 2))[0])
        return out

    def said(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Tracks and logits, of what `hidden` gives."""
        batch, steps, _ = hidden.shape
        return (self.tracks(hidden).reshape(batch, steps * KNOTS_PER_STEP, -1),
                self.phones(hidden).reshape(batch, steps * KNOTS_PER_STEP, -1))


def activated(tracks: Tensor) -> Tensor:
    """Curves as they are, probabilities for seal, contact and voice."""
    return torch.cat([tracks[..., :N_CURVES], torch.sigmoid(tracks[..., N_CURVES:])], -1)


class LiveStep(nn.Module):
    """One step of a live Encoder: mel [B, 2, N_MELS], state -> tracks [B, 2, len(CHANNELS)], new state.

    State: c1 [B, N_MELS, 4], c2 [B, conv, 2], c3 [B, width, 2] (inputs the convolutions still need) and
    h [layers, B, width]. All zero at the start of a stream.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.e = encoder

    def forward(self, mel: Tensor, c1: Tensor, c2: Tensor, c3: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        x1 = torch.cat([c1, mel.transpose(1, 2)], 2)
        x2 = torch.cat([c2, *(_at(self.e.conv1, x1, k) for k in range(KNOTS_PER_STEP))], 2)
        x3 = torch.cat([c3, _at(self.e.conv2, x2, 0)], 2)
        x = _at(self.e.conv3, x3, 0).squeeze(2)
        states = []
        for layer in range(self.e.rnn.num_layers):
            x = self._cell(layer, x, h[layer])
            states.append(x)
        tracks = activated(self.e.tracks(x).reshape(-1, KNOTS_PER_STEP, len(CHANNELS)))
        return tracks, x1[:, :, 2:], x2[:, :, 2:], x3[:, :, 1:], torch.stack(states)

    def _cell(self, layer: int, x: Tensor, h: Tensor) -> Tensor:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(self.e.rnn, f"{name}_l{layer}") for name in names]
        gi, gh = F.linear(x, weights[0], weights[2]), F.linear(h, weights[1], weights[3])
        (ir, iz, inn), (hr, hz, hn) = gi.chunk(3, 1), gh.chunk(3, 1)
        reset, update = torch.sigmoid(ir + hr), torch.sigmoid(iz + hz)
        return (1 - update) * torch.tanh(inn + reset * hn) + update * h


def _at(conv: nn.Conv1d, x: Tensor, start: int) -> Tensor:
    """relu(conv(x)) at one place, [B, channels, 1]: a matrix product, which runtimes do four times as fast as
    a convolution of a few columns over a batch of streams."""
    window = x[:, :, start : start + conv.kernel_size[0]]
    return F.relu(F.linear(window.flatten(1), conv.weight.flatten(1), conv.bias)).unsqueeze(2)


class OfflineEncoder(nn.Module):
    """mel [B, T, N_MELS] (T even), heard [B, T / 2, moonshine.WIDTH] -> as Encoder, without look-back delay.

    `heard` stands at the times of the steps: see `at_steps`.
    """

    def __init__(self, width: int = 192, layers: int = 2, conv: int = 128, dropout: float = 0.1) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(N_MELS, conv, 5, padding=2)
        self.conv2 = nn.Conv1d(conv, conv, 4, stride=2, padding=1)
        self.ear = nn.Sequential(nn.LayerNorm(moonshine.WIDTH), nn.Dropout(2 * dropout),
                                 nn.Linear(moonshine.WIDTH, width), nn.GELU())
        self.rnn = nn.GRU(conv + width, width, layers, batch_first=True, bidirectional=True, dropout=dropout)
        self.drop = nn.Dropout(dropout)
        self.tracks = nn.Linear(2 * width, KNOTS_PER_STEP * len(CHANNELS))
        self.phones = nn.Linear(2 * width, KNOTS_PER_STEP * len(INVENTORY))

    def forward(self, mel: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        x = F.relu(self.conv2(F.relu(self.conv1(mel.transpose(1, 2))))).transpose(1, 2)
        x = torch.cat([self.drop(x), self.drop(self.ear(heard))], 2)
        y = self.drop(self.rnn(x)[0])
        batch, steps, _ = y.shape
        return (self.tracks(y).reshape(batch, steps * KNOTS_PER_STEP, -1),
                self.phones(y).reshape(batch, steps * KNOTS_PER_STEP, -1))


def step_times(n_steps: int, n_heard: int) -> tuple[NDArray[np.int64], Array]:
    """For each 20 ms step of a window: the vector of `heard` before it, and the share of the next."""
    samples = (np.arange(n_steps) + 0.5) * KNOTS_PER_STEP * HOP
    at = np.clip((samples - moonshine.FIRST) / moonshine.HOP, 0, n_heard - 1.001)
    return at.astype(np.int64), (at % 1.0).astype(np.float32)


class OfflineWindow(nn.Module):
    """An OfflineEncoder over a whole window: mel [1, T, N_MELS], heard [1, moonshine.frames, WIDTH] -> tracks
    [1, T, len(CHANNELS)] and log-probabilities of the phones [1, T, len(INVENTORY)]."""

    def __init__(self, encoder: OfflineEncoder, n_steps: int, n_heard: int) -> None:
        super().__init__()
        self.e = encoder
        low, part = step_times(n_steps, n_heard)
        self.low, self.part = torch.from_numpy(low), torch.from_numpy(part)[None, :, None]

    def forward(self, mel: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        at_steps = heard[:, self.low] * (1 - self.part) + heard[:, self.low + 1] * self.part
        tracks, phones = self.e(mel, at_steps)
        return activated(tracks), torch.log_softmax(phones, -1)
