"""`llm/Calc-v0`: its tools, its questions, and what is and is not an answer."""

from __future__ import annotations

import random

import gymnasium as gym
import pytest

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.arithmetic import evaluate
from llm_envs.types import StopReason

OFFERED = ("get", "get calc", "get calc", "get calc cells clear", "get calc cells clear", "get calc set cells clear")
LEVELS = range(6)
QUESTIONS = [
    "Reply with one number. What is in cell jun?",
    "Reply with one number. Cells hold numbers. What is jun + juv?",
    "Reply with one number. Cells hold numbers, or the names of other cells. What is jun + sul - fak?",
    (
        "Reply with one number. Cells hold numbers, or the names of other cells. Calls may fail: try again. "
        "What is sul + juv - fak?"
    ),
    (
        "Reply with one number. Cells hold numbers, or the names of other cells. Calls may fail: try again. "
        "Write fak * sul - huv into cell keb, and change nothing else."
    ),
]
by_level = pytest.mark.parametrize("difficulty", LEVELS)


def opened(difficulty, index=0, **options):
    """The env at one task."""
    env = gym.make("llm/Calc-v0", difficulty=difficulty, **options).unwrapped
    env.reset(seed=5, options={"index": index})
    return env


def say(env, reply):
    """One turn; what the world answers."""
    turn = env.push(env.chat.encode_reply(reply))
    return turn if turn.done else [m["content"] for m in env.session.messages if m["role"] == "tool"][-1]


def call(env, name, **arguments):
    """One call; what it comes to."""
    return say(env, env.chat.calling.write([Call(name, arguments)]))


def played(env, replies):
    """The last turn of an episode in which this was said."""
    return [env.push(env.chat.encode_reply(reply)) for reply in replies][-1]


def answered(env, reply):
    """The reward of an episode in which everything is done as it should be, and then this is said."""
    return played(env, [*env.demonstrate(env.task)[:-1], reply]).reward


@by_level
def test_the_oracle_solves_a_level(difficulty):
    """In two hundred tasks of each."""
    env = opened(difficulty)
    for index in range(200):
        env.reset(seed=5, options={"index": index})
        turn = played(env, env.demonstrate(env.task))
        assert (turn.reward, turn.info["stop_reason"]) == (1.0, StopReason.END_OF_TURN)


@by_level
def test_a_level_offers_its_tools(difficulty):
    """And no others, so that small models pay for few."""
    tools = opened(difficulty).task.tools
    assert " ".join(tool["function"]["name"] for tool in tools) == OFFERED[difficulty]


def test_the_first_level_is_short():
    """Prompt and all, an episode takes fewer than 240 bytes."""
    env = opened(0)
    played(env, env.demonstrate(env.task))
    assert len(env.context()) < 240


def test_questions():
    """Each level asks for what the one below does, and more."""
    assert [opened(difficulty).task.prompt for difficulty in (0, 1, 2, 4, 5)] == QUESTIONS


@by_level
def test_answers_are_right(difficulty):
    """Python works out the same from the numbers that the named cells lead to."""
    for index in range(100):
        task = opened(difficulty, index).task
        cells = task.metadata["cells"]
        numbers = list(task.metadata["asked"])
        while any(number in cells for number in numbers):
            numbers = [cells.get(number, number) for number in numbers]
        assert eval(task.metadata["expression"].format(*numbers)) == task.answer
        assert len({*task.metadata["asked"]}) == task.metadata["expression"].count("{}")


@pytest.mark.parametrize(
    "dress", ["{}", "{}.", " {}\n", "**{}**", "The final answer is: {}", "<think>12, 13</think>{}"]
)
def test_what_is_an_answer(dress):
    """The number, perhaps with what announces it, whatever is thought before."""
    env = opened(0)
    assert answered(env, dress.format(env.task.answer)) == 1.0
    env = opened(2, 3)
    assert answered(env, dress.format(f"{env.task.answer:,}")) == 1.0


@pytest.mark.parametrize(
    "dress",
    [
        "",
        "{} 1",
        "1 {}",
        "{} is the number",
        "x{}",
        "{}x",
        "{}0",
        "{}.5",
        "--{}",
        "{0} {0}",
        "<think>{}",
        "+{}",
        "1,{}",
    ],
)
def test_what_is_no_answer(dress):
    """Several numbers, other words behind it, and numbers that only contain it."""
    env = opened(0)
    assert answered(env, dress.format(env.task.answer)) == 0.0


def test_all_numbers_are_no_answer():
    """A reply of all numbers there are holds the right one, and gets nothing."""
    for sign in (" ", "\n", ", "):
        env = opened(0, max_new_tokens=100_000, context_length=200_000)
        assert answered(env, sign.join(map(str, range(1000, env.task.answer + 1)))) == 0.0


