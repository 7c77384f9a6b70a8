"""Threads that start late: results in order, errors raised, and nobody waits for strangers."""

from __future__ import annotations

import threading

import pytest
from worlds import PATIENCE_S

from llm_envs import parallel
from llm_envs.parallel import Parallel


@pytest.fixture
def pool():
    """A pool, closed at the end."""
    pool = Parallel()
    yield pool
    pool.close()


@pytest.fixture
def slow_pool(pool):
    """A pool that has seen slow work."""
    pool._waits = parallel._WAITS
    return pool


@pytest.mark.parametrize("count", [0, 1, 2, 200])
@pytest.mark.parametrize("slow", [False, True])
def test_results_come_in_order(pool, slow, count):
    """One result an item, in the order of the items."""
    pool._waits = parallel._WAITS * slow
    assert pool.map(lambda x: 2 * x, range(count)) == [2 * x for x in range(count)]


def test_quick_work_stays_in_the_callers_thread(pool, monkeypatch):
    """No thread is started for it."""
    monkeypatch.setattr(parallel, "_WAIT_S", 1e9)
    assert set(pool.map(lambda _: threading.get_ident(), range(50))) == {threading.get_ident()}


def test_slow_work_runs_at_the_same_time(pool, monkeypatch):
    """Once a few items have waited, items wait together: four of them meet at a barrier."""
    monkeypatch.setattr(parallel, "_WAIT_S", -1.0)
    barrier = threading.Barrier(4)
    pool.map(lambda x: x, range(parallel._WAITS))
    assert sorted(pool.map(lambda _: barrier.wait(PATIENCE_S), range(4))) == [0, 1, 2, 3]


@pytest.mark.parametrize("slow", [False, True])
def test_the_first_items_error_is_raised_when_all_are_done(pool, slow):
    """Which error comes does not depend on the threads, and no item is left out."""
    pool._waits = parallel._WAITS * slow
    done = []

    def work(x):
        done.append(x)
        if x in (3, 7):
            raise ValueError(f"item {x}")

    with pytest.raises(ValueError, match="item 3"):
        pool.map(work, range(10))
    assert sorted(done) == list(range(10))


def test_a_map_does_not_wait_for_other_work(slow_pool, monkeypatch):
    """With every thread taken, the caller does the work alone and returns."""
    monkeypatch.setattr(parallel, "_THREADS", 3)
    gate, finished = threading.Event(), []
    for i in range(parallel._THREADS):
        slow_pool.start(lambda i=i: gate.wait(PATIENCE_S) and finished.append(i))
    assert slow_pool.map(lambda x: x, range(5)) == list(range(5))
    assert finished == []
    gate.set()


def test_a_pool_is_closed_as_often_as_one_likes(slow_pool):
    """Closing ends the threads; work after it starts new ones."""
    slow_pool.map(lambda x: x, range(5))
    slow_pool.close()
    slow_pool.close()
    assert slow_pool.map(lambda x: x, range(5)) == list(range(5))


def test_a_pool_can_be_closed_from_one_of_its_threads(slow_pool):
    """The garbage collector may do that: no thread waits for itself."""
    slow_pool.start(slow_pool.close).result(PATIENCE_S)
    assert slow_pool.map(lambda x: x, range(5)) == list(range(5))


def test_a_pool_never_used_has_no_threads():
    """Closing it is nothing."""
    before = threading.active_count()
    Parallel().close()
    assert threading.active_count() == before
