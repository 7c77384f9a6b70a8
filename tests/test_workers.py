"""The killable process pool: what it promises of deadlines, limits, threads, forks and leftovers."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llm_envs import workers
from llm_envs.errors import BadOption, WorkerLost
from llm_envs.workers import Outcome, WorkerPool

PATIENCE_S = 30.0
"""How long a test waits for something that must come to pass; never a claim about speed."""

JOBS = '''
"""Functions that the tests run in workers."""
import os, resource, signal, sys, time

served = 0

def work(payload):
    global served
    served += 1
    name, *arguments = payload
    return globals()[name](*arguments)

def double(x):
    return 2 * x

def identity():
    return os.getpid()

def count():
    return served

def hang():
    while True:
        pass

def sleep(seconds):
    time.sleep(seconds)
    return "woke"

def niceness(seconds):
    time.sleep(seconds)
    return os.nice(0), os.getpid()

def family():
    """Start a grandchild that outlives nobody, then hang."""
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)
    hang()

def swallow(mib):
    return len(bytearray(mib << 20))

def recurse():
    return recurse()

def fail():
    raise ValueError("no such luck")

def die():
    os.kill(os.getpid(), signal.SIGSEGV)

def leave():
    os._exit(3)

def unpicklable():
    return lambda: None

def limits():
    return {
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0] > 0,
        "group": os.getpgid(0) == os.getpid(),
        "stdin": os.readlink("/proc/self/fd/0"),
        "main": sys.modules["__main__"].__dict__.get("__file__"),
    }
'''

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="process bookkeeping is read from /proc")


@pytest.fixture(scope="module")
def jobs_module(tmp_path_factory: pytest.TempPathFactory):
    """A module of jobs that server processes can import."""
    folder = tmp_path_factory.mktemp("jobs")
    (folder / "worker_jobs.py").write_text(JOBS)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture
def make_pool(jobs_module):
    """Build pools that are closed when the test is over."""
    pools = []

    def make(function: str = "worker_jobs:work", **options) -> WorkerPool:
        pools.append(WorkerPool(function, **{"timeout_s": PATIENCE_S, **options}))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def children() -> set[int]:
    """Processes whose parent is this one."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid():
            found.add(int(stat.parent.name))
    return found


def descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def lives(pid: int) -> bool:
    """The process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition) -> bool:
    """True as soon as `condition()` holds; False when it never came to pass."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_a_job_gives_its_result(make_pool):
    """`call` returns what the function returned."""
    assert make_pool().call(("double", 21)) == Outcome("ok", 42)


def test_no_process_is_started_before_the_first_call(make_pool):
    """Building a pool costs nothing."""
    before = children()
    make_pool()
    assert children() == before


@pytest.mark.parametrize(
    ("job", "options", "status", "detail"),
    [
        (("hang",), {"timeout_s": 0.2}, "timeout", "longer than 0.2 s"),
        (("sleep", 600), {"timeout_s": 0.2}, "timeout", "longer than 0.2 s"),
        (("swallow", 512), {"memory_mib": 128}, "memory", "more memory"),
        (("die",), {}, "crash", "SIGSEGV"),
        (("leave",), {}, "crash", "exit status 3"),
        (("fail",), {}, "exception", "ValueError: no such luck"),
        (("recurse",), {}, "exception", "RecursionError"),
        (("unpicklable",), {}, "exception", "pickle"),
    ],
)
def test_every_failure_of_a_job_is_told_apart_and_the_next_call_is_right(make_pool, job, options, status, detail):
    """Timeout, memory, crash and exception are outcomes, and none of them harms the pool."""
    pool = make_pool(**options)
    outcome = pool.call(job)
    assert (outcome.status, outcome.value) == (status, None)
    assert detail in outcome.detail
    assert pool.call(("double", 4), PATIENCE_S) == Outcome("ok", 8)


def test_running_out_of_cpu_time_is_a_timeout(make_pool):
    """RLIMIT_CPU ends a busy worker even while the wall-clock deadline is far."""
    outcome = make_pool()._attempt(pickle.dumps((1, ("hang",))), PATIENCE_S)
    assert outcome == Outcome("timeout", detail="used up its CPU time")


