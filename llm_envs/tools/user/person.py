"""A user played by a person at the terminal: told what to want, shown what the agent says, asked for a line."""

from __future__ import annotations

import sys
from collections.abc import Callable

from llm_envs.render import visible
from llm_envs.tools.user.agenda import Agenda
from llm_envs.tools.user.scripted import AgendaUser
from llm_envs.types import StopReason

__all__ = ["PersonUser"]

_DONE, _LEAVE = ":done", ":leave"


def _write(text: str) -> None:
    sys.stderr.write(visible(text) + "\n")  # standard output is the results'


class PersonUser:
    """One conversation. The first words are those of `AgendaUser`, so that a task has one prompt.

    Args:
        read: gives the next line, after showing its argument; raises EOFError where there is none.
        write: shows a text.
    """

    def __init__(
        self, agenda: Agenda, read: Callable[[str], str] = input, write: Callable[[str], None] = _write
    ) -> None:
        self._agenda = agenda
        self._read, self._write = read, write
        self._briefed = False

    def open(self) -> str:
        """The first words."""
        return AgendaUser(self._agenda).open()

    def answer(self, text: str) -> str | StopReason:
        """The next line that says something."""
        self._brief()
        self._write(f"agent: {text}")
        try:
            line = ""
            while not line:
                line = self._read("you> ").strip()
        except EOFError:
            return StopReason.GAVE_UP
        return {_DONE: StopReason.END_OF_TURN, _LEAVE: StopReason.GAVE_UP}.get(line, line)

    def _brief(self) -> None:
        if self._briefed:
            return
        self._briefed = True
        self._write(f"You play a customer. You want to {self._agenda.wish}.")
        for fact in self._agenda.facts:
            self._write(f"  {fact.slot}: {fact.value}")
        self._write(f"Say {_DONE} once all is done, {_LEAVE} where you have had enough.\nyou said: {self.open()}")
