"""An outage is named when there is one, costs one question at a time, and ends with the first answer."""

from __future__ import annotations

import asyncio

import pytest

from llm_envs.errors import Outage
from llm_envs.policies.endpoint.breaker import Breaker


class Time:
    """A clock that sleeping moves, and nothing else."""

    def __init__(self):
        self.now_s = 100.0
        self.slept_s = []

    def clock(self):
        return self.now_s

    async def sleep(self, seconds):
        self.slept_s.append(seconds)
        await asyncio.sleep(0)
        self.now_s += seconds


def made(**options):
    """A breaker, and the time that it lives in."""
    time = Time()
    return Breaker("the server", clock=time.clock, sleep=time.sleep, **options), time


def broken(**options):
    """One that has named an outage."""
    breaker, time = made(**options)
    for question in range(4):
        breaker.failed(question, "refused")
    time.now_s += 10.0
    breaker.failed(4, "refused")
    assert breaker.is_open
    return breaker, time


def test_failures_for_a_while_are_an_outage(caplog):
    """Five of three questions, over ten seconds; it is said aloud."""
    broken()
    assert "the server has answered nobody for 10 s: refused" in caplog.text


@pytest.mark.parametrize(
    ("questions", "lasting_s"),
    [([1, 2, 3, 4, 5, 6, 7, 8], 9.0), ([1, 2, 3, 4], 60.0), ([1, 2] * 10, 60.0)],
    ids=["too short", "too few", "the questions"],
)
def test_other_failures_are_none(questions, lasting_s):
    """A burst, a few, or a question or two that fail again and again."""
    breaker, time = made()
    for number in questions:
        breaker.failed(number, "refused")
        time.now_s += lasting_s / len(questions)
    assert not breaker.is_open


def test_an_answer_in_between_begins_the_count_again():
    """However many failures there were."""
    breaker, time = made()
    for number in range(100):
        breaker.failed(number, "refused")
        time.now_s += 1.0
        if number % 4 == 3:
            breaker.answered()
    assert not breaker.is_open


def test_while_it_lasts_one_question_probes_at_growing_intervals():
    """The others wait, and cost the endpoint nothing."""
    breaker, time = broken(limit_s=1e9)
    probes = []

    async def question(number):
        while True:
            probed = await breaker.enter()
            if not probed:
                return
            probes.append(number)
            if len(probes) == 8:
                breaker.answered()
            else:
                breaker.failed(number, "refused")
            breaker.leave(probed=True)
            if not breaker.is_open:
                return

    async def play():
        await asyncio.gather(*map(question, range(20)))

    asyncio.run(play())
    assert len(probes) == 8
    assert time.slept_s == [1, 2, 4, 8, 16, 30, 30, 30]
    assert not breaker.is_open


def test_after_an_outage_the_next_one_begins_with_short_intervals():
    """Nothing is left of the one before."""
    breaker, time = broken()

    async def play():
        assert await breaker.enter()
        breaker.answered()
        breaker.leave(probed=True)
        for number in range(8):
            breaker.failed(number, "refused")
            time.now_s += 2.0
        assert await breaker.enter()

    asyncio.run(play())
    assert time.slept_s == [1, 1]


def test_an_outage_that_lasts_stops_the_run():
    """The error says for how long, what the server said last, and that nothing is lost."""
    breaker, _ = broken(limit_s=60.0)

    async def play():
        for _ in range(100):
            assert await breaker.enter()
            breaker.failed(9, "still refused")
            breaker.leave(probed=True)

    with pytest.raises(Outage, match="answered nobody for") as caught:
        asyncio.run(play())
    assert caught.value.received == "still refused"
    assert "what was answered is kept" in caught.value.next_step


def test_a_probe_that_is_cancelled_hands_over():
    """Another question takes its place."""
    breaker, _ = broken()

    async def play():
        first, second = (asyncio.create_task(breaker.enter()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second
        breaker.leave(probed=True)
        assert await breaker.enter()

    asyncio.run(play())
