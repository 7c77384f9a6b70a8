"""What all puzzles hold: the conformance kit, levels, no repeats, and parts that never beat being right.

Each puzzle has a test of its own beside this one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

from llm_envs.errors import BadOption
from llm_envs.testing import EnvTests

SINGLE_TURN = ("llm/Countdown-v0", "llm/Sudoku-v0", "llm/Zebra-v0")
IDS = (*SINGLE_TURN, "llm/Maze-v0")
LEVELS = range(6)
BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "puzzles.py"
TABLE = Path(__file__).parents[2] / "envs" / "puzzles" / "episodes.jsonl"

by_id = pytest.mark.parametrize("env_id", IDS)
by_level = pytest.mark.parametrize("difficulty", LEVELS)


class TestCountdownWithRubric(EnvTests):
    env_id = "llm/Countdown-v0"
    options = {"rubric": {"format": 0.1, "partial": 0.2}}  # noqa: RUF012 (as declared)


class TestSudokuWithRubric(EnvTests):
    env_id = "llm/Sudoku-v0"
    options = {"rubric": {"format": 0.1, "partial": 0.2, "overlong": 0.1}}  # noqa: RUF012 (as declared)


class TestZebraWithRubric(EnvTests):
    env_id = "llm/Zebra-v0"
    options = {"rubric": {"partial": 0.4}}  # noqa: RUF012 (as declared)


def tasks(env_id, count, seed=0, **options):
    """The first tasks of a seed."""
    env = gym.make(env_id, **options).unwrapped
    for index in range(count):
        env.reset(seed=seed, options={"index": index})
        yield env.task


@by_id
@by_level
def test_a_level_is_kept(env_id, difficulty):
    """A set difficulty holds for every task."""
    assert {task.metadata["difficulty"] for task in tasks(env_id, 10, difficulty=difficulty)} == {difficulty}


@by_id
def test_every_level_is_drawn(env_id):
    """Without a difficulty the levels come at random."""
    assert {task.metadata["difficulty"] for task in tasks(env_id, 60)} == set(LEVELS)


@by_id
@by_level
def test_tasks_hardly_repeat(env_id, difficulty):
    """Of 300 tasks at one level at most two are no new ones."""
    prompts = [task.prompt for task in tasks(env_id, 300 if difficulty < 4 else 60, difficulty=difficulty)]
    assert len(prompts) - len(set(prompts)) <= 2


@by_id
def test_tasks_are_plain(env_id):
    """Answer and metadata survive JSON, as episodes are written down."""
    for task in tasks(env_id, 20):
        assert json.loads(json.dumps([task.answer, task.metadata])) == [task.answer, task.metadata]


@by_id
def test_text_is_ascii_and_tidy(env_id):
    """Every model can read a prompt; no line has blanks behind it or twice in a row."""
    for task in tasks(env_id, 30):
        assert task.prompt.isascii()
        assert "  " not in task.prompt
        assert all(line == line.rstrip() for line in task.prompt.split("\n"))


@by_id
@by_level
def test_demonstrations_fit(env_id, difficulty):
    """The worked solution, its prompt and what the world says fit into the default turn and context, byte by byte."""
    env = gym.make(env_id, action="turn", difficulty=difficulty).unwrapped
    for index in range(10):
        env.reset(seed=4, options={"index": index})
        for reply in env.demonstrate(env.task):
            *_, info = env.step(reply)
        assert info["verdict"]["reward"] == 1.0
        assert info["stop_reason"] in {"end_of_turn", "solved"}


@pytest.mark.parametrize("env_id", SINGLE_TURN)
def test_the_answer_to_another_task_is_wrong(env_id):
    """No solution solves the next task as well."""
    env = gym.make(env_id, difficulty=2).unwrapped
    before = None
    for index in range(30):
        env.reset(seed=5, options={"index": index})
        (reply,) = env.demonstrate(env.task)
        assert before is None or env.verify(env.task, before).reward == 0.0
        before = reply


@pytest.mark.parametrize("env_id", SINGLE_TURN)
def test_the_form_is_asked_for_where_it_is_paid(env_id):
    """With a weight for format the prompt asks for thoughts, and the demonstration has them."""
    for rubric, thinks in ((None, False), ({"format": 0.2}, True)):
        env = gym.make(env_id, rubric=rubric).unwrapped
        env.reset(seed=0)
        (reply,) = env.demonstrate(env.task)
        assert ("<think>" in env.task.prompt) == ("<think>" in reply) == thinks
        assert env.verify(env.task, reply).reward == 1.0


@pytest.mark.parametrize("env_id", SINGLE_TURN)
def test_a_bad_rubric_is_refused(env_id):
    """At `make` time, with what was expected."""
    with pytest.raises(BadOption, match="Did you mean 'partial'"):
        gym.make(env_id, rubric={"partials": 0.1})
    with pytest.raises(BadOption, match=r"less than 0\.5"):
        gym.make(env_id, rubric={"partial": 0.3, "format": 0.3})


def test_the_table_pins_every_level():
    """Each puzzle has a gold row that pins prompt and answer at each level, and streams of tasks."""
    rows = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    for env_id in IDS:
        mine = [row for row in rows if row["env"] == env_id]
        assert {row.get("difficulty") for row in mine if row["kind"] == "gold" and "says" in row} >= set(LEVELS)
        assert any(row["kind"] == "stream" for row in mine)


def test_the_benchmark_finds_no_fault():
    """`benchmarks/puzzles.py` plays gold, nothing, garbage and guesses: gold is paid, the others are not."""
    command = [sys.executable, str(BENCHMARK), "--tasks", "4", "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    rows = json.loads(run.stdout)["rows"]
    assert {(row["env"], row["difficulty"]) for row in rows} == {(env_id, level) for env_id in IDS for level in LEVELS}
    assert {(row["gold_unpaid"], row["others_paid"]) for row in rows} == {(0, 0)}
