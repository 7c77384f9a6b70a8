"""What the owner of a mailbox wants and knows, where a task is a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from llm_envs.envs.tools.mail.mailbox import Mailbox
from llm_envs.envs.tools.talk import DESCRIBED, SAID, Slot, Talk, quoted
from llm_envs.tools.user import Agenda

__all__ = ["FILES", "MARKS", "agenda"]

FILES = ("archive", "finance", "travel", "hiring")
MARKS = ("urgent", "todo", "waiting", "paid")

_SAID = ("The {slot} is: {value}", "This is the {slot}: {value}")
_ASKED_WHOM = ("to whom", "whom", "who should", "who is the", "which person", "which people", "addressee")
_ASKED_DETAIL = (
    *("which information", "what information", "what exactly", "which fact", "what fact", "find out", "need to know"),
    *("want to know", "what do you want to know", "what would you like to know", "looking for", "what should it say"),
)
_TALK = Talk(
    slots={
        "subject": Slot(
            (
                *(
                    "which mail",
                    "what mail",
                    "which email",
                    "which e-mail",
                    "which message",
                    "which one",
                    "what is it about",
                ),
                *("which of your mails", "subject line", "the mail about", "thread", "title"),
            ),
            DESCRIBED,
        ),
        "sender": Slot(
            ("from whom", "who sent", "who wrote", "who is it from", "who has sent", "whose", "from who"), DESCRIBED
        ),
        "recipient": Slot(("receiver", "send it to", "forward it to", "send to", *_ASKED_WHOM), DESCRIBED),
        "team": Slot(("which group", "group", "recipients", "recipient", *_ASKED_WHOM), DESCRIBED),
        "folder": Slot(("where", "which of your folders", "folders"), DESCRIBED),
        "target folder": Slot(
            ("folder", "where should", "where to", "where shall", "new folder", "destination", "where"), DESCRIBED
        ),
        "label": Slot(("which labels", "labels", "mark", "tag", "labelled", "labeled"), DESCRIBED),
        "change": Slot(
            ("what should", "what shall", "what to do", "done with", "do with", "add or remove", "put it on"),
            SAID,
            named=False,
        ),
        "project": Slot(("which projects", "what is it about", "topic", "about what", "about which"), DESCRIBED),
        "detail": Slot((*_ASKED_DETAIL, "details", "content", "text", "body"), DESCRIBED, named=False),
        "text": Slot(
            ("body", "content", "message", "wording", "what should it say", "what should i write", "say in", "words"),
            _SAID,
        ),
        "comment": Slot(("remark", "note", "text", "message", "what should i write", "words"), _SAID),
        "kind of file": Slot(
            ("file type", "type of file", "which files", "ending", "extension", "file", "attachment", "format"),
            DESCRIBED,
        ),
        "name": Slot(("who are you", "who am i", "speaking with", "talking to", "full name", "owner")),
    },
    actions={
        "move": ("move", "file", "put"),
        "label": ("label", "mark", "tag", "take", "remove"),
        "delete": ("delete",),
        "write": ("send", "write", "reply", "answer", "respond"),
        "forward": ("forward",),
        "block": ("block",),
    },
)


def agenda(box: Mailbox, wish: str, told: Mapping[str, str], action: str = "") -> Agenda:
    """Of the owner.

    Args:
        told: values by slot.
        action: what it will come to; who wants something done may slip, who only asks does not.
    """
    name = _TALK.fact("name", box.owner, needed=False)
    return _TALK.told(wish, told, (name,), action, partial(_like, box))


def _like(box: Mailbox, slot: str, value: str) -> tuple[str, ...]:
    """What is said by mistake: something else of the same kind."""
    known = {
        "target folder": FILES,
        "label": MARKS,
        "recipient": tuple(map(box.called, box.contacts)),
        "subject": tuple(quoted(thread.subject) for thread in box.threads),
    }
    among = known.get(slot, ())
    return among if value in among else ()
