"""What a journal holds: one record for each thing that happened, as plain JSON objects.

A run's truth is the order in which things happened; everything else (summaries, reports, exports) is worked out from
it. A reply is recorded the moment it arrives, an episode when it ends; an episode's record does not repeat its replies.

    {"kind": "reply",   "env", "task", "sample", "turn", "seen", "text", "finish", ...}
    {"kind": "episode", "env", "task", "sample", "task_id", "said", "reward", "verdict", "stop_reason", ...}
    {"kind": "error",   "env", "task", "sample", "phase", "error", "message"}
    {"kind": "restart", "env", "task", "sample", "turn", "message"}     the replies before it are void
    {"kind": "start" | "end", "time", ...}                               a sitting begins, ends
    {"kind": "step", "step"}                                             the episodes of a training step are all there
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal

from llm_envs.policies.model import Attempt, Finish

__all__ = ["Episode", "ErrorRecord", "Phase", "Reply", "attempt_of", "outcome_record", "reply_record"]

Phase = Literal["model", "env", "verifier"]


@dataclass(slots=True, eq=False)
class Reply:
    """One turn of the policy.

    Args:
        turn: its number within the episode, from 0.
        seen: hash of what the policy saw before it.
        ids, logprobs: what was sampled, where that is known.
        entropies: of the distribution that each id was drawn from, in nats, in training runs.
        advantages: of each id, or one for all, in training runs.
        took_s: from asking to the answer, retries included.
        queued_s: waiting for a place among the questions that may be open at a time.
        cached: it was taken from the response cache.
    """

    turn: int
    seen: str
    text: str
    finish: Finish = "stop"
    ids: list[int] | None = None
    logprobs: list[float] | None = None
    entropies: list[float] | None = None
    advantages: list[float] | None = None
    prompt_tokens: int | None = None
    sampled_tokens: int | None = None
    tries: int = 1
    took_s: float = 0.0
    queued_s: float = 0.0
    cached: bool = False


@dataclass(slots=True, eq=False)
class Episode:
    """A finished episode, its replies joined in.

    Args:
        said: what the env said: `said[0]` are the opening messages, `said[t]` its answer to reply t - 1. Each message
            is `{"role", "content", ...}`.
        ids: the same as token ids, where the episode was played at the token level.
        verdict: `Verdict.to_dict()`.
        correct: every part of kind `correct` has a full score.
        tags: what the task's metadata says of its kind, such as topic and family.
        reference: the hidden answer, as text.
        env_s, verifier_s: time spent making the task and answering turns; in the last turn's push.
        step: of training; None in an evaluation.
        at_s: when it ended, in seconds since the run's first start.
        files: of the run folder, relative: screenshots and such; each `{"name", "path", "turn"}`.
    """

    env: str
    task: int
    sample: int
    task_id: str
    said: list[list[dict[str, Any]]]
    reward: float
    verdict: dict[str, Any]
    correct: bool
    stop_reason: str
    truncated: bool
    turns: int
    difficulty: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    ids: list[list[int]] | None = None
    env_s: float = 0.0
    verifier_s: float = 0.0
    step: int | None = None
    at_s: float = 0.0
    files: list[dict[str, Any]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    @property
    def attempt(self) -> Attempt:
        """Which episode of the run it is."""
        return Attempt(self.env, self.task, self.sample)

    @property
    def fault(self) -> str:
        """What the model did wrong besides being wrong: `cut off`, `empty`, `withheld`; "" where nothing."""
        last = self.replies[-1] if self.replies else None
        if self.truncated or (last and last.finish in {"length", "context"}):
            return "cut off"
        if last and last.finish == "filter":
            return "withheld"
        return "empty" if last and not last.text.strip() else ""

    def messages(self) -> list[dict[str, Any]]:
        """The whole conversation."""
        found: list[dict[str, Any]] = []
        for turn, said in enumerate(self.said):
            found += said
            if turn < len(self.replies):
                found.append({"role": "assistant", "content": self.replies[turn].text})
        return found + [{"role": "assistant", "content": r.text} for r in self.replies[len(self.said) :]]


@dataclass(slots=True, eq=False)
class ErrorRecord:
    """An episode that infrastructure ended: no reward, and a reason."""

    env: str
    task: int
    sample: int
    phase: Phase
    error: str
    message: str
    turn: int = 0

    @property
    def attempt(self) -> Attempt:
        """Which episode of the run it is."""
        return Attempt(self.env, self.task, self.sample)


def reply_record(attempt: Attempt, reply: Reply) -> dict[str, Any]:
    """What the journal says of a reply: the fields that say something."""
    said = {name: value for name, value in zip(_REPLY, _fields_of_reply(reply), strict=True) if value is not None}
    return {"kind": "reply", **attempt._asdict(), **said}


def outcome_record(outcome: Episode | ErrorRecord) -> dict[str, Any]:
    """What the journal says of how an attempt has ended; replies stand for themselves."""
    if isinstance(outcome, Episode):
        return {"kind": "episode", **dict(zip(_EPISODE, _fields_of_episode(outcome), strict=True))}
    return {"kind": "error", **asdict(outcome)}


_REPLY = tuple(f.name for f in fields(Reply))
_EPISODE = tuple(f.name for f in fields(Episode) if f.name != "replies")
_fields_of_reply, _fields_of_episode = attrgetter(*_REPLY), attrgetter(*_EPISODE)


def attempt_of(record: dict[str, Any]) -> Attempt:
    """Which episode a record speaks of."""
    return Attempt(record["env"], record["task"], record["sample"])
