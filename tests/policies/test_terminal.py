"""Lines of a person: replies, commands, and the difference."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from llm_envs.policies.terminal import Command, Terminal


def terminal(lines, **options):
    """One on which these lines are typed, and what it shows."""
    shown, coming = io.StringIO(), iter(lines)

    def read(prompt):
        try:
            return next(coming)
        except StopIteration:
            raise EOFError from None

    return Terminal(Console(file=shown, width=100), read, **options), shown


def test_only_the_commands_that_there_are_are_commands():
    """Others are asked again, and not explained."""
    person, shown = terminal([":solution", ":help", ":quit"], commands=(Command.QUIT, Command.NEXT))
    assert person.ask("> ") is Command.QUIT
    assert "There is no :solution. Known: :next, :quit." in shown.getvalue()
    assert "pass this task over" in shown.getvalue()
    assert "see how it is solved" not in shown.getvalue()


def test_what_others_said_is_shown():
    """The system and the user, not the person's own words; nothing drives the terminal."""
    person, shown = terminal([])
    roles = ("system", "user", "assistant", "tool")
    person.show([{"role": role, "content": f"{role}\x1b[2J says"} for role in roles])
    assert [role for role in roles if f"{role}\u241b[2J says" in shown.getvalue()] == ["system", "user", "tool"]


def test_the_end_of_the_lines_is_an_end():
    """Whoever asks decides what it means."""
    with pytest.raises(EOFError):
        terminal([""])[0].ask("> ")


def test_what_nobody_typed_here_is_echoed():
    """So that what a pipe brings can be read along."""
    person, shown = terminal(["seven"], echo=True)
    assert person.ask("1> ") == "seven"
    assert shown.getvalue() == "1> seven\n"
