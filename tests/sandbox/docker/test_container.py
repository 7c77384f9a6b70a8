"""Containers: what they are held to, whose they are, and that they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from llm_envs.sandbox.docker import container as module
from llm_envs.sandbox.docker.container import LABEL, Container, Room, owner_labels, pick_uid, sweep
from llm_envs.sandbox.docker.image import image_for
from llm_envs.sandbox.owners import start_of
from llm_envs.sandbox.worker import BoxLost

LOOK = r"""
import json, os, sys

def status(name):
    return next(line.split(":")[1].split() for line in open("/proc/self/status") if line.startswith(name + ":"))

def refused(action):
    try:
        action()
    except OSError as error:
        return error.errno
    return 0

print(json.dumps({
    "capabilities": [status(name)[0] for name in ("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb")],
    "privileges": status("NoNewPrivs"), "seccomp": status("Seccomp"),
    "mounts": {line.split()[1]: line.split()[3].split(",") for line in open("/proc/self/mounts")},
    "interfaces": os.listdir("/sys/class/net"),
    "root": refused(lambda: open("/x", "w")),
    "queue": refused(lambda: open("/dev/mqueue/x", "w")),
    "unshare": refused(lambda: os.unshare(0x10000000)) if hasattr(os, "unshare") else 1,
    "environment": sorted(os.environ),
    "places": [oct(os.stat(place).st_mode) for place in ("/box", "/tmp", "/dev/shm")],
    "pid": os.getpid(), "suid": [path for folder, _, names in os.walk("/usr") for name in names
        if os.lstat(path := os.path.join(folder, name)).st_mode & 0o6000],
}))
"""


@pytest.fixture
def containers(engine):
    """Makes containers, and ends them."""
    made, name = [], image_for(engine)

    def make(code, room=None, labels=None):
        command = ["/usr/local/bin/python3", "-I", "-c", code]
        made.append(Container(name, command, room or Room(), labels or owner_labels()))
        return made[-1]

    yield make
    for container in made:
        container.kill()
        container.close()


def until(container, end, timeout_s=30):
    """What it says, until it has said that."""
    words = b""
    while end not in words:
        words += container.receive(1 << 16, time.monotonic() + timeout_s)
    return words


def exists(engine, container):
    """Whether the engine knows it, alive or not."""
    return bool(engine.containers(all=True, filters={"id": container.id}))


@pytest.mark.docker
class TestConfinement:
    """What the kernel holds a container to."""

    @pytest.fixture
    def seen(self, containers):
        return json.loads(until(containers(LOOK), b"\n"))

    def test_it_has_three_capabilities_and_gains_none(self, seen):
        """To change the user, its group, and to kill."""
        assert {int(value, 16) for value in seen["capabilities"][:3]} == {1 << 5 | 1 << 6 | 1 << 7}
        assert seen["privileges"] == ["1"]
        assert seen["seccomp"] == ["2"]

    def test_it_writes_where_it_may_alone(self, seen):
        """The root is read-only; the rest is small, and nothing there has rights of its own."""
        assert "ro" in seen["mounts"]["/"]
        assert seen["root"] == 30
        assert seen["queue"] == 13
        for place in ("/box", "/tmp", "/dev/shm"):
            assert {"rw", "nosuid", "nodev", "size=65536k", "nr_inodes=8192"} <= set(seen["mounts"][place])
        assert seen["places"] == ["0o41777"] * 3
        assert seen["suid"] == []

    def test_it_has_no_network(self, seen):
        """Not even an interface but its own."""
        assert seen["interfaces"] == ["lo"]

    def test_it_is_told_nothing_of_the_host(self, seen):
        """The environment is the image's."""
        told = {
            "HOME",
            "HOSTNAME",
            "LANG",
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "PATH",
            "PYTHONDONTWRITEBYTECODE",
        }
        assert set(seen["environment"]) <= told | {"LC_CTYPE"}
        assert seen["pid"] == 1

    def test_memory_has_an_end(self, containers):
        """A bomb ends itself, not the machine: memory is 64 MiB, and there is no swap."""
        container = containers(
            "print(1, flush=True)\nx = [b'x' * (1 << 20) for _ in range(200)]\nprint('all')", Room(64)
        )
        with pytest.raises(BoxLost):
            until(container, b"all")

    def test_processes_have_an_end(self, containers):
        """A bomb of processes gets to the limit, and no further."""
        code = (
            "import os, signal\nn = 0\n"
            "try:\n    while n < 500:\n        if os.fork() == 0: signal.pause()\n        n += 1\n"
            "except OSError: print(n, 'in all', flush=True)\nsignal.pause()"
        )
        assert until(containers(code, Room(processes=20)), b"in all") == b"19 in all\n"

    @pytest.mark.parametrize("place", ["/box", "/tmp", "/dev/shm"])
    def test_files_have_an_end(self, containers, place):
        """In bytes, and in number."""
        code = (
            f"import os\nos.chdir({place!r})\nn = 0\n"
            "try:\n    while True: open(str(n), 'w').close(); n += 1\nexcept OSError as error: print(n, error.errno)\n"
            "[os.unlink(name) for name in os.listdir('.')]\n"
            "try:\n    with open('big', 'wb', 0) as file:\n        while True: file.write(bytes(1 << 20))\n"
            "except OSError as error: print(os.path.getsize('big') >> 20, error.errno, 'end', flush=True)"
        )
        files, big = until(containers(code, Room(disk_mib=4, inodes=50)), b"end").decode().splitlines()
        assert files == "49 28"
        assert big == "4 28 end"


