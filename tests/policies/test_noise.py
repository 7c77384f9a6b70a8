"""Counter-based noise: a pure function, uniform, and different wherever a token stands."""

from __future__ import annotations

import numpy as np
import pytest

from llm_envs.policies.noise import key, uniform


def test_noise_is_a_pure_function():
    """These four numbers never change, in any process, on any machine."""
    noise_B = uniform(1, 2, [3, 4], [5, 6])
    assert noise_B.tolist() == uniform(1, 2, [3, 4], [5, 6]).tolist()
    assert noise_B == pytest.approx(PINNED, abs=1e-15)


def test_noise_of_a_row_does_not_depend_on_its_batch():
    """A row alone draws what it draws among others."""
    together_B = uniform(0, 0, np.arange(100), np.full(100, 7))
    assert [uniform(0, 0, [row], [7])[0] for row in range(100)] == together_B.tolist()


@pytest.mark.parametrize("axis", ["seed", "step", "row", "position"])
def test_noise_is_uniform_along_every_counter(axis):
    """Mean, spread and neighbours along each counter are those of independent uniform numbers."""
    n = 20_000
    counters = np.arange(n)
    draw = {
        "seed": lambda: np.array([uniform(i, 0, [0], [0])[0] for i in range(n)]),
        "step": lambda: np.array([uniform(0, i, [0], [0])[0] for i in range(n)]),
        "row": lambda: uniform(0, 0, counters, np.zeros(n, np.int64)),
        "position": lambda: uniform(0, 0, np.zeros(n, np.int64), counters),
    }
    noise_n = draw[axis]()
    assert noise_n.min() >= 0
    assert noise_n.max() < 1
    assert abs(noise_n.mean() - 0.5) < 5 / np.sqrt(12 * n)
    assert abs(noise_n.var() - 1 / 12) < 0.002
    assert abs(np.corrcoef(noise_n[:-1], noise_n[1:])[0, 1]) < 5 / np.sqrt(n)


def test_counters_are_not_interchangeable():
    """The same numbers in other places give other noise."""
    draws = {uniform(*counters[:2], [counters[2]], [counters[3]])[0] for counters in np.ndindex(3, 3, 3, 3)}
    assert len(draws) == 81


PINNED = [0.19819076449005912, 0.18301040487704423]


def test_keys_tell_names_apart():
    """Different names have different keys, in [0, 2**63); equal names equal ones, in every process."""
    names = [("a", 1), ("a", 11), ("a1", 1), (1, "a"), ("1", "a"), ("a", 1, 0), (), (2**70,), (-1,)]
    keys = {key(*parts) for parts in names}
    assert len(keys) == len(names)
    assert all(0 <= number < 2**63 for number in keys)
    assert key("llm/Math-v0", 3, 1) == 4074431097687199621
