"""pass@k and its kin, against every choice of k samples there is."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.evals.stats.samples import NO_ANSWER, best_of_k, majority_of_k, pass_all_k, pass_at_k

NAN = math.nan

samples = st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.integers(NO_ANSWER, 2)), min_size=1, max_size=6)


def over_choices(task, k, judge):
    """The mean of `judge` over all choices of k samples."""
    return np.mean([judge(chosen) for chosen in combinations(task, k)])


def in_rows(tasks):
    """Rewards and answers of tasks with different numbers of samples, holes first."""
    width = max(map(len, tasks))
    rewards = [[NAN] * (width - len(task)) + [reward for reward, _ in task] for task in tasks]
    answers = [[7] * (width - len(task)) + [answer for _, answer in task] for task in tasks]
    return np.array(rewards), np.array(answers)


def majority(chosen):
    """By counting."""
    votes = Counter(answer for _, answer in chosen if answer != NO_ANSWER)
    most = max(votes.values(), default=0)
    return np.mean([reward for reward, answer in chosen if (votes[answer] if answer != NO_ANSWER else 0) == most])


def best(chosen):
    """By looking; answers stand for scores."""
    top = max(score for _, score in chosen)
    return np.mean([reward for reward, score in chosen if score == top])


@given(st.lists(samples, min_size=1, max_size=5), st.integers(1, 6))
def test_every_figure_is_the_mean_over_all_choices(tasks, k):
    """Enumerated by brute force; tasks with fewer than k samples have none."""
    rewards_T_K, answers_T_K = in_rows(tasks)
    figures = {
        pass_at_k: lambda chosen: max(reward for reward, _ in chosen),
        pass_all_k: lambda chosen: min(reward for reward, _ in chosen),
        best_of_k: best,
        majority_of_k: majority,
    }
    for figure, judge in figures.items():
        extra = () if figure in {pass_at_k, pass_all_k} else (answers_T_K,)
        expected = [over_choices(task, k, judge) if len(task) >= k else NAN for task in tasks]
        assert figure(rewards_T_K, *extra, k).tolist() == pytest.approx(expected, nan_ok=True), figure


def test_chen_by_hand():
    """3 right of 10: pass@1 0.3, pass@2 8/15, pass@8 1; pass^2 1/15."""
    correct_T_K = np.array([[1.0] * 3 + [0.0] * 7])
    assert [float(pass_at_k(correct_T_K, k)[0]) for k in (1, 2, 8)] == pytest.approx([0.3, 8 / 15, 1])
    assert pass_all_k(correct_T_K, 2)[0] == pytest.approx(1 / 15)


def test_many_samples():
    """1 right of 2,000: pass@1000 is a half, though C(2000, 1000) fits no float."""
    assert pass_at_k(np.array([[1.0] + [0.0] * 1999]), 1000)[0] == pytest.approx(0.5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(1, 8))
def test_a_perfect_judge_finds_the_highest_reward(rewards, k):
    """best@k by the reward itself is the expected maximum."""
    expected = np.mean([max(chosen) for chosen in combinations(rewards, k)]) if len(rewards) >= k else NAN
    rewards_T_K = np.array([rewards])
    assert best_of_k(rewards_T_K, rewards_T_K, k)[0] == pytest.approx(expected, nan_ok=True)


def test_votes_in_many_samples():
    """Where there are too many choices, enough are drawn, the same ones each time."""
    rng = np.random.default_rng(0)
    answers_T_K = rng.integers(0, 3, (200, 24))
    rewards_T_K = (answers_T_K == 0).astype(float)
    found = majority_of_k(rewards_T_K, answers_T_K, 23)
    exact = [
        over_choices(list(zip(r, a, strict=True)), 23, majority) for r, a in zip(rewards_T_K, answers_T_K, strict=True)
    ]
    assert found.tolist() == pytest.approx(exact)
    drawn = majority_of_k(rewards_T_K, answers_T_K, 12)
    assert drawn.tolist() == majority_of_k(rewards_T_K, answers_T_K, 12).tolist()
