"""Ctrl-C: once to ask, twice to insist."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from llm_envs.trainers.interrupt import Interrupt


def press():
    """Press Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_signal_asks():
    """Work goes on until it obeys."""
    said = []
    with pytest.raises(KeyboardInterrupt), Interrupt(lambda: said.append("bye")) as interrupt:
        interrupt.obey()
        press()
        assert interrupt.requested
        assert not said
        interrupt.obey()
    assert said == ["bye"]


def test_the_second_signal_does_not_wait():
    """Work stops where it stands."""
    with pytest.raises(KeyboardInterrupt), Interrupt(lambda: None):
        press()
        press()
        pytest.fail("the second signal was ignored")


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
