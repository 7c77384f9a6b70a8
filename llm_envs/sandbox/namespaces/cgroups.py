"""Control groups that hold a box: how many processes, how much memory, all of its processes together.

Both generations of the interface: the version 1 hierarchies `pids` and `memory`, and version 2 where both controllers
are delegated. A group is made below the one that this process is in (version 2: below the nearest that hands its
controllers on), is named after its owner, and goes at close. Those of owners that are dead go when the next is made.
Source: the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from llm_envs.sandbox.owners import pid_namespace, start_of

__all__ = ["Cgroup", "Place", "find_places"]

_PREFIX = "llm-envs"
_NAME = re.compile(rf"{_PREFIX}-(?P<space>\d+)-(?P<pid>\d+)-(?P<start>\d+)-\d+")
_CONTROLLERS = ("pids", "memory")
_REMOVAL_S = 2.0
"""The kernel takes its time to forget the dead."""

_counter = itertools.count()


@dataclass(frozen=True, slots=True)
class Place:
    """A folder in which groups can be made, and which controllers these then have."""

    folder: Path
    controllers: frozenset[str]
    version: int


@dataclass(frozen=True, slots=True)
class Cgroup:
    """A group of processes.

    Args:
        folders: those that stand for it: one for version 2, one for each controller for version 1.
        counters: the file that counts kills for want of memory, and the path at which containers show theirs.
    """

    folders: tuple[Path, ...]
    counters: dict[str, str]

    @classmethod
    def create(cls, places: tuple[Place, ...], *, memory_mib: int, processes: int) -> Self:
        """A new group with these limits.

        Args:
            places: those of `find_places`, which have both controllers.

        Raises:
            OSError: where the kernel makes none, or takes no limit.
        """
        name = f"{_PREFIX}-{_own_identity()}-{next(_counter)}"
        sweep(places)
        group = cls(
            tuple(place.folder / name for place in places),
            {str(place.folder / name / inner): outer for place in places for inner, outer in _counters(place)},
        )
        try:
            for place, folder in zip(places, group.folders, strict=True):
                folder.mkdir()
                for file, value in _limits(place, memory_mib, processes):
                    (folder / file).write_text(value, encoding="ascii")
        except OSError:
            group.remove()
            raise
        return group

    def remove(self) -> bool:
        """End what is left inside, and remove the group; False where the kernel keeps it."""
        removed = [_remove(folder) for folder in self.folders]
        return all(removed)


def find_places() -> tuple[Place, ...]:
    """Where groups with limits of processes and of memory can be made; empty where they cannot."""
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    own = Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="surrogateescape")
    return choose_places(mounts, own)


def choose_places(mounts: str, own: str) -> tuple[Place, ...]:
    """As `find_places`, for these texts of /proc/self/mountinfo and /proc/self/cgroup."""
    found: list[Place] = []
    missing = set(_CONTROLLERS)
    for place in _candidates(mounts, own):
        useful = missing & place.controllers
        if useful and _writable(place):
            found.append(Place(place.folder, frozenset(useful), place.version))
            missing -= useful
    return () if missing else tuple(found)


def _candidates(mounts: str, own: str) -> Iterator[Place]:
    current = {tuple(names.split(",")): path for _, names, path in (line.split(":", 2) for line in own.splitlines())}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        root, mountpoint = before.split()[3:5]
        kind, _, options = after.split()[:3]
        if kind == "cgroup":
            for names, path in current.items():
                if set(names) & set(_CONTROLLERS) & set(options.split(",")):
                    yield Place(_below(mountpoint, root, path), frozenset(names), 1)
        elif kind == "cgroup2" and ("",) in current:
            yield from _ancestors(Path(mountpoint), _below(mountpoint, root, current["",]))


def _below(mountpoint: str, root: str, path: str) -> Path:
    """The folder of a group: a container's mount shows only what is below its own."""
    return Path(mountpoint, os.path.relpath(path, root)) if path.startswith(root) else Path(mountpoint)


def _ancestors(top: Path, folder: Path) -> Iterator[Place]:
    """Groups of version 2, from the own upwards, with the controllers that their children have."""
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            handed_on = (place / "cgroup.subtree_control").read_text(encoding="ascii").split()
            yield Place(place, frozenset(handed_on), 2)
        if place == top:
            return


def _writable(place: Place) -> bool:
    """Moving a process between groups takes the right to write to a group above both."""
    return os.access(place.folder, os.W_OK) and os.access(place.folder / "cgroup.procs", os.W_OK)


def _limits(place: Place, memory_mib: int, processes: int) -> Iterator[tuple[str, str]]:
    memory = str(memory_mib << 20)
    if "pids" in place.controllers:
        yield "pids.max", str(processes)
    if "memory" in place.controllers and place.version == 1:
        yield "memory.limit_in_bytes", memory
        if (place.folder / "memory.memsw.limit_in_bytes").exists():
            yield "memory.memsw.limit_in_bytes", memory
    if "memory" in place.controllers and place.version == 2:
        yield "memory.max", memory
        if (place.folder / "memory.swap.max").exists():
            yield "memory.swap.max", "0"


def _counters(place: Place) -> Iterator[tuple[str, str]]:
    """The file that counts kills for want of memory, and the path at which containers show it inside."""
    if "memory" in place.controllers:
        yield (
            ("memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control")
            if place.version == 1
            else (
                "memory.events",
                "/sys/fs/cgroup/memory.events",
            )
        )


def sweep(places: tuple[Place, ...]) -> None:
    """End and remove the groups whose owners have died without doing so."""
    for place in places:
        for folder in place.folder.glob(f"{_PREFIX}-*"):
            name = _NAME.fullmatch(folder.name)
            if name and name["space"] == pid_namespace() and start_of(int(name["pid"])) != name["start"]:
                _remove(folder)


def _own_identity() -> str:
    return f"{pid_namespace()}-{os.getpid()}-{start_of(os.getpid())}"


def _remove(folder: Path) -> bool:
    deadline = time.monotonic() + _REMOVAL_S
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return True
        except OSError:
            if time.monotonic() > deadline:
                return False
            _kill_inside(folder)
            time.sleep(0.005)
        else:
            return True


def _kill_inside(folder: Path) -> None:
    """Every process of a group that is ours alone."""
    with contextlib.suppress(OSError):
        for pid in (folder / "cgroup.procs").read_text(encoding="ascii").split():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(pid), signal.SIGKILL)
