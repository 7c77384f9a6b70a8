"""What a perfect assistant calls to find things out in a mailbox."""

from __future__ import annotations

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.mail.mailbox import Thread
from llm_envs.world import Row

__all__ = ["find_contact", "read_thread", "search_thread"]


def find_contact(contact: Row) -> Call:
    """All of that name."""
    return Call("find_contact", {"name": contact["name"]})


def search_thread(thread: Thread, sender: Row | None = None) -> Call:
    """The messages of a thread, or those from one sender; others may be among them."""
    words = {"words": f"{thread.project} {thread.fact.noun}".casefold()}
    return Call("search", words | ({"sender": sender["email"]} if sender else {}))


def read_thread(thread: Thread) -> tuple[Call, ...]:
    """What a thread says of its fact."""
    return (search_thread(thread), Call("read_thread", {"thread": thread.messages[0]["id"]}))
