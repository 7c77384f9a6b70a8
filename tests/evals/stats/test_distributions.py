"""Tails and quantiles, against SciPy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from llm_envs.evals.stats.distributions import Z_LEVEL, Z_POWER, exact_binomial_p, t_quantile, t_tail


@given(st.floats(0, 60), st.integers(1, 20_000))
def test_the_tail_of_students_t(t, degrees):
    """It agrees with SciPy to nine digits, far out too."""
    assert t_tail(t, degrees) == pytest.approx(stats.t.sf(t, degrees), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("degrees", [1, 2, 3, 7, 30, 1_000, 100_000])
def test_the_quantile_of_students_t(degrees):
    """It agrees with SciPy to nine digits."""
    assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-9)


def test_the_normal_quantiles():
    """95% two-sided, and 80% one-sided."""
    assert pytest.approx([stats.norm.ppf(0.975), stats.norm.ppf(0.8)]) == [Z_LEVEL, Z_POWER]


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_fair_coin(first, second):
    """The two-sided exact p is SciPy's."""
    expected = stats.binomtest(first, first + second, 0.5).pvalue if first + second else 1.0
    assert exact_binomial_p(first, second) == pytest.approx(expected, rel=1e-9)


def test_a_coin_thrown_often():
    """Numbers of which no binomial coefficient fits a float."""
    assert exact_binomial_p(49_000, 50_000) == pytest.approx(stats.binomtest(49_000, 99_000, 0.5).pvalue, rel=1e-6)
