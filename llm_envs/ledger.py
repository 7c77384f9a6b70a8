"""The append-only record of an episode: token ids, who wrote them, and the sampler's logprobs.

There are two writers, what was sampled and what the env said, and no way to remove or rewrite anything:
a policy is trained on exactly the ids that it sampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llm_envs.types import Span

__all__ = ["Ledger"]

_FIRST_CAPACITY = 512
"""Tokens; a one-turn maths episode fits without growing."""


class Ledger:
    """Three parallel arrays that only grow, and the spans that tile them."""

    __slots__ = ("_ids", "_length", "_logprobs", "_mask", "_spans")

    def __init__(self) -> None:
        self._ids = np.empty(_FIRST_CAPACITY, np.int32)
        self._mask = np.zeros(_FIRST_CAPACITY, np.bool_)
        self._logprobs = np.zeros(_FIRST_CAPACITY, np.float32)
        self._length = 0
        self._spans: list[Span] = []

    def __len__(self) -> int:
        return self._length

    def append_env(self, ids: ArrayLike, kind: Literal["prompt", "env"] = "env") -> None:
        """Record what the env said; mask False, logprob 0."""
        self._append(kind, np.asarray(ids, np.int32))

    def append_sampled(self, ids: ArrayLike, logprobs: ArrayLike | None = None) -> None:
        """Record what the policy sampled; without logprobs, nan stands for them."""
        start = self._length
        self._append("sampled", np.asarray(ids, np.int32))
        self._mask[start : self._length] = True
        self._logprobs[start : self._length] = np.nan if logprobs is None else logprobs

    def _append(self, kind: Literal["prompt", "sampled", "env"], ids: NDArray[np.int32]) -> None:
        start, end = self._length, self._length + len(ids)
        if end == start:
            return
        if end > len(self._ids):
            self._grow(end)
        self._ids[start:end] = ids
        self._length = end
        if self._spans and self._spans[-1].kind == kind:
            start = self._spans.pop().start
        self._spans.append(Span(kind, start, end))

    def _grow(self, needed: int) -> None:
        extra = max(needed, 2 * len(self._ids)) - len(self._ids)
        self._ids = np.concatenate([self._ids, np.empty(extra, np.int32)])
        self._mask = np.concatenate([self._mask, np.zeros(extra, np.bool_)])
        self._logprobs = np.concatenate([self._logprobs, np.zeros(extra, np.float32)])

    @property
    def spans(self) -> Sequence[Span]:
        """Who wrote what, in order; neighbours differ in kind."""
        return tuple(self._spans)

    def ids(self, start: int = 0) -> NDArray[np.int32]:
        """A copy of the ids from `start` on."""
        return self._ids[start : self._length].copy()

    def mask(self, start: int = 0) -> NDArray[np.bool_]:
        """A copy of the mask from `start` on; True where sampled."""
        return self._mask[start : self._length].copy()

    def logprobs(self, start: int = 0) -> NDArray[np.float32]:
        """A copy of the logprobs from `start` on."""
        return self._logprobs[start : self._length].copy()
