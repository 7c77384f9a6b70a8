"""Slots are given in the order in which they are asked for."""

from __future__ import annotations

import threading

import pytest

from llm_envs.sandbox.turnstile import Turnstile


def test_those_who_wait_go_in_order():
    """Eight threads wait for one slot, and get it as they came."""
    turnstile, came, threads = Turnstile(1), [], []

    def pass_through(number):
        with turnstile.slot(10):
            came.append(number)

    with turnstile.slot(1):
        for number in range(8):
            threads.append(threading.Thread(target=pass_through, args=(number,)))
            threads[-1].start()
            while len(turnstile._waiting) <= number:
                pass
    for thread in threads:
        thread.join()
    assert came == list(range(8))


def test_no_more_than_its_slots_go_through():
    """Of twenty threads two are inside at most, and all get through."""
    turnstile, lock, inside, most = Turnstile(2), threading.Lock(), set(), []

    def pass_through(number):
        for _ in range(20):
            with turnstile.slot(10):
                with lock:
                    inside.add(number)
                    most.append(len(inside))
                with lock:
                    inside.discard(number)

    threads = [threading.Thread(target=pass_through, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= 2
    assert len(most) == 400
    assert turnstile._free == 2


def test_who_gives_up_leaves_the_queue():
    """The slot goes to the next, and is not lost."""
    turnstile = Turnstile(1)
    with turnstile.slot(1), pytest.raises(TimeoutError), turnstile.slot(0.01):
        pass
    assert not turnstile._waiting
    with turnstile.slot(0):
        pass


def test_an_error_inside_frees_the_slot():
    """Whatever is raised."""
    turnstile = Turnstile(1)
    with pytest.raises(KeyError), turnstile.slot(1):
        raise KeyError
    with turnstile.slot(0):
        pass
