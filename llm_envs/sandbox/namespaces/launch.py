"""Start a program in namespaces of its own, and see that it ends. A program, not a library.

It runs as a process of its own, since a process with threads can enter no user namespace: `python3 -I -S -c BOOT PLAN`,
where PLAN is the JSON of a `Plan`, stdin and stdout are the box's, and two further descriptors say how it goes:

- `report`: nothing until the program runs; one line of JSON where it cannot be started;
- `lifeline`: what is written to it, or its end, is the order to kill. The launcher obeys when nothing is left: the
  kernel answers the wait for a pid namespace's first process only after the last process inside is gone.

The steps: namespaces, cgroup, a root of read-only binds, pivot_root, a further user namespace (which locks what was
mounted, and has no user who owns anything), no_new_privs, limits, exec. The program is the first process of its pid
namespace. For root there are two users inside, 0 and 1, for an ordinary user one, 0.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import select
import signal
import sys
from typing import Any, NoReturn

from . import kernel

__all__ = ["main"]

_HOST = "/host"
"""Where the host's files are while the new root is made; gone before the program starts."""
_STAGE = "/tmp"  # noqa: S108 - covered by a mount that nobody else sees; nothing is written to the folder itself
_ROOT_INODES = 4096
_ESSENTIAL_DEVICES = ("null", "zero", "full", "random", "urandom")
_FIRST_ID, _USERS = 2_000_000_000, 2
"""Host ids that nobody hands out; which of them a box has, its launcher's process id says."""
_DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}


class _Step:
    """What is being done, so that an error can say what failed."""

    name = "start"


def _step(name: str) -> None:
    _Step.name = name


def main(plan: dict[str, Any]) -> None:
    """Start the plan's program, and wait for its end or for the order to end it."""
    report, lifeline, privileged = plan["report"], plan["lifeline"], plan["privileged"]
    os.umask(0o022)
    try:
        _enter_namespaces(privileged=privileged)
        _step("fork")
        asked, granted = os.pipe(), os.pipe()
        first = os.fork()
        if first == 0:
            _become(plan, report, (asked[1], granted[0]))
        if privileged:
            os.close(asked[1])
            _grant_users(first, asked[0], granted[1])
    except OSError as error:
        _tell(report, error)
    for descriptor in (0, 1, report):
        os.close(descriptor)
    _watch(first, lifeline)


def _enter_namespaces(*, privileged: bool) -> None:
    """Those that are made by whoever called; an ordinary user needs a user namespace to make the others in."""
    if not privileged:
        _step("user namespace")
        uid, gid = os.geteuid(), os.getegid()
        kernel.unshare(kernel.NEW_USER)
        _map_to_root(uid, gid)
    _step("namespaces")
    kernel.unshare(kernel.NEW_PID | kernel.NEW_NET)


def _map_to_root(uid: int, gid: int) -> None:
    """Inside the user namespace that was just entered there is one user, root, who is `uid` outside."""
    _step("uid map")
    for name, line in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(line)


def _grant_users(first: int, asked: int, granted: int) -> None:
    """When the first process has entered its user namespace, it gets a root and one more user, which own nothing."""
    if os.read(asked, 1):
        _step("uid map")
        for name in ("uid", "gid"):
            with open(f"/proc/{first}/{name}_map", "w", encoding="ascii") as file:
                file.write(f"0 {_unused_ids(name)} {_USERS}")
        os.write(granted, b"x")


def _unused_ids(kind: str) -> int:
    """The first of some ids that own nothing, and that no other box has: limits by uid are each box's own."""
    with open(f"/proc/self/{kind}_map", encoding="ascii") as file:
        known = [tuple(map(int, line.split())) for line in file]
    most = max(start + count for start, _, count in known) - _USERS
    if most <= 0:
        raise OSError(errno.EPERM, f"no {kind} but root's is known in this user namespace")
    return min(_FIRST_ID + _USERS * os.getpid(), most)


def _become(plan: dict[str, Any], report: int, users: tuple[int, int]) -> NoReturn:
    """The first process of the pid namespace turns into the program."""
    try:
        _step("death signal")
        kernel.die_with_parent()
        _join(plan["cgroups"])
        _step("loopback")
        kernel.raise_loopback()
        _build_root(plan)
        _give_up_rights(users if plan["privileged"] else None)
        _limit(plan["limits"])
        _step("exec")
        os.set_inheritable(report, False)
        _close_from(3, keep=report)
        os.chdir("/")
        os.execve(plan["command"][0], plan["command"], plan["environment"])
    except OSError as error:
        _tell(report, error)


def _join(cgroups: list[str]) -> None:
    _step("cgroup")
    for folder in cgroups:
        with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")
    kernel.unshare(kernel.NEW_CGROUP)


