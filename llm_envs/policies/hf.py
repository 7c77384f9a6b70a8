"""Any `transformers` causal language model as a policy: a batched sampler with a key-value cache.

Faster than `model.generate` where it matters for reinforcement learning: a prompt that a whole group shares is read
once, rows that have finished leave the batch, the cache grows in chunks instead of being copied at every token, and
nothing is computed that rollouts do not use. The logits are the model's own, so replies have the probabilities that
a trainer recomputes. `benchmarks/sampler.py` has the figures.

What it deliberately does not do: top-k, top-p, penalties or beams, whose log-probabilities a policy gradient cannot
use; and no batching over time (a request waits for its batch).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad
from transformers import Cache, DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from llm_envs.chat import ChatTokenizer
from llm_envs.policies.noise import uniform
from llm_envs.policies.policy import Reply, Request, Sampling

__all__ = ["HFPolicy", "precision"]

_CACHE_CHUNK = 64
"""Positions by which the cache grows: one copy in 64 tokens instead of one a token, and little memory unused."""

_COMPACT_BELOW = 0.8
"""Finished rows leave the batch when less than this part is still open: dropping them copies the cache."""


def precision(device: torch.device) -> AbstractContextManager[Any]:
    """How models are run: bfloat16 matrix products over float32 weights on a GPU, float32 on a CPU."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


class HFPolicy:
    """Samples replies from a causal language model.

    Args:
        model: shared with whoever trains it, so there are no weights to keep in step. Put it into evaluation mode.
        chat: the tokenizer; its stop ids end a reply, and no id beyond its vocabulary is drawn, though the model may
            have a wider one.
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
        stop_ids = self._stop_ids.to(self.model.device)
        batch = _Batch(self.model, requests)
        with precision(self.model.device):
            logits_B_V = batch.prefill()
            while True:
                logits_B_V = logits_B_V[:, : self._vocab_size]
                tokens_B, logprobs_B = _draw(logits_B_V, batch.noise(sampling), sampling.temperature)
                if not batch.append(tokens_B, logprobs_B, torch.isin(tokens_B, stop_ids)):
                    return batch.replies()
                logits_B_V = batch.decode()


class _Batch:
    """The rows being continued: `B` those in the batch, `N` all of them, `P` distinct prompts, `T` positions."""

    def __init__(self, model: PreTrainedModel, requests: Sequence[Request]) -> None:
        self._model = model
        self._contexts = [request.context for request in requests]
        self._keys_N = np.array([request.row for request in requests], np.int64)
        self._starts_N = np.array([len(context) for context in self._contexts], np.int64)
        self._budgets_N = np.array([request.budget for request in requests], np.int64)
        self._lengths_N = np.zeros(len(requests), np.int64)
        self._rows_B = np.arange(len(requests))
        self._drawn: list[tuple[NDArray[np.int64], Tensor, Tensor]] = []

    def prefill(self) -> Tensor:
        """Read every distinct prompt once; logits of the first new token, shape (B, V)."""
        prompts, prompt_of_B = _distinct(self._contexts)
        ids_P_T, mask_P_T = (array.to(self._model.device) for array in _pad_left(prompts))
        ragged = len({len(prompt) for prompt in prompts}) > 1
        positions_P_T = (mask_P_T.cumsum(1) - 1).clamp(min=0)
        self._cache = _growing_cache(self._model)
        self._mask_B_T = mask_P_T if ragged else None
        self._positions_B = positions_P_T[:, -1]
        logits_P_V = self._forward(ids_P_T, positions_P_T)
        if len(prompts) == len(prompt_of_B):
            return logits_P_V
        index_B = torch.tensor(prompt_of_B, device=self._model.device)
        self._take(index_B)
        return logits_P_V[index_B]

    def decode(self) -> Tensor:
        """Logits after the newest tokens, shape (B, V)."""
        self._positions_B = self._positions_B + 1
        if self._mask_B_T is not None:
            self._mask_B_T = pad(self._mask_B_T, (0, 1), value=True)
        return self._forward(self._tokens_B[:, None], self._positions_B[:, None])

    def noise(self, sampling: Sampling) -> Tensor:
        """Uniform noise for the next token of every row, shape (B,)."""
        positions_B = self._starts_N[self._rows_B] + len(self._drawn)
        noise_B = uniform(sampling.seed, sampling.step, self._keys_N[self._rows_B], positions_B)
        return torch.from_numpy(noise_B).to(self._model.device)

    def append(self, tokens_B: Tensor, logprobs_B: Tensor, stopped_B: Tensor) -> bool:
        """Record a token for every row; False when all rows are finished."""
        self._tokens_B = tokens_B
        self._drawn.append((self._rows_B, tokens_B, logprobs_B))
        length = len(self._drawn)
        open_B = self._lengths_N[self._rows_B] == 0
        ended_B = open_B & (stopped_B.cpu().numpy() | (self._budgets_N[self._rows_B] <= length))
        self._lengths_N[self._rows_B[ended_B]] = length
        open_B &= ~ended_B
        if 0 < open_B.sum() < _COMPACT_BELOW * len(open_B):
            self._rows_B = self._rows_B[open_B]
            self._take(torch.from_numpy(np.flatnonzero(open_B)).to(tokens_B.device))
        return bool(open_B.any())

    def replies(self) -> list[Reply]:
        """What was sampled, row by row."""
        rows, tokens, logprobs = zip(*self._drawn, strict=True)
        steps = np.repeat(np.arange(len(rows)), [len(rows_B) for rows_B in rows])
        ids_N_T = np.zeros((len(self._contexts), len(rows)), np.int32)
        logprobs_N_T = np.zeros(ids_N_T.shape, np.float32)
        ids_N_T[np.concatenate(rows), steps] = torch.cat(tokens).cpu().numpy()
        logprobs_N_T[np.concatenate(rows), steps] = torch.cat(logprobs).cpu().numpy()
        lengths = self._lengths_N.tolist()
        return [Reply(ids_N_T[i, :n].copy(), logprobs_N_T[i, :n].copy()) for i, n in enumerate(lengths)]

    def _forward(self, ids_B_T: Tensor, positions_B_T: Tensor) -> Tensor:
        """Logits of the last position, shape (B, V)."""
        output = self._model(
            input_ids=ids_B_T,
            attention_mask=self._mask_B_T,
            position_ids=positions_B_T,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits_B_V: Tensor = output.logits[:, -1]
        return logits_B_V

    def _take(self, index_B: Tensor) -> None:
        """Make these rows, in this order, the batch."""
        self._cache.reorder_cache(index_B)  # type: ignore[arg-type]  # an index tensor, which is all it needs
        self._positions_B = self._positions_B[index_B]
        if self._mask_B_T is not None:
            self._mask_B_T = self._mask_B_T[index_B]
        if self._drawn:
            self._tokens_B = self._tokens_B[index_B]


def _draw(logits_B_V: Tensor, noise_B: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Tokens by inverting the distribution function at the noise, and their log-probabilities, shapes (B,)."""
    if temperature == 0.0:
        return logits_B_V.argmax(-1), torch.zeros(len(logits_B_V), device=logits_B_V.device)
    logprobs_B_V = torch.log_softmax(logits_B_V.float() / temperature, -1)
    cumulative_B_V = logprobs_B_V.exp().cumsum(-1, dtype=torch.float64)
    thresholds_B_1 = (noise_B * cumulative_B_V[:, -1])[:, None]
    tokens_B_1 = torch.searchsorted(cumulative_B_V, thresholds_B_1, right=True)
    return tokens_B_1[:, 0], logprobs_B_V.gather(1, tokens_B_1)[:, 0]


