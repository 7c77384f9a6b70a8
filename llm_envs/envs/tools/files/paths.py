"""Paths of a file system that is all in a table: absolute, in one spelling, and never out of the root."""

from __future__ import annotations

import re

from llm_envs.tools import ToolError

__all__ = ["joined", "normal", "split", "within"]

_LONGEST = 200
_NAME = re.compile(r"[\w][\w .+-]{0,63}|\.[\w][\w .+-]{0,62}", re.ASCII)


def normal(path: str) -> str:
    """The one spelling of a path: no `.`, no `..`, no doubled or trailing slash; relative ones start at the root.

    Raises:
        ToolError: E_ARGS, a name cannot be one; E_POLICY, it leaves the root.
    """
    if len(path) > _LONGEST:
        raise ToolError("E_ARGS", f"a path has at most {_LONGEST} characters")
    names: list[str] = []
    for name in path.strip().split("/"):
        if name == "..":
            if not names:
                raise ToolError("E_POLICY", "nothing is above the root, /")
            names.pop()
        elif name not in {"", "."}:
            if not _NAME.fullmatch(name) or name.endswith(" "):
                raise ToolError("E_ARGS", f"{name[:64]!r} cannot be a name")
            names.append(name)
    return "/" + "/".join(names)


def split(path: str) -> tuple[str, str]:
    """The folder that holds a normal path, and its name there; the root is in itself and has none."""
    folder, _, name = path.rpartition("/")
    return folder or "/", name


def joined(folder: str, name: str) -> str:
    """The path of a name in a folder."""
    return f"{folder.rstrip('/')}/{name}"


def within(path: str, folder: str) -> bool:
    """Whether it lies below that folder, at any depth; the folder itself does not."""
    return path != folder and path.startswith(joined(folder, ""))
