"""The pool of boxes: what goes in, what comes out, and what happens when a box is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import warnings

import pytest

from llm_envs.errors import BadOption, MissingExtra, SandboxFailed, SandboxUnavailable
from llm_envs.sandbox import Invocation, Limits, Program, Stdin, selection
from llm_envs.sandbox import sandbox as module
from llm_envs.sandbox.process import ProcessBox
from llm_envs.sandbox.sandbox import Sandbox, shared
from llm_envs.sandbox.worker import BoxLost

TWICE = Program("print(input() * 2)")


def test_a_program_answers_each_input(unsafe):
    """One run each, in order."""
    result = unsafe.run(TWICE, [Stdin("a"), Stdin("b")])
    assert [run.stdout for run in result.runs] == ["aa\n", "bb\n"]
    assert result.status == "ok"


def test_a_function_gives_plain_data(unsafe):
    """Its value, and its arguments as it left them."""
    program = Program("def f(x, *, y=None):\n    x.append(y)\n    return {1: (2.5, b'3')}")
    (run,) = unsafe.run(program, [Invocation("f", ([0],), {"y": "z"})]).runs
    assert run.value == {1: (2.5, b"3")}
    assert run.args == ([0, "z"],)


def test_what_is_no_plain_data_is_not_sent(unsafe):
    """The caller's mistake, named."""
    with pytest.raises(BadOption, match="argument of f"):
        unsafe.run(Program("f = print"), [Invocation("f", (object(),))])


def test_an_unknown_language_is_named(unsafe):
    """With the one that was meant."""
    with pytest.raises(BadOption, match="'python'"):
        unsafe.run(Program("", language="pyton"), [Stdin()])


def test_text_of_any_kind_passes(unsafe):
    """Ten megabytes of source, NUL, separators of lines; bytes that are no text are shown as such."""
    source = "# " + "é" * 5_000_000 + "\nimport sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())"
    texts = ["\0", "\r\n\u2028", "é" * 100_000]
    assert [run.stdout for run in unsafe.run(Program(source), [Stdin(text) for text in texts]).runs] == texts
    assert unsafe.run(Program("'\ud800'"), [Stdin("\udcff")]).status in ("compile_error", "ok")


def test_results_are_remembered(unsafe):
    """The same program with the same input is not run again; another input, or another limit, is."""
    program = Program("import random; print(random.random())")
    first = unsafe.run(program, [Stdin("a")])
    assert unsafe.run(program, [Stdin("a")]) == first
    assert unsafe.run(program, [Stdin("b")]).runs[0].stdout != first.runs[0].stdout
    assert unsafe.run(program, [Stdin("a")], Limits(cpu_s=3)).runs[0].stdout != first.runs[0].stdout


def test_a_remembered_value_is_a_copy(unsafe):
    """Who changes it changes nobody else's."""
    program, call = Program("def f(): return [1]"), [Invocation("f")]
    unsafe.run(program, call).runs[0].value.append(2)
    assert unsafe.run(program, call).runs[0].value == [1]


def test_what_depends_on_the_machine_is_not_remembered(unsafe):
    """A time limit on a busy machine says nothing of the next try."""
    program = Program(
        "import os, random; print(random.random(), flush=True); os.read(0, 1); import time; time.sleep(60)"
    )
    limits = Limits(cpu_s=1, wall_s=0.3)
    first, second = (unsafe.run(program, [Stdin()], limits).runs[0] for _ in range(2))
    assert first.status == second.status == "time_limit"
    assert first.stdout != second.stdout


def test_nothing_is_remembered_on_request():
    """`cache_mib=0`."""
    with warnings.catch_warnings(action="ignore"), Sandbox("unsafe", slots=1, cache_mib=0) as sandbox:
        program = Program("import random; print(random.random())")
        assert sandbox.run(program, [Stdin()]) != sandbox.run(program, [Stdin()])


def test_a_box_serves_many_programs(unsafe):
    """It is resident: one after another in the same."""
    parents = {
        unsafe.run(Program(f"{number}; import os; print(os.getsid(os.getppid()))"), [Stdin()]).runs[0].stdout
        for number in range(5)
    }
    assert len(parents) == 1


def test_a_box_is_retired(unsafe, monkeypatch):
    """After so many programs a fresh one takes its place."""
    monkeypatch.setattr(module, "RETIRE_AFTER", 2)
    pids = []
    for number in range(4):
        unsafe.run(Program(f"print({number})"), [Stdin()])
        pids.append([worker._box.pid for worker in unsafe._idle])
    assert pids[1] == pids[3] == []
    assert pids[0] != pids[2]


class Scripted:
    """A backend whose boxes fail as they are told."""

    name = "scripted"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.opened, self.killed = 0, 0

    def variant(self, language):
        return ""

    def open(self, variant):
        self.opened += 1
        return self

    def send(self, data, deadline):
        self.sent = data

    def receive(self, size, deadline):
        if not self.answers:
            raise BoxLost("nothing is left to say")
        if isinstance(self.answers[0], BoxLost):
            raise self.answers.pop(0)
        data, self.answers[0] = self.answers[0][:size], self.answers[0][size:]
        if not self.answers[0]:
            self.answers.pop(0)
        return data

    def kill(self):
        self.killed += 1

    def close(self):
        pass

    def forget(self):
        pass


