"""`llm/GuessNumber-v0`: bisection always wins with the guesses there are, and nothing less does."""

from __future__ import annotations

import gymnasium as gym
import pytest

from llm_envs.envs.guess_number import GuessNumber
from llm_envs.testing import EnvTests
from llm_envs.types import StopReason, Task

HIGHEST = (4, 8, 16, 64, 256, 1024)


class TestGuessNumber(EnvTests):
    env_id = "llm/GuessNumber-v0"


def opened(number=3, highest=4, guesses=3):
    """An env in which this number is hidden."""
    env = GuessNumber()
    task = Task(prompt="?", answer=number, metadata={"highest": highest, "guesses": guesses, "difficulty": 0})
    env.begin(task)
    return env, task


def play(env, task, replies):
    """What the world answers, and the verdict once it has ended the episode."""
    answers = []
    for reply in replies:
        answer = env.respond(task, reply)
        answers.append(answer if isinstance(answer, StopReason) else answer[0]["content"])
        if isinstance(answer, StopReason):
            break
    return answers, env.verify(task, replies[len(answers) - 1])


def numbers_found(low, high, guesses):
    """How many of the numbers low..high a perfect player can be sure of: the largest tree of that depth."""
    return min(high - low + 1, 2**guesses - 1)


@pytest.mark.parametrize(("difficulty", "highest"), list(enumerate(HIGHEST)))
def test_levels(difficulty, highest):
    """A level sets the highest number, and just the guesses that bisection needs: one fewer would leave numbers out."""
    env = GuessNumber(difficulty=difficulty)
    env.reset(seed=0)
    guesses = env.task.metadata["guesses"]
    assert env.task.metadata["highest"] == highest
    assert numbers_found(1, highest, guesses) == highest > numbers_found(1, highest, guesses - 1)
    assert f"from 1 to {highest}. Find it in {guesses} guesses." in env.task.prompt


@pytest.mark.parametrize("highest", HIGHEST)
def test_the_oracle_finds_every_number(highest):
    """Bisection wins whatever the number, and needs its last guess for some of them."""
    needed = set()
    for number in range(1, highest + 1):
        env, task = opened(number, highest, highest.bit_length())
        replies = env.demonstrate(task)
        answers, verdict = play(env, task, replies)
        assert answers[-1] is StopReason.SOLVED
        assert verdict.reward == 1.0
        needed.add(len(answers))
    assert max(needed) == highest.bit_length()


def test_numbers_are_uniform():
    """Over a thousand tasks of 16 numbers, chi-squared of 15 degrees stays below its 99.99% point."""
    env = gym.make("llm/GuessNumber-v0", difficulty=2).unwrapped
    counts = [0] * 17
    env.reset(seed=0)
    for _ in range(1000):
        env.reset()
        counts[env.task.answer] += 1
    assert counts[0] == 0
    assert sum((count - 62.5) ** 2 / 62.5 for count in counts[1:]) < 44.3


def test_a_drawn_difficulty_meets_every_level():
    """Without a difficulty the levels come at random."""
    env = gym.make("llm/GuessNumber-v0").unwrapped
    env.reset(seed=0)
    drawn = []
    for _ in range(60):
        env.reset()
        drawn.append(env.task.metadata["difficulty"])
    assert set(drawn) == set(range(6))


def test_hints():
    """The world says on which side the number lies, and how many guesses are left, in plain English."""
    env, task = opened(number=3)
    assert play(env, task, ["1", "4", "2"])[0] == [
        "The number is higher. 2 guesses left.",
        "The number is lower. 1 guess left.",
        StopReason.GAVE_UP,
    ]


@pytest.mark.parametrize(
    "reply",
    ["3", " 3\n", "3.", "guess 3", "Guess: 3", "GUESS :3.", "<think>4, or 3?</think>3", "</think></think> 3", "003"],
)
def test_guesses_that_are_read(reply):
    """A number alone or after `guess:`, thoughts aside."""
    env, task = opened(number=3)
    answers, verdict = play(env, task, [reply])
    assert answers == [StopReason.SOLVED]
    assert verdict.reason == "found 3, 2 guesses left"


@pytest.mark.parametrize(
    "reply",
    ["", " ", "three", "3 4", "3, 4", "-3", "3.0", "1-4", "It is 3", "3?", "<think>3", "3</think>", "\u0663", "3" * 10],
)
def test_replies_that_are_no_guess(reply):
    """Anything else costs a guess, and the world says what it expected."""
    env, task = opened(number=3)
    answers, verdict = play(env, task, [reply])
    assert answers == ["Reply with one number, such as 3. 2 guesses left."]
    assert verdict.reward == 0.0


def test_the_last_guess_counts():
    """Finding the number with the last guess is finding it."""
    env, task = opened(number=3)
    answers, verdict = play(env, task, ["1", "4", "3"])
    assert answers[-1] is StopReason.SOLVED
    assert verdict.reward == 1.0
    assert verdict.reason == "found 3, 0 guesses left"


def test_episodes_do_not_touch_each_other():
    """A solved episode leaves nothing behind for the next one."""
    env, task = opened(number=3)
    assert play(env, task, ["3"])[1].reward == 1.0
    env.begin(task)
    assert env.verify(task, "3").reward == 0.0
    assert play(env, task, ["1"])[0] == ["The number is higher. 2 guesses left."]


@pytest.mark.parametrize("reply", [" " * 10**6 + "x", "guess" + " " * 10**6, "3" * 10**6, "3" + " " * 10**6 + "x"])
def test_long_replies_are_read_in_one_pass(reply):
    """A megabyte of blanks or digits is no guess, and no reason to hang."""
    env, task = opened(number=3)
    assert play(env, task, [reply])[1].reward == 0.0
