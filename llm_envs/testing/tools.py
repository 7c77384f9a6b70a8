r"""Facts about envs with tools: what calls without sense are worth, and that episodes never see each other's writes.

from llm_envs.testing import ToolEnvTests

class TestShop(ToolEnvTests):
    env_id = "me/Shop-v0"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING, Any, cast

import gymnasium
import numpy as np

from llm_envs.chat import ChatTokenizer
from llm_envs.policies.policy import Policy, Reply, Request, Sampling
from llm_envs.policies.scripted import Constant, Oracle, RandomCalls, Spam
from llm_envs.rollout import rollout
from llm_envs.testing.conformance import EnvTests, replies_for
from llm_envs.types import Trajectory
from llm_envs.vector import LLMVectorEnv

if TYPE_CHECKING:  # they need an extra
    from llm_envs.tools import Answer, ToolEnv

__all__ = ["ToolEnvTests", "seen_by_others"]

_EPISODES = 12
_RANDOM_EPISODES = 120
_RANDOM_REWARD = 0.01
"""On average, at most; what is allowed for a sample lies three standard deviations above it."""

_CONTROL_STRINGS = ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "</s>", "[INST]", "<|eot_id|>", "<tool_call>")


class ToolEnvTests(EnvTests):
    """Facts about one env id whose policy calls tools, besides those about any env."""

    def test_spam_is_not_paid(self) -> None:
        """Calling everything with everything and then saying everything gets nothing, with writes and without."""
        with closing(self._make_rows(_EPISODES)) as envs:
            for kinds in (("read", "write"), ("read",)):
                played = rollout(Spam(envs, kinds), envs, range(_EPISODES), Sampling())
                for env, trajectory in zip(envs.envs, played, strict=True):
                    assert trajectory.reward <= 0.0, f"spam is paid at {env.task.id}: {_end(trajectory)}"

    def test_random_calls_are_hardly_ever_paid(self) -> None:
        """Well-formed calls with words and numbers that were seen get at most one reward in a hundred."""
        with closing(self._make_rows(_EPISODES)) as envs:
            rewards = [
                max(0.0, trajectory.reward)  # what some lose makes up for nothing
                for first in range(0, _RANDOM_EPISODES, _EPISODES)
                for trajectory in rollout(
                    RandomCalls(envs), envs, range(first, first + _EPISODES), Sampling(step=first)
                )
            ]
        chance = sqrt(_RANDOM_REWARD * _RANDOM_EPISODES)
        assert sum(rewards) <= chance**2 + 3 * chance, f"random calls got {sum(rewards):g} in {len(rewards)} episodes"

    def test_no_tool_crashes(self) -> None:
        """Neither the oracle's calls nor random ones make a tool raise anything but ToolError."""
        with closing(self._make_rows(_EPISODES)) as envs:
            for policy in (*([Oracle(envs)] if self.has_oracle() else []), RandomCalls(envs)):
                rollout(policy, envs, range(_EPISODES), Sampling())
                for env in envs.envs:
                    _raise_fault(cast("ToolEnv", env).answers)

    def test_a_group_of_equal_seeds_is_isolated(self) -> None:
        """Eight episodes of one task, played in turn by policies that write or do not, go as each does alone."""
        for seed in range(2):
            differences = seen_by_others(self.env_id, seed, self.options)
            assert not differences, f"seed {seed}: {'; '.join(differences)}"

    def test_a_turn_that_is_cut_off_runs_nothing(self) -> None:
        """A reply that a limit ends right before its last token calls no tool."""
        for env in self._episodes():
            ids = env.chat.encode_reply(replies_for(env)[0])
            with self._make(max_new_tokens=len(ids) - 1) as limited:
                inner = limited.unwrapped
                limited.reset(seed=env.index)
                turn = inner.push(ids)
                assert turn.truncated, f"seed {env.index}: the limit did not end the episode"
                assert not inner.answers, f"seed {env.index}: {inner.answers[0].attempt.name} was run all the same"

    def test_control_strings_in_results_stay_text(self) -> None:
        """Whatever a tool answers, it opens and closes no message and no turn."""
        for env in self._episodes(3):
            plain, hostile = (_control_ids(env, text) for text in ("nothing", _hostile(env.chat)))
            assert plain == hostile, f"results of tools have brought {hostile - plain} control ids"

    def _make_rows(self, count: int) -> LLMVectorEnv:
        return _rows(self.env_id, count, self.options)


