"""Boxes of namespaces, from inside and from outside: the kernel runs, nothing is pretended.

The programs here are the first process of a box, which has more rights than any candidate ever gets: whatever holds
against them holds against candidates. Those that would eat the machine run below limits that stand, one at a time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from llm_envs.errors import BadOption, SandboxUnavailable
from llm_envs.sandbox import Limits, Program, Stdin
from llm_envs.sandbox.namespaces import cgroups
from llm_envs.sandbox.namespaces.box import NamespacesBox
from llm_envs.sandbox.namespaces.cgroups import Cgroup, Place, choose_places, find_places
from llm_envs.sandbox.namespaces.layout import Layout
from llm_envs.sandbox.namespaces.refusal import no_cgroup, refused
from llm_envs.sandbox.sandbox import Sandbox
from llm_envs.sandbox.worker import BoxLost

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def end(box):
    """As a worker does it."""
    box.kill()
    box.close()


def refusal():
    """What the kernel says against boxes here; "" for nothing. What is no refusal is a failure."""
    try:
        end(NamespacesBox(["-I", "-S", "-c", ""]))
    except SandboxUnavailable as error:
        said = error.received
        if not any(word in said for word in ("Errno 1]", "Errno 13]", "Errno 28]", "Errno 38]", "no writable group")):
            raise
        return f"NOT TESTED, since no box can be made here: {said}"
    return ""


pytestmark = [pytest.mark.namespaces, pytest.mark.skipif(bool(REFUSAL := refusal()), reason=REFUSAL)]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone is refused and unprivileged")


def said_by(box, within_s=30.0):
    """All that a box writes until its end."""
    said, deadline = b"", time.monotonic() + within_s
    with contextlib.suppress(BoxLost):
        while True:
            said += box.receive(1 << 16, deadline)
    assert time.monotonic() < deadline, "the program did not end"
    return said.decode()


@pytest.fixture
def inside():
    """Runs a program as the first process of a box, and gives what it has printed."""
    boxes = []

    def run(source, **options):
        boxes.append(NamespacesBox(["-I", "-S", "-c", source], **options))
        return said_by(boxes[-1])

    yield run
    for box in boxes:
        end(box)


def processes_below(pid):
    """The ids of all descendants of a process, as the host sees them."""
    found, new = set(), {pid}
    while new:
        children = set()
        for parent in new:
            with contextlib.suppress(OSError):
                children |= set(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))
        new = children - found
        found |= new
    return found


def alive(pids):
    """Those that are there and no zombies."""
    states = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            states[pid] = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    return {pid for pid, state in states.items() if state != "Z"}


def groups(owner):
    """The control groups of a process's boxes."""
    return {path for place in find_places() for path in place.folder.glob(f"llm-envs-*-{owner}-*-*")}


def mounts_here():
    """What is mounted in this process's sight, but for what an engine mounts for its containers meanwhile."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "docker" not in line]


ATTEMPT = """
import ctypes, errno, os, resource, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def attempt(act):
    try:
        print(act())
    except OSError as error:
        print(errno.errorcode[error.errno])
def call(name, *args):
    return "done" if getattr(libc, name)(*args) == 0 else errno.errorcode[ctypes.get_errno()]
