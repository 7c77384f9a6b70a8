"""What the harness evaluates: something that, asked for the next turn of an episode, answers with one.

A `Policy` continues batches of token contexts, in step. A `Model` is asked turn by turn, by many episodes at once, and
takes its own time: an endpoint, a function, a person, a policy behind a queue, or the env's own oracle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple, Protocol, get_args

from llm_envs.env import LLMEnv
from llm_envs.errors import BadOption
from llm_envs.types import Message

__all__ = ["ROOM", "Attempt", "Completion", "Decoding", "Finish", "Level", "Model", "Query"]

Level = Literal["token", "turn"]
Finish = Literal["stop", "length", "context", "filter"]

ROOM: Mapping[str, Any] = {"max_new_tokens": 1 << 24, "context_length": 1 << 26}
"""Options of envs for models that count their own tokens: what they say is cut off by nobody else's count."""


class Attempt(NamedTuple):
    """Which episode of a run: sample `sample` of task number `task` of an env."""

    env: str
    task: int
    sample: int


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a model is to sample; what is None is left to the model.

    Args:
        max_tokens: most tokens in one turn, in the model's own count.
        extra: further fields of a request, for endpoints that know more.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("temperature", self.temperature, 0.0, 100.0),
            ("top_p", self.top_p, 0.0, 1.0),
            ("max_tokens", self.max_tokens, 1, 2**31),
        ):
            if value is not None and not low <= value <= high:
                raise BadOption(
                    f"{name} is out of range", expected=f"a number from {low:g} to {high:g}", received=repr(value)
                )


class Query(NamedTuple):
    """One turn to take.

    Args:
        env: the episode's env, its session open. Models that play fair read `messages` (or `env.context()`) alone.
        attempt: which episode; with `turn` and `seed` it keys whatever the model draws at random.
        turn: turns taken before, in this episode.
        seed: of the run.
    """

    env: LLMEnv
    attempt: Attempt
    turn: int
    seed: int

    @property
    def messages(self) -> Sequence[Message]:
        """The conversation so far."""
        return self.env.session.messages


@dataclass(frozen=True, slots=True, eq=False)
class Completion:
    """One turn, as a model took it.

    Args:
        text: what was said, without control tokens that end a turn.
        ids: sampled token ids, the stop id included, where they are known. At the token level, in the env's tokenizer:
            they are pushed as they are.
        logprobs: of each id, where they are known.
        finish: `stop` where the model ended its turn, `length` where a limit on tokens cut it off, `context` where the
            conversation no longer fitted its context, `filter` where the endpoint withheld the rest.
        prompt_tokens, sampled_tokens: as the endpoint counts them.
        tries: requests that were made until one was answered.
        took_s: from the first request to the answer, waiting in between included.
        cached: nobody was asked: it is an earlier answer to the same question.

    Raises:
        BadOption: a field is not of its kind, so that no journal could hold it.
    """

    text: str
    ids: Sequence[int] | None = None
    logprobs: Sequence[float] | None = None
    finish: Finish = "stop"
    prompt_tokens: int | None = None
    sampled_tokens: int | None = None
    tries: int = 1
    took_s: float = 0.0
    cached: bool = False

    def __post_init__(self) -> None:
        for name, expected, holds in (
            ("text", "text", isinstance(self.text, str)),
            ("ids", "whole numbers", _are(Integral, self.ids)),
            ("logprobs", "numbers", _are(Real, self.logprobs)),
            ("finish", f"one of {', '.join(_FINISHES)}", self.finish in _FINISHES),
            ("prompt_tokens", "a number of tokens", _is_count(self.prompt_tokens)),
            ("sampled_tokens", "a number of tokens", _is_count(self.sampled_tokens)),
        ):
            if not holds:
                raise BadOption(
                    f"a completion's {name} cannot be", expected=expected, received=repr(getattr(self, name))
                )


_FINISHES: tuple[Finish, ...] = get_args(Finish)


def _are(kind: type, values: Sequence[Any] | None) -> bool:
    return values is None or all(issubclass(found, kind) for found in set(map(type, values)))


def _is_count(value: Any) -> bool:
    return value is None or (isinstance(value, Integral) and int(value) >= 0)


class Model(Protocol):
    """Takes turns. One event loop asks it, with as many queries open at a time as it likes."""

    @property
    def level(self) -> Level:
        """`token`: completions carry the ids that were sampled, in the tokenizer that `env_options` names."""

    @property
    def env_options(self) -> Mapping[str, Any]:
        """What envs are to be made with for this model: the tokenizer, and room for what it may say."""

    async def open(self) -> None:
        """Make ready, and find out what can be found out before the first question.

        Raises:
            LLMEnvsError: the model is not there, or will not have us.
        """

    async def reply(self, query: Query) -> Completion:
        """Take one turn.

        Raises:
            InfrastructureError: no answer could be had for this one; others may fare better.
            LLMEnvsError: of any other kind: nobody will fare better, the run must stop.
        """

    async def close(self) -> None:
        """Let go of connections and processes."""
