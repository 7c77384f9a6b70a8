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

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from llm_envs.chat.calls import CallAttempt
from llm_envs.env import MultiTurnEnv
from llm_envs.errors import BadTool
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
        max_calls: in an episode; those beyond are answered with E_BUDGET, unless they are of the kind `control`.
        call_timeout_s: of one call of a tool that declares no `timeout_s`; None runs calls in the caller's own thread,
            some 30 microseconds faster, and waits for ever. For tools that cannot hang.
    """

    tools: ClassVar[Sequence[Tool | Callable[..., Any]]] = ()
    max_calls: ClassVar[int] = 32
    call_timeout_s: ClassVar[float | None] = 60.0

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.toolset = Toolset(self.tools, self.call_timeout_s)
        self.answers: list[Answer] = []
        if type(self).open_world is ToolEnv.open_world:
            self._check_nothing_is_injected()
        self._check_calls()

    def open_world(self, task: Task) -> Any:
        """What the tools of this episode share, made anew for each; `Injected` parameters get it."""
        return None

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
            messages.append(self._result(answer))
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

    def _check_calls(self) -> None:
        """Raise TemplateRefused now, not in mid-episode, where a template cannot take these tools, calls or results."""
        said: list[Message] = [{"role": "user", "content": "a"}]
        schemas = self.toolset.schemas
        self.chat.encode_prompt(said, schemas)
        if self.limits.max_turns > 1:
            answers = [_result("tool", "b", number) for number in range(2 if self.chat.calling.parallel else 1)]
            turn: Message = {"role": "assistant", "content": "c"}
            self.chat.encode_delta([*said, turn], answers, min(self.chat.stop_ids), schemas)

    def _check_nothing_is_injected(self) -> None:
        for tool in self.toolset.values():
            if tool.arguments.injected:
                raise BadTool(
                    f"the tool {tool.name} asks for a context, and {type(self).__name__} has none",
                    expected=f"def open_world(self, task), which gives {tool.arguments.injected!r} its value",
                    next_step="Write it: it is called at each reset.",
                )

    def _result(self, answer: Answer) -> Message:
        name = answer.attempt.name if answer.attempt.name in self.toolset else "unknown"
        return _result(name, answer.content, len(self.answers))


def _result(name: str, content: str, number: int) -> Message:
    """As chat templates take it; ids are nine letters and digits, which all of them accept."""
    return {"role": "tool", "content": content, "name": name, "tool_call_id": f"call{number:05d}"}
