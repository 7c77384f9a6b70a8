"""How an engine is reached, and what to do where it is not."""

from __future__ import annotations

import os
import socket
from typing import Any

from llm_envs.errors import MissingExtra, SandboxUnavailable

__all__ = ["connect", "is_gone", "knock"]

DEFAULT = "unix:///var/run/docker.sock"

TIMEOUT_S = 60.0
"""An engine on this machine answers in milliseconds; one that is starting twenty containers takes seconds."""


def connect() -> Any:
    """A client of its own: none is shared between threads or with a forked child.

    Raises:
        MissingExtra: the package `docker` is not installed.
        SandboxUnavailable: no engine answers, or not to this user.
    """
    try:
        import docker
    except ImportError as error:
        raise MissingExtra.of("docker", "docker", "running programs in containers") from error
    try:
        knock()
        return docker.APIClient(timeout=TIMEOUT_S, **docker.utils.kwargs_from_env())
    except (docker.errors.DockerException, OSError) as error:
        raise _unavailable(error) from error


def knock() -> None:
    """Raise the OSError of a socket of this machine where nobody listens; the SDK would leave the socket open."""
    address = os.environ.get("DOCKER_HOST") or DEFAULT
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(address.removeprefix("unix://"))


def is_gone(error: BaseException | None) -> bool:
    """Whether no engine listens: it has been stopped, or is being started."""
    return any(isinstance(cause, (FileNotFoundError, ConnectionError)) for cause in _causes(error))


def _unavailable(error: BaseException) -> SandboxUnavailable:
    causes = list(_causes(error))
    if any(isinstance(cause, PermissionError) for cause in causes):
        return SandboxUnavailable(
            "the Docker engine does not talk to this user",
            expected="leave to write to the engine's socket",
            received="permission denied",
            next_step="Join its group (sudo usermod -aG docker $USER) and log in again; "
            'or use backend="namespaces", which needs no engine.',
        )
    if any(isinstance(cause, (FileNotFoundError, ConnectionError)) for cause in causes):
        return SandboxUnavailable(
            "no Docker engine answers",
            expected="a running Docker daemon",
            received=str(causes[-1]),
            next_step="Start it (sudo systemctl start docker), or install it (Debian: apt-get install docker.io); "
            'or use backend="namespaces", which needs no engine.',
        )
    return SandboxUnavailable(
        "the Docker engine cannot be used",
        expected="an engine of version 20.10 or newer, reached as DOCKER_HOST says",
        received=str(causes[0]),
        next_step="See that `docker version` shows a server, as this user and with the same DOCKER_HOST.",
    )


def _causes(error: BaseException | None) -> list[BaseException]:
    """An error and all that it comes from, those included that libraries hand over as an argument."""
    found: list[BaseException] = []
    todo = [error]
    while todo:
        here = todo.pop(0)
        if here is None or any(here is seen for seen in found):
            continue
        found.append(here)
        todo += [here.__cause__, here.__context__, *(part for part in here.args if isinstance(part, BaseException))]
    return found
