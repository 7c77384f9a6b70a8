"""Hands: blocking work beside an event loop, with deadlines that hold whatever the work does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest
from worlds import PATIENCE_S

from llm_envs.evals.hands import Hands


def throw(error):
    """Raise it."""
    raise error


def test_results_and_errors_come_back_where_they_were_asked_for():
    """In order, whatever is raised; what would end a program or a generator ends neither."""

    async def ask():
        hands = Hands(3)
        results = await asyncio.gather(*(hands.do(lambda n=n: n * n, 5) for n in range(100)))
        with pytest.raises(ValueError, match="no"):
            await hands.do(lambda: int("no"), 5)
        for error in (SystemExit, KeyboardInterrupt, StopIteration, GeneratorExit):
            with pytest.raises(RuntimeError, match=f"it raised {error.__name__}"):
                await hands.do(lambda error=error: throw(error()), 5)
        hands.close()
        return results

    assert asyncio.run(ask()) == [n * n for n in range(100)]


def test_no_more_work_goes_on_at_a_time_than_was_said_and_waiting_work_gets_help():
    """Work that waits is done by as many threads as may be, and no more."""
    lock, now, most = threading.Lock(), [0], [0]

    def wait():
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.03)
        with lock:
            now[0] -= 1

    async def ask():
        hands = Hands(4)
        await asyncio.gather(*(hands.do(wait, 60) for _ in range(40)))
        hands.close()

    asyncio.run(ask())
    assert most[0] == 4


def test_quick_work_is_done_by_one_thread():
    """Others would only get in its way."""
    seen = set()

    async def ask():
        hands = Hands(8)
        for _ in range(200):
            await hands.do(lambda: seen.add(threading.get_ident()), 60)
        hands.close()

    asyncio.run(ask())
    assert len(seen) == 1


def test_what_is_done_is_told_though_what_follows_takes_long():
    """Results are gathered for a moment, not until all work is done."""
    hang = threading.Event()

    async def ask():
        hands = Hands(1)
        quick, slow = (asyncio.create_task(hands.do(work, 60)) for work in (lambda: 7, hang.wait))
        seen = await asyncio.wait_for(quick, PATIENCE_S), slow.done()
        hang.set()
        await slow
        hands.close()
        return seen

    assert asyncio.run(ask()) == (7, False)


def test_the_loop_goes_on_while_work_takes_long():
    """It stands still for a moment at most, and not at all once work has shown to take longer."""
    let_go = threading.Event()

    async def ask():
        hands = Hands(1)
        slow = asyncio.create_task(hands.do(let_go.wait, 60))
        turns = 0
        while turns < 100:  # each would wait for ever, if the loop waited for the work
            await asyncio.sleep(0)
            turns += 1
        let_go.set()
        await slow
        hands.close()

    asyncio.run(asyncio.wait_for(ask(), PATIENCE_S))


def test_work_that_hangs_is_given_up_and_its_place_is_taken_by_another():
    """Each deadline runs from the work's own start; others are not held up for ever."""
    hang = threading.Event()

    async def ask():
        hands = Hands(2)
        hanging = [asyncio.create_task(hands.do(hang.wait, 0.1)) for _ in range(4)]
        honest = [asyncio.create_task(hands.do(lambda: 7, 60)) for _ in range(4)]
        results = await asyncio.gather(*hanging, *honest, return_exceptions=True)
        hands.close()
        return results

    try:
        results = asyncio.run(ask())
    finally:
        hang.set()
    assert all(isinstance(result, TimeoutError) for result in results[:4])
    assert results[4:] == [7] * 4


def test_waiting_for_a_place_does_not_count_against_a_deadline():
    """The second piece begins after the first one's hundred milliseconds, and has its own."""

    async def ask():
        hands = Hands(1)
        pieces = [hands.do(lambda: time.sleep(0.1), 0.5) for _ in range(8)]
        await asyncio.gather(*pieces)
        hands.close()

    asyncio.run(ask())


def test_who_no_longer_waits_leaves_nothing_behind():
    """A cancelled question does not stop the thread that works for it, nor the work after it."""

    async def ask():
        hands = Hands(1)
        task = asyncio.create_task(hands.do(lambda: time.sleep(0.05), 60))
        await asyncio.sleep(0.01)
        task.cancel()
        found = await hands.do(lambda: 5, 60)
        hands.close()
        return found

    assert asyncio.run(ask()) == 5


def test_the_interpreter_leaves_though_work_hangs():
    """Nobody waits for a thread."""
    code = (
        "import asyncio, threading\nfrom llm_envs.evals.hands import Hands\n"
        "async def ask():\n    hands = Hands(1)\n    try:\n        await hands.do(threading.Event().wait, 0.1)\n"
        "    except TimeoutError:\n        print('given up')\n"
        "asyncio.run(ask())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert done.stdout == "given up\n"
