"""Trajectories to model inputs: rows in which a shared prompt stands once.

The episodes of a group begin with the same prompt, which is often longer than the replies. A packed row is that
prompt and several continuations; each continuation sees the prompt and itself, and its positions go on from the
prompt's end. The logits are those of separate rows, for less work. A row may hold one continuation only; then it is
an ordinary causal row and needs no mask.

What this deliberately does not do: it never cuts a trajectory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy, log_softmax
from transformers import PreTrainedModel

from llm_envs.types import Trajectory

__all__ = ["Packed", "can_share_prompts", "pack", "token_entropies", "token_logprobs"]

_PADDING = -1
_PROMPT = 0

_LONGEST_SHARED_ROW = 512
"""Continuations share a row up to this length. A masked row costs attention over all its positions: beyond some
hundred tokens that outweighs the prompt that sharing saves."""


_MASKABLE = frozenset({"sdpa", "eager"})
"""Attention kernels that take a mask of any shape; flash kernels know causal rows alone."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A micro-batch. `R` rows of `L` positions hold `N` sampled tokens.

    Args:
        segments_R_L: 0 in the prompt, 1, 2, ... in the continuations, -1 where padded.
        row_N, column_N: the position whose logits predict the token.
        target_N: the token.
        trajectory_N: which of the trajectories it belongs to.
        sampled_logprobs_N: as the sampler gave it.
    """

    ids_R_L: Tensor
    positions_R_L: Tensor
    segments_R_L: Tensor
    row_N: Tensor
    column_N: Tensor
    target_N: Tensor
    trajectory_N: Tensor
    sampled_logprobs_N: Tensor

    @property
    def shares_prompts(self) -> bool:
        """Some row holds more than one continuation."""
        return bool((self.segments_R_L > 1).any())

    def attention_mask(self) -> Tensor:
        """True where a position may look, shape (R, 1, L, L)."""
        query_R_L_1, key_R_1_L = self.segments_R_L[:, :, None], self.segments_R_L[:, None, :]
        length = self.segments_R_L.shape[1]
        causal_L_L = torch.ones(length, length, dtype=torch.bool, device=self.segments_R_L.device).tril()
        return (causal_L_L & ((query_R_L_1 == key_R_1_L) | (key_R_1_L == _PROMPT)))[:, None]


def pack(trajectories: Sequence[Trajectory], model: PreTrainedModel, max_tokens: int) -> Iterator[Packed]:
    """Micro-batches of at most `max_tokens` positions, padding included; a longer row stands alone."""
    device = torch.device(model.device)
    rows = sorted(_rows(trajectories, _LONGEST_SHARED_ROW if can_share_prompts(model) else 0), key=lambda r: r.length)
    batch: list[_Row] = []
    for row in rows:
        if batch and (len(batch) + 1) * row.length > max_tokens:
            yield _collate(batch, device)
            batch = []
        batch.append(row)
    if batch:
        yield _collate(batch, device)


def can_share_prompts(model: PreTrainedModel) -> bool:
    """True where a mask alone decides who sees whom: full attention in every layer, by a kernel that takes masks."""
    config = model.config
    layers = set(getattr(config, "layer_types", None) or ())
    full = layers <= {"full_attention"} and not getattr(config, "sliding_window", None)
    return full and config._attn_implementation in _MASKABLE and not model._is_stateful  # noqa: SLF001


def token_logprobs(model: PreTrainedModel, packed: Packed, vocab_size: int, temperature: float = 1.0) -> Tensor:
    """The log-probability of every sampled token under the model, shape (N,), float32, differentiable.

    Args:
        vocab_size: of the tokenizer; the model's may be wider, and its ids beyond are never sampled.
        temperature: that the tokens were sampled at.
    """
    return -cross_entropy(_logits(model, packed, vocab_size, temperature), packed.target_N, reduction="none")


@torch.no_grad()
def token_entropies(model: PreTrainedModel, packed: Packed, vocab_size: int, temperature: float = 1.0) -> Tensor:
    """The entropy, in nats, of the distribution that each sampled token was drawn from, shape (N,), float32."""
    logprobs_N_V = log_softmax(_logits(model, packed, vocab_size, temperature), -1)
    return -(logprobs_N_V.exp() * logprobs_N_V).sum(-1)


def _logits(model: PreTrainedModel, packed: Packed, vocab_size: int, temperature: float) -> Tensor:
    """Of every sampled token's distribution, shape (N, vocab_size), float32."""
    columns_C, column_of_N = torch.unique(packed.column_N, return_inverse=True)
    logits_R_C_V: Tensor = model(
        input_ids=packed.ids_R_L,
        attention_mask=packed.attention_mask() if packed.shares_prompts else None,
        position_ids=packed.positions_R_L,
        use_cache=False,
        logits_to_keep=columns_C,
    ).logits
    place_N = packed.row_N * len(columns_C) + column_of_N
    return logits_R_C_V[..., :vocab_size].flatten(0, 1).index_select(0, place_N).float() / temperature