def _build_root(plan: dict[str, Any]) -> None:
    """A file system of read-only binds and nothing else; the host's is out of reach at the end."""
    _step("stage")
    kernel.unshare(kernel.NEW_NS)
    kernel.mount("none", "/", "", kernel.RECURSIVE | kernel.SLAVE)
    _mount_memory(_STAGE, size_mib=1, inodes=_ROOT_INODES, mode="755")
    os.mkdir(_STAGE + _HOST)
    _step("pivot_root")
    kernel.pivot(_STAGE, _STAGE + _HOST)
    _step("binds")
    for path in plan["binds"]:
        _bind(_HOST + path, path)
    _cover(plan["masks"], plan["packages"])
    for path, target in plan["links"].items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)
    for path, text in plan["texts"].items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    _make_devices()
    for source, target in plan["counters"].items():
        _bind(_HOST + source, target)
    _step("proc")
    os.mkdir("/proc")
    kernel.mount("proc", "/proc", "proc", kernel.NO_SUID | kernel.NO_DEVICES | kernel.NO_EXEC)
    _step("writable places")
    for path, (size_mib, inodes) in plan["writable"].items():
        os.makedirs(path, exist_ok=True)
        _mount_memory(path, size_mib=size_mib, inodes=inodes, mode="1777")
    _step("seal")
    kernel.detach(_HOST)
    os.rmdir(_HOST)
    _hide_ways(plan["binds"])
    kernel.restrict("/", kernel.READ_ONLY)


def _mount_memory(path: str, *, size_mib: int, inodes: int, mode: str) -> None:
    options = f"size={size_mib}m,nr_inodes={inodes},mode={mode}"
    kernel.mount("none", path, "tmpfs", kernel.NO_SUID | kernel.NO_DEVICES, options)


def _bind(source: str, target: str, *, devices: bool = False) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
    kernel.bind(source, target, devices=devices)


def _cover(masks: list[str], packages: dict[str, str]) -> None:
    """Folders that are not to be seen become empty, but for the packages that are."""
    for path in masks:
        _mount_memory(path, size_mib=1, inodes=_ROOT_INODES, mode="755")
    for source, target in packages.items():
        _bind(_HOST + source, target)
    for path in masks:
        kernel.restrict(path, kernel.READ_ONLY)


def _hide_ways(binds: list[str]) -> None:
    """Folders that are there only to lead to a bind can be walked through, not listed: their names are the host's."""
    ways = {path[:end] for path in binds for end in range(1, len(path)) if path[end] == "/"}
    for way in ways - {"/usr", "/etc"}:
        if os.stat(way).st_dev == os.stat("/").st_dev:
            os.chmod(way, 0o111)  # noqa: S103 - not even its owner is to list it


def _make_devices() -> None:
    _step("devices")
    os.makedirs("/dev/shm")  # noqa: S108 - a folder of the new root
    for name in _ESSENTIAL_DEVICES:
        _bind(f"{_HOST}/dev/{name}", f"/dev/{name}", devices=True)
    for name, target in _DEVICE_LINKS.items():
        os.symlink(target, f"/dev/{name}")


def _give_up_rights(users: tuple[int, int] | None) -> None:
    """Root becomes nobody in particular. The second user namespace owns no mount, so it can undo none."""
    uid, gid = os.geteuid(), os.getegid()
    _step("inner user namespace")
    kernel.unshare(kernel.NEW_USER | kernel.NEW_NS | kernel.NEW_IPC | kernel.NEW_UTS)
    if users:
        _take_user(*users)
    else:
        _map_to_root(uid, gid)
    _step("host name")
    kernel.name_host("box")
    kernel.forbid_privileges()


def _take_user(ask: int, granted: int) -> None:
    """Become the root whom the launcher grants; it alone may map more than one user."""
    os.write(ask, b"x")
    if not os.read(granted, 1):
        os._exit(1)  # the launcher has said why, or is dead
    _step("uid")
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    kernel.make_dumpable()
    kernel.die_with_parent()


def _limit(limits: dict[str, int]) -> None:
    _step("limits")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def _close_from(first: int, *, keep: int) -> None:
    os.closerange(first, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


def _tell(report: int, error: OSError) -> NoReturn:
    line = {"step": _Step.name, "errno": error.errno, "text": str(error)}
    os.write(report, json.dumps(line).encode())
    os._exit(1)


def _watch(first: int, lifeline: int) -> None:
    """Until the program ends, or is to be ended: then, until nothing of it is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = os.pidfd_open(first)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(lifeline, select.POLLIN)
    poll.poll()
    signal.pidfd_send_signal(ended, signal.SIGKILL)
    _, status = os.waitpid(first, 0)
    sys.exit(0 if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