def test_a_killed_worker_takes_its_children_along(make_pool):
    """The whole process group ends at the deadline."""
    pool = make_pool(timeout_s=0.3)
    leader = pool.call(("identity",)).value
    assert pool.call(("family",)).status == "timeout"
    assert wait_until(lambda: not [p for p in group_of(leader) if lives(p)])


def group_of(leader: int) -> list[int]:
    """Processes of the group that `leader` leads."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[2]) == leader:
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


def test_waiting_for_a_free_worker_does_not_count_against_the_deadline(make_pool):
    """Eight jobs of 0.2 s through one worker, each with a deadline of 1 s, all arrive."""
    pool = make_pool(size=1, timeout_s=1.0)
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(pool.call, [("sleep", 0.2)] * 8))
    assert [o.value for o in outcomes] == ["woke"] * 8


def test_a_worker_is_replaced_after_its_share_of_jobs(make_pool):
    """`recycle_after` bounds what can pile up in one process."""
    pool = make_pool(size=1, recycle_after=3)
    assert [pool.call(("count",)).value for _ in range(7)] == [1, 2, 3, 1, 2, 3, 1]


def test_a_worker_that_died_while_idle_is_replaced_unnoticed(make_pool):
    """Somebody else's SIGKILL between two jobs costs nothing."""
    pool = make_pool(size=1)
    pid = pool.call(("identity",)).value
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not lives(pid))
    assert pool.call(("double", 3)) == Outcome("ok", 6)


def test_the_death_of_the_server_is_not_the_job_s_fault(make_pool):
    """A job whose server dies under it runs again on a fresh one."""
    strangers = children()
    pool = make_pool(size=1)
    pid = pool.call(("identity",)).value
    (server,) = children() - strangers
    killer = threading.Timer(0.2, os.kill, (server, signal.SIGKILL))
    killer.start()
    assert pool.call(("sleep", 1.0)) == Outcome("ok", "woke")
    killer.join()
    assert wait_until(lambda: not lives(pid))


def test_a_long_job_lets_others_go_first(make_pool):
    """It is made as nice as can be, and its worker is not used again."""
    pool = make_pool(size=1, timeout_s=PATIENCE_S)
    quick, first = pool.call(("niceness", 0)).value
    slow, same = pool.call(("niceness", 4 * workers.PATIENCE_S)).value
    after, fresh = pool.call(("niceness", 0)).value
    usual = min(19, os.nice(0) + workers.NICENESS)
    assert (quick, slow, after) == (usual, workers.LONG_JOB_NICENESS, usual)
    assert first == same != fresh


def test_32_callers_with_hanging_neighbours_all_get_the_right_answer(make_pool):
    """With one job in ten hanging, every honest one is answered, and the pool survives."""
    pool = make_pool(size=4, timeout_s=PATIENCE_S)

    def ask(i: int) -> bool:
        if i % 10 == 0:
            return pool.call(("hang",), 0.2).status == "timeout"
        return pool.call(("double", i)) == Outcome("ok", 2 * i)

    with ThreadPoolExecutor(32) as threads:
        assert all(threads.map(ask, range(200)))
    assert pool.call(("double", 1)) == Outcome("ok", 2)


def test_a_pool_serves_asyncio(make_pool):
    """`asyncio.to_thread` is all that a coroutine needs; deadlines hold there too."""
    pool = make_pool()

    async def check() -> list[str]:
        calls = [asyncio.to_thread(pool.call, ("double", 2)), asyncio.to_thread(pool.call, ("hang",), 0.2)]
        return [o.status for o in await asyncio.gather(*calls)]

    assert asyncio.run(check()) == ["ok", "timeout"]


def test_close_leaves_no_process_and_no_descriptor(make_pool):
    """After `close` the caller is as it was before the first call."""
    before, open_before = children(), descriptors()
    pool = make_pool(size=4)
    with ThreadPoolExecutor(4) as threads:
        pids = {o.value for o in threads.map(pool.call, [("identity",)] * 16)}
        list(threads.map(lambda _: pool.call(("hang",), 0.1), range(4)))
    pool.close()
    pool.close()
    assert children() == before
    assert descriptors() == open_before
    assert wait_until(lambda: not any(lives(pid) for pid in pids))


