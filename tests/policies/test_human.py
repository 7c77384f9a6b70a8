"""A person at the terminal: what is shown, what is asked, what counts."""

from __future__ import annotations

import io
import os
import select
import subprocess
import sys
import time

import episodes  # noqa: F401 (registers test/Fragile-v0)
import gymnasium as gym
import pytest
from rich.console import Console

from llm_envs.policies.human import Human
from llm_envs.policies.terminal import Command, boxed

PATIENCE_S = 30
FRAGILE = "test/Fragile-v0"


def played(env_id, lines, seed=0, **options):
    """What the console shows to somebody who types these lines, and the score."""
    shown, coming = io.StringIO(), iter(lines)

    def read(prompt):
        try:
            line = next(coming)
        except StopIteration:
            raise EOFError from None
        shown.write(f"{prompt}{line}\n")
        return line

    human = Human(gym.make(env_id, **options).unwrapped, Console(file=shown, width=100), read)
    human.play(seed)
    return shown.getvalue(), human.score


def answers(env_id, count, seed=0, **options):
    """The reference answers of the first tasks."""
    env = gym.make(env_id, **options).unwrapped
    return [(env.reset(seed=seed, options={"index": index}), env.task.answer)[1] for index in range(count)]


def test_tasks_come_one_after_the_other():
    """A right reply, a wrong one, and the end of the lines: two verdicts, and the score of both."""
    right, other = answers("llm/Arithmetic-v0", 2)
    shown, score = played("llm/Arithmetic-v0", [str(right), str(other + 1)])
    assert str(score) == "1 of 2 right, reward 1"
    assert f"✓ read {right}, expected {right}" in shown
    assert f"✗ read {other + 1}, expected {other}" in shown
    assert all(f"llm/Arithmetic-v0/train/0/{index}" in shown for index in (0, 1, 2))


def test_tools_are_shown_and_called_in_a_line():
    """A person need not write JSON."""
    shown, score = played("llm/Calc-v0", ["get(kod)", "get(a b)", ":tools", ":quit"], difficulty=0)
    assert "Tools, which a line calls; :tools tells more: get(cell)" in shown
    assert "there is no cell" in shown
    assert "A call is written get(cell)" in shown
    assert "  cell (string)" in shown
    assert score.played == 0


def test_bare_answers_count_as_boxed():
    """References of every kind, typed as they are, are right; and the person is told so once."""
    given = answers("llm/Math-v0", 60, seed=3)
    shown, score = played("llm/Math-v0", given, seed=3)
    assert (score.right, score.played) == (60, 60), shown
    assert shown.count("counts as if it were boxed") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3/4", "\\boxed{3/4}"),
        (" 3/4 ", "\\boxed{3/4}"),
        ("(-\\infty, 8) \\cup (16, \\infty)", "\\boxed{(-\\infty, 8) \\cup (16, \\infty)}"),
        ("x = 1 or x = 2", "\\boxed{x = 1 or x = 2}"),
        ("sin x + log 2", "\\boxed{sin x + log 2}"),
        ("yes", "\\boxed{yes}"),
        ("B", "\\boxed{B}"),
        ("The answer is 5", "The answer is 5"),
        ("I guess \\boxed{5}", "I guess \\boxed{5}"),
        ("\\boxed{5}", "\\boxed{5}"),
        ("one line\n5", "one line\n5"),
    ],
)
def test_what_is_boxed(text, said):
    """One line that is nothing but an answer; sentences, boxes and longer replies stay as they are."""
    assert boxed(text) == said


def test_a_reply_may_have_several_lines():
    """Between two lines of quotes; what stands beside the quotes belongs to it."""
    (answer,) = answers("llm/Math-v0", 1)
    for lines in (['"""', "Some", "work:", f"\\boxed{{{answer}}}", '"""'], ['"""Some', f'\\boxed{{{answer}}}"""']):
        shown, score = played("llm/Math-v0", lines)
        assert str(score) == "1 of 1 right, reward 1", shown


def test_quotes_that_nobody_closes_end_with_the_lines():
    """A pipe that breaks off still gets its verdict."""
    _, score = played("llm/Math-v0", ['"""', "\\boxed{-7777}"])
    assert (score.played, score.right) == (1, 0)


