"""Sessions: what stays from request to request, and what a box that is lost, or lies, does to them."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import warnings

import pytest

from llm_envs.errors import BadOption, SandboxFailed, SandboxUnavailable
from llm_envs.sandbox import NO_VALUE, Limits, Program, Raised, Sandbox, Session, Stdin


@pytest.fixture(params=["unsafe", "namespaces", pytest.param("docker", marks=pytest.mark.docker)])
def sandbox(request):
    """A sandbox of each kind."""
    if request.param == "docker":
        request.getfixturevalue("engine")
    with warnings.catch_warnings(action="ignore"), Sandbox(request.param, slots=1) as made:
        try:
            made.backend  # noqa: B018 - asking finds out
        except SandboxUnavailable as error:
            pytest.skip(f"NOT TESTED: {error.message}")
        yield made


@pytest.fixture
def session(sandbox):
    """A session with two files."""
    with sandbox.session({"a.txt": b"x", "b/c.txt": b"\xff"}, Limits(cpu_s=2, wall_s=4)) as made:
        yield made


def test_a_cell_finds_what_earlier_ones_have_left(session):
    """Names, modules, files; the value is the repr of its last expression."""
    assert session.execute("import math\nx = [1]").value is NO_VALUE
    reply = session.execute("x.append(math.floor(2.5))\nprint('hi')\nx")
    assert (reply.status, reply.value, reply.stdout) == ("ok", "[1, 2]", "hi\n")
    assert session.execute("open('a.txt').read()").value == "'x'"


def test_a_cell_that_raises_leaves_the_state(session):
    """The exception's name and words come back."""
    session.execute("x = 5")
    reply = session.execute("{}['key']")
    assert reply.status == "runtime_error"
    assert reply.raised == Raised("KeyError", "'key'")
    assert session.execute("x").value == "5"


def test_a_function_takes_and_gives_plain_data(session):
    """And its arguments come back as it left them."""
    session.execute("def f(x, *, y): x.append(y); return {1: (x, y)}")
    reply = session.call("f", [1], y=b"2")
    assert reply.value == {1: ([1, b"2"], b"2")}
    assert reply.args == ([1, b"2"],)
    assert session.call("f").raised.name == "TypeError"
    with pytest.raises(BadOption, match="argument of f"):
        session.call("f", object())


def test_commands_share_the_folder(session):
    """With cells, and with what is read and written."""
    assert session.shell("cat a.txt; echo y > d.txt").stdout == "x"
    assert session.read("d.txt").value == b"y\n"
    assert session.write("e/f.bin", b"\0\xff").status == "ok"
    assert session.execute("open('e/f.bin', 'rb').read()").value == r"b'\x00\xff'"
    assert {"a.txt", "b/", "b/c.txt", "d.txt", "e/f.bin"} <= set(session.files().value)


def test_what_goes_wrong_is_told(session):
    """A command's exit code, a file that is not there."""
    assert session.shell("exit 3").exit_code == 3
    reply = session.read("nothing")
    assert (reply.status, reply.value) == ("runtime_error", NO_VALUE)
    assert "No such file" in reply.detail


def test_a_cell_that_does_not_end_is_ended(session):
    """At its limit, and the session goes on."""
    reply = session.execute("while True: pass")
    assert reply.status == "time_limit"
    assert session.execute("1 + 1").value == "2"


def test_nothing_of_a_session_is_left(sandbox):
    """The box serves programs and further sessions after it."""
    with sandbox.session({"a.txt": b"x"}) as session:
        session.execute("x = 1")
        session.shell("touch /tmp/left; sleep 600 &")
    (worker,) = sandbox._idle
    with sandbox.session() as session:
        assert session.execute("x").raised.name == "NameError"
        assert session.files().value == ()
    assert sandbox.run(Program("print(1)"), [Stdin()]).status == "ok"
    assert sandbox._idle == [worker]


def test_many_sessions_share_a_slot(sandbox):
    """They are open at the same time, and programs run beside them."""
    sessions = [sandbox.session() for _ in range(3)]
    for number, session in enumerate(sessions):
        session.execute(f"x = {number}")
    assert sandbox.run(Program("print(1)"), [Stdin()]).status == "ok"
    assert [session.execute("x").value for session in sessions] == ["0", "1", "2"]
    for session in sessions:
        session.close()
    assert len(sandbox._live) == 1


def test_a_session_may_be_closed_again(sandbox):
    """And asked no more."""
    session = sandbox.session()
    session.close()
    session.close()
    with pytest.raises(SandboxFailed):
        session.execute("1")


def test_a_session_that_is_dropped_gives_its_box_up(sandbox):
    """At the next call."""
    sandbox.session()
    gc.collect()
    sandbox.run(Program("print(1)"), [Stdin()])
    assert len(sandbox._live) == 1


def test_a_closed_sandbox_ends_its_sessions(sandbox):
    """They fail; closing them is no error."""
    session = sandbox.session()
    sandbox.close()
    with pytest.raises(SandboxFailed):
        session.execute("1")
    session.close()


@pytest.fixture
def unsafe_session(unsafe):
    """Of processes of this user, which tests may kill."""
    with unsafe.session() as made:
        yield made


def test_a_session_whose_box_is_killed_fails(unsafe, unsafe_session):
    """Its state cannot be had again; the sandbox goes on."""
    (worker,) = unsafe._live
    threading.Timer(0.5, os.kill, (worker._box.pid, signal.SIGKILL)).start()
    with pytest.raises(SandboxFailed, match="hung up"):
        unsafe_session.execute("import time; time.sleep(5)")
    assert not unsafe._live
    assert unsafe.run(Program("print(1)"), [Stdin()]).status == "ok"


def test_a_forked_child_leaves_its_parents_session_alone(unsafe, unsafe_session):
    """It cannot use it, nor end it."""
    unsafe_session.execute("x = 1")
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            try:
                unsafe_session.execute("x = 2")
            except SandboxFailed:
                status = 0
            unsafe_session.close()
            unsafe.close()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    time.sleep(0.1)
    assert unsafe_session.execute("x").value == "1"


RUN = {"status": "ok", "stdout": "", "stderr": "", "said": None, "exit_code": 0, "signal": 0, "wall_s": 0.0,
       "cpu_s": 0.0, "peak_memory_mib": 0.0, "truncated": False, "detail": ""}  # fmt: skip


class Liar:
    """A box that answers as it likes."""

    def __init__(self, **answer):
        self.answer = answer

    def ask(self, request):
        return self.answer

    def leave(self):
        pass


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {**RUN, "status": "passed"},
        {**RUN, "wall_s": "long"},
        {**RUN, "content": "no base64!"},
        {**RUN, "content": 5},
        {**RUN, "files": [1, None, []]},
        {**RUN, "value": {}, "error": 5},
        {**RUN, "error": {"name": [1], "text": "x" * 10_000_000}},
        {**RUN, "said": "[" * 100_000},
    ],
)
def test_lies_are_the_programs_word(answer):
    """What answers may be the program itself: it gets a reply of some kind, and nothing is raised."""
    session = Session(Liar(**answer))
    for reply in (session.execute("1"), session.read("a"), session.files(), session.call("f"), session.shell("ls")):
        assert reply.status in ("ok", "runtime_error")
        assert len(repr(reply)) < 10_000
