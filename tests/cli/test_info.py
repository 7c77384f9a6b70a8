"""`llm-envs info`: an env on a page."""

from __future__ import annotations

import json

import pytest
from calling import run

from llm_envs.registry import rows


@pytest.mark.parametrize("env_id", [row.id for row in rows() if row.id.startswith("llm/")])
def test_every_env_has_a_page(env_id):
    """Card, arguments, a task, the oracle's replies and what they are paid."""
    output = run("info", env_id).stdout
    assert "Version history" in output
    assert "context_length" in output
    assert "user: " in output
    assert "reward 1" in output


def test_the_document_says_the_same():
    """`--json` has the card, the arguments with their defaults, limits, topics, and the example."""
    told = json.loads(run("info", "llm/MathAlgebra-v0", "--json").stdout)
    assert told["card"].startswith("Mathematics questions")
    assert told["arguments"]["topics"] == "algebra"
    assert told["arguments"]["rubric"] is None
    assert told["arguments"]["max_new_tokens"] == 2048
    assert told["difficulties"] == [0, 1, 2, 3, 4, 5]
    assert "surd" in told["topics"]["algebra"]
    assert told["example"]["oracle"]["verdict"]["reward"] == 1.0


def test_an_env_with_tools_lists_them():
    """With what they take."""
    output = run("info", "llm/Calc-v0", "--set", "difficulty=1").stdout
    assert "Its tools" in output
    assert "get(cell): Read a cell.\n  cell (string)\n" in output


def test_the_example_follows_seed_and_arguments():
    """Another seed is another task; `--set` reaches the env."""
    tasks = {run("info", "llm/Arithmetic-v0", "--seed", seed, "--json").stdout for seed in (0, 1)}
    assert len(tasks) == 2
    told = json.loads(run("info", "llm/GuessNumber-v0", "--set", "difficulty=0", "--json").stdout)
    assert told["arguments"]["difficulty"] == 0
    assert "from 1 to 4" in told["example"]["prompt"][0]["content"]


def test_an_argument_that_cannot_be_is_an_error():
    """It exits with 2, and says what would be right."""
    result = run("info", "llm/GuessNumber-v0", "--set", "difficulty=9")
    assert (result.exit_code, "from 0 to 5" in result.stderr) == (2, True)


def test_an_env_that_needs_arguments_shows_its_card(monkeypatch, tmp_path):
    """Without them there is no example, and it says why."""
    (tmp_path / "picky_world.py").write_text(
        "import llm_envs\n"
        "from llm_envs.errors import BadOption\n"
        "@llm_envs.register('me/Picky-v0')\n"
        "class Picky(llm_envs.SingleTurnEnv):\n"
        "    '''Hard to please.'''\n"
        "    def __init__(self, *, file=None, **options):\n"
        "        super().__init__(**options)\n"
        "        if file is None:\n"
        "            raise BadOption('no file was named')\n"
        "    def sample(self, rng): return llm_envs.Task('Say yes.')\n"
        "    def verify(self, task, reply): return float(reply == 'yes')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    result = run("info", "picky_world:me/Picky-v0")
    assert result.exit_code == 0, result.output
    assert "Hard to please." in result.stdout
    assert "No example: no file was named" in result.stdout
    named = run("info", "me/Picky-v0", "--set", "file=a.txt")
    assert "This env has no oracle." in named.stdout