def test_a_closed_pool_starts_again_on_the_next_call(make_pool):
    """`close` gives the processes back; it does not forbid anything."""
    pool = make_pool()
    with pool:
        first = pool.call(("identity",)).value
    assert pool.call(("identity",)).value != first


def test_a_call_cut_short_by_close_is_an_infrastructure_error(make_pool):
    """Whoever closes a pool under a running check does not make a reward of it."""
    pool = make_pool()
    pool.call(("double", 1))
    closer = threading.Timer(0.2, pool.close)
    closer.start()
    with pytest.raises(WorkerLost, match="closed"):
        pool.call(("hang",))
    closer.join()


def test_a_forked_child_uses_workers_of_its_own(make_pool):
    """After `os.fork` the child neither uses nor closes its parent's processes."""
    pool = make_pool(size=1)
    parents_worker = pool.call(("identity",)).value
    child = os.fork()
    if child == 0:
        ok = pool.call(("identity",)).value != parents_worker
        pool.close()
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pool.call(("identity",)).value == parents_worker


@pytest.mark.parametrize("function", ["worker_jobs:absent", "no_such_module_here:work", "worker_jobs:served"])
def test_a_function_that_cannot_be_imported_is_an_infrastructure_error(make_pool, function):
    """The error says what the fresh process said."""
    with pytest.raises(WorkerLost, match="Error"):
        make_pool(function).call(())


@pytest.mark.parametrize(
    ("function", "options"),
    [("work", {}), ("a:b:c", {}), (len, {}), ("m:f", {"size": 0}), ("m:f", {"timeout_s": -1.0})],
)
def test_an_argument_that_cannot_be_used_is_refused_when_the_pool_is_built(function, options):
    """Not at the thousandth call."""
    with pytest.raises(BadOption):
        WorkerPool(function, **options)


def test_workers_are_confined(make_pool):
    """No core files, an address-space limit, a process group of their own, no terminal, no user's `__main__`."""
    found = make_pool().call(("limits",)).value
    assert found == {"core": 0, "memory": True, "group": True, "stdin": os.devnull, "main": None}


def run_script(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run a program without an `if __name__ == "__main__"` guard."""
    script = folder / "script.py"
    script.write_text("from llm_envs.workers import WorkerPool\n" + textwrap.dedent(body))
    path = os.pathsep.join([str(folder), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, str(script)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_S,
        env=environment,
        check=False,
    )


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        ("print(WorkerPool('worker_jobs:work').call(('double', 5)).value)", "10"),
        ("pool = WorkerPool('worker_jobs:work'); print(pool.call(('double', 6)).value)", "12"),
        (
            "import os; os.close(0); os.close(2)\nprint(WorkerPool('worker_jobs:work').call(('double', 7)).value)",
            "14",
        ),
        (
            """
            import threading, time
            pool = WorkerPool("worker_jobs:work")
            pool.call(("double", 1))
            threading.Thread(target=pool.call, args=(("hang",),), daemon=True).start()
            time.sleep(0.2)
            print("bye")
            """,
            "bye",
        ),
    ],
    ids=["no-guard", "never-closed", "stdin-closed", "exit-during-a-call"],
)
def test_a_program_ends_quietly_whatever_it_left_open(jobs_module, body, printed):
    """Scripts need no main guard, no close, no standard input; nothing is printed at exit."""
    done = run_script(jobs_module, body)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [printed], "")


def test_workers_die_with_an_owner_that_was_killed(jobs_module):
    """SIGKILL of the owner leaves no process, although a worker is busy."""
    body = """
    import os, signal, threading, time
    pool = WorkerPool("worker_jobs:work", timeout_s=600)
    print(pool.call(("identity",)).value, flush=True)
    threading.Thread(target=pool.call, args=(("hang",),), daemon=True).start()
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    done = run_script(jobs_module, body)
    assert done.returncode == -signal.SIGKILL
    assert wait_until(lambda: not lives(int(done.stdout)))
