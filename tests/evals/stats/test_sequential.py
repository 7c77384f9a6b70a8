"""The interval that may be looked at all the time: how often it is ever wrong, and how narrow it gets."""

from __future__ import annotations

import math

import numpy as np
import pytest

from llm_envs.evals.stats.intervals import wilson
from llm_envs.evals.stats.sequential import ConfidenceSequence

STREAMS = {
    "a half": (lambda rng: rng.binomial(1, 0.5, 300), 0.5),
    "nearly all": (lambda rng: rng.binomial(1, 0.97, 300), 0.97),
    "partial": (lambda rng: rng.beta(2, 1, 300), 2 / 3),
    "tasks of four samples": (lambda rng: rng.binomial(4, rng.beta(1, 1, 300)) / 4, 0.5),
}


@pytest.mark.parametrize("aim", [0.01, 0.1])
@pytest.mark.parametrize("stream", STREAMS)
def test_it_is_hardly_ever_wrong(stream, aim):
    """In at least 95% of streams the true mean is inside after every single value."""
    draw, truth = STREAMS[stream]
    rng = np.random.default_rng(0)
    always = sum(_holds_always(draw(rng), truth, aim) for _ in range(200))
    assert always >= 190


def _holds_always(values, truth, aim):
    sequence = ConfidenceSequence(aim, points=51)
    for value in values:
        sequence.add(float(value))
        found = sequence.interval
        if not found.low <= truth <= found.high:
            return False
    return True


def test_a_fixed_interval_would_be_wrong():
    """What this is for: Wilson's interval, looked at after every task, misses the mean in far more than 5% of runs."""
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(200):
        shares = np.cumsum(rng.binomial(1, 0.5, 300)) / np.arange(1, 301)
        ends = [wilson(float(share), n) for n, share in enumerate(shares, 1)]
        missed += any(not low <= 0.5 <= high for low, high in ends[9:])
    assert missed / 200 > 0.2


def test_its_price():
    """It reaches the width that it aims at after less than twice and a half the tasks of a number fixed before."""
    sequence, rng = ConfidenceSequence(0.03), np.random.default_rng(0)
    while sequence.interval.half_width > 0.03:
        sequence.add(float(rng.binomial(1, 0.8)))
    low, high = wilson(0.8, sequence.n / 2.5)
    assert high - low > 2 * 0.03


def test_before_the_first_value():
    """Nothing is known, and it says so."""
    found = ConfidenceSequence(0.02).interval
    assert math.isnan(found.mean)
    assert (found.low, found.high, found.n) == (0, 1, 0)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_alike(value):
    """Values that are all 0, or all 1, leave the end of the range inside and shut the other out."""
    sequence = ConfidenceSequence(0.02)
    for _ in range(300):
        sequence.add(value)
    found = sequence.interval
    assert found.low <= value <= found.high
    assert found.half_width < 0.03
