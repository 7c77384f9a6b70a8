"""Waits are bounded and drawn, deadlines are learned, retries are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.policies.endpoint.patience import Patience

DRAWS = st.floats(0.0, 1.0, exclude_max=True)


@given(failed=st.integers(0, 100), draw=DRAWS)
def test_a_wait_is_drawn_below_a_bound_that_doubles(failed, draw):
    """From 0.5 s to 30 s: full jitter."""
    bound_s = min(30.0, 0.5 * 2 ** max(0, failed - 1))
    assert Patience(draw=lambda: draw).wait_s(failed) == pytest.approx(draw * bound_s)


@given(after_s=st.floats(0.0, 1e9), draw=DRAWS)
def test_what_the_server_asks_for_is_waited_and_a_little_more(after_s, draw):
    """Up to two minutes."""
    wait_s = Patience(draw=lambda: draw).wait_s(1, after_s)
    assert min(after_s, 120.0) <= wait_s <= max(0.5, 132.0)


def taught(*took_s, **options):
    """A patience that has heard some answers."""
    patience = Patience(**options)
    for seconds in took_s:
        patience.hear(seconds)
    return patience


def test_a_deadline_is_the_users_until_there_is_something_to_learn_from():
    """Nineteen answers are not enough."""
    assert taught(*[0.1] * 19).deadline_s(0) == 600.0
    assert taught(*[0.1] * 20).deadline_s(0) == 30.0


@pytest.mark.parametrize(
    ("slowest_s", "failed", "deadline_s"),
    [(0.05, 0, 30), (0.05, 1, 60), (0.05, 2, 120), (0.05, 9, 600), (8, 0, 80), (8, 1, 160), (90, 0, 600)],
)
def test_a_deadline_is_ten_times_the_slowest_answer_and_twice_that_with_each_try(slowest_s, failed, deadline_s):
    """Between half a minute and what the user set."""
    assert taught(slowest_s, *[0.01] * 30).deadline_s(failed) == pytest.approx(deadline_s)


@given(st.lists(st.floats(0.0, 1000.0), max_size=60), st.integers(0, 20), st.floats(0.1, 1000.0))
def test_a_long_generation_is_never_lost(took_s, failed, timeout_s):
    """No deadline is above the user's; the last try of a question has all of it."""
    patience = taught(*took_s, timeout_s=timeout_s)
    assert 0 < patience.deadline_s(failed) <= timeout_s
    assert patience.deadline_s(patience.tries) == timeout_s


def test_it_says_when_deadlines_have_changed():
    """At the twentieth answer, and whenever a slower one comes."""
    patience = Patience()
    assert [patience.hear(1.0) for _ in range(21)] == [False] * 19 + [True, False]
    assert patience.hear(5.0)


def test_a_question_has_ten_tries():
    """The first one included."""
    patience = Patience()
    assert [patience.spend(failed) for failed in range(1, 12)] == [True] * 9 + [False] * 2


def test_retries_of_a_run_are_counted():
    """So many at the start, one more for each answer."""
    patience = Patience(retries=3)
    assert [patience.spend(1) for _ in range(4)] == [True, True, True, False]
    patience.hear(1.0)
    assert [patience.spend(1) for _ in range(2)] == [True, False]