"""


class TestWhatIsSeen:
    def test_its_processes_are_all_there_are(self, inside):
        """The program is process 1, and no other can be seen."""
        said = inside("import os; print(os.getpid(), [name for name in os.listdir('/proc') if name.isdigit()])")
        assert said == "1 ['1']\n"

    def test_of_the_hosts_folders_only_those_it_needs_are_there(self, inside):
        """The root is a handful of folders; no home, no /var, no /run."""
        folders = set(inside("import os; print(*os.listdir('/'))").split())
        python_s = Path(os.path.realpath(sys.executable)).parts[1]
        allowed = {"bin", "dev", "etc", "lib", "lib32", "lib64", "proc", "sys", "tmp", "usr", "box"}
        assert {"proc", "tmp", "usr", "box"} <= folders <= allowed | {python_s}

    @pytest.mark.parametrize(
        "path",
        [
            *(
                "/etc/shadow",
                "/etc/hostname",
                "/etc/ssl",
                "/root/.bashrc",
                "/var/run/docker.sock",
                "/run",
                "/home",
                "/host",
            ),
            *("/usr/local", "/sys/kernel", "/dev/sda", "/dev/mem", "/dev/kmsg", "/dev/tty", str(ROOT), __file__),
        ],
    )
    def test_the_hosts_files_are_not_there(self, inside, path):
        """Neither secrets, nor sockets, nor devices, nor this repository."""
        said = inside(f"import os; print(os.path.lexists({path!r}), os.path.lexists('/proc/1/root' + {path!r}))")
        assert said == "False False\n"

    def test_folders_on_the_way_to_python_cannot_be_listed(self, inside):
        """Their names are the host's; a program, which is not the first process, could not list them either."""
        library = os.path.realpath(sysconfig.get_path("stdlib"))
        if library.startswith("/usr/lib"):
            pytest.skip("this Python is the system's")
        listed = "import os; print(*(oct(os.stat(way).st_mode & 0o777) for way in %r))"
        ways = [str(way) for way in Path(library).parents if str(way) not in ("/", "/usr")]
        assert set(inside(listed % ways).split()) == {"0o111"}

    def test_of_etc_there_is_what_the_linker_needs(self, inside):
        """And who is who, of which there are two."""
        names = set(inside("import os; print(*os.listdir('/etc'))").split())
        made = {"passwd", "group", "hosts", "nsswitch.conf"}
        assert made <= names <= made | {"alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"}

    def test_no_packages_unless_they_are_asked_for(self, inside):
        """site-packages is empty; numpy can be had by name, with the libraries it brings."""
        imports = """
import sys
sys.path.append(%r)
try: import numpy; print(numpy.ones(3).sum())
except ImportError: print(0)
"""
        site = Layout.of_this_python().site
        assert inside(imports % site) == "0\n"
        assert inside(imports % site, layout=Layout.of_this_python(["numpy"])) == "3.0\n"

    def test_a_package_that_is_not_installed_is_named(self):
        """With what was probably meant."""
        with pytest.raises(BadOption, match=r"numpyy.*not installed") as caught:
            Layout.of_this_python(["numpyy"])
        assert "'numpy'" in caught.value.next_step

    def test_the_environment_tells_nothing_of_the_host(self, inside, monkeypatch):
        """No variable of ours goes in."""
        monkeypatch.setenv("A_SECRET", "hunter2")
        assert "hunter2" not in inside("import os; print(dict(os.environ), open('/proc/self/environ').read())")

    def test_descriptors_of_the_host_stay_outside(self, inside, tmp_path):
        """Even those that are inheritable."""
        with (tmp_path / "open").open("w") as file:
            os.set_inheritable(file.fileno(), True)
            said = inside("import os; print(sum(os.path.lexists(f'/proc/self/fd/{n}') for n in range(4096)))")
        assert said == "3\n"

    @pytest.mark.skipif(not shutil.which("gcc", path="/usr/bin"), reason="NOT TESTED: no compiler in /usr/bin")
    def test_a_compiler_runs(self, inside):
        """C source becomes a program, in the places that can be written."""
        build = """
import subprocess
open("/box/a.c", "w").write('#include <stdio.h>\\nint main(void) { puts("compiled"); }')
subprocess.run(["gcc", "-o", "/box/a", "/box/a.c"], check=True)
subprocess.run(["/box/a"], check=True)
"""
        assert inside(build) == "compiled\n"

    @pytest.mark.skipif(not shutil.which("node", path="/usr/bin"), reason="NOT TESTED: no Node in /usr/bin")
    def test_node_runs(self, inside):
        """JavaScript has what it loads."""
        assert inside("import subprocess; subprocess.run(['node', '-p', '6 * 7'], check=True)") == "42\n"


