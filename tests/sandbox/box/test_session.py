"""Requests that share a program's state and files."""

from __future__ import annotations

import base64

import pytest

from llm_envs.sandbox import plain


@pytest.fixture
def session(box):
    """An open session of a box; it is closed, and the box goes on."""
    opened = Session(box)
    yield opened
    closed = opened.ask("close")
    assert (closed["status"], closed["clean"]) == ("ok", True)
    assert box.run("import os; print(os.listdir())")["stdout"] == "['solution.py']\n"


class Session:
    """Asks, and waits."""

    def __init__(self, box):
        self.box = box
        limits = {"cpu_s": 1.0, "deadline_s": 5.0, "output_kib": 4, "processes": 32, "disk_mib": 8, "open_files": 128}
        files = {"data/a.txt": base64.b64encode(b"words").decode()}
        assert self.ask("open", limits=limits, files=files)["status"] == "ok"

    def ask(self, kind, **rest):
        answer = self.box.ask({"kind": kind, **rest})
        assert not answer["failed"]
        assert answer["clean"]
        return answer

    def execute(self, source):
        return self.ask("execute", source=source)

    def shell(self, command):
        return self.ask("shell", command=command)


def test_cells_share_their_state(session):
    """The value of a cell is its last expression's."""
    assert session.execute("x = 3\nprint('seen')\nx + 1")["value"] == "4"
    cell = session.execute("x += 1\nx")
    assert (cell["status"], cell["value"], cell["stdout"]) == ("ok", "4", "")
    assert session.execute("x += 1").get("value") is None


def test_a_cell_that_raises_costs_nothing_but_itself(session):
    """Its traceback shows the cell's lines."""
    session.execute("x = 3")
    cell = session.execute("y = 1\nx / 0")
    assert cell["status"] == "runtime_error"
    assert cell["error"] == {"name": "ZeroDivisionError", "text": "division by zero"}
    assert 'File "<cell 2>", line 2' in cell["stderr"]
    assert "x / 0" in cell["stderr"]
    assert "llm_envs" not in cell["stderr"]
    assert session.execute("x, y")["value"] == "(3, 1)"


@pytest.mark.parametrize("source", ["x = (", "'a\0b'", "exit()", "raise KeyboardInterrupt", "(" * 5000, "\ud800"])
def test_no_cell_is_too_strange(session, source):
    """The interpreter answers, and goes on."""
    assert session.execute(source)["error"]["name"]
    assert session.execute("1")["value"] == "1"


def test_calls_reach_what_cells_have_defined(session):
    """They return data, and the arguments as they were left; or what was raised."""
    session.execute("def grow(xs):\n    xs.append(len(xs))\n    return tuple(xs)")
    call = session.ask("call", function="grow", args=[plain.encode([7])], kwargs={})
    assert plain.loads(call["said"]) == ((7, 1), ([7, 1],))
    assert session.ask("call", function="grow", args=[], kwargs={})["error"]["name"] == "TypeError"
    assert session.ask("call", function="shrink", args=[], kwargs={})["error"]["name"] == "NameError"


def test_a_cell_that_takes_too_long_is_interrupted(session):
    """The interpreter keeps what it knows."""
    session.execute("x = 3")
    assert session.execute("while True: pass")["status"] == "time_limit"
    assert session.execute("x")["value"] == "3"


def test_a_cell_that_cannot_be_interrupted_ends_the_interpreter(session):
    """Files stay."""
    session.execute("x = open('kept', 'w').write('k')")
    cell = session.execute("import signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass")
    assert cell["status"] == "time_limit"
    assert "fresh" in cell["detail"]
    assert session.execute("x")["error"]["name"] == "NameError"
    assert session.execute("open('kept').read()")["value"] == "'k'"


ENDS = {"exit": "os._exit(0)", "killed": "os.kill(os.getpid(), 9)", "agent": "os.kill(os.getppid(), 9)"}


@pytest.mark.parametrize("deed", ENDS.values(), ids=ENDS)
def test_who_ends_the_interpreter_gets_a_fresh_one(session, deed):
    """And is told so."""
    session.execute("import os\nx = 3")
    cell = session.execute(deed)
    assert cell["status"] == "runtime_error"
    assert "fresh" in cell["detail"]
    assert session.execute("x")["error"]["name"] == "NameError"


def test_output_is_cut_not_punished(session):
    """What does not fit is left out, and the cell is as good as any."""
    cell = session.execute("print('x' * 10**6)\n5")
    assert (cell["status"], cell["value"], cell["truncated"], len(cell["stdout"])) == ("ok", "5", True, 4096)
    assert not session.execute("print(1)")["truncated"]


def test_commands_run_in_the_working_folder(session):
    """With their exit status; cells see what they have done."""
    command = session.shell("cat data/a.txt; echo more > data/b.txt; echo wrong >&2; exit 3")
    assert (command["status"], command["exit_code"]) == ("runtime_error", 3)
    assert (command["stdout"], command["stderr"]) == ("words", "wrong\n")
    assert session.execute("open('data/b.txt').read()")["value"] == r"'more\n'"


def test_what_a_command_leaves_running_is_ended(session):
    """Nothing waits for it; the interpreter stays."""
    session.execute("x = 3")
    assert (
        session.shell("sleep 61 & echo $! > one; (setsid sleep 62 & echo $! > other); echo done")["stdout"] == "done\n"
    )
    assert session.shell("kill -0 $(cat one) || kill -0 $(cat other)")["exit_code"] != 0
    assert session.execute("x")["value"] == "3"


@pytest.mark.parametrize("command", ["sleep 60", "while :; do :; done", "exec cat /dev/zero"])
def test_commands_have_limits(session, command):
    """Of time, and of what is kept of their output."""
    assert session.shell(command)["status"] == "time_limit"
    assert session.shell("echo 1")["stdout"] == "1\n"


def test_files_are_written_read_and_listed(session):
    """By path, in the working folder; bytes of any kind."""
    content = base64.b64encode(bytes(range(256))).decode()
    assert session.ask("write", path="new/deep/f.bin", content=content)["status"] == "ok"
    assert session.ask("read", path="new/deep/f.bin")["content"] == content
    assert session.ask("files")["files"] == ["data/", "data/a.txt", "new/", "new/deep/", "new/deep/f.bin"]


@pytest.mark.parametrize("prepare", ["mkfifo f", "mkdir f", "ln -s f f", "true", "ln -s /dev/zero f"])
def test_reading_waits_for_nothing(session, prepare):
    """A pipe, a folder, a link to itself, nothing at all, a device without an end."""
    session.shell(prepare)
    answer = session.ask("read", path="f")
    assert answer["status"] == "runtime_error"
    assert answer["detail"]


def test_a_session_ends_with_its_host(box):
    """Which may hang up at any time."""
    box = type(box)("--isolation", "none")
    Session(box).execute("import subprocess; subprocess.Popen(['sleep', '600'])")
    assert box.close() == 0


@pytest.mark.docker
def test_a_session_in_a_container_is_the_candidates(container):
    """It runs as the candidate's user, survives bombs, and leaves nothing behind."""
    session = Session(container)
    assert session.execute("import os; os.getuid() > 0")["value"] == "True"
    assert session.shell("id -u > who; cat data/a.txt")["stdout"] == "words"
    session.execute("x = []\nwhile True: x.append(bytearray(1 << 22))")
    session.execute("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass")
    assert session.execute("open('data/a.txt').read()")["value"] == "'words'"
    assert session.ask("close")["clean"]
    assert container.run("import os; print(os.listdir())")["stdout"] == "['solution.py']\n"