RUN = {"status": "ok", "stdout": "x", "stderr": "", "said": None, "exit_code": 0, "signal": 0, "wall_s": 0.0,
       "cpu_s": 0.0, "peak_memory_mib": 1.0, "truncated": False, "detail": ""}  # fmt: skip


def framed(**parts):
    """An answer, as a box would send it."""
    body = json.dumps(
        {"compile_error": "", "runs": [RUN], "clean": True, "missing": "", "failed": "", **parts}
    ).encode()
    return len(body).to_bytes(4, "big") + body


def scripted(*answers):
    """A sandbox whose boxes give these answers, and its backend."""
    sandbox = Sandbox("unsafe", slots=1)
    sandbox._backend = Scripted(*answers)
    return sandbox, sandbox._backend


GARBLED = {
    "no JSON": (5).to_bytes(4, "big") + b"hello",
    "a list": (2).to_bytes(4, "big") + b"[]",
    "too long": (1 << 31).to_bytes(4, "big"),
    "deeply nested": (200_000).to_bytes(4, "big") + b"[" * 200_000,
    "no runs": framed(runs=None),
    "more runs": framed(runs=[RUN, RUN]),
    "no status": framed(runs=[{**RUN, "status": "passed"}]),
    "a status that is a list": framed(runs=[{**RUN, "status": ["ok"]}]),
    "no text": framed(runs=[{**RUN, "stdout": 5}]),
    "no number": framed(runs=[{**RUN, "wall_s": "1"}]),
    "failed": framed(failed="the box is broken"),
}


@pytest.mark.parametrize("answer", GARBLED.values(), ids=GARBLED)
def test_a_garbled_answer_loses_the_box_and_a_fresh_one_answers(answer):
    """The program gets its result, and the lost box is killed."""
    sandbox, backend = scripted(answer, framed())
    assert sandbox.run(TWICE, [Stdin()]).runs[0].stdout == "x"
    assert (backend.opened, backend.killed) == (2, 1)


def test_two_lost_boxes_are_a_failure():
    """Of the sandbox, never of the program."""
    sandbox, backend = scripted(BoxLost("it went"), BoxLost("so did this"))
    with pytest.raises(SandboxFailed, match="it went; then so did this"):
        sandbox.run(TWICE, [Stdin()])
    assert (backend.opened, backend.killed) == (2, 2)


def test_an_unclean_box_is_retired_and_its_result_stands():
    """What it could not clean up does not meet the next program."""
    sandbox, backend = scripted(framed(clean=False))
    assert sandbox.run(TWICE, [Stdin()]).status == "ok"
    assert backend.killed == 1


@pytest.mark.parametrize("said", ["no value", "[", "[1]", '{"t":[1]}', "[" * 100_000, 5, {"a": 1}])
def test_a_forged_value_is_the_programs_fault(said):
    """Not the box's: no second try, no infrastructure error."""
    sandbox, backend = scripted(framed(runs=[{**RUN, "said": said}]))
    (run,) = sandbox.run(Program("f = 1"), [Invocation("f")]).runs
    assert run.status == "runtime_error"
    assert backend.opened == 1


def test_a_missing_compiler_is_no_verdict():
    """It says what to install."""
    sandbox, _ = scripted(framed(runs=[], missing="g++"))
    with pytest.raises(SandboxUnavailable, match=r"g\+\+"):
        sandbox.run(Program("", language="cpp"), [Stdin()])


def test_a_killed_box_is_replaced(unsafe):
    """SIGKILL to it between two programs, and in the middle of one."""
    unsafe.run(TWICE, [Stdin("a")])
    (worker,) = unsafe._idle
    os.kill(worker._box.pid, signal.SIGKILL)
    assert unsafe.run(TWICE, [Stdin("b")]).runs[0].stdout == "bb\n"


