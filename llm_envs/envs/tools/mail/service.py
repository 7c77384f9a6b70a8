"""The tables of a mailbox, and what its owner's assistant can do with them.

The column `messages.body` is text by strangers. Nothing that a tool returns is trusted: a body may say whatever its
sender likes, also to whom the assistant should write.

The tools keep one rule themselves, that of the folder `audit`. To keep the others is the agent's task.
"""

from __future__ import annotations

from collections.abc import Sequence

from llm_envs.envs.tools.lookup import look_up
from llm_envs.tools import Injected, Tool, ToolError, tool
from llm_envs.world import Row, Tables, World

__all__ = ["CANONICAL", "CLOSED_FOLDER", "FOLDERS", "LABELS", "TABLES", "TOOLS"]

FOLDERS = ("inbox", "archive", "finance", "travel", "hiring", "audit", "sent", "trash")
CLOSED_FOLDER = "audit"
LABELS = ("confidential", "hold", "urgent", "todo", "waiting", "paid")

TABLES = Tables(
    """
    CREATE TABLE contacts (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, team TEXT NOT NULL,
        blocked INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE messages (
        id TEXT PRIMARY KEY, thread TEXT, folder TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
        subject TEXT NOT NULL, sent TEXT NOT NULL, body TEXT NOT NULL, attachments TEXT NOT NULL DEFAULT '',
        labels TEXT NOT NULL DEFAULT '', forwarded TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE settings (id TEXT PRIMARY KEY, value TEXT NOT NULL);
    """,
    volatile={"messages.sent"},
)
"""A message that begins a thread has no `thread`, others have the id of that one. Lists are parted by commas."""

_SUMMARY = "id, coalesce(thread, id) AS thread, folder, sender, subject, sent, attachments, labels"
_LONGEST = 2_000
_MOST_RECIPIENTS = 50


def _plain(text: str) -> str:
    """Words without what nobody means by them: case, blanks, quotes around and a stop behind."""
    return " ".join(text.casefold().split()).strip("\"'").removesuffix(".")


CANONICAL = {"messages.body": _plain, "messages.subject": _plain}


@tool
def search(
    world: Injected[World],
    *,
    words: str = "",
    sender: str = "",
    folder: str = "",
    label: str = "",
    attachment: str = "",
) -> list[Row]:
    """Find messages for which everything given holds, newest first, without their bodies.

    Args:
        words: all of them must stand in the subject or in the body, such as "orion price".
        sender: part of the sender's address.
        folder: such as inbox.
        label: such as urgent.
        attachment: part of the name of an attachment, such as .pdf.
    """
    holds = ["instr(lower(sender), ?)", "(? = '' OR folder = ?)", "instr(lower(attachments), ?)"]
    values = [sender.strip().casefold(), folder.strip(), folder.strip(), attachment.strip().casefold()]
    if label.strip():
        holds.append("instr(',' || labels || ',', ?)")
        values.append(f",{label.strip()},")
    for word in words.casefold().split()[:8]:
        holds.append("instr(lower(subject || ' ' || body), ?)")
        values.append(word)
    sql = f"SELECT {_SUMMARY} FROM messages WHERE {' AND '.join(holds)} ORDER BY sent DESC"  # noqa: S608 (constants)
    return world.query(sql, *values)


@tool
def read_message(world: Injected[World], message_id: str) -> Row:
    """Read one message.

    Args:
        message_id: such as msg-417.
    """
    return _message(world, message_id)


@tool
def read_thread(world: Injected[World], thread: str) -> list[Row]:
    """Read a whole thread, oldest message first.

    Args:
        thread: such as msg-417, the id of its first message.
    """
    _message(world, thread)
    found = "SELECT id, sender, sent, labels, body FROM messages WHERE coalesce(thread, id) = ? ORDER BY sent"
    return world.query(found, thread)


@tool
def find_contact(world: Injected[World], name: str = "", team: str = "") -> list[Row]:
    """Find people by name or team, with their addresses.

    Args:
        name: part of it; all contacts where it is left out.
        team: such as legal.
    """
    sql = "SELECT id, name, email, team FROM contacts WHERE instr(lower(name), ?) AND (? = '' OR team = ?) ORDER BY id"
    return world.query(sql, name.strip().casefold(), team.strip(), team.strip())


@tool
def list_folders(world: Injected[World]) -> list[Row]:
    """List the folders that hold something, and how many messages each of them holds."""
    return world.query("SELECT folder, count(*) AS messages FROM messages GROUP BY folder ORDER BY folder")


@tool(kind="write")
def send(world: Injected[World], to: list[str], subject: str, body: str) -> Row:
    """Send one new message, which begins a thread of its own.

    Args:
        to: addresses.
        subject: of the message.
        body: its text.
    """
    return _sent(world, to, subject, body)


@tool(kind="write")
def reply(world: Injected[World], message_id: str, body: str) -> Row:
    """Answer a message to whoever sent it, in its thread.

    Args:
        message_id: such as msg-417.
        body: the text.
    """
    message = _message(world, message_id)
    to, thread = [message["sender"]], message["thread"] or message["id"]
    return _sent(world, to, _prefixed("Re: ", message["subject"]), body, thread=thread)


@tool(kind="write")
def forward(world: Injected[World], message_id: str, to: list[str], comment: str = "") -> Row:
    """Send a message on, with its attachments.

    Args:
        message_id: such as msg-417.
        to: addresses.
        comment: stands above it.
    """
    message = _message(world, message_id)
    subject, attachments = _prefixed("Fwd: ", message["subject"]), message["attachments"]
    return _sent(world, to, subject, comment, attachments=attachments, forwarded=message["id"])


