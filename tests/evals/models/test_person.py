"""A person as a model: one question at a time, episodes in one piece, and a way out."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
import threading

import pytest
from rich.console import Console

from llm_envs.errors import Outage
from llm_envs.evals.engine import Engine, Settings
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.models.person import Person
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.terminal import Command, Terminal
from llm_envs.registry import row

PATIENCE_S = 60
GUESS = EnvPlan("llm/GuessNumber-v0", {"difficulty": 2})
MATH = EnvPlan("llm/MathArithmetic-v0", {"difficulty": 0})


class Typist:
    """Types one line after the other; notes whether two were asked for at once."""

    def __init__(self, lines):
        self.coming = iter(lines)
        self.shown = io.StringIO()
        self.asking = threading.Lock()

    def read(self, prompt):
        assert self.asking.acquire(blocking=False), "two questions at once"
        try:
            line = next(self.coming)
        except StopIteration:
            raise EOFError from None
        finally:
            self.asking.release()
        self.shown.write(f"{prompt}{line}\n")
        return line

    def person(self):
        commands = (Command.HELP, Command.NEXT, Command.QUIT)
        return Person(Terminal(Console(file=self.shown, width=100), self.read, commands=commands))


def played(path, typist, env, tasks):
    """The outcomes of a sitting, by task; with one env at work at a time, tasks come in order."""
    folder = RunFolder.create(path, Plan((env,), "human", tasks))
    asyncio.run(Engine(folder, typist.person(), Settings(verifiers=1)).run())
    return {outcome.task: outcome for outcome in RunFolder.open(path).outcomes()}


def gold(env, tasks):
    """What solves each task."""
    made = row(env.id).make(split="test", **env.options)
    replies = []
    for index in range(tasks):
        made.reset(seed=0, options={"index": index})
        replies.append(list(made.demonstrate(made.task)))
    return replies


def test_episodes_of_several_turns_are_played_in_one_piece(tmp_path):
    """Though many are open at once: the lines of one task come one after the other."""
    lines = gold(GUESS, 4)
    assert max(map(len, lines)) > 2
    typist = Typist([line for task in lines for line in task])
    found = played(tmp_path / "run", typist, GUESS, 4)
    assert {outcome.reward for outcome in found.values()} == {1.0}, typist.shown.getvalue()
    assert typist.shown.getvalue().count("I think of a number") == 4


def test_bare_answers_count_as_boxed(tmp_path):
    """As in play; and what is said is taken at any length."""
    env = row(MATH.id).make(split="test", **MATH.options)
    env.reset(seed=0)
    found = played(tmp_path / "run", Typist([str(env.task.answer)]), MATH, 1)
    assert found[0].replies[0].text == f"\\boxed{{{env.task.answer}}}"
    assert found[0].reward == 1.0


def test_a_task_that_is_passed_over_is_not_asked_again(tmp_path):
    """All its turns are empty, and it earns nothing."""
    lines = [":next", *gold(GUESS, 2)[1]]
    found = played(tmp_path / "run", Typist(lines), GUESS, 2)
    assert [found[task].reward for task in (0, 1)] == [0.0, 1.0]
    assert {reply.text for reply in found[0].replies} == {""}


@pytest.mark.parametrize("leaving", [[":quit"], []], ids=["quit", "end of lines"])
def test_who_leaves_finds_the_run_where_it_was(tmp_path, leaving):
    """The run stops as at an outage; what was said before stands."""
    (first, second) = gold(GUESS, 2)
    assert len(first) > 1
    with pytest.raises(Outage, match="has left"):
        played(tmp_path / "run", Typist([first[0], *leaving]), GUESS, 2)
    typist = Typist([*first[1:], *second])
    found = played(tmp_path / "run", typist, GUESS, 2)
    assert {outcome.reward for outcome in found.values()} == {1.0}, typist.shown.getvalue()


def test_the_spec_asks_standard_input(tmp_path):
    """What a pipe brings is taken, echoed and judged."""
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from llm_envs.evals.engine import Engine\n"
        "from llm_envs.evals.folder import RunFolder\n"
        "from llm_envs.evals.models import make_model\n"
        "from llm_envs.evals.plan import EnvPlan, Plan\n"
        "folder = RunFolder.create(Path(sys.argv[1]), Plan((EnvPlan('llm/Arithmetic-v0'),), 'human', 1))\n"
        "asyncio.run(Engine(folder, make_model('human')).run())\n"
    )
    (line,) = gold(EnvPlan("llm/Arithmetic-v0"), 1)[0]
    command = [sys.executable, "-c", program, str(tmp_path / "run")]
    run = subprocess.run(command, input=f"{line}\n", capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert run.returncode == 0, run.stderr
    assert f"> {line}" in run.stdout
    (outcome,) = RunFolder.open(tmp_path / "run").outcomes()
    assert outcome.reward == 1.0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_ctrl_c_is_heard_while_a_line_is_awaited(tmp_path):
    """Once is enough: the run stops in good order, as by `:quit`, and the exit code is that of an interrupt."""
    import pty

    person, terminal = pty.openpty()
    command = [sys.executable, "-m", "llm_envs", "eval", "llm/Arithmetic-v0", "--model", "human", "-n", "3"]
    with subprocess.Popen(
        [*command, "--folder", str(tmp_path / "run")], stdin=terminal, stdout=terminal, stderr=subprocess.PIPE
    ) as process:
        shown = b""
        while b"> " not in shown:
            shown += os.read(person, 1024)
        os.write(person, b"7\n")
        while shown.count(b"> ") < 2:
            shown += os.read(person, 1024)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, told
    assert b"the same command goes on from here" in told
    assert b"Traceback" not in told