def test_a_call_beside_the_answer_is_no_answer():
    """Where a turn calls something it is not the last, unless the turns are used up."""
    env = opened(0, max_turns=2)
    gold = env.demonstrate(env.task)
    turn = played(env, [gold[0], f"{gold[0]}\n{gold[1]}"])
    assert (turn.truncated, turn.reward) == (True, 0.0)


def test_a_first_call_may_fail_and_the_second_does_not():
    """As often as the task says, and in every episode of it alike."""
    env = opened(4)
    for _ in range(2):
        env.reset(seed=5, options={"index": 0})
        first, second = env.task.metadata["faults"]
        for cell in (first, second):
            assert call(env, "get", cell=cell) == '{"error": "E_TIMEOUT", "message": "no answer in time: try again"}'
            assert call(env, "get", cell=cell) == env.task.metadata["cells"][cell]


def test_a_write_that_fails_changes_nothing():
    """The cell is busy once; the answer alone is worth nothing without the change."""
    env = opened(5)
    gold = env.demonstrate(env.task)
    assert gold[-2] == gold[-3]
    assert played(env, [*gold[:-2], gold[-1]]).reward == 0.0


@pytest.mark.parametrize("spoil", ["clear", "set"])
def test_other_changes_cost_everything(spoil):
    """Whatever else was changed, the reward is 0; what was changed back was not."""
    env = opened(5)
    gold, cells = env.demonstrate(env.task), env.task.metadata["cells"]
    cell = next(name for name, value in cells.items() if value.isdigit() and name not in env.task.metadata["faults"])
    arguments = {"cell": cell} | ({"value": 1} if spoil == "set" else {})
    spoilt = env.chat.calling.write([Call(spoil, arguments)])
    assert played(env, [*gold[:-1], spoilt, gold[-1]]).reward == 0.0
    mended = env.chat.calling.write([Call("set", {"cell": cell, "value": int(cells[cell])})])
    env.reset(seed=5, options={"index": 0})
    assert played(env, [*gold[:-1], spoilt, mended, gold[-1]]).reward == 1.0


def test_strangers_have_names_alike():
    """Each differs in one letter from a cell that the question needs."""
    env = opened(3)
    names = list(env.task.metadata["cells"])
    for stranger in names[-4:]:
        assert any(sum(a != b for a, b in zip(stranger, name, strict=True)) == 1 for name in names[:-4])
    assert call(env, "cells").split() == sorted(names)


def test_mistakes_are_answered():
    """There is no such cell; this is no expression; this is no number."""
    env = opened(5)
    assert call(env, "get", cell="zzz") == '{"error": "E_NOT_FOUND", "message": "there is no cell \'zzz\'"}'
    assert "E_ARGS" in call(env, "calc", expression="2 ** 3 / x")
    assert "E_ARGS" in call(env, "set", cell="zzz", value="7")


def test_the_calculator_agrees_with_python():
    """On a thousand random expressions."""
    rng = random.Random(0)
    for _ in range(1000):
        expression = str(rng.randrange(100))
        while len(expression) < rng.randrange(60):
            sign, number = rng.choice("+-*"), rng.randrange(1000)
            expression = rng.choice(
                (f"{expression} {sign} {number}", f"({expression}) {sign}{number}", f"{number}{sign}-({expression})")
            )
        if len(expression) <= 100:
            assert evaluate(expression) == eval(expression)


@pytest.mark.parametrize(
    "expression",
    ["", " ", "1 +", "(1", "1)", "1 2", "*", "2 ** 3", "1/2", "x", "1.5", "()", "1e9", "\u0663", "(" * 101, "9" * 101],
)
def test_the_calculator_refuses(expression):
    """With a reason."""
    with pytest.raises(ValueError, match=r"."):
        evaluate(expression)


def test_nothing_is_too_much_for_the_calculator():
    """A hundred characters of digits, signs or brackets are worked out or refused, and no recursion runs away."""
    assert evaluate("-" * 99 + "1") == -1
    assert evaluate("*".join(["99"] * 33)) == 99**33
    assert evaluate("(" * 49 + "7" + ")" * 49) == 7


def test_endless_calls_end_the_episode():
    """A task that takes two turns has four; who calls in the fourth too has not answered."""
    env = opened(0)
    gold = env.demonstrate(env.task)
    assert played(env, [*gold[:-1] * 3, gold[-1]]).reward == 1.0
    env.reset(seed=5, options={"index": 0})
    turn = played(env, gold[:-1] * 4)
    assert (turn.terminated, turn.reward) == (True, 0.0)
