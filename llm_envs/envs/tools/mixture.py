"""`Mixture`: an env whose tasks are those of other envs with tools, one of them drawn for each task.

A policy is offered the drawn member's tools and no others; what they come to, and the verdict, are the member's. Limits
of turns, tokens and context are the mixture's own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from llm_envs.chat.calls import CallAttempt
from llm_envs.tasks import weights_of
from llm_envs.tools import Answer, ToolEnv, Toolset
from llm_envs.types import Message, StopReason, Task, Verdict

__all__ = ["Chosen", "Mixture", "tools_of_any"]

Chosen = str | Collection[str] | Mapping[str, float] | None
"""Members to draw from: one name, several, or names with weights; all of them evenly for None."""


class Mixture(ToolEnv):
    """Subclasses name their members and open them.

    Args:
        chosen: members to draw from.

    Attributes:
        members: their names; their order is part of the env's version.
        what: they are names of, such as `family`; the task's metadata hold it.
    """

    members: ClassVar[tuple[str, ...]]
    what: ClassVar[str]
    difficulties: ClassVar[range | None] = range(6)
    max_turns: ClassVar[int] = 32
    max_new_tokens: ClassVar[int] = 2048
    context_length: ClassVar[int] = 32_768

    def __init__(self, chosen: Chosen = None, /, **options: Any) -> None:
        super().__init__(**options)
        weights = weights_of(self.members if chosen is None else chosen, self.members, self.what)
        self._opened = {name: self.open_member(name) for name in self.members if weights.get(name)}
        self.toolset = tools_of_any(self._opened.values())  # before the first episode; later that of the drawn member
        shares = np.array([weights[name] for name in self._opened])
        self._bounds = np.cumsum(shares / shares.sum())[:-1]

    @abstractmethod
    def open_member(self, name: str) -> ToolEnv:
        """The env of that name, with this one's tokenizer and split."""

    def sample(self, rng: np.random.Generator) -> Task:
        """Draw a member, and let it draw a task."""
        name = [*self._opened][np.searchsorted(self._bounds, rng.random(), side="right")]
        member = self._opened[name]
        member.difficulty = self.difficulty
        task = member.sample(rng)
        tools = task.tools or member.toolset.schemas
        return replace(task, tools=tools, metadata={**task.metadata, self.what: name})

    def begin(self, task: Task) -> None:
        """As the member does; it plays this episode, and keeps its calls."""
        self._member = self._opened[task.metadata[self.what]]
        self._member.session = self.session
        self._member.begin(task)
        self.toolset, self.answers = self._member.toolset, self._member.answers

    def hear(self, task: Task, text: str) -> Sequence[Message] | StopReason:
        """As the member does."""
        return self._member.hear(task, text)

    def answer(self, attempt: CallAttempt) -> Answer:
        """As the member does."""
        return self._member.answer(attempt)

    def is_over(self, task: Task) -> bool:
        """As the member has it."""
        return self._member.is_over(task)

    def verify(self, task: Task, reply: str) -> Verdict | float:
        """As the member does."""
        return self._member.verify(task, reply)

    def demonstrate(self, task: Task) -> Sequence[str]:
        """As the member does."""
        return self._opened[task.metadata[self.what]].demonstrate(task)

    def close(self) -> None:
        """Let go of all members' worlds."""
        for member in self._opened.values():
            member.close()
        super().close()


def tools_of_any(envs: Iterable[ToolEnv]) -> Toolset:
    """What one or another of them offers; of tools that have one name, that of the last env."""
    every = {tool.name: tool for env in envs for tool in env.toolset.values()}
    return Toolset([*every.values()])
