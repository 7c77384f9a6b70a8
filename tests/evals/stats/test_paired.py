"""Comparisons: against SciPy, by hand, and by how often they cry wolf."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from llm_envs.evals.stats.paired import holm, paired_difference

NAN = math.nan


def pairs(both, fell, rose, neither):
    """Rewards of two runs with so many tasks of each kind."""
    kinds = [(1, 1)] * both + [(1, 0)] * fell + [(0, 1)] * rose + [(0, 0)] * neither
    first, second = np.array(kinds, float).T
    return first[:, None], second[:, None]


def test_mcnemar():
    """59 against 16 discordant pairs among 1,600: the exact binomial p; Bonett and Price by hand."""
    found = paired_difference(*pairs(794, 59, 16, 731))
    assert found.method == "McNemar, exact"
    assert found.p == pytest.approx(stats.binomtest(16, 75, 0.5).pvalue)
    assert found.mean == pytest.approx((16 - 59) / 1600)
    up, down = 17 / 1602, 60 / 1602
    half = 1.959964 * math.sqrt((up + down - (up - down) ** 2) / 1602)
    assert (found.low, found.high) == pytest.approx((up - down - half, up - down + half))
    assert (found.rose, found.fell) == (16, 59)
    assert found.detectable == pytest.approx((1.959964 + 0.841621) * half / 1.959964)


def test_students_t():
    """Partial rewards: SciPy's paired t test and its interval."""
    rng = np.random.default_rng(0)
    first_T = rng.random(30)
    second_T = np.clip(first_T + rng.normal(0.05, 0.1, 30), 0, 1)
    found, expected = paired_difference(first_T[:, None], second_T[:, None]), stats.ttest_rel(second_T, first_T)
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))


def test_samples_are_clustered():
    """Several samples a task: the t test of the tasks' means, over attempts that both runs have."""
    rng = np.random.default_rng(1)
    first_T_K, second_T_K = rng.integers(0, 2, (2, 40, 4)).astype(float)
    first_T_K[3, :2] = second_T_K[5] = NAN
    found = paired_difference(first_T_K, second_T_K)
    first_T, second_T = first_T_K.mean(1), second_T_K.mean(1)
    first_T[3], second_T[3] = first_T_K[3, 2:].mean(), second_T_K[3, 2:].mean()
    expected = stats.ttest_rel(np.delete(second_T, 5), np.delete(first_T, 5))
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.n, found.tasks) == (40 * 4 - 4 - 2, 39)


def test_equal_runs_differ_by_chance_only():
    """One in twenty comparisons of two equally good runs is below 5%; an exact test says so more rarely."""
    rng = np.random.default_rng(2)
    clustered, binary = [], []
    for _ in range(600):
        share_T = rng.random((50, 1))
        clustered.append(paired_difference(*rng.binomial(1, share_T, (2, 50, 4)).astype(float)).p)
        binary.append(paired_difference(*rng.binomial(1, share_T, (2, 50, 1)).astype(float)).p)
    assert 0.03 <= np.mean(np.array(clustered) < 0.05) <= 0.07
    assert np.mean(np.array(binary) < 0.05) <= 0.05


def test_what_is_detectable_is_detected():
    """A true difference of the size named is found in about 80% of repetitions."""
    rng = np.random.default_rng(3)
    detectable = paired_difference(*rng.random((2, 400, 1))).detectable
    found = []
    for _ in range(400):
        first, second = rng.random((2, 400, 1))
        found.append(paired_difference(first - detectable, second, (-1, 1)).p < 0.05)
    assert 0.75 <= np.mean(found) <= 0.85


EDGES = {
    "nothing in common": ([[NAN]], [[1]], (NAN, -1, 1), NAN),
    "one task, no change": ([[1]], [[1]], (0, -0.9239, 0.9239), 1),
    "no task differs": ([[1], [0]] * 50, [[1], [0]] * 50, (0, -0.0272, 0.0272), 1),
    "all differ alike": ([[0.2]] * 8, [[0.3]] * 8, (0.1, 0.1 - 0.2772, 0.1 + 0.2772), 2 / 2**8),
}


@pytest.mark.parametrize("case", EDGES)
def test_edges(case):
    """No comparison is too sure of itself where there is little to go by."""
    first, second, expected, p = EDGES[case]
    found = paired_difference(np.array(first, float), np.array(second, float))
    assert (found.mean, found.low, found.high) == pytest.approx(expected, abs=1e-4, nan_ok=True)
    assert found.p == pytest.approx(p, nan_ok=True)


@given(st.lists(st.tuples(st.sampled_from([0, 0.5, 1]), st.sampled_from([0, 0.5, 1])), min_size=1, max_size=20))
def test_the_other_way_round(tasks):
    """Compared the other way round, everything has the other sign and the same p."""
    first, second = np.array(tasks, float).T[:, :, None]
    there, back = paired_difference(first, second), paired_difference(second, first)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert (there.p, there.rose, there.fell) == pytest.approx((back.p, back.fell, back.rose))


def test_holm_by_hand():
    """Holm's step-down: 0.01, 0.04, 0.03 and 0.005 become 0.03, 0.06, 0.06 and 0.02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, NAN, 0.6]) == pytest.approx([1, NAN, 1], nan_ok=True)
    assert holm([]) == []
