"""Any `transformers` causal language model as a policy: a batched sampler with a key-value cache.

Faster than `model.generate` where it matters for reinforcement learning: a prompt that a whole group shares is read
once, rows that have finished leave the batch, the cache grows in chunks instead of being copied at every token, and
nothing is computed that rollouts do not use. The logits are the model's own, so replies have the probabilities that
the trainer will recompute.

What it deliberately does not do: top-k, top-p, penalties or beams, whose log-probabilities a policy gradient cannot
use; and no batching over time (a request waits for its batch).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import Cache, DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from llm_envs.chat import ChatTokenizer
from llm_envs.policies.noise import uniform
from llm_envs.policies.policy import Reply, Request, Sampling

__all__ = ["HFPolicy", "precision"]

_CACHE_CHUNK = 64
"""Positions by which the cache grows: a copy every 64 tokens instead of every token, and little memory unused."""

_COMPACT_BELOW = 0.8
"""Finished rows leave the batch when fewer than this part is still open: dropping them copies the cache."""


def precision(device: torch.device) -> AbstractContextManager[Any]:
    """How models are run: bfloat16 matrix products over float32 weights on a GPU, float32 on a CPU."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


class HFPolicy:
    """Samples replies from a causal language model.

    Args:
        model: shared with whoever trains it: there are no weights to keep in step.
        chat: the tokenizer; its stop ids end a reply, and no id beyond its vocabulary is drawn, though the model
            may have a wider one.
    """

    def __init__(self, model: PreTrainedModel, chat: ChatTokenizer) -> None:
        self.model = model
        self._vocab_size = chat.vocab_size
        self._stop_ids = torch.tensor(sorted(chat.stop_ids))

    @torch.inference_mode()
    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Reply]:
        """One reply a request, in order; equal contexts are read once."""
        if not requests:
            return []
        device = self.model.device
        with precision(device):
            batch = _Batch(requests, device)
            logits_B_V = batch.prefill(self.model)
            while True:
                tokens_B, logprobs_B = _draw(
                    logits_B_V[:, : self._vocab_size], batch.noise(sampling), sampling.temperature
                )
                if not batch.append(tokens_B, logprobs_B, torch.isin(tokens_B, self._stop_ids.to(device))):
                    return batch.replies()
                logits_B_V = batch.decode(self.model)


