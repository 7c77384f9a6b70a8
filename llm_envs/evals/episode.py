"""One attempt, played in one env, one reply at a time: with replies that arrive, or with those of a journal.

What a policy sees before each turn is hashed. An episode that is played again from its journalled replies is the same
episode only as long as the hashes agree.

What it deliberately does not do: it neither asks a model nor writes a journal, and knows no event loop.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from typing import Any

from llm_envs.env import LLMEnv
from llm_envs.errors import InfrastructureError
from llm_envs.evals.records import Episode, Reply
from llm_envs.policies.model import Attempt, Level
from llm_envs.types import StopReason, Task, Turn

__all__ = ["Diverged", "Player"]

_HASH_CHARS = 16
_TAG_CHARS = 40
"""Longer texts among a task's metadata are contents, not kinds."""

_HIDDEN = frozenset({"solution"})


class Diverged(Exception):
    """An episode that is played again does not show what it showed before."""


class Player:
    """Plays an attempt: `begin`, then `take` replies until it says that the episode is over, then `episode`.

    Args:
        env: nobody else's meanwhile.
        seed: of the run.
        level: `token` pushes the ids of a reply, `turn` its text.
    """

    def __init__(self, env: LLMEnv, attempt: Attempt, seed: int, level: Level = "turn") -> None:
        self.env = env
        self.attempt = attempt
        self.turn = 0
        self.seen = ""
        self._seed = seed
        self._level = level
        self._hashed = 0
        self._said: list[list[dict[str, Any]]] = []
        self._replies: list[Reply] = []
        self._last: Turn | None = None
        self._env_s = 0.0
        self._verifier_s = 0.0

    def begin(self) -> None:
        """Open the episode.

        Raises:
            InfrastructureError: the env could not make its task.
        """
        began_s = time.perf_counter()
        self.env.reset(seed=self._seed, options={"index": self.attempt.task})
        self._look()
        self._env_s += time.perf_counter() - began_s

    def take(self, reply: Reply) -> bool:
        """Let the policy say `reply`; True where the episode is over.

        Raises:
            Diverged: the reply answers something else than what was seen now.
            InfrastructureError: the env could not answer or judge it.
        """
        if reply.seen != self.seen:
            raise Diverged(f"turn {self.turn} answers {reply.seen}, but now shows {self.seen}")
        began_s = time.perf_counter()
        turn = self._push(reply)
        took_s = time.perf_counter() - began_s
        self._last, self.turn = turn, self.turn + 1
        self._replies.append(reply)
        if "infrastructure_error" in turn.info:
            raise InfrastructureError(turn.info["infrastructure_error"])
        if turn.done:
            self._verifier_s += took_s
        else:
            self._look()
            self._env_s += took_s
        return turn.done

    def _push(self, reply: Reply) -> Turn:
        env, whole = self.env, reply.finish in {"stop", "filter"}
        if self._level == "token" and reply.ids is not None:
            turn = env.push(reply.ids, reply.logprobs)
        else:
            ids = env.chat.encode_reply(reply.text)
            turn = env.push(ids if whole else ids[:-1])
        if turn.ended:
            return turn
        return env.cut_off(StopReason.CONTEXT_FULL if reply.finish == "context" else StopReason.MAX_NEW_TOKENS)

    def _look(self) -> None:
        """Note and hash what the env has said since the last time."""
        messages = self.env.session.messages
        new = [dict(message) for message in messages[self._hashed :]]
        self._said.append([message for message in new if message["role"] != "assistant" or not self._hashed])
        self._hashed = len(messages)
        shown = json.dumps([self.seen, new, self._ids_since() if self._level == "token" else None])
        self.seen = hashlib.sha256(shown.encode()).hexdigest()[:_HASH_CHARS]

    def _ids_since(self) -> list[int]:
        """What the env has said last, as token ids."""
        span = self.env.session.spans[-1]
        return [int(i) for i in self.env.session.context()[span.start : span.end]]

    def episode(self, at_s: float = 0.0) -> Episode:
        """The finished episode, for the journal and with its replies."""
        trajectory = self.env.trajectory()
        verdict, task = trajectory.verdict, trajectory.task
        if verdict is None or self._last is None:
            raise InfrastructureError("the episode ended without a verdict")
        return Episode(
            env=self.attempt.env,
            task=self.attempt.task,
            sample=self.attempt.sample,
            task_id=task.id,
            said=self._said,
            reward=trajectory.reward,
            verdict=verdict.to_dict(),
            correct=verdict.correct,
            stop_reason=trajectory.stop_reason.value,
            truncated=self._last.truncated,
            turns=trajectory.turns,
            difficulty=_difficulty(task, self.env.difficulty),
            tags=_tags(task),
            reference="" if task.answer is None else str(task.answer),
            ids=self._env_ids(trajectory.ids.tolist()) if self._level == "token" else None,
            env_s=round(self._env_s, 6),
            verifier_s=round(self._verifier_s, 6),
            at_s=round(at_s, 3),
            replies=self._replies,
        )

    def _env_ids(self, ids: Sequence[int]) -> list[list[int]]:
        spans = self.env.session.spans
        return [list(ids[span.start : span.end]) for span in spans if span.kind != "sampled"]


def _difficulty(task: Task, of_env: int | None) -> int | None:
    found = task.metadata.get("difficulty", of_env)
    return int(found) if isinstance(found, int | float) else None


def _tags(task: Task) -> dict[str, str]:
    """Short words among the metadata: they tell of what kind a task is."""
    return {
        name: value
        for name, value in task.metadata.items()
        if isinstance(value, str) and 0 < len(value) <= _TAG_CHARS and value.isprintable() and name not in _HIDDEN
    }
