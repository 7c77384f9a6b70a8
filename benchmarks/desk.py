"""A world for the clock: an episode of eight reads and two writes on a hundred and fifty rows, scripted.

`bench/Desk-v0` draws next to nothing: its rows are the same in all tasks, and are put into a new world for each. So
what is measured on it is the token MDP, calls read and checked, a world built, changed and compared, and nothing else.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

import llm_envs
from llm_envs.chat.calls import Call
from llm_envs.envs.tools import Scenario, WorldEnv, refuse, submit
from llm_envs.tools import Injected, Tool, ToolError, tool
from llm_envs.world import Row, Rows, Tables, World

__all__ = ["DESK"]

DESK = "bench/Desk-v0"

_TICKETS, _NOTES, _READS = 50, 100, 8
_ROWS: Rows = {
    "tickets": [{"id": f"t{i}", "status": "open", "subject": f"printer {i}"} for i in range(_TICKETS)],
    "notes": [{"id": f"n{i}", "ticket": f"t{i % _TICKETS}", "text": f"tried it {i} times"} for i in range(_NOTES)],
}


@tool
def get_ticket(world: Injected[World], ticket: str) -> Row:
    """Look at a ticket and its notes.

    Args:
        ticket: such as t7.
    """
    row = world.one("SELECT * FROM tickets WHERE id = ?", ticket)
    if row is None:
        raise ToolError("E_NOT_FOUND", f"there is no ticket {ticket}")
    return {**row, "notes": world.query("SELECT id, text FROM notes WHERE ticket = ?", ticket)}


@tool(kind="write")
def close_ticket(world: Injected[World], ticket: str) -> str:
    """Close a ticket.

    Args:
        ticket: such as t7.
    """
    world.execute("UPDATE tickets SET status = 'closed' WHERE id = ?", ticket)
    return "closed"


@tool(kind="write")
def add_note(world: Injected[World], ticket: str, text: str) -> str:
    """Add a note to a ticket.

    Args:
        ticket: such as t7.
        text: of the note.
    """
    world.insert("notes", id=world.new_id("note"), ticket=ticket, text=text)
    return "added"


@llm_envs.register(DESK)
class Desk(WorldEnv):
    """Look at eight tickets, close one, and write a note on another."""

    tables: ClassVar[Tables] = Tables("""
        CREATE TABLE tickets (id TEXT PRIMARY KEY, status TEXT NOT NULL, subject TEXT NOT NULL);
        CREATE TABLE notes (id TEXT PRIMARY KEY, ticket TEXT NOT NULL, text TEXT NOT NULL);
        CREATE INDEX notes_of ON notes (ticket);
    """)
    rules: ClassVar[str] = "You work at a help desk. Do what is asked by calling tools."
    tools: ClassVar[tuple[Tool, ...]] = (get_ticket, close_ticket, add_note, submit, refuse)

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Eight tickets in a row."""
        first = int(rng.integers(_TICKETS - _READS))
        reads = [Call("get_ticket", {"ticket": f"t{first + i}"}) for i in range(_READS)]
        closing = Call("close_ticket", {"ticket": f"t{first}"})
        noting = Call("add_note", {"ticket": f"t{first + 1}", "text": "call back"})
        request = f"Look at t{first} to t{first + _READS - 1}; close the first, and note 'call back' on the second."
        return Scenario(_ROWS, request, (*reads, closing, noting), "desk")
