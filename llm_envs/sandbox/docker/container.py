"""One container: started, spoken to over the attached streams, and really ended.

Never `docker exec`: it hangs and dies where a program inside has taken every process that the container may have. The
streams are attached before the start, so that nothing is missed. When the owner dies, the engine closes the standard
input, the box inside leaves at its end, and the engine removes the container; what is left after that, `sweep` finds.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm_envs.sandbox.docker.engine import connect, knock
from llm_envs.sandbox.docker.image import LABEL
from llm_envs.sandbox.docker.seccomp import profile
from llm_envs.sandbox.docker.tree import WRITABLE
from llm_envs.sandbox.owners import pid_namespace, start_of
from llm_envs.sandbox.worker import BoxLost

__all__ = ["Container", "Room", "owner_labels", "pick_uid", "sweep"]

_STREAM = struct.Struct(">BxxxI")
_STDOUT = 1
_LAST_WORDS = 2000
_GONE_TIMEOUT_S = 20.0
_STALE_S = 600.0
"""A container that has been created and not started for this long never will be."""

_CAPABILITIES = ("SETUID", "SETGID", "KILL")
"""What the box needs to become a program's user, and to end what that has started."""

_MiB = 1 << 20


@dataclass(frozen=True, slots=True)
class Room:
    """What a container may use.

    Args:
        memory_mib: of all its processes and files together; there is no swap.
        disk_mib, inodes: of each writable folder; files count as memory, too.
        processes: and threads, at a time.
        cores: of the machine.
        runtime: of the engine, such as "runsc"; "" for its default.
    """

    memory_mib: int = 512
    disk_mib: int = 64
    inodes: int = 8192
    processes: int = 128
    cores: float = 2.0
    runtime: str = ""

    def host_config(self) -> dict[str, Any]:
        """What the engine is asked to hold a container to."""
        return {
            "network_mode": "none",
            "read_only": True,
            "tmpfs": self._writable(),
            "cap_drop": ["ALL"],
            "cap_add": list(_CAPABILITIES),
            "security_opt": ["no-new-privileges:true", f"seccomp={profile()}"],
            "pids_limit": self.processes,
            "mem_limit": self.memory_mib * _MiB,
            "memswap_limit": self.memory_mib * _MiB,
            "nano_cpus": int(min(self.cores, os.cpu_count() or 1) * 1e9),
            "ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 4096}, {"Name": "core", "Soft": 0, "Hard": 0}],
            "ipc_mode": "private",
            "oom_score_adj": 500,
            "log_config": {"Type": "none"},
            "auto_remove": True,
            "runtime": self.runtime or None,
        }

    def _writable(self) -> dict[str, str]:
        sized = f"size={self.disk_mib}m,nr_inodes={self.inodes},mode=1777,nosuid,nodev"
        return {
            **dict.fromkeys(WRITABLE, f"{sized},exec"),
            "/dev/mqueue": "size=4k,nr_inodes=1,mode=0,ro",  # anybody may leave queues there otherwise
        }


