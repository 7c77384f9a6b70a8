"""The backend that runs each worker in a container."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from llm_envs.errors import InfrastructureError, SandboxUnavailable
from llm_envs.sandbox.backend import BoxOptions
from llm_envs.sandbox.box import arguments
from llm_envs.sandbox.docker.container import Container, Room, owner_labels, pick_uid, sweep
from llm_envs.sandbox.docker.engine import connect, is_gone
from llm_envs.sandbox.docker.image import image_for
from llm_envs.sandbox.docker.tree import PYTHON, SITE, WRITABLE, distributions

__all__ = ["Docker"]

RESTART_TIMEOUT_S = 30.0
"""An engine that has answered before and now does not is given time: it may be restarted."""

COMPILERS = "compilers"
"""The kind of boxes that have the languages of this machine beside Python."""

_Found = TypeVar("_Found")


class Docker:
    """Containers of the engine that DOCKER_HOST, or its default, names.

    What brings the modules that are to be preloaded is installed in the image.

    Raises:
        MissingExtra: the package `docker` is not installed.
        SandboxUnavailable: no engine answers, or not to this user.
    """

    name = "docker"

    def __init__(self, options: BoxOptions) -> None:
        self._room = Room(memory_mib=options.memory_mib, runtime=options.runtime)
        self._preload = options.preload
        self._packages = distributions(options.preload)
        self._lock = threading.Lock()
        self._images: dict[str, str] = {}
        client = connect()
        try:
            self._mapped: Sequence[str] = client.info().get("SecurityOptions") or ()
            sweep(client)
        finally:
            client.close()

    def variant(self, language: str) -> str:
        """Boxes with compilers are of another image, which is made when the first program needs it."""
        return "" if language == "python" else COMPILERS

    def open(self, variant: str) -> Container:
        """A running box.

        Raises:
            SandboxUnavailable: it cannot be made.
        """
        return _patiently(lambda: self._open(variant))

    def _open(self, variant: str) -> Container:
        image = self._image(variant)
        try:
            return Container(image, self._command(), self._room, owner_labels())
        except _image_not_found():
            self._images.clear()  # somebody has removed it since
            return Container(self._image(variant), self._command(), self._room, owner_labels())

    def _image(self, variant: str) -> str:
        with self._lock:
            if variant not in self._images:
                client = connect()
                try:
                    self._images[variant] = image_for(client, self._packages, compilers=variant == COMPILERS)
                finally:
                    client.close()
            return self._images[variant]

    def _command(self) -> list[str]:
        options = arguments(
            isolation="uid",
            uid=str(pick_uid(self._mapped)),
            writable=",".join(WRITABLE),
            path=SITE,
            preload=",".join(self._preload),
        )
        return [PYTHON, *options]

    def forget(self) -> None:
        """In a forked child: locks may be held by threads that it does not have."""
        self._lock = threading.Lock()


def _image_not_found() -> type[Exception]:
    from docker.errors import ImageNotFound

    found: type[Exception] = ImageNotFound
    return found


def _patiently(make: Callable[[], _Found]) -> _Found:
    """What `make` gives, once the engine is there: a restart of it takes seconds."""
    deadline = time.monotonic() + RESTART_TIMEOUT_S
    while True:
        try:
            return make()
        except InfrastructureError as error:
            if not is_gone(error) or time.monotonic() > deadline:
                raise
        except Exception as error:
            if not _is_engines(error):
                raise
            if not is_gone(error) or time.monotonic() > deadline:
                raise _refused(error) from error
        time.sleep(0.2)


def _is_engines(error: Exception) -> bool:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    return isinstance(error, (DockerException, RequestException, OSError))


def _refused(error: Exception) -> SandboxUnavailable:
    return SandboxUnavailable(
        "the Docker engine makes no container for programs",
        expected="an engine that can hold memory, processes and files of a container",
        received=str(getattr(error, "explanation", None) or error),
        next_step=_remedy(str(error)),
    )


def _remedy(reason: str) -> str:
    if "runtime" in reason:
        return "Install that runtime and name it in /etc/docker/daemon.json, or leave `runtime` out."
    if "space" in reason:
        return "Free disk space where the engine keeps images (docker system df)."
    return f"See the engine's log (journalctl -u docker), and that `docker run` works here as user {os.getuid()}."