class TestWhatCannotBeDone:
    def test_there_is_no_network(self, inside):
        """But to itself: programs may be server and client at once."""
        act = """
attempt(lambda: socket.create_connection(("192.0.2.1", 80), 2))
attempt(lambda: socket.create_connection(("127.0.0.1", 80), 2))
server = socket.create_server(("127.0.0.1", 0))
attempt(lambda: socket.create_connection(server.getsockname(), 2).getpeername() == server.getsockname())
print(socket.if_nameindex())
"""
        assert inside(ATTEMPT + act) == "ENETUNREACH\nECONNREFUSED\nTrue\n[(1, 'lo')]\n"

    @pytest.mark.parametrize(
        "path", ["/usr/bin/sh", "/etc/passwd", "/x", "/usr/lib/x", "/dev/x", "/proc/sys/kernel/core_pattern"]
    )
    def test_nothing_of_the_hosts_can_be_written(self, inside, path):
        """Nor the kernel's settings, though the program is root inside."""
        said = inside(ATTEMPT + f"attempt(lambda: os.open({path!r}, os.O_WRONLY | os.O_CREAT))")
        assert said.strip() in ("EROFS", "EACCES")

    @pytest.mark.parametrize("target", ["/", "/usr/bin", "/etc/passwd", "/usr/lib"])
    def test_no_mount_can_be_undone_or_made_writable(self, inside, target):
        """It belongs to a user namespace above the program's."""
        act = f"""
print(call("mount", None, {target!r}.encode(), None, ctypes.c_ulong(0x1020), None))
print(call("umount2", {target!r}.encode(), 2))
"""
        assert set(inside(ATTEMPT + act).split()) <= {"EPERM", "EINVAL", "EBUSY"}

    @pytest.mark.parametrize("kind", ["ext4", "cgroup", "cgroup2", "sysfs", "devtmpfs", "debugfs", "securityfs"])
    def test_no_file_system_of_the_kernels_can_be_mounted(self, inside, kind):
        """But tmpfs and its own /proc."""
        act = f'print(call("mount", b"/dev/sda", b"/tmp", {kind!r}.encode(), ctypes.c_ulong(0), None))'
        assert inside(ATTEMPT + act).strip() in ("EPERM", "ENODEV")

    def test_there_are_no_other_users_to_become(self, inside):
        """No set-user-id, no groups, no device nodes, no clock, no priority."""
        act = """
for act in (lambda: os.setuid(2), lambda: os.setgroups([2]), lambda: os.mknod("/tmp/d", 0o60600, os.makedev(8, 0)),
            lambda: __import__("time").clock_settime(0, 0), lambda: os.setpriority(0, 0, -5)):
    attempt(act)
"""
        assert set(inside(ATTEMPT + act).split()) <= {"EINVAL", "EPERM", "EACCES"}

    def test_limits_cannot_be_raised(self, inside):
        """Root inside is not root of the machine."""
        act = """
try: resource.setrlimit(resource.RLIMIT_NPROC, (1 << 20, 1 << 20))
except ValueError: print("refused")
"""
        assert inside(ATTEMPT + act) == "refused\n"

    @as_root
    def test_root_runs_nothing_as_root(self, inside):
        """Inside is a host uid that owns nothing, and each box has one of its own."""
        uids = {int(inside("print(open('/proc/self/uid_map').read())").split()[1]) for _ in range(2)}
        assert len(uids) == 2
        assert min(uids) >= 2_000_000_000


def test_a_program_can_make_namespaces_for_those_it_runs(inside):
    """User, pid, mount and ipc namespaces with a fresh tmpfs and their own /proc: each run gets them."""
    act = """
print(call("unshare", 0x10000000 | 0x20000000 | 0x00020000 | 0x08000000))
for name, line in (("setgroups", "deny"), ("uid_map", "0 0 1"), ("gid_map", "0 0 1")):
    open(f"/proc/self/{name}", "w").write(line)
sys.stdout.flush()
if os.fork() == 0:
    print(call("mount", b"none", b"/box", b"tmpfs", ctypes.c_ulong(6), b"size=1m,nr_inodes=10"))
    print(call("mount", b"proc", b"/proc", b"proc", ctypes.c_ulong(14), None))
    print([name for name in os.listdir("/proc") if name.isdigit()], flush=True)
    os._exit(0)
os.wait()
"""
    assert inside(ATTEMPT + act).splitlines() == ["done", "done", "done", "['1']"]


class TestBombs:
    """Each below a limit that stands: of a control group, or of a uid."""

    def test_a_fork_bomb_stops_at_the_limit(self, inside):
        """The program itself goes on."""
        bomb = """
import os, time
count = 1
try:
    while count < 500:
        if os.fork() == 0:
            time.sleep(60)
        count += 1
except BlockingIOError:
    pass
print(count)
"""
        assert inside(bomb, processes=20) == "20\n"

    def test_a_full_disk_is_full_for_the_box_alone(self, inside):
        """Bytes and files are both counted."""
        act = """
def fill():
    with open("/tmp/f", "wb", 0) as file:
        for _ in range(100): file.write(bytes(1 << 20))
attempt(fill); print(os.path.getsize("/tmp/f") >> 20)
def litter():
    for n in range(1 << 15): open(f"/box/{n}", "w").close()
attempt(litter)
"""
        assert inside(ATTEMPT + act) == "ENOSPC\n64\nENOSPC\n"

    @pytest.mark.skipif(not find_places(), reason="NOT TESTED: no control group for this user")
    @pytest.mark.parametrize("hoard", ["bytearray(1 << 30)", "open('/dev/shm/f', 'wb').write(bytes(60 << 20))"])
    def test_memory_is_the_boxs_own(self, inside, hoard):
        """What takes too much is killed, files in memory included; the program can count it, and goes on."""
        act = f"""
def kills():
    for path in ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events"):
        if os.path.exists(path):
            return [int(line.split()[1]) for line in open(path) if line.startswith("oom_kill ")][0]
before = kills()
if os.fork() == 0:
    open("/proc/self/oom_score_adj", "w").write("1000")
    {hoard}
    os._exit(0)
print(os.WTERMSIG(os.wait()[1]), kills() - before)
"""
        assert inside(ATTEMPT + act, memory_mib=64) == "9 1\n"


