"""`ToolEnv`: what authors of envs with tools inherit.

    class Shop(ToolEnv):
        tools = (find_order, cancel_order)

        def sample(self, rng): ...
        def open_world(self, task): return World(...)         # what `Injected` parameters get
        def verify(self, task, reply): ...                    # self.answers holds every call and what it came to

A turn that calls tools is answered with their results, in the role `tool`. A turn without calls is the policy's last
word, unless `hear` says otherwise. Calls of a turn that a limit has cut off are never run: the session does not hand
them on.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from llm_envs.chat.calls import CallAttempt
from llm_envs.env import MultiTurnEnv
from llm_envs.tools.tool import Tool
from llm_envs.tools.toolset import Answer, Toolset
from llm_envs.types import Message, StopReason, Task

__all__ = ["ToolEnv"]

_ONE_AT_A_TIME = "one call at a time: the others of this turn were not run"


class ToolEnv(MultiTurnEnv):
    """An env whose policy calls tools.

    Attributes:
        tools: what it may call: Tools, or functions with hints and docstrings.
        toolset: the same, checked.
        answers: every call of the episode so far, and what it came to.
        max_calls: in an episode; those beyond are answered with E_BUDGET.
    """

    tools: ClassVar[Sequence[Tool | Callable[..., Any]]] = ()
    max_calls: ClassVar[int] = 32

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.toolset = Toolset(self.tools)
        self.answers: list[Answer] = []

    @abstractmethod
    def open_world(self, task: Task) -> Any:
        """What the tools of this episode share, made anew for each; `Injected` parameters get it."""

    def hear(self, task: Task, text: str) -> Sequence[Message] | StopReason:
        """Answer a turn that calls nothing; by default it ends the episode."""
        return StopReason.END_OF_TURN

    def is_over(self, task: Task) -> bool:
        """Whether the calls so far have ended the episode."""
        return False

    def begin(self, task: Task) -> None:
        """A new context, and no calls yet."""
        self.answers = []
        self._bound = self.toolset.bound(self.open_world(task))

    def respond(self, task: Task, reply: str) -> Sequence[Message] | StopReason:
        """Run the calls of a turn."""
        attempts, text = self.chat.calling.read(reply)
        made = [attempt for attempt in attempts if attempt.status != "in_reasoning"]
        if not made:
            return self.hear(task, text)
        runnable = made if self.chat.calling.parallel else made[:1]
        messages = []
        for attempt in runnable:
            answer = self.answer(attempt)
            messages.append(_result(answer, len(self.answers)))
            self.answers.append(answer)
            if self.is_over(task):
                return StopReason.END_OF_TURN
        if len(runnable) < len(made):
            messages[-1]["content"] += f"\n[{_ONE_AT_A_TIME}]"
        return messages

    def answer(self, attempt: CallAttempt) -> Answer:
        """Run one call."""
        return self._bound.answer(attempt, self.max_calls - len(self.answers))

    def _checked_task(self, task: Any) -> Task:
        checked = super()._checked_task(task)
        return checked if checked.tools else replace(checked, tools=self.toolset.schemas)


def _result(answer: Answer, number: int) -> Message:
    """As chat templates take it; ids are nine letters and digits, which all of them accept."""
    name = answer.attempt.name or "unknown"
    return {"role": "tool", "content": answer.content, "name": name[:64], "tool_call_id": f"call{number:05d}"}
