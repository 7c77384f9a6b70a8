"""There are never more questions open than the limit, no place is lost, and the limit follows the endpoint."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.policies.endpoint.throttle import Throttle

ENDINGS = st.sampled_from(["answer", "overload", "failure", "cancel"])


class Crowd:
    """Questions that are asked at once, and end as they are told."""

    def __init__(self, most):
        self.throttle = Throttle(most)
        self.most = most
        self.open = self.done = 0

    async def ask(self, rounds, ending):
        async with self.throttle.place() as ticket:
            self.open += 1
            self.check()
            try:
                for _ in range(rounds):
                    await asyncio.sleep(0)
            finally:
                self.open -= 1
            if ending == "answer":
                self.throttle.ease()
            elif ending == "overload":
                self.throttle.slow(ticket)
            self.done += 1

    def check(self):
        assert self.open <= self.throttle.taken <= self.most
        assert 1 <= self.throttle.limit <= self.most

    async def play(self, script):
        tasks = [asyncio.create_task(self.ask(rounds, ending)) for rounds, ending in script]
        for task, (rounds, ending) in zip(tasks, script, strict=True):
            if ending == "cancel":
                for _ in range(rounds):
                    await asyncio.sleep(0)
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert [error for error in map(error_of, tasks) if error] == []


def error_of(task):
    """What a task failed with; cancelled ones were told to."""
    return None if task.cancelled() else task.exception()


@given(st.integers(1, 8), st.lists(st.tuples(st.integers(0, 5), ENDINGS), max_size=40))
def test_places_are_never_exceeded_nor_lost(most, script):
    """However questions end, also while they wait; afterwards all places are free."""
    crowd = Crowd(most)
    asyncio.run(crowd.play(script))
    assert crowd.done >= sum(ending != "cancel" for _, ending in script)
    assert crowd.throttle.taken == 0


@given(st.integers(1, 64), st.lists(st.sampled_from(["answer", "overload"]), max_size=200))
def test_the_limit_comes_back(most, script):
    """After any trouble, answers alone bring back all places."""
    crowd = Crowd(most)

    async def play():
        for ending in [*script, *["answer"] * (most * (most + 2))]:
            await crowd.ask(0, ending)

    asyncio.run(play())
    assert crowd.throttle.limit == most


def test_one_wave_of_overload_halves_once():
    """All questions that were open when the limit was cut tell of the same overload."""

    async def play():
        throttle = Throttle(64)

        async def overloaded(done):
            async with throttle.place() as ticket:
                await done.wait()
                throttle.slow(ticket)

        limits = []
        for _ in range(8):
            done = asyncio.Event()
            wave = [asyncio.create_task(overloaded(done)) for _ in range(64)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            done.set()
            limits.append([throttle.limit, await wave[0], throttle.limit][2])
            await asyncio.gather(*wave)
        return limits

    limits = asyncio.run(play())
    assert limits[0] == 32
    assert limits[-1] == 1


def test_questions_in_turn_come_in_turn():
    """First come, first served."""
    served = []

    async def ask(throttle, name):
        async with throttle.place():
            served.append(name)
            await asyncio.sleep(0)

    async def play():
        throttle = Throttle(2)
        await asyncio.gather(*(ask(throttle, name) for name in range(20)))

    asyncio.run(play())
    assert served == list(range(20))


@pytest.mark.parametrize(("share", "at_least"), [(0.01, 32), (0.03, 16)])
def test_a_failure_now_and_then_is_no_overload(share, at_least):
    """Most places stay in use."""

    async def play():
        throttle, limits = Throttle(64), []
        for number in range(5000):
            async with throttle.place() as ticket:
                if number % round(1 / share) == 0:
                    throttle.slow(ticket)
                else:
                    throttle.ease()
            limits.append(throttle.limit)
        return sum(limits) / len(limits)

    assert asyncio.run(play()) >= at_least