class TestTheEnd:
    SLEEPERS = """
import os, signal, time
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 32):
            if number not in (9, 19): signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0: time.sleep(600)
        time.sleep(600)
os.write(1, b"up")
time.sleep(600)
"""

    @pytest.fixture
    def busy(self):
        """A box with eleven processes that ignore signals and have left their session, and these processes."""
        box = NamespacesBox(["-I", "-S", "-c", self.SLEEPERS])
        assert box.receive(2, time.monotonic() + 30) == b"up"
        deadline = time.monotonic() + 30
        while len(below := processes_below(box.pid)) < 11 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(below) == 11
        yield box, below
        end(box)

    def test_kill_leaves_nothing(self, busy):
        """No process, control group, mount, or descriptor."""
        box, below = busy
        assert bool(groups(os.getpid())) == bool(find_places())
        mounts = mounts_here()
        box.kill()
        assert not alive(below | {box.pid})
        assert not groups(os.getpid())
        assert mounts_here() == mounts

    def test_many_boxes_leave_no_descriptor(self, inside):
        """Whether they end by themselves or are killed."""
        inside("")
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(5):
            box = NamespacesBox(["-I", "-S", "-c", ""])
            box.kill()
            box.kill()
            box.close()
        assert len(list(Path("/proc/self/fd").iterdir())) == before

    def test_killing_the_launcher_ends_all(self, busy):
        """The first process dies with it, and all others with that."""
        box, below = busy
        os.kill(box.pid, signal.SIGKILL)
        assert gone(below)

    def test_a_dead_owner_takes_its_box_along(self):
        """Its processes end at once; its control group goes when the next box is made."""
        owner = subprocess.Popen([sys.executable, "-c", OWNER, self.SLEEPERS], stdout=subprocess.PIPE, cwd=ROOT)
        launcher = int(owner.stdout.readline())
        below = processes_below(launcher) | {launcher}
        assert len(below) > 1
        owner.kill()
        owner.communicate()
        assert gone(below)
        end(NamespacesBox(["-I", "-S", "-c", ""]))
        assert not groups(owner.pid)

    def test_a_forked_child_that_closes_a_box_leaves_it_running(self):
        """It is the parent's, which can still end it at once."""
        box = NamespacesBox(["-I", "-S", "-c", "import time; time.sleep(600)"])
        if (child := os.fork()) == 0:
            box.close()
            time.sleep(600)
        try:
            assert alive({box.pid})
            box.kill()
            assert not alive({box.pid})
        finally:
            end(box)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


OWNER = """
import sys, time
from llm_envs.sandbox.namespaces.box import NamespacesBox
box = NamespacesBox(["-I", "-S", "-c", sys.argv[1]])
box.receive(2, time.monotonic() + 30)
print(box.pid, flush=True)
time.sleep(600)
"""


def gone(pids, within_s=10.0):
    """Whether these processes end in this time."""
    deadline = time.monotonic() + within_s
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pids)


@pytest.fixture(scope="module")
def sandbox():
    """One box for all programs of this file: what one of them leaves, the next would find."""
    with Sandbox("namespaces", slots=1, memory_mib=192, cache_mib=0) as sandbox:
        yield sandbox


def honest(sandbox):
    """Whether a program that does what it should is served as it should be."""
    run = sandbox.run(Program("print(int(input()) * 2)"), [Stdin("21")]).runs[0]
    return (run.status, run.stdout) == ("ok", "42\n")


