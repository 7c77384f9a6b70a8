"""What a policy is: something that continues token contexts, and says how likely its choices were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from llm_envs.errors import BadOption

__all__ = ["Policy", "Reply", "Request", "Sampling"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw tokens, the same for every row of a batch.

    Args:
        temperature: logits are divided by it; 0 always takes the most likely token.
        seed: of the run.
        step: of the run. Equal seed, step, row and position draw with equal noise, in any process, in any order.

    Raises:
        BadOption: the temperature is negative.
    """

    temperature: float = 1.0
    seed: int = 0
    step: int = 0

    def __post_init__(self) -> None:
        if not self.temperature >= 0.0:
            raise BadOption("temperature is out of range", expected="a number from 0 up", received=self.temperature)


class Request(NamedTuple):
    """One context to continue.

    Args:
        context: token ids, shape (T,), int32.
        budget: most ids to sample, the stop id included.
        row: the episode's place in its batch; it keys the noise.
    """

    context: NDArray[np.int32]
    budget: int
    row: int


class Reply(NamedTuple):
    """What was sampled for one request.

    Args:
        ids: up to and including a stop id, or `budget` of them, shape (n,), int32.
        logprobs: of each id under the distribution it was drawn from, shape (n,), float32; nan where unknown.
    """

    ids: NDArray[np.int32]
    logprobs: NDArray[np.float32]


class Policy(Protocol):
    """Continues contexts."""

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Reply]:
        """One reply a request, in order."""
