"""What users of the file system want and know, where a task is a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from llm_envs.envs.tools.files.disk import SETTINGS, Disk
from llm_envs.envs.tools.talk import DESCRIBED, SAID, Slot, Talk
from llm_envs.tools.user import Agenda

__all__ = ["agenda"]

_WHICH_FILE = ("path", "which one", "file name", "filename", "name of the file", "location", "where is it", "document")
_TALK = Talk(
    slots={
        "user name": Slot(
            ("your name", "who are you", "who am i", "speaking with", "talking to", "full name", "login", "name")
        ),
        "file": Slot(_WHICH_FILE, DESCRIBED),
        "set of files": Slot(("files", "which ones", "file", "which kind", "what kind"), DESCRIBED, named=False),
        "setting": Slot(("option", "parameter", "which value", "settings", "key"), DESCRIBED),
        "new value": Slot(("value", "set it to", "set to", "what number", "which number", "new setting"), DESCRIBED),
        "ending": Slot(
            ("extension", "file type", "type of file", "kind of file", "which files", "what files"), DESCRIBED
        ),
        "folder": Slot(("where", "directory", "path", "which folders", "folders"), DESCRIBED),
        "target folder": Slot(
            ("folder", "where should", "where to", "where shall", "destination", "directory", "where", "target"),
            DESCRIBED,
        ),
        "new path": Slot(
            (
                *("new name", "path", "called", "name of the folder", "name of the new file", "rename it to"),
                *("renamed to", "where should", "folder", "what name"),
            ),
            DESCRIBED,
        ),
        "day": Slot(("since when", "which date", "what date", "date", "when", "from when", "cut-off"), DESCRIBED),
        "line": Slot(("text", "content", "what should", "which words", "words"), SAID),
        "change": Slot(
            (
                *("what should", "what shall", "what to do", "done with", "do with", "happen", "correction", "edit"),
                *("changes", "what is wrong", "changed"),
            ),
            SAID,
            named=False,
        ),
        "question": Slot(
            ("want to know", "what do you want to know", "would you like to know", "need to know", "tell you"),
            ("The {slot} is: {value}", "As for the {slot}: {value}"),
            named=False,
        ),
    },
    actions={
        "change": ("change", "set", "edit", "replace", "append", "add", "write"),
        "move": ("move", "rename", "put"),
        "copy": ("copy", "duplicate", "copies"),
        "delete": ("delete", "remove"),
        "make": ("make", "create"),
        "lock": ("lock", "unlock"),
    },
)


def agenda(disk: Disk, wish: str, told: Mapping[str, str], action: str = "") -> Agenda:
    """Of the user.

    Args:
        told: values by slot.
        action: what it will come to; who wants something done may slip, who only asks does not.
    """
    return _TALK.told(wish, told, (_TALK.fact("user name", disk.user),), action, partial(_like, disk))


def _like(disk: Disk, slot: str, value: str) -> tuple[str, ...]:
    """What is said by mistake: something else of the same kind."""
    known = {
        "file": [file["id"] for file in disk.files()],
        "setting": SETTINGS,
        "target folder": ("/archive", "/shared", *disk.projects),
        "new value": [str(int(value) + more) for more in (1, 10, 100)] if value.isdecimal() else (),
    }
    return tuple(other for other in known.get(slot, ()) if other != value)