ESCAPES = {
    "mount": 'print(call("mount", b"none", b"/tmp", b"tmpfs", ctypes.c_ulong(0), None))',
    "unmount": 'print(call("umount2", b"/tmp", 2))',
    "new user namespace": 'print(call("unshare", 0x10000000))',
    "new mount namespace": 'print(call("unshare", 0x00020000))',
    "other root": 'attempt(lambda: os.chroot("/tmp"))',
    "host name": 'attempt(lambda: socket.sethostname("x"))',
    "root": "attempt(lambda: os.setresuid(0, 0, 0))",
    "groups": "attempt(lambda: os.setgroups([0]))",
    "trace the zygote": 'print(call("ptrace", 16, 1, 0, 0))',
    "the zygote's memory": 'attempt(lambda: os.open("/proc/1/mem", os.O_RDWR))',
    "the zygote's environment": 'attempt(lambda: open("/proc/1/environ").read())',
    "the zygote's files": 'attempt(lambda: [os.open(f"/proc/1/fd/{n}", os.O_RDWR) for n in os.listdir("/proc/1/fd")])',
    "the zygote's pipes": "attempt(lambda: [os.readlink(f'/proc/1/fd/{n}') for n in os.listdir('/proc/1/fd')])",
    "the zygote's root": 'attempt(lambda: os.listdir("/proc/1/root"))',
    "the supervisor's files": """
parent = os.getppid() or 1
attempt(lambda: [os.open(f"/proc/{parent}/fd/{n}", os.O_RDWR) for n in os.listdir(f"/proc/{parent}/fd")])
""",
    "end the first process": 'attempt(lambda: os.kill(1, 9) or "EPERM")',  # one's own hears nothing from inside
    "end one's parent": 'attempt(lambda: os.kill(os.getppid() or 1, 9) or "EPERM")',
    "end everybody": 'attempt(lambda: os.kill(-1, 9) or "EPERM")',  # all that one may; of the others nothing is said
    "the machine's memory": 'attempt(lambda: os.open("/dev/mem", os.O_RDONLY))',
    "a disk": 'attempt(lambda: os.open("/dev/vda", os.O_RDONLY))',
    "a device": 'attempt(lambda: os.mknod("/tmp/d", 0o60600, os.makedev(254, 0)))',
    "a setting of the kernel": 'attempt(lambda: os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))',
    "the group's counter": 'attempt(lambda: os.open("/sys/fs/cgroup/memory/memory.oom_control", os.O_WRONLY))',
    "a secret": 'attempt(lambda: open("/etc/shadow").read())',
    "the engine": 'attempt(lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock"))',
    "the network": 'attempt(lambda: socket.create_connection(("127.0.0.1", 22), 2))',
    "another limit": "attempt(lambda: resource.prlimit(os.getppid() or 1, resource.RLIMIT_NPROC, (4096, 4096)))",
}


