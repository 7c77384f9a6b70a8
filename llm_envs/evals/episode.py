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
from dataclasses import replace
from itertools import islice
from typing import Any

from llm_envs.env import LLMEnv
from llm_envs.errors import InfrastructureError
from llm_envs.evals.records import Episode, Reply
from llm_envs.policies.model import Attempt, Level
from llm_envs.types import StopReason, Task, Trajectory, Turn

__all__ = ["Diverged", "Player", "episode_of", "replies_of"]

_HASH_CHARS = 16
_TAG_CHARS = 40
"""Longer texts among a task's metadata are contents, not kinds."""

_HIDDEN = frozenset({"solution", "place"})
"""They tell tasks apart, not kinds."""


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
        self._replies: list[Reply] = []
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
        self.turn += 1
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
        new, self._hashed = messages[self._hashed :], len(messages)
        shown = json.dumps([self.seen, new, self._ids_since() if self._level == "token" else None])
        self.seen = hashlib.sha256(shown.encode()).hexdigest()[:_HASH_CHARS]

    def _ids_since(self) -> list[int]:
        """What the env has said last, as token ids."""
        span = self.env.session.spans[-1]
        return [int(i) for i in self.env.session.context()[span.start : span.end]]

    def episode(self, at_s: float = 0.0) -> Episode:
        """The finished episode, for the journal and with its replies."""
        return replace(
            episode_of(self.env.trajectory(), self.attempt, self._replies, with_ids=self._level == "token"),
            env_s=round(self._env_s, 6),
            verifier_s=round(self._verifier_s, 6),
            at_s=round(at_s, 3),
        )


def episode_of(
    trajectory: Trajectory, attempt: Attempt, replies: list[Reply], *, with_ids: bool, step: int | None = None
) -> Episode:
    """The record of a finished episode.

    Args:
        with_ids: it was played at the token level, so that the ids of what the env said are worth keeping.
        step: of training.

    Raises:
        InfrastructureError: it has no verdict.
    """
    verdict, task = trajectory.verdict, trajectory.task
    if verdict is None:
        raise InfrastructureError("the episode ended without a verdict")
    return Episode(
        *attempt,
        task_id=task.id,
        said=_said(trajectory),
        reward=trajectory.reward,
        verdict=verdict.to_dict(),
        correct=verdict.correct,
        stop_reason=trajectory.stop_reason.value,
        truncated=trajectory.stop_reason.truncates,
        turns=trajectory.turns,
        difficulty=_difficulty(task),
        tags=_tags(task),
        reference="" if task.answer is None else str(task.answer),
        ids=_env_ids(trajectory) if with_ids else None,
        step=step,
        replies=replies,
    )


def replies_of(trajectory: Trajectory, advantage: float, entropies: Sequence[float]) -> list[Reply]:
    """The turns of an episode that a trainer has rolled out, with ids and log-probabilities.

    Args:
        entropies: of all sampled tokens, in order.
    """
    left = iter(entropies)
    texts = [m["content"] for m in trajectory.messages[len(trajectory.task.messages) :] if m["role"] == "assistant"]
    spans = [span for span in trajectory.spans if span.kind == "sampled"]
    return [
        Reply(
            turn=turn,
            seen="",
            text=text,
            ids=trajectory.ids[span.start : span.end].tolist(),
            logprobs=[round(p, 4) for p in trajectory.logprobs[span.start : span.end].tolist()],
            entropies=[round(entropy, 4) for entropy in islice(left, span.end - span.start)],
            advantages=[round(advantage, 4)],
            sampled_tokens=span.end - span.start,
        )
        for turn, (text, span) in enumerate(zip(texts, spans, strict=True))
    ]


def _said(trajectory: Trajectory) -> list[list[dict[str, Any]]]:
    """What the env said: the opening, then its answer to each turn."""
    opening = len(trajectory.task.messages)
    said = [[dict(message) for message in trajectory.messages[:opening]]]
    for message in trajectory.messages[opening:]:
        if message["role"] == "assistant":
            said.append([])
        else:
            said[-1].append(dict(message))
    return said[: max(1, trajectory.turns)]


def _env_ids(trajectory: Trajectory) -> list[list[int]]:
    return [trajectory.ids[span.start : span.end].tolist() for span in trajectory.spans if span.kind != "sampled"]


def _difficulty(task: Task) -> int | None:
    found = task.metadata.get("difficulty")
    return int(found) if isinstance(found, int | float) else None


def _tags(task: Task) -> dict[str, str]:
    """Short words among the metadata: they tell of what kind a task is."""
    return {
        name: value
        for name, value in task.metadata.items()
        if isinstance(value, str) and 0 < len(value) <= _TAG_CHARS and value.isprintable() and name not in _HIDDEN
    }
