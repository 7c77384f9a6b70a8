"""The files of an episode: images inside the page where they are small, links beside it otherwise.

An image is one by its first bytes, never by its name, and of a kind that cannot carry a script. A path that leads out
of the run folder is not followed.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

__all__ = ["image_type", "inside", "shown"]

_INLINE_BYTES = 256 << 10
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def shown(folder: Path, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each file its `name`, its `turn`, and an image as `data` or the relative address as `href`."""
    return [_shown(folder, file) for file in files]


def inside(folder: Path, path: str) -> Path | None:
    """The file of that relative path; None where it is missing, or not inside the folder."""
    with suppress(OSError, ValueError):  # no file can have such a name
        found = (folder / path).resolve()
        if found.is_relative_to(folder.resolve()) and found.is_file():
            return found
    return None


def image_type(head: bytes) -> str | None:
    """The media type of an image that starts with `head`; None where it is none that is safe to show."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES.items() if head.startswith(start)), None)


def _shown(folder: Path, file: dict[str, Any]) -> dict[str, Any]:
    path = inside(folder, str(file.get("path", "")))
    about = {"name": str(file.get("name", "")), "turn": file.get("turn")}
    if path is None:
        return about
    relative = PurePosixPath(path.relative_to(folder.resolve()))
    if path.stat().st_size <= _INLINE_BYTES:
        content = path.read_bytes()
        kind = image_type(content)
        if kind:
            return {**about, "data": f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"}
    return {**about, "href": quote(str(relative))}