class TestPrograms:
    """Through the whole sandbox: what candidates can do, which is less than the first process can."""

    @pytest.mark.parametrize("name", ESCAPES)
    def test_no_way_out(self, sandbox, name):
        """The kernel says no, and the next program is none the worse."""
        assert honest(sandbox)
        [worker] = sandbox._idle
        run = sandbox.run(Program(ATTEMPT + ESCAPES[name]), [Stdin()]).runs[0]
        refusals = {"EPERM", "EACCES", "ENOENT", "ESRCH", "EINVAL", "ENETUNREACH", "EROFS", "ENOSYS", "ECONNREFUSED"}
        assert run.stdout.strip() in refusals, run
        assert honest(sandbox)
        assert sandbox._idle == [worker], "its box was lost"

    @pytest.mark.parametrize(
        ("bomb", "statuses"),
        [
            ("import os\nwhile True: os.fork()", {"runtime_error", "time_limit"}),
            (
                "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(60,)).start()",
                {"runtime_error", "time_limit"},  # Python waits for threads at its end
            ),
            ("hoard = []\nwhile True: hoard.append(bytearray(b'x' * (1 << 24)))", {"memory_limit"}),
            ("with open('f', 'wb') as f:\n    while True: f.write(bytes(1 << 20))", {"runtime_error"}),
            ("n = 0\nwhile True: open(f'/dev/shm/{n}', 'w').close(); n += 1", {"runtime_error"}),
            ("import os\nwhile True: os.mkdir('d'); os.chdir('d')", {"runtime_error", "time_limit"}),
            ("while True: print('x' * 4096)", {"output_limit"}),
            ("while True: pass", {"time_limit"}),
        ],
    )
    def test_a_bomb_hurts_itself(self, sandbox, bomb, statuses):
        """It ends for its own limit, and the next program is none the worse."""
        run = sandbox.run(Program(bomb), [Stdin()], Limits(cpu_s=2, wall_s=6)).runs[0]
        assert run.status in statuses, run
        assert honest(sandbox)

    @pytest.mark.skipif(not find_places(), reason="NOT TESTED: no control group for this user")
    def test_shared_memory_is_memory(self, sandbox):
        """Of the control group, which counts what no limit by process does."""
        bomb = "import mmap\nhoard = mmap.mmap(-1, 1 << 30)\nfor n in range(0, 1 << 30, 4096): hoard[n] = 1"
        assert sandbox.run(Program(bomb), [Stdin()]).status == "memory_limit"
        assert honest(sandbox)

    def test_what_a_program_leaves_is_gone(self, sandbox):
        """Files in every writable place, and processes that have left their session."""
        leave = """
import os, time
for place in ("/box", "/tmp", "/dev/shm"): open(place + "/left", "w").write("x")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(600)
    time.sleep(600)
"""
        look = """
import os
print([n for p in ("/box", "/tmp", "/dev/shm") for n in os.listdir(p) if n == "left"])
print(sum(open(f"/proc/{n}/cmdline").read().count("sleep(600)") for n in os.listdir("/proc") if n.isdigit()))
"""
        assert sandbox.run(Program(leave), [Stdin()]).status == "ok"
        assert sandbox.run(Program(look), [Stdin()]).runs[0].stdout.splitlines()[0] == "[]"

    def test_no_other_process_can_be_looked_into(self, sandbox):
        """Neither what it has open nor what it is doing."""
        look = """
import os
others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
for pid in others:
    for name in ("fd", "map_files", "task/" + pid + "/fd"):
        try: print(os.listdir(f"/proc/{pid}/{name}"))
        except OSError: pass
"""
        assert sandbox.run(Program(look), [Stdin()]).runs[0].stdout == ""

    def test_modules_to_be_preloaded_are_there(self):
        """With the distribution that brings them, from whatever site-packages."""
        with Sandbox("namespaces", slots=1, preload=["numpy"]) as sandbox:
            run = sandbox.run(Program("import numpy; print(numpy.arange(3).sum())"), [Stdin()]).runs[0]
        assert (run.status, run.stdout) == ("ok", "3\n")

    @pytest.mark.parametrize("language", ["c", "cpp", "javascript"])
    def test_other_languages_run(self, sandbox, language):
        """With the compilers of this machine."""
        sources = {
            "c": '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", 2 * n); }',
            "cpp": "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << 2 * n << std::endl; }",
            "javascript": 'console.log(2 * Number(require("fs").readFileSync(0, "utf8")))',
        }
        if not shutil.which({"c": "gcc", "cpp": "g++", "javascript": "node"}[language], path="/usr/bin"):
            pytest.skip(f"NOT TESTED: no compiler of {language} in /usr/bin")
        run = sandbox.run(Program(sources[language], language), [Stdin("21")]).runs[0]
        assert (run.status, run.stdout) == ("ok", "42\n")


def nobodys_python():
    """An interpreter of this version that an ordinary user may run, and that can read this repository; "" for none."""
    usual = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (os.path.realpath(sys.executable), usual):
        probe = [*AS_NOBODY, python, "-c", NOBODYS_PROBE.format(__file__)]
        with contextlib.suppress(OSError):
            if subprocess.run(probe, env=nobodys_environment(), capture_output=True, check=False).returncode == 0:
                return python
    return ""


NOBODYS_PROBE = "import os, sys; os.stat(sys.executable); open({!r}); import llm_envs.sandbox.namespaces, pytest"
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def nobodys_environment():
    """Ours has folders that nobody may read."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.mark.slow
@as_root
def test_all_of_this_holds_for_an_ordinary_user(tmp_path):
    """Every test of this file passes as nobody, too; a control group stands around it, in case one does not."""
    python = nobodys_python()
    if not python:
        pytest.skip("NOT TESTED: no Python that nobody may run, or this repository is closed to others")
    group = Cgroup.create(find_places(), memory_mib=2048, processes=600)
    join = "".join(f"echo 0 > {folder}/cgroup.procs; " for folder in group.folders)
    tests = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    try:
        run = subprocess.run(
            ["sh", "-c", join + 'exec "$@"', "sh", *AS_NOBODY, *tests],
            env=nobodys_environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        assert group.remove()
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
    assert "since no box" not in run.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="of ordinary users, which the test above runs as")
class TestWithoutControlGroup:
    @pytest.fixture(autouse=True)
    def _ungrouped(self):
        if find_places():
            pytest.skip("this user has a control group")

    def test_each_process_has_a_limit_of_memory(self, inside):
        """A program that wants more is told so, by the C library as by the interpreter."""
        act = """
