"""Choices that follow from a generator."""

from __future__ import annotations

from collections import Counter

import numpy as np

from llm_envs.envs.tools.chance import Chance


def chance(seed=0):
    """A new one."""
    return Chance(np.random.default_rng(seed))


def test_equal_generators_choose_alike():
    """Also beyond one bulk."""
    one, other = chance(), chance()
    assert [one.between(0, 999) for _ in range(2_000)] == [other.between(0, 999) for _ in range(2_000)]


def test_every_number_comes_up_and_none_beyond():
    """Both ends included."""
    drawn = chance()
    counts = Counter(drawn.between(-1, 2) for _ in range(4_000))
    assert set(counts) == {-1, 0, 1, 2}
    assert min(counts.values()) > 850


def test_some_are_different_ones():
    """At most all of them."""
    drawn = chance()
    assert all(len(set(drawn.some(range(9), 4))) == 4 for _ in range(100))
    assert sorted(drawn.some(range(3), 9)) == [0, 1, 2]


def test_numbers_are_different_and_in_range():
    """In no order."""
    drawn = chance()
    numbers = drawn.numbers(50, 100, 199)
    assert len(set(numbers)) == 50
    assert min(numbers) >= 100
    assert max(numbers) <= 199
    assert numbers != sorted(numbers)


def test_what_happens_with_a_probability_happens_so_often():
    """Never at 0, always at 1."""
    drawn = chance()
    assert 150 < sum(drawn.happens(0.2) for _ in range(1_000)) < 250
    assert not any(drawn.happens(0.0) for _ in range(100))
    assert all(drawn.happens(1.0) for _ in range(100))
    assert {drawn.pick("abc") for _ in range(100)} == set("abc")