@pytest.mark.docker
def test_it_is_really_ended(containers, engine):
    """When `kill` returns, the engine does not know it any more; killing it again is no error."""
    container = containers("import time; print('up', flush=True); time.sleep(600)")
    until(container, b"up")
    container.kill()
    assert not exists(engine, container)
    container.kill()
    with pytest.raises(BoxLost, match="hung up"):
        container.receive(1, time.monotonic() + 5)


@pytest.mark.docker
def test_one_that_has_ended_is_removed(containers, engine):
    """By the engine; `kill` waits for that, and its last words are known."""
    container = containers("import sys; sys.exit('alas')")
    with pytest.raises(BoxLost, match="alas"):
        until(container, b"never")
    container.kill()
    assert not exists(engine, container)


@pytest.mark.docker
def test_words_and_cries_are_told_apart(containers):
    """What it writes to standard error is no part of an answer."""
    code = "import os\nfor n in range(50): os.write(1, b'o'); os.write(2, b'e')\nos.write(1, b'.')\nos.read(0, 1)"
    assert until(containers(code), b".") == b"o" * 50 + b"."


@pytest.mark.docker
def test_it_goes_when_its_owner_dies(engine):
    """The end of standard input reaches the box, which leaves; nobody has to sweep."""
    code = (
        "import os\n"
        "from llm_envs.sandbox import *\nfrom llm_envs.sandbox.sandbox import Sandbox\n"
        "s = Sandbox('docker', slots=1)\ns.run(Program('print(1)'), [Stdin()])\n"
        "print(s._idle[0]._box.id, flush=True)\nos.kill(os.getpid(), 9)"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    deadline = time.monotonic() + 20
    while engine.containers(all=True, filters={"id": made.stdout.strip()}) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert made.stdout.strip()
    assert not engine.containers(all=True, filters={"id": made.stdout.strip()})


@pytest.mark.docker
def test_sweeping_takes_what_the_dead_have_left(containers, engine):
    """And nothing else: not what is ours, nor of another's process, nor of another machine."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = owner_labels()
    sleep = "import signal; signal.pause()"
    theirs = {
        "dead": {**mine, f"{LABEL}.pid": str(gone.pid), f"{LABEL}.started": "1"},
        "reused": {**mine, f"{LABEL}.started": "1"},
        "mine": mine,
        "another's": {**mine, f"{LABEL}.pid": str(os.getppid()), f"{LABEL}.started": start_of(os.getppid())},
        "elsewhere": {**mine, f"{LABEL}.boot": "another", f"{LABEL}.pid": "1"},
    }
    made = {who: containers(sleep, labels=labels) for who, labels in theirs.items()}
    assert sweep(engine) >= 2
    assert {who for who, container in made.items() if exists(engine, container)} == {"mine", "another's", "elsewhere"}


def test_what_was_never_started_elsewhere_is_left_for_a_while():
    """Its owner cannot be looked up, and may be about to start it."""
    labels = {**owner_labels(), f"{LABEL}.boot": "another"}
    assert not module._is_orphan(labels, "created", time.time())
    assert module._is_orphan(labels, "created", time.time() - 3600)
    assert not module._is_orphan(labels, "running", time.time() - 3600)


def test_users_are_far_apart():
    """A thousand picks, a thousand users; where the engine maps users there are fewer."""
    assert len({pick_uid([]) for _ in range(1000)}) > 990
    assert all(10_000 <= pick_uid(["name=userns"]) < 65_536 for _ in range(100))
    assert all(pick_uid(["name=seccomp,profile=default"]) > 65_536 for _ in range(100))
