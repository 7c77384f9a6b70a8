"""The nouns that every part of the suite exchanges: Message, Task, Verdict, Turn, Trajectory, StopReason.

Plain immutable data, no behaviour beyond reading itself. Token arrays are int32, masks bool, logprobs float32;
`T` names the axis of tokens in one episode.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict, TypeGuard, get_args

import numpy as np
from numpy.typing import NDArray

from llm_envs.errors import BadTask, BadVerdict

__all__ = [
    "Message",
    "Part",
    "PartKind",
    "Span",
    "StopReason",
    "Task",
    "Trajectory",
    "Turn",
    "Verdict",
    "VerdictStatus",
    "is_message",
]

Role = Literal["system", "user", "assistant", "tool"]
PartKind = Literal["correct", "partial", "format", "quality", "process", "penalty"]
VerdictStatus = Literal["ok", "timeout", "error"]
_ROLES = get_args(Role)


class Message(TypedDict):
    """One chat message, in the shape that chat templates take."""

    role: Role
    content: str
    name: NotRequired[str]
    tool_calls: NotRequired[list[dict[str, Any]]]
    tool_call_id: NotRequired[str]


def is_message(value: Any) -> TypeGuard[Message]:
    """True for a dict with one of the four roles, and text as content."""
    return isinstance(value, dict) and value.get("role") in _ROLES and isinstance(value.get("content"), str)


class StopReason(StrEnum):
    """Why a turn or an episode ended."""

    END_OF_TURN = "end_of_turn"
    MAX_NEW_TOKENS = "max_new_tokens"
    MAX_TURNS = "max_turns"
    CONTEXT_FULL = "context_full"
    SOLVED = "solved"
    GAVE_UP = "gave_up"
    INFRASTRUCTURE = "infrastructure"

    @property
    def truncates(self) -> bool:
        """True where the limit, not the task, ended the episode."""
        return self in _TRUNCATING


_TRUNCATING = frozenset(
    {StopReason.MAX_NEW_TOKENS, StopReason.MAX_TURNS, StopReason.CONTEXT_FULL, StopReason.INFRASTRUCTURE}
)


@dataclass(frozen=True, slots=True)
class Task:
    """One problem instance.

    Args:
        prompt: the question as text, or the opening messages.
        answer: what the verifier compares with; never shown to the policy.
        id: a name that finds the task again; the env fills it in when it is left empty.
        tools: JSON schemas of the tools the policy may call.
        metadata: anything else worth keeping with the task (family, difficulty, worked solution).

    Raises:
        BadTask: the prompt is neither text nor messages.
    """

    prompt: str | Sequence[Message]
    answer: Any = None
    id: str = ""
    tools: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.prompt, str):
            return
        if not (isinstance(self.prompt, Sequence) and self.prompt and all(map(is_message, self.prompt))):
            raise BadTask(
                "a task's prompt cannot be read",
                expected=f"text, or some {{'role': ..., 'content': ...}}; the roles are {', '.join(_ROLES)}",
                received=repr(self.prompt),
                next_step="Return Task(prompt='What is 2 + 3?', answer=5) from `sample`.",
            )

    @property
    def messages(self) -> list[Message]:
        """The opening messages, copies; a text prompt is one user message."""
        if isinstance(self.prompt, str):
            return [{"role": "user", "content": self.prompt}]
        return [message.copy() for message in self.prompt]


@dataclass(frozen=True, slots=True)
class Part:
    """One named component of a reward.

    Args:
        score: in [0, 1].
        weight: what a full score adds to the reward; negative for penalties.
    """

    name: str
    score: float
    weight: float = 1.0
    kind: PartKind = "correct"

    def __post_init__(self) -> None:
        score = as_number(self.score, f"the score of part {self.name!r}")
        if not 0.0 <= score <= 1.0:
            raise BadVerdict(
                f"the score of part {self.name!r} is out of range",
                expected="a number in [0, 1]",
                received=self.score,
                next_step="Scale the score, and say by the part's weight what a full one is worth.",
            )
        object.__setattr__(self, "score", score)
        object.__setattr__(self, "weight", as_number(self.weight, f"the weight of part {self.name!r}"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier says of a reply.

    Args:
        parts: the named components.
        status: `timeout` when the policy's doing used up the time, `error` when checking it broke.
        reason: one sentence that can be shown to a person.
        details: facts (what was extracted, by which rule); `info` shows them as text, because Gymnasium batches
            infos by the type of the first value it sees.
    """

    parts: tuple[Part, ...]
    status: VerdictStatus = "ok"
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(isinstance(part, Part) for part in self.parts):
            raise BadVerdict(
                "a verdict is made of parts",
                expected="a tuple of Part",
                received=repr(self.parts),
                next_step="For a single score, write Verdict.of(score, reason).",
            )
        if len({part.name for part in self.parts}) < len(self.parts):
            raise BadVerdict(
                "two parts of a verdict have one name",
                expected="a name of its own for every part: `info` tells them apart by it",
                received=[part.name for part in self.parts],
            )

    @classmethod
    def of(cls, score: float, reason: str = "", **details: Any) -> Verdict:
        """A verdict with the one part `correct`; `score` in [0, 1]."""
        return cls((Part("correct", score),), reason=reason, details=details)

    @property
    def reward(self) -> float:
        """The weighted sum of the parts."""
        return math.fsum(part.weight * part.score for part in self.parts)

    @property
    def correct(self) -> bool:
        """True when every part of kind `correct` has a full score, and there is one."""
        scores = [part.score for part in self.parts if part.kind == "correct"]
        return bool(scores) and min(scores) >= 1.0

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable; no object of it is shared between calls."""
        return {
            "reward": self.reward,
            "status": self.status,
            "reason": self.reason,
            "parts": {p.name: {"score": p.score, "weight": p.weight, "kind": p.kind} for p in self.parts},
            "details": {name: str(value) for name, value in self.details.items()},
        }


def as_number(value: Any, what: str) -> float:
    """`value` as a finite float; booleans count as 0 and 1.

    Raises:
        BadVerdict: it is not a finite number.
    """
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, (bool, int, float, np.floating, np.integer, np.bool_)):
        with suppress(OverflowError):  # an int of 400 digits is no float
            number = float(value)
            if math.isfinite(number):
                return number
    raise BadVerdict(
        f"{what} is not a finite number",
        expected="a bool, an int or a finite float",
        received=repr(value),
        next_step="Return a number in [0, 1] from `verify`, or Verdict.of(score, reason).",
    )


class Span(NamedTuple):
    """Ledger positions `start <= i < end` with one origin: `prompt`, `sampled` or `env`."""

    kind: Literal["prompt", "sampled", "env"]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Turn:
    """What one push brought.

    Args:
        ids: appended token ids, sampled ones first, then what the env said, shape (T,), int32.
        mask: True where the policy sampled the token, shape (T,).
        reward: 0 until the episode ends.
        terminated: the task ended the episode.
        truncated: a limit or an infrastructure error ended it.
        info: deterministic, plain, owned by the caller.
        consumed: how many of the pushed ids were taken; the rest came after the turn had ended.
        ended: the turn is over: the next id pushed opens a new one.
    """

    ids: NDArray[np.int32]
    mask: NDArray[np.bool_]
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]
    consumed: int
    ended: bool

    @property
    def done(self) -> bool:
        """The episode is over."""
        return self.terminated or self.truncated


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """A finished episode, as a trainer wants it.

    Args:
        ids: the whole context, shape (T,), int32.
        mask: True where the policy sampled the token, shape (T,).
        logprobs: of sampled tokens as the sampler gave them (nan where it gave none), 0 elsewhere, shape (T,), float32.
        spans: who wrote what, in order; they tile [0, T).
        messages: the conversation as text.
    """

    task: Task
    ids: NDArray[np.int32]
    mask: NDArray[np.bool_]
    logprobs: NDArray[np.float32]
    spans: tuple[Span, ...]
    messages: tuple[Message, ...]
    verdict: Verdict | None
    reward: float
    stop_reason: StopReason
    turns: int

    @property
    def prompt_length(self) -> int:
        """Tokens before the first sampled one."""
        return self.spans[0].end

    @property
    def trainable(self) -> bool:
        """False when an infrastructure error ended the episode: it must stay out of the loss."""
        return self.stop_reason is not StopReason.INFRASTRUCTURE
