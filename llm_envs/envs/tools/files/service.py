"""The table of a file system, and what can be done with it.

A row's key is its path, so what counts is what is where in the end, however it came there: a move, or a copy and a
deletion. Times of modification do not count, because they depend on how many calls were made before.

The tools keep what an operating system would: locks, parents that must be there, folders that must be empty, room. The
rules of the house are the agent's to keep.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from llm_envs.envs.tools.files.paths import joined, normal, split, within
from llm_envs.envs.tools.lookup import look_up
from llm_envs.tools import Injected, Tool, ToolError, tool
from llm_envs.world import Row, Tables, World

__all__ = ["TABLES", "TOOLS", "tidied"]

_MOST_CHARS = 4_000
"""Of a file."""

_MOST_ENTRIES = 200
_MOST_FOUND = 50

TABLES = Tables(
    """
    CREATE TABLE entries (
        id TEXT PRIMARY KEY, folder TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, content TEXT NOT NULL,
        owner TEXT NOT NULL, locked INTEGER NOT NULL, modified TEXT NOT NULL
    );
    CREATE INDEX entries_in ON entries (folder);
    CREATE TABLE login (id TEXT PRIMARY KEY, user TEXT NOT NULL);
    """,
    volatile={"entries.modified"},
)


def tidied(content: str) -> str:
    """What counts of a content: blanks at ends of lines and empty lines at the end do not."""
    return "\n".join(line.rstrip() for line in content.splitlines()).rstrip("\n")


@tool
def list_folder(world: Injected[World], path: str) -> list[Row]:
    """List what is in a folder: names, sizes in characters, days of the last modification, owners, locks.

    Args:
        path: such as /projects/atlas.
    """
    folder = _folder(world, normal(path))["id"]
    return [_told(row) for row in world.query("SELECT * FROM entries WHERE folder = ? AND id <> '/'", folder)]


@tool
def read_file(world: Injected[World], path: str) -> str:
    """Read the content of a file.

    Args:
        path: such as /notes/plan.txt.
    """
    return str(_file(world, normal(path))["content"])


@tool
def find(world: Injected[World], folder: str, pattern: str) -> list[Row]:
    """Find files by name in a folder and all folders below it; at most 50.

    Args:
        folder: such as /projects.
        pattern: of the name, with * and ?, such as *.txt.
    """
    if len(pattern) > 64 or pattern.count("*") > 4:
        raise ToolError("E_ARGS", "a pattern has at most 64 characters, 4 of them *")
    found = [row for row in _files_below(world, folder) if fnmatchcase(row["name"], pattern)]
    return [{"path": row["id"], **_told(row)} for row in found[:_MOST_FOUND]]


@tool
def grep(world: Injected[World], folder: str, text: str) -> list[str]:
    """Find lines that hold a text, in the files of a folder and of all folders below it, as path:line:content.

    Args:
        folder: such as /projects.
        text: exactly as it stands there.
    """
    if not text:
        raise ToolError("E_ARGS", "there is no text to look for")
    found = [
        f"{row['id']}:{number}:{line}"
        for row in _files_below(world, folder)
        for number, line in enumerate(row["content"].splitlines(), 1)
        if text in line
    ]
    return found[:_MOST_FOUND]


@tool(kind="write")
def write_file(world: Injected[World], path: str, content: str) -> Row:
    """Give a file a new content; one that is not there is made.

    Args:
        path: such as /notes/plan.txt.
        content: all of it.
    """
    target = normal(path)
    if _row(world, target):
        return _rewrite(world, _file(world, target), content)
    _add(world, target, "file", content)
    return {"path": target, "size": len(content)}


@tool(kind="write")
def append_line(world: Injected[World], path: str, line: str) -> Row:
    """Add a line at the end of a file.

    Args:
        path: such as /notes/plan.txt.
        line: without a line break.
    """
    file = _file(world, normal(path))
    before = tidied(file["content"])
    return _rewrite(world, file, f"{before}\n{line}\n" if before else f"{line}\n")


@tool(kind="write")
def replace_text(world: Injected[World], path: str, old: str, new: str) -> Row:
    """Replace a text by another wherever it stands in a file.

    Args:
        path: such as /projects/atlas/app.conf.
        old: exactly as it stands there.
        new: what is to stand there instead.
    """
    file = _file(world, normal(path))
    count = file["content"].count(old) if old else 0
    if not count:
        raise ToolError("E_PRECONDITION", f"this does not stand in {file['id']}")
    if count * len(new) > _MOST_CHARS:
        raise ToolError("E_PRECONDITION", f"a file has at most {_MOST_CHARS} characters")
    return _rewrite(world, file, file["content"].replace(old, new)) | {"replaced": count}


@tool(kind="write")
def move(world: Injected[World], source: str, target: str) -> Row:
    """Move or rename a file. A file that is at the target is replaced; a folder there takes the file in.

    Args:
        source: such as /notes/plan.txt.
        target: such as /archive/plan.txt, or /archive.
    """
    file = _unlocked(_file(world, normal(source)))
    there = _landing(world, file, normal(target))
    world.execute("DELETE FROM entries WHERE id = ?", there)
    folder, name = split(there)
    world.execute("UPDATE entries SET id = ?, folder = ?, name = ? WHERE id = ?", there, folder, name, file["id"])
    return {"path": there}


@tool(kind="write")
def copy(world: Injected[World], source: str, target: str) -> Row:
    """Copy a file. A file that is at the target is replaced; a folder there takes the copy in.

    Args:
        source: such as /notes/plan.txt.
        target: such as /archive/plan.txt, or /archive.
    """
    file = _file(world, normal(source))
    there = _landing(world, file, normal(target))
    world.execute("DELETE FROM entries WHERE id = ?", there)
    _add(world, there, "file", file["content"])
    return {"path": there}


@tool(kind="write")
def delete(world: Injected[World], path: str) -> Row:
    """Delete a file, or an empty folder.

    Args:
        path: such as /notes/plan.txt.
    """
    row = _unlocked(_there(world, normal(path)))
    if row["id"] == "/" or world.one("SELECT id FROM entries WHERE folder = ?", row["id"]):
        raise ToolError("E_PRECONDITION", f"{row['id']} is not empty")
    world.execute("DELETE FROM entries WHERE id = ?", row["id"])
    return {"deleted": row["id"]}


@tool(kind="write")
def make_folder(world: Injected[World], path: str) -> Row:
    """Make a folder; the one that holds it must be there.

    Args:
        path: such as /archive/2026.
    """
    target = normal(path)
    if _row(world, target):
        raise ToolError("E_PRECONDITION", f"{target} is there already")
    _add(world, target, "folder", "")
    return {"path": target}


@tool(kind="write")
def set_lock(world: Injected[World], path: str, locked: bool) -> Row:
    """Lock a file against changes, or unlock it.

    Args:
        path: such as /notes/plan.txt.
        locked: false to unlock it.
    """
    file = _file(world, normal(path))
    world.execute("UPDATE entries SET locked = ? WHERE id = ?", int(locked), file["id"])
    return {"path": file["id"], "locked": locked}


def _row(world: World, path: str) -> Row | None:
    return world.one("SELECT * FROM entries WHERE id = ?", path)


def _there(world: World, path: str) -> Row:
    return look_up(world, f"file or folder {path}", "SELECT * FROM entries WHERE id = ?", path)


def _file(world: World, path: str) -> Row:
    row = _there(world, path)
    if row["kind"] != "file":
        raise ToolError("E_PRECONDITION", f"{path} is a folder")
    return row


def _folder(world: World, path: str) -> Row:
    row = _there(world, path)
    if row["kind"] != "folder":
        raise ToolError("E_PRECONDITION", f"{path} is no folder")
    return row


def _unlocked(row: Row) -> Row:
    if row["locked"]:
        raise ToolError("E_POLICY", f"{row['id']} is locked")
    return row


def _files_below(world: World, path: str) -> list[Row]:
    folder = _folder(world, normal(path))["id"]
    files = world.query("SELECT * FROM entries WHERE kind = 'file' ORDER BY id")
    return [row for row in files if within(row["id"], folder)]


def _landing(world: World, file: Row, target: str) -> str:
    """Where a file comes to lie that is sent to a target."""
    there = _row(world, target)
    if there and there["kind"] == "folder":
        target = joined(target, file["name"])
        there = _row(world, target)
    if target == file["id"]:
        raise ToolError("E_PRECONDITION", f"{target} is where it is already")
    if there:
        _unlocked(_file(world, target))
    _folder(world, split(target)[0])
    return target


def _add(world: World, path: str, kind: str, content: str) -> None:
    folder, name = split(path)
    _folder(world, folder)
    _bounded(content)
    if (world.one("SELECT count(*) AS n FROM entries") or {"n": 0})["n"] >= _MOST_ENTRIES:
        raise ToolError("E_PRECONDITION", f"the disk holds at most {_MOST_ENTRIES} files and folders")
    user = (world.one("SELECT user FROM login") or {})["user"]
    row = {"folder": folder, "name": name, "kind": kind, "content": content, "owner": user, "locked": 0}
    world.insert("entries", id=path, **row, modified=world.now.date().isoformat())


def _rewrite(world: World, file: Row, content: str) -> Row:
    _bounded(content)
    path = _unlocked(file)["id"]
    today = world.now.date().isoformat()
    world.execute("UPDATE entries SET content = ?, modified = ? WHERE id = ?", content, today, path)
    return {"path": path, "size": len(content)}


def _bounded(content: str) -> None:
    if len(content) > _MOST_CHARS:
        raise ToolError("E_PRECONDITION", f"a file has at most {_MOST_CHARS} characters")
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", content):
        raise ToolError("E_ARGS", "files hold text alone")


def _told(row: Row) -> Row:
    """What a listing says."""
    told = {"name": row["name"], "kind": row["kind"], "size": len(row["content"]), "modified": row["modified"]}
    return told | {"owner": row["owner"], "locked": bool(row["locked"])}


TOOLS: tuple[Tool, ...] = (
    list_folder,
    read_file,
    find,
    grep,
    write_file,
    append_line,
    replace_text,
    move,
    copy,
    delete,
    make_folder,
    set_lock,
)
