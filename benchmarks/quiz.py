"""What every harness is asked in `harness.py`: tasks of an env, and a reply for each, right or wrong.

The tasks are those of seed 0 of the split `test`. Harnesses of others read them from a file, prompt and right ending,
and compare; ours makes and judges them itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import gymnasium as gym
from workload import SUM, reply, wrong

from llm_envs.testing.fake_server import Asked, Raw

__all__ = ["MATH", "SUMS", "Quiz", "Sayings"]

SUMS, MATH = f"workload:{SUM}", "llm/Math-v0"
"""Sums are compared as text; mathematics is made, and judged."""

_WRONG_OF_125 = 24
"""So that the share of right replies is 0.808."""

_REPLY_TOKENS = 200
_CHARS_PER_TOKEN = 4


@dataclass(frozen=True)
class Quiz:
    """Prompts, what a right reply ends with, and the replies, in the order of the tasks of an env."""

    env_id: str
    prompts: list[str]
    endings: list[str]
    replies: list[str]
    truth: float

    @classmethod
    def of(cls, env_id: str, count: int) -> Quiz:
        """The first `count` tasks."""
        env = gym.make(env_id, split="test").unwrapped
        prompts, answers = [], []
        for index in range(count):
            env.reset(seed=0, options={"index": index})
            prompts.append(env.task.messages[-1]["content"])
            answers.append(str(env.task.answer))
        said = [wrong(answers, i) if _is_wrong(i) else answer for i, answer in enumerate(answers)]
        replies = [reply(answer, _REPLY_TOKENS * _CHARS_PER_TOKEN) for answer in said]
        assert len(set(prompts)) == count, "an answer is known by its prompt"
        return cls(env_id, prompts, [rf"\boxed{{{answer}}}" for answer in answers], replies, _truth(env, replies))

    def write(self, path: Path) -> None:
        """As JSONL, for the others."""
        rows = zip(self.prompts, self.endings, strict=True)
        lines = [json.dumps({"id": i, "input": prompt, "target": ending}) for i, (prompt, ending) in enumerate(rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_wrong(index: int) -> bool:
    return (index + 1) * _WRONG_OF_125 // 125 > index * _WRONG_OF_125 // 125


def _truth(env: gym.Env, replies: list[str]) -> float:
    """The share of replies that the env itself takes for right; those and no others are meant to be."""
    for index, text in enumerate(replies):
        env.reset(seed=0, options={"index": index})
        assert env.push(env.chat.encode_reply(text)).reward == float(not _is_wrong(index))
    return sum(not _is_wrong(index) for index in range(len(replies))) / len(replies)


@dataclass
class Sayings:
    """What a server says to the prompts of a quiz, and when it said it.

    Args:
        bare: text alone, as most endpoints give; else with the ids and log-probabilities that ours asks for, in which
            case a token is a character, and the reply its own last 200.
    """

    quiz: Quiz
    bare: bool = True
    log: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._replies = dict(zip(self.quiz.prompts, self.quiz.replies, strict=True))

    def __call__(self, asked: Asked) -> str | Raw:
        """The reply to a prompt."""
        prompt = asked.text.strip()
        self.log.append((time.perf_counter(), prompt))
        return _bare(self._replies[prompt]) if self.bare else self._replies[prompt][1 - _REPLY_TOKENS :]

    def until(self, moment_s: float) -> Collection[str]:
        """Prompts that were answered by then."""
        return {prompt for said_s, prompt in self.log if said_s <= moment_s}


def _bare(text: str) -> Raw:
    """An OpenAI-compatible answer that says no more than it must."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 60, "completion_tokens": _REPLY_TOKENS, "total_tokens": 60 + _REPLY_TOKENS}
    return Raw(200, {"object": "chat.completion", "created": 0, "model": "fake", "choices": [choice], "usage": usage})
