"""Weights of another run as a beginning, also for a wider network, which then computes the same at first.

The old units keep their weights and ignore the new ones; the new units begin as chance made them and nobody
hears them until training finds them useful (Chen, Goodfellow and Shlens 2016, "Net2Net").
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

GATES: Final = 3  # a GRU's weights hold three blocks of rows


def load_weights(model: nn.Module, checkpoint: Path) -> None:
    """The averaged weights of a run, for a model of the same or of greater width."""
    saved = torch.load(checkpoint, weights_only=False)["averaged"]
    mine = model.state_dict()
    given = {name: saved[f"module.{name}"] for name in mine if f"module.{name}" in saved}
    model.load_state_dict(mine | {name: widened(w, mine[name], name) for name, w in given.items()})


def widened(old: Tensor, new: Tensor, name: str) -> Tensor:
    """`old` in the corner of `new`, block by block; old rows get zeros for new columns.

    Raises ValueError where `old` does not fit.
    """
    if old.shape == new.shape:
        return old
    if old.dim() != new.dim() or any(a > b for a, b in zip(old.shape, new.shape, strict=True)):
        raise ValueError(f"{name}: weights of shape {tuple(old.shape)} do not fit into {tuple(new.shape)}")
    blocks = GATES if name.startswith("rnn.") else 1
    out = new.clone().reshape(blocks, -1, *new.shape[1:])
    rows = old.reshape(blocks, -1, *old.shape[1:])
    out[:, : rows.shape[1]] = 0
    out[(slice(None), *(slice(n) for n in rows.shape[1:]))] = rows
    return out.reshape(new.shape)