def test_tasks_can_be_passed_over_and_given_up():
    """Neither is a verdict; the solution is shown to who gives up, or asks afterwards."""
    shown, score = played("llm/Math-v0", [":last", ":next", ":solution", "-7777", ":last", ":quit", "5"], seed=3)
    assert str(score) == "0 of 1 right, 2 passed over, reward 0"
    env = gym.make("llm/Math-v0").unwrapped
    solutions = []
    for index in range(3):
        env.reset(seed=3, options={"index": index})
        solutions.append("\n".join(env.demonstrate(env.task)))
    assert "There was no task before." in shown
    assert [solution in shown for solution in solutions] == [False, True, True]
    assert "> 5" not in shown


def test_blank_lines_and_unknown_commands_are_asked_again():
    """They cost nothing."""
    (answer,) = answers("llm/Math-v0", 1)
    shown, score = played("llm/Math-v0", ["", "  ", ":slution", ":help", answer])
    assert str(score) == "1 of 1 right, reward 1"
    assert "There is no :slution. Did you mean ':solution'" in shown
    assert all(command in shown for command in Command)


def test_worlds_answer():
    """In an env of several turns the world's words stand between the person's, and turns are numbered."""
    env = gym.make("llm/GuessNumber-v0", difficulty=3).unwrapped
    env.reset(seed=1)
    guesses = env.demonstrate(env.task)
    assert len(guesses) > 2
    shown, score = played("llm/GuessNumber-v0", guesses, seed=1, difficulty=3)
    assert (score.right, score.played) == (1, 1)
    assert shown.count(env.task.messages[0]["content"]) == 2  # before the first guess, and of the next task
    assert shown.count("The number is") == len(guesses) - 1
    assert f"{len(guesses)}> {guesses[-1]}" in shown


def test_parts_of_a_rubric_are_shown():
    """With what each is worth."""
    shown, _ = played("llm/Math-v0", ["-7777"], rubric={"format": 0.1})
    assert "reward 0 = correct 0 x 0.9, format 0 x 0.1; so far" in shown


def test_a_cut_off_reply_is_told_so():
    """And judged as far as it went."""
    shown, score = played("llm/Arithmetic-v0", ["1234567890" * 20], max_new_tokens=8)
    assert "Your reply was cut off: max_new_tokens." in shown
    assert score.played == 1


def test_what_infrastructure_lost_is_not_counted():
    """It is told, and no verdict."""
    shown, score = played(FRAGILE, ["d", "a"])
    assert "Not judged, and not counted: InfrastructureError: the verifier is gone" in shown
    assert (score.played, score.right) == (1, 1)


def test_an_env_without_an_oracle_says_so():
    """Giving up still works."""
    shown, score = played(FRAGILE, [":solution"])
    assert "This env has no solutions to show." in shown
    assert score.passed == 1


def test_what_is_shown_cannot_drive_the_terminal():
    """Control characters in a verdict's reason are pictures."""
    shown, _ = played("llm/Math-v0", ["\x1b[2J5\x07"])
    assert "\x1b" not in shown.replace("> \x1b[2J5\x07", "")


def typed(arguments, keys):
    """What a terminal shows when these keys are pressed at its prompts, the last until the end; and the exit code."""
    pty = pytest.importorskip("pty")
    terminal, other_end = pty.openpty()
    command = [sys.executable, "-m", "llm_envs", "play", *arguments]
    own_it = ["sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(other_end)]  # so that Ctrl-C becomes a signal
    process = subprocess.Popen([*own_it, *command], start_new_session=True)
    shown, end, coming = b"", time.monotonic() + PATIENCE_S, list(keys)
    while time.monotonic() < end and (process.poll() is None or select.select([terminal], [], [], 0)[0]):
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 65536)
        if shown.endswith(b"> "):
            os.write(terminal, coming.pop(0) if len(coming) > 1 else coming[0])
    process.kill()
    os.close(terminal)
    os.close(other_end)
    return shown.decode(), process.wait()


@pytest.mark.parametrize(("key", "code"), [(b"\x04", 0), (b"\x03", 130)], ids=["Ctrl-D", "Ctrl-C"])
def test_a_terminal_can_be_left(key, code):
    """Ctrl-D and Ctrl-C end it with the score so far, and their exit codes."""
    (right,) = answers("llm/Arithmetic-v0", 1, seed=7)
    shown, exit_code = typed(["llm/Arithmetic-v0", "--seed", "7"], [f"{right}\n".encode(), key])
    assert exit_code == code, shown
    assert "1 of 1 right, reward 1" in shown.splitlines()[-1]
    assert "Traceback" not in shown