class _Row:
    """A prompt and the continuations that share the row with it."""

    def __init__(self, prompt: NDArray[np.int32]) -> None:
        self.prompt = prompt
        self.members: list[tuple[int, Trajectory]] = []
        self.length = len(prompt)

    def add(self, index: int, trajectory: Trajectory) -> None:
        self.members.append((index, trajectory))
        self.length += _continuation_length(trajectory)

    def write(self, arrays: list[NDArray[np.int64]]) -> Iterator[tuple[NDArray[Any], ...]]:
        """Fill one row of ids, positions and segments; what each continuation's sampled tokens are."""
        ids_L, positions_L, segments_L = arrays
        start = len(self.prompt)
        ids_L[:start], positions_L[:start], segments_L[:start] = self.prompt, np.arange(start), _PROMPT
        for segment, (index, trajectory) in enumerate(self.members, 1):
            first, length = trajectory.prompt_length, _continuation_length(trajectory)
            here = slice(start, start + length)
            ids_L[here] = trajectory.ids[first : first + length]
            positions_L[here] = np.arange(first, first + length)
            segments_L[here] = segment
            sampled_n = np.flatnonzero(trajectory.mask)
            columns_n = np.where(sampled_n == first, first - 1, sampled_n - 1 - first + start)
            yield columns_n, trajectory.ids[sampled_n], np.full(len(sampled_n), index), trajectory.logprobs[sampled_n]
            start += length


def _continuation_length(trajectory: Trajectory) -> int:
    """Positions after the prompt whose logits are of use: the last sampled token is predicted, never read."""
    return int(np.flatnonzero(trajectory.mask)[-1]) - trajectory.prompt_length if trajectory.mask.any() else 0


def _rows(trajectories: Sequence[Trajectory], longest_shared: int) -> list[_Row]:
    open_rows: dict[bytes, _Row] = {}
    rows = []
    for index, trajectory in enumerate(trajectories):
        prompt = trajectory.ids[: trajectory.prompt_length]
        row = open_rows.get(prompt.tobytes())
        if row is None or row.length + _continuation_length(trajectory) > longest_shared:
            row = open_rows[prompt.tobytes()] = _Row(prompt)
            rows.append(row)
        row.add(index, trajectory)
    return rows


def _collate(rows: Sequence[_Row], device: torch.device) -> Packed:
    shape = len(rows), max(row.length for row in rows)
    grids = [np.full(shape, fill, np.int64) for fill in (0, 0, _PADDING)]
    pieces = [
        (np.full(len(columns_n), r), columns_n, *rest)
        for r, row in enumerate(rows)
        for columns_n, *rest in row.write([grid[r] for grid in grids])
    ]
    flat = [torch.from_numpy(np.concatenate(column)).to(device) for column in zip(*pieces, strict=True)]
    ids_R_L, positions_R_L, segments_R_L = (torch.from_numpy(grid).to(device) for grid in grids)
    row_N, column_N, target_N, trajectory_N, sampled_logprobs_N = flat
    return Packed(
        ids_R_L, positions_R_L, segments_R_L, row_N, column_N, target_N.long(), trajectory_N, sampled_logprobs_N
    )
