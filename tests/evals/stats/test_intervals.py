"""Intervals: against SciPy, by hand, and by how often they hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from llm_envs.evals.stats.intervals import Interval, bca, mean_interval, mean_of, task_means, wilson

NAN = math.nan

REWARDS = arrays(float, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=st.sampled_from([NAN, 0, 0.3, 1]))


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson(right, wrong):
    """One sample a task: SciPy's Wilson interval."""
    rewards_T = np.array([1.0] * right + [0.0] * wrong)
    found = mean_interval(rewards_T[:, None])
    low, high = stats.binomtest(right, right + wrong).proportion_ci(method="wilson")
    assert found.method == "Wilson"
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-12)


def test_means_are_those_of_tasks():
    """A task of which samples were lost counts as much as any other; one without any does not count."""
    means_T, counts_T = task_means(np.array([[1, 1, 0, 0], [NAN, NAN, NAN, 1], [NAN] * 4]))
    assert means_T.tolist() == [0.5, 1]
    assert counts_T.tolist() == [4, 1]


def test_clusters_by_hand():
    """Four tasks of two samples with means 1, 1/2, 1/2, 0: Wilson with 3 effective episodes and t of 3 degrees."""
    found = mean_interval(np.array([[1, 1], [1, 0], [0, 1], [0, 0]]))
    quantile = stats.t.ppf(0.975, 3)
    variance = ((1 / 2) ** 2 * 2 / 3) / 4
    assert 0.25 / variance == pytest.approx(6)
    assert found.method == "Wilson, clustered by task"
    assert (found.low, found.high) == pytest.approx(wilson(0.5, 6, quantile))


def test_equal_samples_are_worth_one():
    """Copies of every sample narrow nothing down, up to one task's worth of degrees of freedom."""
    once_T = np.random.default_rng(0).integers(0, 2, 200).astype(float)[:, None]
    once, copied = mean_interval(once_T), mean_interval(np.repeat(once_T, 8, axis=1))
    assert copied.half_width == pytest.approx(once.half_width, rel=0.02)


def test_independent_samples_are_worth_all():
    """Where a task says nothing, k samples narrow the interval down as k times the tasks would."""
    rewards_T_K = np.random.default_rng(0).integers(0, 2, (500, 4)).astype(float)
    clustered, plain = mean_interval(rewards_T_K), mean_interval(rewards_T_K.reshape(-1, 1))
    assert clustered.half_width == pytest.approx(plain.half_width, rel=0.05)


@pytest.mark.parametrize(("tasks", "samples", "spread"), [(15, 4, 0.5), (40, 8, 0.3), (60, 4, 5.0), (200, 2, 1.0)])
def test_clusters_cover(tasks, samples, spread):
    """Tasks of different difficulty: 95 intervals in 100 hold the true mean, and not many more."""
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(1_000):
        share_T = rng.beta(0.8 * spread * 2, 0.2 * spread * 2, tasks)
        rewards_T_K = rng.binomial(1, share_T[:, None], (tasks, samples)).astype(float)
        rewards_T_K[rng.random(rewards_T_K.shape) < 0.1] = NAN
        found = mean_interval(rewards_T_K)
        hits += found.low <= 0.8 <= found.high
    assert 0.935 <= hits / 1_000 <= 0.985


def test_the_bootstrap_is_scipys():
    """BCa ends agree with SciPy's to within what resampling leaves to chance."""
    values_T = np.random.default_rng(2).beta(6, 1, 60)
    expected = stats.bootstrap((values_T,), np.mean, n_resamples=20_000, rng=3).confidence_interval
    assert bca(values_T) == pytest.approx((expected.low, expected.high), abs=0.06 * (expected.high - expected.low))


def test_the_bootstrap_covers():
    """Skewed rewards near the top of their range: at least 92 intervals in 100 hold the mean, from 40 tasks."""
    rng = np.random.default_rng(4)
    found = [mean_interval(rng.beta(4, 0.5, (40, 1))) for _ in range(300)]
    assert found[0].method == "bootstrap over tasks"
    assert np.mean([i.low <= 4 / 4.5 <= i.high for i in found]) >= 0.92