try: bytearray(200 << 20)
except MemoryError: print("refused")
print(len(bytearray(20 << 20)) >> 20)
"""
        assert inside(act, memory_mib=128) == "refused\n20\n"

    def test_memory_to_be_shared_is_bounded_by_address_space(self, inside):
        """Which is more than the limit says: documented, and bounded."""
        act = """
import mmap
try: mmap.mmap(-1, 9 << 30)
except (OSError, MemoryError): print("refused")
"""
        assert inside(act, memory_mib=128) == "refused\n"


class TestRefusals:
    @as_root
    def test_root_gets_no_box_without_a_control_group(self):
        """In a mount namespace without any, the refusal says what to do."""
        code = "from llm_envs.sandbox.namespaces.box import NamespacesBox; NamespacesBox(['-c', ''])"
        run = subprocess.run(
            ["unshare", "-m", "sh", "-c", 'umount -R -l /sys/fs/cgroup && exec "$0" -c "$1"', sys.executable, code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "SandboxUnavailable: the sandbox backend 'namespaces' refuses to run as root" in run.stderr
        assert "cgroupfs-mount" in run.stderr

    @pytest.mark.parametrize(
        ("setting", "value", "remedy"),
        [
            (
                "kernel/apparmor_restrict_unprivileged_userns",
                "1",
                "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
            ),
            ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
            ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=65536"),
        ],
    )
    def test_a_distribution_that_restricts_namespaces_is_recognised(self, tmp_path, setting, value, remedy):
        """Ubuntu 24.04, older Debian, hardened machines: the command that allows them is named."""
        (tmp_path / setting).parent.mkdir()
        (tmp_path / setting).write_text(value + "\n", encoding="ascii")
        error = refused(b'{"step": "uid map", "errno": 1, "text": "Operation not permitted"}', tmp_path)
        assert remedy in error.next_step
        assert "uid map" in error.received

    @pytest.mark.parametrize(
        ("said", "remedy"),
        [
            (b'{"step": "namespaces", "errno": 1, "text": "x"}', "--cap-add SYS_ADMIN"),
            (b'{"step": "proc", "errno": 1, "text": "x"}', "systempaths=unconfined"),
            (b'{"step": "binds", "errno": 38, "text": "x"}', "5.12"),
            (b'{"step": "binds", "errno": 28, "text": "x"}', "Free memory"),
            (b"{", "bug"),
            (None, "less busy"),
        ],
    )
    def test_every_refusal_has_a_next_step(self, tmp_path, said, remedy):
        """Containers, old kernels, full machines, and what ought not to happen."""
        assert remedy in refused(said, tmp_path).next_step

    def test_settings_that_allow_namespaces_are_not_blamed(self, tmp_path):
        """The remedy is for the restriction that there is."""
        (tmp_path / "user").mkdir()
        (tmp_path / "user/max_user_namespaces").write_text("95000\n", encoding="ascii")
        error = refused(b'{"step": "user namespace", "errno": 1, "text": "x"}', tmp_path)
        assert "sysctl" not in error.next_step

    def test_the_kernel_that_forbids_user_namespaces_is_heard(self, monkeypatch):
        """A real refusal: a user namespace in which no further one may be made."""
        code = REFUSED_BY_THE_KERNEL
        run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
        assert "user namespace: " in run.stdout, run.stdout + run.stderr
        assert "sysctl -w user.max_user_namespaces=" in run.stdout


REFUSED_BY_THE_KERNEL = """
import os
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process with threads can enter no user namespace
from llm_envs.sandbox.namespaces import kernel
from llm_envs.sandbox.namespaces.box import NamespacesBox
from llm_envs.errors import SandboxUnavailable
uid, gid = os.geteuid(), os.getegid()
kernel.unshare(kernel.NEW_USER)
for name, line in (("setgroups", "deny"), ("uid_map", f"7 {uid} 1"), ("gid_map", f"7 {gid} 1")):
    open(f"/proc/self/{name}", "w").write(line)
open("/proc/sys/user/max_user_namespaces", "w").write("0")
try:
    NamespacesBox(["-c", ""])
except SandboxUnavailable as error:
    print(error)
