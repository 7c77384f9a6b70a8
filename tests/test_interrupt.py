"""Ctrl-C: once to ask, twice to insist."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from llm_envs.interrupt import Interrupt


def press():
    """Press Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_signal_asks():
    """Work goes on until it obeys."""
    said = []

    def work():
        with Interrupt(lambda: said.append("bye")) as interrupt:
            interrupt.obey()
            press()
            said.append(f"requested: {interrupt.requested}")
            interrupt.obey()
            said.append("not reached")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert said == ["requested: True", "bye"]


def test_the_second_signal_does_not_wait():
    """Work stops where it stands."""

    def work():
        with Interrupt(lambda: None):
            press()
            press()
            pytest.fail("the second signal was ignored")

    with pytest.raises(KeyboardInterrupt):
        work()


def test_signals_are_as_before_afterwards():
    """The handler that was there is back, and nobody says farewell when nothing happened."""
    before = signal.getsignal(signal.SIGINT)
    with Interrupt(lambda: pytest.fail("nobody left")):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_cannot_be_interrupted():
    """Outside the main thread, where Python has no signals, it does nothing."""
    outcome = []

    def work():
        with Interrupt(lambda: None) as interrupt:
            outcome.append(interrupt.requested)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert outcome == [False]