def _distinct(contexts: Sequence[NDArray[np.int32]]) -> tuple[list[NDArray[np.int32]], list[int]]:
    """The different contexts, and which of them each row has."""
    index: dict[bytes, int] = {}
    prompts: list[NDArray[np.int32]] = []
    for context in contexts:
        if index.setdefault(context.tobytes(), len(index)) == len(prompts):
            prompts.append(context)
    return prompts, [index[context.tobytes()] for context in contexts]


def _pad_left(prompts: Sequence[NDArray[np.int32]]) -> tuple[Tensor, Tensor]:
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


class _GrowingLayer(DynamicLayer):  # type: ignore[no-untyped-call]  # its __init_subclass__ has no annotations
    """Keys and values as views of buffers with room at the end."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._buffers: list[Tensor] = []
        self._length = 0

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Append along the positions, the last axis but one."""
        states = (key_states, value_states)
        if not self.is_initialized:
            self.lazy_initialization(*states)
            self._buffers = [new[..., :0, :] for new in states]
        start, end = self._length, self._length + key_states.shape[-2]
        missing = end - self._buffers[0].shape[-2]
        if missing > 0:
            self._buffers = [pad(buffer, (0, 0, 0, missing + _CACHE_CHUNK)) for buffer in self._buffers]
        for buffer, new in zip(self._buffers, states, strict=True):
            buffer[..., start:end, :] = new
        self._length = end
        return self._look()

    def reorder_cache(self, beam_idx: Tensor) -> None:
        """Keep, drop or repeat rows."""
        self._buffers = [buffer.index_select(0, beam_idx) for buffer in self._buffers]
        self._look()

    def _look(self) -> tuple[Tensor, Tensor]:
        self.keys, self.values = (buffer[..., : self._length, :] for buffer in self._buffers)
        return self.keys, self.values
