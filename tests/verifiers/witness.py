"""Runs in a sandbox after a hostile program: adds two numbers, and tells of all that could have been changed."""

import os
import resource
import signal
import sys
from pathlib import Path

PLACES = (".", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run")


def add(a, b):
    """What the honest program is asked for."""
    return a + b


def world():
    """What must be the same for every program, whatever ran before it."""
    return {
        "files": {place: files(Path(place)) for place in PLACES},
        "room": {place: room(place) for place in PLACES},
        "processes": sorted(lines(path / "comm") for path in Path("/proc").iterdir() if path.name.isdigit()),
        "environment": dict(os.environ),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if "RLIMIT" in name},
        "signals": [line for line in lines("/proc/self/status") if line.startswith(("Sig", "Shd"))],
        "blocked": sorted(int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "users": [len({*os.getresuid()}), len({*os.getresgid()}), os.getgroups()],
        "modes": [os.umask(0o022), Path.cwd().stat().st_mode],
        "priorities": [priorities(0), priorities(os.getppid())],
        "name": os.uname().nodename,
        "mounts": sorted(line.split()[4:6] for line in lines("/proc/self/mountinfo")),
        "kept by the kernel": [len(lines(f"/proc/sysvipc/{kind}")) for kind in ("shm", "sem", "msg")],
        "sockets": [sum(" 06 " not in line for line in lines(f"/proc/net/{kind}")) for kind in ("tcp", "udp", "unix")],
        "path": [*sys.path, sys.flags.isolated, sys.executable],
    }


def files(place):
    """The names in a folder."""
    try:
        return sorted(ascii(path.name) for path in place.iterdir())
    except OSError as error:
        return error.strerror


def room(place):
    """Free blocks and files, where something can be written."""
    if not os.access(place, os.W_OK):
        return None
    found = os.statvfs(place)
    return found.f_bfree, found.f_ffree


def priorities(pid):
    """How often a process may run, and where."""
    return os.getpriority(os.PRIO_PROCESS, pid), os.sched_getscheduler(pid), sorted(os.sched_getaffinity(pid))


def lines(path):
    """Of a file of the kernel's."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return [error.strerror]
