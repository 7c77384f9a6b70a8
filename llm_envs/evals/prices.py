"""What tokens cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Prices", "Spent"]


class Spent(Protocol):
    """Whatever counts tokens."""

    @property
    def prompt_tokens(self) -> int:
        """Tokens that the model has read."""

    @property
    def sampled_tokens(self) -> int:
        """Tokens that it has written."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in any currency; 0 where nobody asks.

    Args:
        prompt, sampled: of tokens read and written.
    """

    prompt: float = 0.0
    sampled: float = 0.0

    def of(self, spent: Spent) -> float:
        """What so many tokens cost."""
        return (self.prompt * spent.prompt_tokens + self.sampled * spent.sampled_tokens) / 1e6
