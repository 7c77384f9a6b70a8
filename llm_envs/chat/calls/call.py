"""What a reply asks for: calls of tools, well formed or not, and where each stands in the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

__all__ = ["Call", "CallAttempt", "CallFormat", "CallStatus"]

CallStatus = Literal[
    "ok",
    "invalid_json",
    "unclosed",
    "missing_name",
    "malformed",
    "unknown_tool",
    "invalid_arguments",
    "in_reasoning",
    "too_many",
]
"""What became of an attempt; `unknown_tool` and `invalid_arguments` take the tools to tell, the others the text."""


class Call(NamedTuple):
    """One call, as a policy means it."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallAttempt:
    """One place where a reply calls a tool, or tries to.

    Args:
        start, end: characters of the reply, markers included.
        arguments: by name; plain JSON values, or, where `typed` is False, texts that the tool's schema must decode.
        why: what is wrong, in words that the policy can act on; "" where nothing is.
    """

    status: CallStatus
    start: int
    end: int
    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    typed: bool = True
    why: str = ""


class CallFormat(Protocol):
    """How one family of models writes calls. Neither method ever raises, whatever the text."""

    @property
    def name(self) -> str:
        """For people."""

    def read(self, reply: str) -> list[CallAttempt]:
        """The attempts in a reply that holds no reasoning, in order; they do not overlap."""

    def write(self, calls: Sequence[Call]) -> str:
        """The calls as a policy of that family would write them; `read` gives them back."""
