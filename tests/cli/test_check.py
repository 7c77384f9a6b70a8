"""`llm-envs check`: what it says of envs that conform, and of each way in which they do not."""

from __future__ import annotations

import json

import pytest
from calling import run
from worlds_of_mine import GOOD, write_module  # noqa: F401 (a fixture)

BODY = "return float(reply == task.answer)"
SAMPLE = "number = int(rng.integers(10**6))"


def without(method):
    """The good module, less one method."""
    head, _, rest = GOOD.partition(f"    def {method}")
    return head + rest.partition("\n\n")[2]


def test_a_conforming_env_passes(write_module):  # noqa: F811
    """Each fact has its tick, the speed is told, and the exit code is 0."""
    write_module()
    result = run("check", "mine:me/Say-v0")
    assert result.exit_code == 0, result.output
    assert "✓ doing nothing is not paid" in result.stdout
    assert "✓ another process draws the same tasks" in result.stdout
    assert "token steps per CPU-second" in result.stdout
    assert result.stdout.endswith("mine:me/Say-v0 conforms\n")


def test_an_env_of_the_suite_passes_with_arguments():
    """`--set` reaches the env."""
    assert run("check", "llm/Arithmetic-v0", "--set", "difficulty=5").exit_code == 0


def test_the_document_has_every_fact_and_the_speed(write_module):  # noqa: F811
    """`--json` is all that stands on stdout, whatever the env prints."""
    write_module(GOOD.replace(SAMPLE, f'print("drawing"); {SAMPLE}'))
    result = run("check", "mine:me/Say-v0", "--json")
    told = json.loads(result.stdout)
    assert told["conforms"] is True
    assert {fact["outcome"] for fact in told["facts"]} == {"holds"}
    assert min(told["speed"].values()) > 0
    assert "drawing" in result.stderr


def test_without_an_oracle_there_is_nothing_to_pay(write_module):  # noqa: F811
    """That fact is passed over, and the env conforms."""
    write_module(GOOD.partition("    def demonstrate")[0])
    result = run("check", "mine:me/Say-v0")
    assert result.exit_code == 0
    assert "- the oracle is paid in full: this env has no oracle" in result.stdout


FAULTS = {
    "a reward out of range": (
        GOOD.replace(BODY, "return 2.0"),
        ["expected a number in [0, 1]", "received 2.0", "next  Scale it"],
    ),
    "sample that raises": (
        GOOD.replace(SAMPLE, "number = [][0]"),
        [
            "IndexError: list index out of range",
            "mine.py, line 11, in sample: number = [][0]",
            "next  Repair that line",
        ],
    ),
    "sample that gives no task": (
        GOOD.replace("return Task(", "return dict("),
        ["gave no task: expected a llm_envs.Task"],
    ),
    "tasks of everybody's generator": (
        GOOD.replace(SAMPLE, "import random; number = random.randrange(10**6)"),
        ["✗ equal seeds give equal episodes", "Draw everything from the rng that `sample` is given"],
    ),
    "tasks in the order of a set": (
        GOOD.replace("and nothing else.", "and none of {set('abcdefgh')}."),
        ["✓ equal seeds give equal episodes", "✗ another process draws the same tasks", "next  Sort sets"],
    ),
    "one task for all seeds": (
        GOOD.replace(SAMPLE, "number = 5"),
        ["seeds 42 and 43 give the same tasks"],
    ),
    "an oracle that is wrong": (
        GOOD.replace("return [task.answer]", "return ['I cannot tell.']"),
        ["✗ the oracle is paid in full", "said 'I cannot tell.'", "env.step('I cannot tell.')"],
    ),
    "pay for nothing": (
        GOOD.replace(BODY, "return 1.0"),
        ["✗ doing nothing is not paid", "env.step('')", "next  Return 0 from `verify`"],
    ),
    "a verifier that stumbles over garbage": (
        GOOD.replace(BODY, "return float(int(reply or 0) == int(task.answer))"),
        [
            "ValueError: invalid literal for int()",
            "in verify: return float(int(reply",
            "raise for nothing that a model",
        ],
    ),
    "a reference that cannot be read": (
        GOOD.replace(BODY, "return llm_envs.verifiers.math(reply, '(((')").replace(
            "import llm_envs\n", "import llm_envs\nimport llm_envs.verifiers\n"
        ),
        ["the episode was not judged: BadReference", "next  Give `verify` a reference"],
    ),
    "a constructor that wants more": (
        GOOD.replace("    def sample", "    def __init__(self, *, size, **options): ...\n\n    def sample"),
        ["missing 1 required keyword-only argument: 'size'", "16 of 16 facts do not hold"],
    ),
    "an env that never ends": (
        GOOD.replace("SingleTurnEnv", "MultiTurnEnv").replace(
            "    def sample",
            "    max_turns = context_length = 10**6\n\n    def respond(self, task, reply):\n"
            "        return [{'role': 'user', 'content': 'Go on.'}]\n\n    def sample",
        ),
        ["the episode does not end: 200 turns", "lower `max_turns`", "for _ in range(200)"],
    ),
}


@pytest.mark.parametrize(("module", "says"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_explained(write_module, module, says):  # noqa: F811
    """What was seen, where, what to do, and how to see it again; the exit code is 1."""
    write_module(module)
    result = run("check", "mine:me/Say-v0")
    assert result.exit_code == 1, result.output
    assert [words for words in says if words not in result.stdout] == [], result.stdout
    assert "does not conform" in result.stdout
    assert "Traceback" not in result.output


def test_a_verifier_that_hangs_is_cut_off(write_module):  # noqa: F811
    """The line that it hangs at is named, and the other facts are checked."""
    write_module(GOOD.replace(BODY, "\n        while reply != task.answer: pass\n        return 1.0"))
    result = run("check", "mine:me/Say-v0", "--timeout", "0.2")
    assert result.exit_code == 1
    assert "it was not done after 0.2 s" in result.stdout
    assert "in verify: while reply != task.answer: pass" in result.stdout
    assert "✓ the oracle is paid in full" in result.stdout


UNREADABLE = {
    "a syntax error": ("def f(:\n", ["SyntaxError", "mine.py, line 1"]),
    "an error while it is imported": ("x = 1 / 0\n", ["ZeroDivisionError", "mine.py, line 1: x = 1 / 0"]),
    "a package that is not installed": ("import no_such_package\n", ["Install no_such_package"]),
    "a missing method": (without("verify"), ["Say is not complete", "no verify", "Write Say.verify"]),
    "another id": (GOOD.replace("me/Say", "me/Saying"), ["Did you mean 'me/Saying-v0'"]),
    "no registration": ("x = 1\n", ["there is no env 'me/Say-v0'"]),
    "no version": (GOOD.replace("me/Say-v0", "me/Say"), ["expected: namespace/Name-vN"]),
    "a constructor that hands nothing on": (
        GOOD.replace("    def sample", "    def __init__(self): ...\n\n    def sample"),
        ["Add **options and hand them on"],
    ),
}


@pytest.mark.parametrize(("module", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_module_that_cannot_be_used_is_explained(write_module, module, says):  # noqa: F811
    """It exits with 2 and says what to mend."""
    write_module(module)
    result = run("check", "mine:me/Say-v0")
    assert result.exit_code == 2, result.output
    assert [words for words in says if words not in result.stderr] == [], result.stderr
    assert "Traceback" not in result.output
