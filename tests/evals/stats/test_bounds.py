"""Bounds: the means that errors could have made."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from llm_envs.evals.stats.bounds import error_bounds
from llm_envs.evals.stats.intervals import mean_interval


def test_two_errors_in_five_hundred():
    """401 right of 498, 2 errors: between 401 and 403 of 500."""
    rewards_T_K = np.array([1.0] * 401 + [0.0] * 97 + [math.nan] * 2)[:, None]
    assert error_bounds(rewards_T_K, np.isnan(rewards_T_K)) == pytest.approx((0.802, 0.806))


def test_what_was_not_played_is_no_error():
    """Episodes that are still to come move no bound."""
    rewards_T_K = np.array([[1.0], [math.nan], [math.nan]])
    assert error_bounds(rewards_T_K, np.array([[False], [True], [False]])) == (0.5, 1.0)
    assert error_bounds(rewards_T_K[1:], np.zeros((2, 1), bool)) is None


@given(arrays(float, (6, 3), elements=st.sampled_from([math.nan, 0, 0.25, 1])))
def test_the_mean_lies_between(rewards_T_K):
    """Whatever was lost, the mean of the rest is within the bounds."""
    bounds = error_bounds(rewards_T_K, np.isnan(rewards_T_K))
    mean = mean_interval(rewards_T_K).mean
    assert math.isnan(mean) or bounds[0] - 1e-9 <= mean <= bounds[1] + 1e-9
