"""A candidate that is another user, in a container: what it may not do, and what is left of it."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.docker

TREES = {
    "a hidden file": "open('.x', 'w').write('x')",
    "a folder that nobody may enter": "import os; os.makedirs('a/b'); os.chmod('a/b', 0); os.chmod('a', 0)",
    "a tree deeper than any path": "import os\nfor _ in range(1500): os.mkdir('d' * 9); os.chdir('d' * 9)",
    "links": "import os; os.symlink('/usr', 'usr'); os.symlink('x', 'x'); open('f', 'w'); os.link('f', 'hard')",
    "names that are no text": r"import os; os.mkdir(b'\xff\n'); open(b'\xff\n/\x01', 'w')",
    "sockets": "import socket; socket.socket(socket.AF_UNIX).bind('s')",
    "many files": "import os\nfor d in range(9):\n    os.mkdir(str(d))\n    for n in range(99): open(f'{d}/{n}', 'w')",
    "equal names": "import os; os.makedirs('a/a/a/a'); os.makedirs('b/a/a/a')",
}


@pytest.mark.parametrize("place", ["/box", "/tmp", "/dev/shm"])
@pytest.mark.parametrize("source", TREES.values(), ids=TREES)
def test_no_file_is_left(container, source, place):
    """Whatever it has been made into, wherever it may be written."""
    run = container.run(f"import os\nos.chdir({place!r})\n{source}")
    assert run["status"] == "ok", run
    seen = container.run("import os; print([os.listdir(place) for place in ('/box', '/tmp', '/dev/shm')])")
    assert seen["stdout"] == "[['solution.py'], [], []]\n"


def test_candidates_are_ended_first(container):
    """Where memory is short; who watches them is spared as far as may be."""
    scores = "print(*[open(f'/proc/{pid}/oom_score_adj').read().strip() for pid in ('self', os.getppid(), 1)])"
    candidate, supervisor, zygote = map(int, container.run(f"import os; {scores}")["stdout"].split())
    assert candidate == 1000 > supervisor > zygote
    assert zygote <= 0


DENIED = {
    "another user": "os.setuid(0)",
    "another group": "os.setgroups([0])",
    "the zygote": "os.kill(1, 9)",
    "the supervisor": "os.kill(os.getppid(), 9)",
    "the zygote's memory": "open('/proc/1/mem', 'rb')",
    "the zygote's descriptors": "os.listdir('/proc/1/fd')",
    "the supervisor's descriptors": "os.listdir(f'/proc/{os.getppid()}/fd')",
    "the supervisor's environment": "open(f'/proc/{os.getppid()}/environ').read()",
    "the root": "open('/x', 'w')",
    "python": "open(os.__file__, 'a')",
    "devices": "os.mknod('d', 0o60600, 0x0801)",
    "root's groups of control": "open('/sys/fs/cgroup/memory/cgroup.procs', 'w').write('0')",
    "the clock": "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
    "less niceness": "os.nice(-5)",
    "more processes": "import resource as r; r.setrlimit(r.RLIMIT_NPROC, (10**4, 10**4))",
    "the network": "import socket; socket.create_connection(('1.1.1.1', 53), 1)",
}


@pytest.mark.parametrize("deed", DENIED.values(), ids=DENIED)
def test_what_is_not_the_candidates_is_denied(container, deed):
    """By the kernel."""
    run = container.run(
        f"import os\ntry: {deed}\nexcept (OSError, ValueError) as e: print('denied')\nelse: print('done')"
    )
    assert run["stdout"] == "denied\n", run


def test_a_candidate_has_no_rights(container):
    """No capabilities, no groups, no privileges to gain; its only descriptors are its streams."""
    source = (
        "import os, re\ns = open('/proc/self/status').read()\n"
        "print(os.getgroups(), *re.findall(r'(?:CapPrm|CapEff|CapAmb|NoNewPrivs|Seccomp):\\s+(\\w+)', s))\n"
        "print(sorted(map(int, os.listdir('/proc/self/fd')))[:4], sorted(os.environ))"
    )
    rights, rest = container.run(source)["stdout"].splitlines()
    assert rights == "[] 0000000000000000 0000000000000000 0000000000000000 1 2"
    assert rest.startswith("[0, 1, 2, 3] [")
    assert "HOSTNAME" not in rest


BOMBS = {
    "forks": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "forks that detach": (
        "import os\nwhile True:\n    try:\n        if os.fork() == 0: os.setsid()\n    except OSError: pass"
    ),
    "forks that hide": (
        "import os, signal\nfor n in (1, 2, 15, 17, 24): signal.signal(n, signal.SIG_IGN)\n"
        "while True:\n    try:\n        if os.fork(): os._exit(1)\n    except OSError: pass"
    ),
    "threads": (
        "import threading, time\nwhile True:\n    try: threading.Thread(target=time.sleep, args=[99]).start()\n"
        "    except RuntimeError: pass"
    ),
    "memory": "x = []\nwhile True: x.append(bytearray(1 << 22))",
    "memory of children": (
        "import os, time\nopen('/proc/self/oom_score_adj', 'w').write('0')\nfor _ in range(16): os.fork()\n"
        "x = []\nwhile True: x.append(bytearray(1 << 18))"
    ),
    "memory in files": "import os\nf = os.memfd_create('x')\nwhile True: os.write(f, bytes(1 << 20))",
    "disk": (
        "n = 0\nwhile True:\n    n += 1\n    try: open(f'/tmp/{n}', 'wb').write(bytes(9**6))\n    except OSError: pass"
    ),
    "files": "n = 0\nwhile True:\n    n += 1\n    try: open(f'/tmp/{n}', 'w').close()\n    except OSError: pass",
    "output": "import os\nwhile True: os.write(1, bytes(1 << 16))",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "stopped parent": (
        "import os, time\nif os.fork() == 0:\n    while True: os.kill(os.getppid(), 19)\ntime.sleep(99)"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("source", BOMBS.values(), ids=BOMBS)
def test_a_bomb_hurts_nobody(container, source):
    """It is ended; the next program finds the box as the one before did."""
    run = container.run(source, cpu_s=1.0, deadline_s=3.0)
    assert run["status"] in {"time_limit", "memory_limit", "output_limit", "runtime_error"}
    assert container.run("print(1)")["stdout"] == "1\n"


def test_memory_is_told_from_other_ends(container):
    """Killed by the kernel, or refused by it."""
    killed = container.run("x = []\nwhile True: x.append(bytearray(1 << 22))")
    assert (killed["status"], killed["signal"]) == ("memory_limit", 9)
    assert container.run("import os; os.kill(os.getpid(), 9)")["status"] == "runtime_error"


def test_nobody_speaks_for_the_supervisor(container):
    """Whatever is written wherever it can be written, how the run ended is what the supervisor saw."""
    forged = '{"compile_error":"","runs":[{"status":"ok","stdout":"1","exit_code":0}],"clean":true}'
    source = (
        f"import os\nbody = {forged!r}.encode()\nframe = len(body).to_bytes(4, 'big') + body\n"
        "for fd in range(1024):\n    try: os.write(fd, frame)\n    except OSError: pass\n1/0"
    )
    run = container.run(source)
    assert (run["status"], run["exit_code"]) == ("runtime_error", 1)
    assert container.run("print(1)")["stdout"] == "1\n"