class _Batch:
    """The rows being continued. `B` is the open rows, `N` all of them, `P` distinct prompts, `T` positions."""

    def __init__(self, requests: Sequence[Request], device: torch.device) -> None:
        self._device = device
        self._contexts = [request.context for request in requests]
        budgets_N = torch.tensor([request.budget for request in requests], device=device)
        longest = int(budgets_N.max())
        self._ids_N_T = torch.zeros(len(requests), longest, dtype=torch.int32, device=device)
        self._logprobs_N_T = torch.zeros(len(requests), longest, device=device)
        self._lengths_N = budgets_N.clone()
        self._keys_N = np.array([(request.row, len(request.context)) for request in requests], np.int64)
        self._step = 0
        self._rows_B = torch.arange(len(requests), device=device)
        self._budgets_B = budgets_N
        self._open_B = torch.ones(len(requests), dtype=torch.bool, device=device)

    def prefill(self, model: PreTrainedModel) -> Tensor:
        """Read every distinct prompt once; logits of the first new token, shape (B, V)."""
        prompts, prompt_of_B = _distinct(self._contexts)
        ids_P_T, mask_P_T = _pad_left(prompts)
        ids_P_T, mask_P_T = ids_P_T.to(self._device), mask_P_T.to(self._device)
        positions_P_T = (mask_P_T.cumsum(1) - 1).clamp(min=0)
        ragged = not bool(mask_P_T.all())
        self._cache = _growing_cache(model)
        logits_P_V = model(
            input_ids=ids_P_T,
            attention_mask=mask_P_T if ragged else None,
            position_ids=positions_P_T,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        index_B = torch.tensor(prompt_of_B, device=self._device)
        self._positions_B = positions_P_T[:, -1][index_B]
        self._mask_B_T = mask_P_T[index_B] if ragged else None
        if len(prompts) < len(prompt_of_B):
            self._cache.reorder_cache(index_B)
        return logits_P_V[index_B]

    def noise(self, sampling: Sampling) -> Tensor:
        """Uniform noise for the next token of every open row, shape (B,)."""
        rows_B, starts_B = self._keys_N[self._rows_B.cpu().numpy()].T
        u_B = uniform(sampling.seed, sampling.step, rows_B, starts_B + self._step)
        return torch.from_numpy(u_B).to(self._device)

    def append(self, tokens_B: Tensor, logprobs_B: Tensor, stopped_B: Tensor) -> bool:
        """Record a token for every open row; False when all rows are finished."""
        self._ids_N_T[self._rows_B, self._step] = tokens_B.int()
        self._logprobs_N_T[self._rows_B, self._step] = logprobs_B
        self._step += 1
        ended_B = self._open_B & (stopped_B | (self._budgets_B <= self._step))
        self._lengths_N[self._rows_B[ended_B]] = self._step
        self._open_B = self._open_B & ~ended_B
        self._tokens_B = tokens_B
        still_open = int(self._open_B.sum())
        if 0 < still_open < _COMPACT_BELOW * len(tokens_B):
            self._compact()
        return still_open > 0

    def decode(self, model: PreTrainedModel) -> Tensor:
        """Logits after the newest tokens, shape (B, V)."""
        self._positions_B = self._positions_B + 1
        if self._mask_B_T is not None:
            self._mask_B_T = F.pad(self._mask_B_T, (0, 1), value=True)
        logits_B_1_V = model(
            input_ids=self._tokens_B[:, None],
            attention_mask=self._mask_B_T,
            position_ids=self._positions_B[:, None],
            past_key_values=self._cache,
            use_cache=True,
        ).logits
        return logits_B_1_V[:, -1]

    def replies(self) -> list[Reply]:
        """What was sampled, row by row."""
        ids_N_T = self._ids_N_T.cpu().numpy()
        logprobs_N_T = self._logprobs_N_T.cpu().numpy()
        lengths = self._lengths_N.tolist()
        return [Reply(ids_N_T[i, :n].copy(), logprobs_N_T[i, :n].copy()) for i, n in enumerate(lengths)]

    def _compact(self) -> None:
        """Drop the rows that have finished."""
        keep_B = self._open_B.nonzero()[:, 0]
        self._cache.reorder_cache(keep_B)
        self._rows_B, self._budgets_B, self._open_B = self._rows_B[keep_B], self._budgets_B[keep_B], self._open_B[keep_B]
        self._tokens_B, self._positions_B = self._tokens_B[keep_B], self._positions_B[keep_B]
        if self._mask_B_T is not None:
            self._mask_B_T = self._mask_B_T[keep_B]


def _draw(logits_B_V: Tensor, noise_B: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Tokens by inverting the distribution function at the noise, and their log-probabilities, shapes (B,)."""
    if temperature == 0.0:
        return logits_B_V.argmax(-1), torch.zeros(len(logits_B_V), device=logits_B_V.device)
    logprobs_B_V = torch.log_softmax(logits_B_V.float() / temperature, -1)
    cumulative_B_V = logprobs_B_V.exp().cumsum(-1, dtype=torch.float64)
    thresholds_B_1 = (noise_B * cumulative_B_V[:, -1])[:, None]
    tokens_B_1 = torch.searchsorted(cumulative_B_V, thresholds_B_1, right=True)
    return tokens_B_1[:, 0], logprobs_B_V.gather(1, tokens_B_1)[:, 0]


def _distinct(contexts: Sequence[np.ndarray[Any, Any]]) -> tuple[list[np.ndarray[Any, Any]], list[int]]:
    """The different contexts, and which of them each row has."""
    index: dict[bytes, int] = {}
    prompt_of_B = [index.setdefault(context.tobytes(), len(index)) for context in contexts]
    first = {prompt: i for i, prompt in reversed(list(enumerate(prompt_of_B)))}
    return [contexts[first[prompt]] for prompt in range(len(index))], prompt_of_B


def _pad_left(prompts: Sequence[np.ndarray[Any, Any]]) -> tuple[Tensor, Tensor]:
    """Ids and mask, shapes (P, T); every prompt ends in the last column."""
    width = max(map(len, prompts))
    ids_P_T = np.zeros((len(prompts), width), np.int64)
    mask_P_T = np.zeros((len(prompts), width), np.bool_)
    for i, prompt in enumerate(prompts):
        ids_P_T[i, width - len(prompt) :] = prompt
        mask_P_T[i, width - len(prompt) :] = True
    return torch.from_numpy(ids_P_T), torch.from_numpy(mask_P_T)


def _growing_cache(model: PreTrainedModel) -> Cache:
    """The model's own kind of cache, its plain layers exchanged for ones that grow in chunks."""
    cache = DynamicCache(config=model.config)
    cache.layers = [_GrowingLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


class _GrowingLayer(DynamicLayer):
    """Keys and values as views of buffers with room at the end."""

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Append along the positions, the last but one axis."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self._buffers = key_states[..., :0, :], value_states[..., :0, :]
            self._length = 0
        end = self._length + key_states.shape[-2]
        room = self._buffers[0].shape[-2]
        if end > room:
            extra = end - room + _CACHE_CHUNK
            self._buffers = tuple(F.pad(buffer, (0, 0, 0, extra)) for buffer in self._buffers)
        for buffer, states in zip(self._buffers, (key_states, value_states), strict=True):
            buffer[..., self._length : end, :] = states
        self._length = end
        self.keys, self.values = (buffer[..., :end, :] for buffer in self._buffers)
        return self.keys, self.values

    def reorder_cache(self, beam_idx: Tensor) -> None:
        """Keep, drop or repeat rows."""
        if self.is_initialized:
            self._buffers = tuple(buffer.index_select(0, beam_idx) for buffer in self._buffers)
            self.keys, self.values = (buffer[..., : self._length, :] for buffer in self._buffers)