def test_boxes_that_have_all_died_idle_cost_no_result(unsafe):
    """As when their engine is restarted: the second try takes none of them."""
    threads = [
        threading.Thread(target=unsafe.run, args=(Program(f"import time; time.sleep(1); {n}"), [Stdin()])) for n in "12"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(unsafe._idle) == 2
    for worker in unsafe._idle:
        os.kill(worker._box.pid, signal.SIGKILL)
    assert unsafe.run(TWICE, [Stdin("a")]).runs[0].stdout == "aa\n"


def test_threads_share_the_slots(unsafe):
    """Forty programs of eight threads: each gets its own result, and no more boxes live than there are slots."""
    wrong, most = [], []

    def work(offset):
        for number in range(offset, offset + 5):
            (run,) = unsafe.run(TWICE, [Stdin(str(number))]).runs
            most.append(len(unsafe._live))
            if run.stdout != f"{number}{number}\n":
                wrong.append(run)

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(0, 40, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert max(most) <= 2


def test_it_works_under_asyncio(unsafe):
    """By `asyncio.to_thread`."""

    async def both():
        return await asyncio.gather(*(asyncio.to_thread(unsafe.run, TWICE, [Stdin(text)]) for text in "ab"))

    assert [result.runs[0].stdout for result in asyncio.run(both())] == ["aa\n", "bb\n"]


def test_a_closed_sandbox_starts_afresh(unsafe):
    """Nothing is left of the old boxes."""
    unsafe.run(TWICE, [Stdin("a")])
    (worker,) = unsafe._idle
    unsafe.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker._box.pid, 0)
    assert unsafe.run(TWICE, [Stdin("b")]).status == "ok"


def test_closing_ends_calls_in_progress(unsafe):
    """They fail; they do not hang, and are not tried again."""
    failures = []

    def work():
        with pytest.raises(SandboxFailed, match="closed") as caught:
            unsafe.run(Program("import time; time.sleep(60)"), [Stdin()])
        failures.append(caught.value)

    thread = threading.Thread(target=work)
    thread.start()
    while not unsafe._live:
        pass
    unsafe.close()
    thread.join(30)
    assert len(failures) == 1


def test_a_forked_child_has_boxes_of_its_own(unsafe):
    """And leaves its parent's alone."""
    unsafe.run(TWICE, [Stdin("a")])
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if not unsafe._live and unsafe.run(TWICE, [Stdin("c")]).runs[0].stdout == "cc\n" else 2
            unsafe.close()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert unsafe.run(TWICE, [Stdin("b")]).runs[0].stdout == "bb\n"


def test_leaving_the_interpreter_ends_the_boxes():
    """Without `close`, and with a warning that was asked for once."""
    code = (
        "from llm_envs.sandbox import *; from llm_envs.sandbox.sandbox import Sandbox\n"
        "a, b = Sandbox('unsafe'), Sandbox('unsafe')\n"
        "for s in (a, b): s.run(Program('print(1)'), [Stdin()])\n"
        "print(a._idle[0]._box.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
    assert done.stderr.count("without any sandbox") == 1


@pytest.mark.parametrize("option", [{"slots": 0}, {"slots": 1.5}, {"memory_mib": -1}, {"slots": True}])
def test_options_are_checked_at_once(option):
    """Not when the first program comes."""
    with pytest.raises(BadOption, match=next(iter(option))):
        Sandbox(**option)


def test_what_is_preloaded_must_be_here():
    """A box has what this machine has; submodules count as their package."""
    Sandbox(preload=["json.decoder", "numpy"])
    with pytest.raises(BadOption, match="no_such_module"):
        Sandbox(preload=["no_such_module"])
    with pytest.raises(BadOption, match="several"):
        Sandbox(preload="numpy")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", ".", "a\0b"])
def test_files_stay_in_the_working_folder(unsafe, path):
    """Others are the caller's mistake, and nothing is run."""
    with pytest.raises(BadOption, match="no place"):
        unsafe.run(Program("", files={path: b""}), [Stdin()])


def test_files_are_there(unsafe):
    """In folders too."""
    program = Program("print(open('a/b.txt').read(), open('c', 'rb').read())", files={"a/b.txt": b"x", "c": b"\xff"})
    assert unsafe.run(program, [Stdin()]).runs[0].stdout == "x b'\\xff'\n"


def test_an_unknown_backend_is_named():
    """With the one that was meant."""
    with pytest.raises(BadOption, match="'docker'"):
        Sandbox("doker").run(TWICE, [Stdin()])


def test_a_runtime_needs_containers():
    """Elsewhere it would be passed over in silence."""
    with pytest.raises(BadOption, match="runtime"):
        Sandbox("unsafe", runtime="runsc").run(TWICE, [Stdin()])


def test_without_any_backend_each_says_why(monkeypatch):
    """What is missing for each, and what to do."""

    def refuse(options):
        raise SandboxUnavailable("no daemon", next_step="Start it.")

    def lack(options):
        raise MissingExtra.of("docker", "docker", "running programs in containers")

    monkeypatch.setattr(selection, "BACKENDS", {"docker": lack, "namespaces": refuse})
    monkeypatch.setattr(selection, "AUTOMATIC", ("docker", "namespaces"))
    with pytest.raises(SandboxUnavailable, match="no daemon") as caught:
        Sandbox().run(TWICE, [Stdin()])
    assert 'pip install "llm-envs[docker]"' in caught.value.next_step
    assert "Start it." in caught.value.next_step


def test_the_shared_sandbox_is_one():
    """For the same options; others are another's."""
    assert shared() is shared("auto")
    assert shared() is not shared(memory_mib=256)


def test_a_process_that_cannot_be_started_is_no_verdict(unsafe, monkeypatch):
    """The machine is at fault."""
    monkeypatch.setattr(unsafe._open_backend(), "open", lambda variant: ProcessBox(["/no such program"], {}))
    with pytest.raises(SandboxUnavailable):
        unsafe.run(TWICE, [Stdin("never run")])