"""


def cgroup_lines(*lines):
    """As the kernel writes its tables."""
    return "".join(f"{line}\n" for line in lines)


class TestPlaces:
    """Where control groups can be made, read off the kernel's tables, with folders in place of the kernel's."""

    def test_version_1_has_a_place_for_each_controller(self, tmp_path):
        """Below the groups that this process is in."""
        for folder in ("pids/mine", "memory/deep/mine"):
            (tmp_path / folder).mkdir(parents=True)
            (tmp_path / folder / "cgroup.procs").touch()
        mounts = cgroup_lines(
            f"30 20 0:26 / {tmp_path}/pids rw shared:9 - cgroup cgroup rw,pids",
            f"31 20 0:27 / {tmp_path}/memory rw - cgroup cgroup rw,memory",
            f"32 20 0:28 / {tmp_path}/unified rw - cgroup2 cgroup2 rw",
        )
        places = choose_places(mounts, cgroup_lines("8:pids:/mine", "4:memory:/deep/mine", "0::/"))
        assert places == (
            Place(tmp_path / "pids/mine", frozenset({"pids"}), 1),
            Place(tmp_path / "memory/deep/mine", frozenset({"memory"}), 1),
        )

    def test_version_2_has_one_below_the_nearest_that_hands_its_controllers_on(self, tmp_path):
        """A group that holds processes hands nothing on: its parent's children are its neighbours."""
        for folder, handed_on in (
            (".", ""),
            ("user", "cpu memory pids"),
            ("user/app", "memory pids"),
            ("user/app/me", ""),
        ):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / "cgroup.procs").touch()
            (tmp_path / folder / "cgroup.subtree_control").write_text(handed_on, encoding="ascii")
        mounts = cgroup_lines(f"30 20 0:26 / {tmp_path} rw - cgroup2 cgroup2 rw")
        assert choose_places(mounts, "0::/user/app/me\n") == (
            Place(tmp_path / "user/app", frozenset({"memory", "pids"}), 2),
        )

    def test_a_containers_mount_shows_what_is_below_its_own_group(self, tmp_path):
        """The path of /proc/self/cgroup starts above it."""
        for controller in ("pids", "memory"):
            (tmp_path / controller).mkdir()
            (tmp_path / controller / "cgroup.procs").touch()
        mounts = cgroup_lines(
            *(f"3 2 0:2 /docker/abc {tmp_path}/{name} rw - cgroup cgroup rw,{name}" for name in ("pids", "memory"))
        )
        places = choose_places(mounts, cgroup_lines("8:pids:/docker/abc", "4:memory:/docker/abc"))
        assert [place.folder for place in places] == [tmp_path / "pids", tmp_path / "memory"]

    def test_one_controller_alone_is_none(self, tmp_path):
        """Both limits, or no box for root."""
        (tmp_path / "cgroup.procs").touch()
        mounts = cgroup_lines(f"30 20 0:26 / {tmp_path} rw - cgroup cgroup rw,pids")
        assert choose_places(mounts, "8:pids:/\n") == ()

    def test_without_any_the_refusal_says_so(self):
        """And what to mount."""
        assert choose_places("", "") == ()
        assert "cgroupfs-mount" in no_cgroup("none").next_step

    @pytest.mark.parametrize("version", [1, 2])
    def test_limits_are_written_in_the_words_of_the_version(self, tmp_path, version):
        """Bytes and processes."""
        place = Place(tmp_path, frozenset({"memory", "pids"}), version)
        group = Cgroup.create((place,), memory_mib=64, processes=9)
        written = {path.name: path.read_text(encoding="ascii") for path in group.folders[0].iterdir()}
        shutil.rmtree(group.folders[0])
        memory = {1: "memory.limit_in_bytes", 2: "memory.max"}[version]
        assert written == {"pids.max": "9", memory: str(64 << 20)}

    def test_groups_of_the_living_are_not_swept(self, tmp_path):
        """Nor those of other pid namespaces, nor folders that merely look like ours."""
        place = Place(tmp_path, frozenset({"memory", "pids"}), 2)
        own = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19]
        space = Path("/proc/self/ns/pid").stat().st_ino
        kept = {f"llm-envs-{space}-{os.getpid()}-{own}-0", f"llm-envs-1-{os.getpid()}-1-0", "llm-envs-mine"}
        swept = {f"llm-envs-{space}-{os.getpid()}-{int(own) - 1}-0", f"llm-envs-{space}-999999999-5-0"}
        for name in kept | swept:
            (tmp_path / name).mkdir()
        cgroups.sweep((place,))
        assert {path.name for path in tmp_path.iterdir()} == kept