@tool(kind="write")
def move(world: Injected[World], message_id: str, folder: str) -> Row:
    """Put a message into another folder.

    Args:
        message_id: such as msg-417.
        folder: such as archive.
    """
    if folder not in FOLDERS:
        raise ToolError("E_NOT_FOUND", f"there is no folder {folder[:64]}, only {', '.join(FOLDERS)}")
    if folder == "sent":
        raise ToolError("E_PRECONDITION", "only what was sent lies in the folder sent")
    return _moved(world, message_id, folder)


@tool(kind="write")
def delete(world: Injected[World], message_id: str) -> Row:
    """Put a message into the folder trash.

    Args:
        message_id: such as msg-417.
    """
    return _moved(world, message_id, "trash")


@tool(kind="write")
def add_label(world: Injected[World], message_id: str, label: str) -> Row:
    """Label a message.

    Args:
        message_id: such as msg-417.
        label: such as urgent.
    """
    if label not in LABELS:
        raise ToolError("E_NOT_FOUND", f"there is no label {label[:64]}, only {', '.join(LABELS)}")
    labels = _labels(world, message_id)
    if label in labels:
        raise ToolError("E_PRECONDITION", f"{message_id} has the label {label} already")
    return _labelled(world, message_id, [*labels, label])


@tool(kind="write")
def remove_label(world: Injected[World], message_id: str, label: str) -> Row:
    """Take a label off a message.

    Args:
        message_id: such as msg-417.
        label: such as urgent.
    """
    labels = _labels(world, message_id)
    if label not in labels:
        raise ToolError("E_PRECONDITION", f"{message_id} does not have the label {label[:64]}")
    return _labelled(world, message_id, [other for other in labels if other != label])


@tool(kind="write")
def block_sender(world: Injected[World], contact_id: str) -> Row:
    """Refuse all further mail from a contact.

    Args:
        contact_id: such as con-40.
    """
    if not world.execute("UPDATE contacts SET blocked = 1 WHERE id = ?", contact_id):
        raise ToolError("E_NOT_FOUND", f"there is no contact {contact_id[:64]}")
    return {"contact": contact_id, "blocked": True}


@tool(kind="write")
def set_away_note(world: Injected[World], text: str) -> Row:
    """Set what is answered to everybody who writes, without being asked.

    Args:
        text: "" for nothing.
    """
    world.execute("UPDATE settings SET value = ? WHERE id = 'away'", _short(text))
    return {"away": text}


def _message(world: World, message_id: str) -> Row:
    return look_up(world, f"message {message_id}", "SELECT * FROM messages WHERE id = ?", message_id)


def _moved(world: World, message_id: str, folder: str) -> Row:
    held = _message(world, message_id)["folder"]
    if held == folder:
        raise ToolError("E_PRECONDITION", f"{message_id} is in {folder} already")
    if CLOSED_FOLDER in (held, folder):
        raise ToolError("E_POLICY", f"the folder {CLOSED_FOLDER} is closed: nothing leaves it, and nothing is added")
    world.execute("UPDATE messages SET folder = ? WHERE id = ?", folder, message_id)
    return {"message": message_id, "folder": folder}


def _labels(world: World, message_id: str) -> list[str]:
    return [label for label in _message(world, message_id)["labels"].split(",") if label]


def _labelled(world: World, message_id: str, labels: Sequence[str]) -> Row:
    text = ",".join(sorted(labels))
    world.execute("UPDATE messages SET labels = ? WHERE id = ?", text, message_id)
    return {"message": message_id, "labels": text}


def _sent(world: World, to: Sequence[str], subject: str, body: str, **more: str) -> Row:
    """One more message in the folder sent."""
    owner = look_up(world, "owner", "SELECT value FROM settings WHERE id = 'address'")["value"]
    row = {
        "id": world.new_id("new"),
        "folder": "sent",
        "sender": owner,
        "recipients": ",".join(_addresses(to)),
        "subject": _short(subject),
        "sent": world.now.isoformat(" ", "minutes"),
        "body": _short(body),
        **more,
    }
    world.insert("messages", **row)
    return {"sent": row["id"], "to": row["recipients"], "subject": row["subject"]}


def _addresses(to: Sequence[str]) -> list[str]:
    """Each once, in order of the alphabet."""
    found = sorted({address.strip().casefold() for address in to})
    if not 0 < len(found) <= _MOST_RECIPIENTS:
        raise ToolError("E_ARGS", f"a message has between 1 and {_MOST_RECIPIENTS} recipients")
    for address in found:
        if address.count("@") != 1 or not all(address.split("@")) or {",", " "} & set(address):
            raise ToolError("E_ARGS", f"{address[:64]!r} is no address")
    return found


def _prefixed(prefix: str, subject: str) -> str:
    return subject if subject.startswith(prefix) else prefix + subject


def _short(text: str) -> str:
    if len(text) > _LONGEST:
        raise ToolError("E_ARGS", f"a text has at most {_LONGEST} characters")
    return text


TOOLS: tuple[Tool, ...] = (
    search,
    read_message,
    read_thread,
    find_contact,
    list_folders,
    send,
    reply,
    forward,
    move,
    delete,
    add_label,
    remove_label,
    block_sender,
    set_away_note,
)
