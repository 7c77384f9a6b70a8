"""What k tries at a task are worth, estimated without bias from the n >= k samples that there are of it.

All functions give one value a task, nan for tasks with fewer than k samples; `mean_interval(values_T[:, None])` is the
figure with its interval, clustered by task because it knows of nothing else.

| figure | what it is | source |
|---|---|---|
| pass@k | one of k is right | Chen et al. 2021, arXiv:2107.03374, equation 1 |
| pass^k | all k are right | Yao et al. 2024 (tau-bench), arXiv:2406.12045 |
| maj@k | the answer that most of k gave | Wang et al. 2022, arXiv:2203.11171 |
| best@k | the one of k that a score prefers | order statistics: David & Nagaraja 2003, section 2 |
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_envs.evals.stats.intervals import Floats

__all__ = ["NO_ANSWER", "best_of_k", "majority_of_k", "pass_all_k", "pass_at_k"]

Codes = NDArray[np.int64]

NO_ANSWER = -1
"""The code of a sample from which no answer could be taken: it has no vote."""

_MOST_SUBSETS = 1_000
"""Votes are taken in every choice of k samples, or in so many of them, drawn with a fixed seed."""


def pass_at_k(correct_T_K: Floats, k: int) -> Floats:
    """The probability that one of k samples at least is right: 1 - C(n - c, k) / C(n, k), as a product.

    Args:
        correct_T_K: 1 or 0, nan where there is none.
    """
    n_T, right_T = _counts(correct_T_K)
    return 1 - _share_of_choices(n_T - right_T, n_T, k)


def pass_all_k(correct_T_K: Floats, k: int) -> Floats:
    """The probability that all of k samples are right: C(c, k) / C(n, k), as a product.

    Args:
        correct_T_K: 1 or 0, nan where there is none.
    """
    n_T, right_T = _counts(correct_T_K)
    return _share_of_choices(right_T, n_T, k)


def best_of_k(rewards_T_K: Floats, scores_T_K: Floats, k: int) -> Floats:
    """The expected reward of the sample with the highest score among k; samples of equal score are drawn from.

    With the rewards themselves as scores it is what a perfect judge would get of k: pass@k for rewards of 0 and 1.

    Args:
        scores_T_K: known wherever there is a reward.
    """
    values_T = np.full(len(rewards_T_K), np.nan)
    for tasks, rewards_T_N, scores_T_N in _by_number(rewards_T_K, scores_T_K, k):
        n = rewards_T_N.shape[1]
        order_T_N = np.argsort(-scores_T_N, axis=1, kind="stable")
        sorted_T_N = np.take_along_axis(_shared(rewards_T_N, scores_T_N), order_T_N, 1)
        weights_N = np.array([math.comb(n - 1 - rank, k - 1) / math.comb(n, k) for rank in range(n)])
        values_T[tasks] = sorted_T_N @ weights_N
    return values_T


def majority_of_k(rewards_T_K: Floats, answers_T_K: Codes, k: int) -> Floats:
    """The expected reward of the answer that most of k samples gave; answers that tie are drawn from.

    Args:
        answers_T_K: equal codes for equal answers; `NO_ANSWER` has no vote, and stands only where nobody has one.
    """
    values_T = np.full(len(rewards_T_K), np.nan)
    for tasks, rewards_T_N, answers_T_N in _by_number(rewards_T_K, answers_T_K, k):
        votes = [_vote(rewards_T_N[:, chosen], answers_T_N[:, chosen]) for chosen in _choices(rewards_T_N.shape[1], k)]
        values_T[tasks] = np.mean(votes, axis=0)
    return values_T


def _counts(correct_T_K: Floats) -> tuple[Codes, Codes]:
    return (~np.isnan(correct_T_K)).sum(1), (correct_T_K == 1).sum(1)


def _share_of_choices(some_T: Codes, n_T: Codes, k: int) -> Floats:
    """C(some, k) / C(n, k), without large numbers."""
    shares_T = np.where(n_T >= k, 1.0, np.nan)
    for i in range(k):
        shares_T *= np.maximum(some_T - i, 0) / np.maximum(n_T - i, 1)
    return shares_T


def _by_number(rewards_T_K: Floats, others_T_K: NDArray[Any], k: int) -> Iterator[tuple[Codes, Floats, NDArray[Any]]]:
    """Tasks that have the same number of samples, k at least, with those samples side by side."""
    there_T_K = ~np.isnan(rewards_T_K)
    n_T = there_T_K.sum(1)
    for n in np.unique(n_T[n_T >= k]):
        tasks = np.flatnonzero(n_T == n)
        there = there_T_K[tasks]
        yield tasks, rewards_T_K[tasks][there].reshape(-1, n), others_T_K[tasks][there].reshape(-1, n)


def _shared(rewards_T_N: Floats, scores_T_N: NDArray[Any]) -> Floats:
    """Each reward replaced by the mean over the samples of its task that have the same score."""
    same_T_N_N = scores_T_N[:, :, None] == scores_T_N[:, None, :]
    shared_T_N: Floats = (same_T_N_N * rewards_T_N[:, None, :]).sum(2) / same_T_N_N.sum(2)
    return shared_T_N


def _choices(n: int, k: int) -> list[list[int]]:
    """All choices of k samples out of n, or many."""
    if math.comb(n, k) <= _MOST_SUBSETS:
        return [list(chosen) for chosen in combinations(range(n), k)]
    rng = np.random.default_rng(0)
    return [rng.permutation(n)[:k].tolist() for _ in range(_MOST_SUBSETS)]


def _vote(rewards_T_N: Floats, answers_T_N: NDArray[Any]) -> Floats:
    """The reward of the most frequent answer of each task: the mean over all samples that gave one of those."""
    votes_T_N = (answers_T_N[:, :, None] == answers_T_N[:, None, :]).sum(2)
    votes_T_N[answers_T_N == NO_ANSWER] = 0
    wins_T_N = votes_T_N == votes_T_N.max(1, keepdims=True)
    reward_T: Floats = (rewards_T_N * wins_T_N).sum(1) / wins_T_N.sum(1)
    return reward_T
