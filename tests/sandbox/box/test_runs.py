"""How runs end, and what is told of them."""

from __future__ import annotations

import pytest

from llm_envs.sandbox import plain

ENDS = {
    "ok": ("print(1)", "ok", 0, 0),
    "raises": ("1/0", "runtime_error", 1, 0),
    "exits": ("raise SystemExit(7)", "runtime_error", 7, 0),
    "exits well": ("import sys; sys.exit()", "ok", 0, 0),
    "exits with words": ("import sys; sys.exit('bye')", "runtime_error", 1, 0),
    "killed": ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "runtime_error", None, 15),
    "crashed": ("import ctypes; ctypes.string_at(0)", "runtime_error", None, 11),
    "no memory": ("[0] * 10**15", "memory_limit", 1, 0),
    "floods": ("while True: print('x' * 9999)", "output_limit", None, 9),
    "floods stderr": ("import sys\nwhile True: sys.stderr.write('x' * 9999)", "output_limit", None, 9),
    "floods at once": ("print('x' * 66_000)", "output_limit", 0, 0),
}


@pytest.mark.parametrize(("source", "status", "exit_code", "signal"), ENDS.values(), ids=ENDS)
def test_a_run_ends_as_it_ends(box, source, status, exit_code, signal):
    """Status, exit code and signal are the supervisor's words."""
    run = box.run(source)
    assert run["status"] == status, run
    if status != "output_limit":
        assert (run["exit_code"], run["signal"]) == (exit_code, signal)
    assert bool(run["detail"]) == (status != "ok")


BUSY = {
    "alone": "while True: pass",
    "by children": "import os\nfor _ in range(3): os.fork()\nwhile True: pass",
    "deaf": "import signal\nfor n in (1, 2, 15, 24): signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
}


@pytest.mark.parametrize("source", BUSY.values(), ids=BUSY)
def test_cpu_decides_the_time_limit(box, source):
    """Of all processes together, long before the deadline."""
    run = box.run(source, cpu_s=0.4, deadline_s=60.0)
    assert run["status"] == "time_limit"
    assert 0.4 <= run["cpu_s"] < 2.0
    assert run["wall_s"] < 30.0


def test_the_wall_ends_sleepers(box):
    """Who waits uses nothing, and is ended all the same."""
    run = box.run("import time; time.sleep(60)", deadline_s=0.5)
    assert run["status"] == "time_limit"
    assert 0.5 <= run["wall_s"] < 10.0


def test_nothing_waits_for_those_left_behind(box):
    """A daemon that holds the output open does not hold up the run, and does not outlive it."""
    source = (
        "import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: time.sleep(60)\n os._exit(0)\nprint(1)"
    )
    run = box.run(source)
    assert (run["status"], run["stdout"]) == ("ok", "1\n")
    assert run["wall_s"] < 10.0


def test_each_run_is_on_its_own(box):
    """No run finds the files of the one before."""
    source = "import os; print(sorted(os.listdir())); open('left', 'w'); os.mkdir('deep'); os.chmod('deep', 0)"
    assert [run["stdout"] for run in box.runs(source, "", "")] == ["['solution.py']\n"] * 2


def test_the_first_failure_may_be_the_last_run(box):
    """Where that is asked for."""
    source = "assert input() == 'a'"
    assert len(box.runs(source, "a", "b", "a")) == 3
    assert [run["status"] for run in box.runs(source, "a", "b", "a", stop_at_failure=True)] == ["ok", "runtime_error"]


def test_files_lie_in_the_working_folder(box):
    """Under their paths; none leads out of it."""
    run = box.run("print(open('data/a.txt').read())", files={"data/a.txt": b"words"})
    assert run["stdout"] == "words\n"
    assert "no path within" in box.answer("", files={"../a": b""})["failed"]


def test_an_invocation_returns_data(box):
    """A value, and the arguments as they were left."""
    run = box.run("def grow(xs, *, by):\n    xs.append(by)\n    return (len(xs), {by})", box.call("grow", [1], by=2))
    assert plain.loads(run["said"]) == ((2, {2}), ([1, 2],))


def test_an_invocation_may_be_an_expression(box):
    """Such as a method of a new object."""
    assert box.value("class Solution:\n    def add(self, a, b): return a + b", "Solution().add", 1, 2) == 3


@pytest.mark.parametrize("source", ["def f(): return object()", "def f(): return f", "def f(): 1/0", "x = 1"])
def test_what_returns_no_data_returns_nothing(box, source):
    """And says why."""
    run = box.run(source, box.call("f"))
    assert (run["status"], run["said"]) == ("runtime_error", None)
    assert run["detail"]


def test_many_invocations_share_one_process(box):
    """Where that is asked for; one that raises does not stop the next."""
    source = "calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return calls, 1 // x"
    runs = box.runs(source, box.call("f", 1), box.call("f", 0), box.call("f", 1), together=True)
    assert [run["status"] for run in runs] == ["ok", "runtime_error", "ok"]
    assert [plain.loads(run["said"])[0] for run in runs if run["said"]] == [(1, 1), (3, 1)]
    assert "ZeroDivisionError" in runs[1]["detail"]


def test_what_ends_a_shared_process_ends_all_that_were_to_come(box):
    """Those that had been answered stay."""
    source = "import os\ndef f(x):\n    if x == 2: os._exit(3)\n    return x"
    runs = box.runs(source, *(box.call("f", x) for x in range(5)), together=True)
    assert [run["status"] for run in runs] == ["ok"] * 2 + ["runtime_error"] * 3


@pytest.mark.parametrize("source", ["x = (", "x = 'a\0b'", "return", "\ud800"])
def test_what_does_not_compile_is_not_run(box, source):
    """The compiler's words are told."""
    answer = box.answer(source, "", "")
    assert answer["compile_error"]
    assert answer["runs"] == []
    assert answer["clean"]