class Container:
    """A running container, and its streams.

    Args:
        command: what runs in it, as its process 1.

    Raises:
        docker.errors.DockerException: it cannot be made, or started.
    """

    def __init__(self, image: str, command: Sequence[str], room: Room, labels: Mapping[str, str]) -> None:
        self._client = connect()
        self._said = b""  # on stderr, the end of it
        self._left = 0  # bytes of the current piece of stdout that are still to come
        self._socket: socket.socket | None = None
        self.id: str = self._client.create_container(
            image,
            list(command),
            host_config=self._client.create_host_config(**room.host_config()),
            stdin_open=True,
            network_disabled=True,
            working_dir=WRITABLE[0],
            hostname="sandbox",
            stop_signal="SIGKILL",  # process 1 takes no other, and an engine that stops would wait for it
            labels=dict(labels),
        )["Id"]
        try:
            self._socket = _socket_of(
                self._client.attach_socket(self.id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            )
            self._client.start(self.id)
        except BaseException:
            self.kill()
            self.close()
            raise

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of it to the box's standard input."""
        try:
            self._armed(deadline).sendall(data)
        except OSError as error:
            raise BoxLost(self._post_mortem(error)) from error

    def receive(self, size: int, deadline: float) -> bytes:
        """What the box has written to its standard output, as it comes."""
        while not self._left:
            stream, length = _STREAM.unpack(self._exactly(_STREAM.size, deadline))
            if stream == _STDOUT:
                self._left = length
            else:
                self._said = (self._said + self._exactly(length, deadline))[-_LAST_WORDS:]
        data = self._some(min(size, self._left), deadline)
        self._left -= len(data)
        return data

    def _exactly(self, size: int, deadline: float) -> bytes:
        data = b""
        while len(data) < size:
            data += self._some(size - len(data), deadline)
        return data

    def _some(self, size: int, deadline: float) -> bytes:
        try:
            data = self._armed(deadline).recv(size)
        except OSError as error:
            raise BoxLost(self._post_mortem(error)) from error
        if not data:
            raise BoxLost(self._post_mortem(None))
        return data

    def _armed(self, deadline: float) -> socket.socket:
        if self._socket is None:
            raise BoxLost("its container has been ended")
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise BoxLost("it did not answer in time")
        self._socket.settimeout(left_s)
        return self._socket

    def _post_mortem(self, error: OSError | None) -> str:
        if isinstance(error, TimeoutError):
            return "it did not answer in time"
        said = self._said.decode("utf-8", "replace").strip()
        return f"its container hung up{f': {said}' if said else ''}"

    def kill(self) -> None:
        """Remove the container with whatever runs in it, and wait until it is no more."""
        from docker.errors import APIError, NotFound
        from requests.exceptions import RequestException

        deadline = time.monotonic() + _GONE_TIMEOUT_S
        with contextlib.suppress(NotFound, RequestException, OSError):  # its engine is gone: sweep finds it
            knock()
            while time.monotonic() < deadline:
                with contextlib.suppress(APIError):  # it is being removed, since it has just ended by itself
                    self._client.remove_container(self.id, force=True, v=True)
                self._client.inspect_container(self.id)
                time.sleep(0.02)

    def close(self) -> None:
        """Let go of the streams."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._client.close()


def _socket_of(attached: Any) -> socket.socket:
    """The socket under the file that the SDK gives, kept apart from the response it came with."""
    raw: socket.socket = getattr(attached, "_sock", attached)
    own = raw.dup()
    attached.close()
    raw.close()
    return own


def pick_uid(security_options: Sequence[str]) -> int:
    """A user for the programs of one container that no other container has, of whatever process, but by chance.

    The kernel counts a user's processes across containers, so two that shared one would starve each other. An engine
    that maps users has 65,536 of them; any other has four thousand million.
    """
    mapped = any("userns" in option or "rootless" in option for option in security_options)
    low, high = (10_000, 65_000) if mapped else (1 << 24, 1 << 31)
    return random.SystemRandom().randrange(low, high)


# Whose containers are whose


def owner_labels() -> dict[str, str]:
    """Who holds a container: this process, of this start of this machine."""
    return {
        LABEL: "1",
        f"{LABEL}.boot": _read("/proc/sys/kernel/random/boot_id"),
        f"{LABEL}.space": pid_namespace(),
        f"{LABEL}.pid": str(os.getpid()),
        f"{LABEL}.started": start_of(os.getpid()),
    }


def sweep(client: Any) -> int:
    """Remove containers whose owner has died, and say how many; those of living ones, and of other machines, stay."""
    swept = 0
    for found in client.containers(all=True, filters={"label": LABEL}):
        if _is_orphan(found.get("Labels") or {}, found.get("State", ""), found.get("Created", 0)):
            from docker.errors import APIError

            with contextlib.suppress(APIError):
                client.remove_container(found["Id"], force=True, v=True)
                swept += 1
    return swept


def _is_orphan(labels: Mapping[str, str], state: str, created: float) -> bool:
    here = owner_labels()
    if any(labels.get(f"{LABEL}.{part}") != here[f"{LABEL}.{part}"] for part in ("boot", "space")):
        return state != "running" and time.time() - created > _STALE_S  # its owner cannot be looked up from here
    pid = labels.get(f"{LABEL}.pid", "")
    return not pid.isdigit() or start_of(int(pid)) != labels.get(f"{LABEL}.started")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
