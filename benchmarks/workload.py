"""What the throughput scripts play: an env that costs nothing beyond the protocol, and replies of a given length.

`bench/Sum-v0` draws two numbers and compares the end of the reply with their boxed sum, so what is measured on it is
the token MDP, Gymnasium, and nothing else.
"""

from __future__ import annotations

import re

import gymnasium as gym
import numpy as np
from peers.measure import Episode

import llm_envs
from llm_envs import SingleTurnEnv, Task

__all__ = ["SUM", "episodes", "reply", "restated", "wrong"]

SUM = "bench/Sum-v0"

_REASONING = (
    "I read the question again, note what is given, and go on step by step, checking each step before the next. "
)


@llm_envs.register(SUM, max_new_tokens=8192, context_length=16384)
class Sum(SingleTurnEnv):
    """Add two integers below 1,000."""

    def sample(self, rng: np.random.Generator) -> Task:
        """Draw the two, in one cheap draw."""
        a, b = divmod(int(rng.random() * 1_000_000), 1000)
        return Task(prompt=f"What is {a} + {b}?", answer=str(a + b))

    def verify(self, task: Task, reply: str) -> float:
        """1 for the boxed sum at the very end."""
        return float(reply.endswith(f"\\boxed{{{task.answer}}}"))


def reply(answer: str, tokens: int) -> str:
    """Reasoning, then the boxed answer: `tokens` byte tokens, the stop token included."""
    end = f"\nAnswer: \\boxed{{{answer}}}"
    fill = tokens - 1 - len(end)
    return (_REASONING * (fill // len(_REASONING) + 1))[:fill] + end


def episodes(env: gym.Env, count: int, tokens: int, *, restate: bool = False) -> list[Episode]:
    """The first tasks of seed 0 with a reply each: the reference and a wrong answer in turn.

    A wrong answer is that of another task of its kind, where there is one, so that it has to be read to be refused.

    Args:
        restate: write every second reference in another way, so that it has to be computed to be accepted.
    """
    tasks = []
    for index in range(count):
        env.reset(seed=0, options={"index": index})
        tasks.append(env.unwrapped.task)
    answers = [str(task.answer) for task in tasks]

    def said(i: int) -> str:
        if i % 2:
            return wrong(answers, i)
        return restated(answers[i]) if restate and i % 4 else answers[i]

    return [
        Episode(
            index=i,
            prompt=task.messages[-1]["content"],
            answer=answers[i],
            reply=reply(said(i), tokens),
            reward=float(i % 2 == 0),
        )
        for i, task in enumerate(tasks)
    ]


def wrong(answers: list[str], i: int) -> str:
    """The next answer that differs from answer `i`, of the same shape if possible."""
    others = [answer for answer in answers[i + 1 :] + answers[:i] if answer != answers[i]]
    return next((answer for answer in others if _shape(answer) == _shape(answers[i])), others[0])


def restated(answer: str) -> str:
    """The same value, written otherwise: fractions expanded by two, an integer with a decimal."""
    if re.fullmatch(r"-?\d+", answer):
        return f"{answer}.0"
    return re.sub(r"\\frac{(\d+)}{(\d+)}", lambda m: f"\\frac{{{2 * int(m[1])}}}{{{2 * int(m[2])}}}", answer)


def _shape(answer: str) -> str:
    return re.sub(r"-?\d+", "0", answer)