def test_many_tasks_need_no_bootstrap():
    """Where the method changes, the interval does not."""
    values_T = np.random.default_rng(5).beta(2, 1, 1_001)
    found = mean_interval(values_T[:, None])
    assert found.method == "Student's t over tasks"
    assert (found.low, found.high) == pytest.approx(bca(values_T), abs=0.05 * found.half_width)
    assert (found.low, found.high) == pytest.approx(
        stats.t.interval(0.95, 1_000, values_T.mean(), stats.sem(values_T)), rel=1e-9
    )


EDGES = {
    "nothing": ([[NAN, NAN]], (NAN, 0, 1), "nothing scored"),
    "one right": ([[1]], (1, 0.2065, 1), "Wilson"),
    "one task of four": ([[1, 0, 1, 1]], (0.75, *wilson(0.75, 1)), "Wilson, clustered by task"),
    "all right": ([[1, 1]] * 9, (1, wilson(1, 9)[0], 1), "Wilson, clustered by task"),
    "all alike": ([[1, 0]] * 9, (0.5, *wilson(0.5, 18, stats.t.ppf(0.975, 8))), "Wilson, clustered by task"),
    "one partial": ([[0.5]], (0.5, *wilson(0.5, 1)), "Wilson over tasks"),
    "equal partial": ([[0.5]] * 50, (0.5, *wilson(0.5, 50)), "Wilson over tasks"),
}


@pytest.mark.parametrize("case", EDGES)
def test_edges(case):
    """No figure is too sure of itself where there is little to go by."""
    rewards, expected, method = EDGES[case]
    found = mean_interval(np.array(rewards, float))
    assert (found.mean, found.low, found.high) == pytest.approx(expected, abs=1e-4, nan_ok=True)
    assert found.method == method


@given(REWARDS)
def test_an_interval_holds_its_mean(rewards_T_K):
    """And stays in the range, whatever the rewards."""
    found = mean_interval(rewards_T_K)
    assert 0 <= found.low <= found.high <= 1
    assert math.isnan(found.mean) or found.low - 1e-9 <= found.mean <= found.high + 1e-9
    assert found.n == (~np.isnan(rewards_T_K)).sum()


@given(REWARDS)
def test_other_ranges_scale(rewards_T_K):
    """Rewards from -1 to 1 have the intervals of rewards from 0 to 1, stretched."""
    narrow, wide = mean_interval(rewards_T_K), mean_interval(2 * rewards_T_K - 1, (-1, 1))
    assert (wide.low, wide.high) == pytest.approx((2 * narrow.low - 1, 2 * narrow.high - 1), abs=1e-9)


def test_a_range_of_one_value():
    """Where every reward must be 0, the mean is 0."""
    assert mean_interval(np.zeros((20, 1)), (0.0, 0.0)).mean == 0


def test_two_values_are_a_coin():
    """Rewards of -10 and 10 have Wilson's interval, stretched, also where a verdict could have given less."""
    rewards_T_K = np.array([[10.0]] * 12 + [[-10.0]] * 8)
    found = mean_interval(rewards_T_K, (-20, 10))
    low, high = wilson(0.6, 20)
    assert (found.low, found.high, found.method) == pytest.approx((20 * low - 10, 20 * high - 10, "Wilson"))
    few = mean_interval(rewards_T_K[10:14], (-20, 10))
    assert few.low < -10


def test_the_mean_of_envs():
    """Two envs of one width: the mean's interval is narrower by the root of two, and each env counts the same."""
    of = Interval(0.2, 0.1, 0.4, 100, 100, "Wilson"), Interval(0.6, 0.5, 0.8, 50, 50, "Wilson")
    found = mean_of(of)
    assert found.mean == pytest.approx(0.4)
    assert (found.low, found.high) == pytest.approx((0.4 - 0.1 / math.sqrt(2), 0.4 + 0.2 / math.sqrt(2)))
    assert (found.n, found.method) == (150, "mean of 2 envs; Wilson")


def test_figures_are_written_down():
    """What is not there is None in JSON and a dash in text."""
    nothing = mean_interval(np.array([[NAN]]))
    assert nothing.to_dict()["mean"] is None
    assert str(nothing) == "- [0.000, 1.000]"
    assert str(mean_interval(np.array([[1.0]] * 400 + [[0.0]] * 100))) == "0.800 [0.763, 0.833]"
