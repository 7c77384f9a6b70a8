"""What the token MDP asks of a tokenizer: four translations between messages and ids.

Sampled ids never pass through here twice: they are decoded for verifiers to read, and never encoded again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from llm_envs.chat.calls import Calling
from llm_envs.types import Message

__all__ = ["ChatTokenizer", "Tools"]

Tools = Sequence[Mapping[str, Any]]
"""JSON schemas of callable tools, as chat templates take them."""


class ChatTokenizer(Protocol):
    """Messages to ids and back, one chat template."""

    @property
    def name(self) -> str:
        """What a person would call it."""

    @property
    def vocab_size(self) -> int:
        """Every id is below it."""

    @property
    def pad_id(self) -> int:
        """The id that fills fixed-size observations and batches."""

    @property
    def stop_ids(self) -> frozenset[int]:
        """Ids that end the policy's turn."""

    @property
    def max_chars_per_id(self) -> int:
        """No id decodes to more characters."""

    @property
    def calling(self) -> Calling:
        """How tools are called, and how replies are read that call them."""

    def encode_prompt(self, messages: Sequence[Message], tools: Tools = ()) -> list[int]:
        """The opening context, up to where the policy's first turn begins."""

    def encode_delta(
        self, messages: Sequence[Message], new: Sequence[Message], stop_id: int, tools: Tools = ()
    ) -> list[int]:
        """What stands between a sampled turn and the next one.

        Args:
            messages: the conversation so far; the last one is the turn that was just sampled.
            new: what the env answers.
            stop_id: the sampled id that ended the turn; it is in the context already.
        """

    def encode_reply(self, text: str) -> list[int]:
        """A whole turn of a policy that speaks text, ended by a stop id."""

    def decode(self, ids: Sequence[int] | NDArray[Any]) -> str:
        """The text of `ids`, control tokens included, malformed bytes replaced."""
