"""What this machine has: packages, a Docker engine, a Chromium. It looks; it installs and starts nothing.

Which packages an extra brings is read from the installed distribution, so pyproject.toml alone says it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["EXTRAS", "SERVICES", "Need", "chromium", "docker_version", "extras", "need", "version_of"]

EXTRAS: dict[str, str] = {
    "hf": "tokenizers and models of Hugging Face",
    "data": "data sets of the Hub, parquet files, export to parquet",
    "train": "the trainers: GRPO, SFT, the demo",
    "eval": "models behind HTTP endpoints",
    "tools": "envs whose policy calls tools",
    "mcp": "tools of MCP servers, and envs as MCP servers",
    "docker": "programs of a model in containers: the package that talks to the engine",
    "search": "other engines for a corpus of your own: bm25s, Tantivy",
    "vllm": "fast sampling from models on a GPU",
    "math-verify": "a second opinion on mathematics, for comparison",
}
"""What each extra gives."""

SERVICES: dict[str, tuple[str, str]] = {
    "docker engine": ("programs of a model in containers", "Install Docker Engine, start its daemon, join its group."),
    "chromium": ("web envs in a real browser", "Install Chromium; on Debian: apt-get install chromium."),
}
"""What each service gives, and how one comes by it."""

_NOT_FOR_USERS = {"dev", "all"}
_CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SOCKETS = ("/var/run/docker.sock", "~/.docker/run/docker.sock", "$XDG_RUNTIME_DIR/docker.sock")
_ENGINE_TIMEOUT_S = 2.0
"""A daemon on this machine answers within milliseconds."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that not every machine has.

    Args:
        name: an extra, or a service.
        gives: what it is good for.
        here: it is there.
        remedy: what to do where it is not.
    """

    name: str
    gives: str
    here: bool
    remedy: str


@cache
def need(name: str) -> Need:
    """An extra or a service, and whether it is here."""
    if name in SERVICES:
        gives, remedy = SERVICES[name]
        return Need(name, gives, (docker_version() if name == "docker engine" else chromium()) is not None, remedy)
    missing = [package for package in extras().get(name, ()) if version_of(package) is None]
    return Need(name, EXTRAS.get(name, ""), name in extras() and not missing, f'pip install "llm-envs[{name}]"')


def version_of(distribution: str) -> str | None:
    """The installed version, None where there is none."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(distribution)
    return None


@cache
def extras() -> dict[str, tuple[str, ...]]:
    """The extras that users install, and the distributions that each brings."""
    with suppress(metadata.PackageNotFoundError):
        described = metadata.metadata("llm-envs")
        required = described.get_all("Requires-Dist") or []
        names = [name for name in described.get_all("Provides-Extra") or [] if name not in _NOT_FOR_USERS]
        return {name: tuple(dict.fromkeys(_brought_by(name, required))) for name in names}
    return {}


def _brought_by(extra: str, required: list[str]) -> Iterator[str]:
    for requirement in required:
        what, _, marker = requirement.partition(";")
        if not re.search(rf"""extra\s*==\s*['"]{re.escape(extra)}['"]""", marker):
            continue
        name = re.match(r"[\w.-]+", what)
        inner = re.search(r"\[([^\]]*)\]", what)
        if name and name[0] != "llm-envs":
            yield name[0]
        elif inner:
            for other in inner[1].split(","):
                yield from _brought_by(other.strip(), required)


@cache
def docker_version() -> str | None:
    """The version of the Docker engine that answers, None where none does."""
    for address in _engine_addresses():
        with suppress(OSError, ValueError, KeyError):
            return str(_ask_engine(address)["Version"])
    return None


def _engine_addresses() -> list[str | tuple[str, int]]:
    if host := os.environ.get("DOCKER_HOST"):
        parts = urlsplit(host)
        if parts.scheme not in ("unix", "tcp", "http"):
            return []
        return [parts.path if parts.scheme == "unix" else (parts.hostname or "localhost", parts.port or 2375)]
    return [str(Path(os.path.expandvars(path)).expanduser()) for path in _SOCKETS]


def _ask_engine(address: str | tuple[str, int]) -> dict[str, object]:
    """What `/version` says; one request of HTTP/1.0, so that the answer ends where the connection does."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as engine:
        engine.settimeout(_ENGINE_TIMEOUT_S)
        engine.connect(address)
        engine.sendall(b"GET /version HTTP/1.0\r\nHost: docker\r\n\r\n")
        answer = b"".join(iter(lambda: engine.recv(65_536), b""))
    said: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return said


@cache
def chromium() -> str | None:
    """The path of a Chromium or Chrome, None where none is found; Playwright's own download counts."""
    for name in _CHROMIUMS:
        if found := shutil.which(name):
            return found
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright").expanduser()
    return next((str(path) for path in sorted(downloads.glob("chromium*/*/*")) if os.access(path, os.X_OK)), None)