def _raise_fault(answers: Sequence[Answer]) -> None:
    for fault in (answer.fault for answer in answers if answer.fault):
        raise fault if isinstance(fault, Exception) else AssertionError(f"a tool has raised {fault!r}")


def seen_by_others(env_id: str, seed: int, options: Mapping[str, Any]) -> list[str]:
    """How the episodes of a group of eight differ from the same replies said alone; nothing where they are isolated.

    Args:
        seed: of the task that all of them play, in turn.
        options: arguments for the env.
    """
    with closing(_rows(env_id, 8, options)) as envs:
        oracle, spam = Oracle(envs), Spam(envs)
        voices = (oracle, spam, RandomCalls(envs), Constant(envs.chat), spam, oracle, RandomCalls(envs), oracle)
        played = rollout(_Choir(voices), envs, [seed] * 8, Sampling(seed=seed))
        paid = max(envs.envs[0].reward_range)
    unpaid = [f"row {row} is the oracle, and is not paid" for row in (0, 5, 7) if played[row].reward != paid]
    return unpaid + [f"row {row} goes another way alone" for row in _other_ways(env_id, seed, options, played)]


def _other_ways(env_id: str, seed: int, options: Mapping[str, Any], played: Sequence[Trajectory]) -> Iterator[int]:
    """Rows whose replies do not bring the same in an env of their own."""
    for row, trajectory in enumerate(played):
        with closing(_rows(env_id, 1, options)) as envs:
            envs.reset(seed=seed)
            env = envs.envs[0]
            for span in trajectory.spans:
                if span.kind == "sampled":
                    env.push(trajectory.ids[span.start : span.end])
            alone = env.trajectory()
        if not (np.array_equal(alone.ids, trajectory.ids) and alone.verdict == trajectory.verdict):
            yield row


class _Choir:
    """Each row has a policy of its own."""

    def __init__(self, voices: Sequence[Policy]) -> None:
        self._voices = voices

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Reply]:
        return [self._voices[request.row].generate([request], sampling)[0] for request in requests]


def _rows(env_id: str, count: int, options: Mapping[str, Any]) -> LLMVectorEnv:
    return cast("LLMVectorEnv", gymnasium.make_vec(env_id, num_envs=count, **options).unwrapped)


def _hostile(chat: ChatTokenizer) -> str:
    """Every control string that is known, those of the tokenizer at hand among them."""
    return " ".join((*_CONTROL_STRINGS, *(chat.decode([stop]) for stop in sorted(chat.stop_ids))))


def _control_ids(env: Any, result: str) -> int:
    """How many of the ids that answer the oracle's first turn are control strings, where every tool has this result."""
    env.reset(options={"index": env.index})
    run = env.answer
    env.answer = lambda attempt: replace(run(attempt), content=result)
    try:
        turn = env.push(env.chat.encode_reply(replies_for(env)[0]))
    finally:
        del env.answer
    control = {*_CONTROL_STRINGS, *(env.chat.decode([stop]) for stop in env.chat.stop_ids)}
    return sum(env.chat.decode([token]) in control for token in turn.ids[~turn.mask].tolist())


def _end(trajectory: Trajectory) -> str:
    verdict = trajectory.verdict
    return f"{verdict.reason if verdict else 'no verdict'}; said {trajectory.messages[-1]['content'][:200]!r}"
