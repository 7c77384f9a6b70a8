"""`WorldEnv`: an env whose tasks are something to do in a world, or to find out there.

A family draws scenarios. Each is rehearsed by its perfect agent; what that has changed is the goal. A scenario that
changes nothing and asks nothing must demand a refusal: doing nothing is never worth anything.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from llm_envs.chat.calls import Call, CallAttempt
from llm_envs.envs.tools.scenario import CONTROL, Goal, Scenario, last_call, questions
from llm_envs.envs.tools.stage import House, Stage
from llm_envs.errors import BadOption, BadTask, ResetNeeded, TemplateRefused
from llm_envs.tools import Answer, ToolEnv, Toolset
from llm_envs.tools.user import Agenda, AgendaUser, User, UserFactory, user_factory
from llm_envs.types import Message, Part, StopReason, Task, Verdict
from llm_envs.verifiers.state import Canonical, row_f1, state
from llm_envs.verifiers.value import value
from llm_envs.world import Diff, Tables, World

__all__ = ["WorldEnv"]

_RULE = re.compile(r"\b[A-Z]\d+\b")
"""A refusal names one; more than one is none."""

_TALK = (
    "What you say without calling a tool goes to the user. Ask them for what you need to know. Once all is done, say "
    "so: that ends the conversation."
)
_GUESS = "the user has told nothing of what was needed, so this is a guess"
_FAILURE = "the service has not answered in time; nothing was done, try again"


class WorldEnv(ToolEnv):
    """Subclasses name their tables, tools and rules, and draw scenarios.

    Args:
        partial_weight: of the part `rows`, in [0, 1]: how near the changes are to the wanted ones, for training.
        format_weight: of the part `format`, in [0, 1]: the share of calls that could be read, where all was right.
            Both weights are taken from that of `correct`, and are 1 together at most.
        user: who is asked for what the first message does not say; see `llm_envs.tools.user.user_factory`.

    Attributes:
        rules: what the system message tells of the agent's duties.
        canonical: see `verifiers.state`.
        conversational: all its scenarios have an agenda.
    """

    tables: ClassVar[Tables]
    rules: ClassVar[str]
    canonical: ClassVar[Canonical] = {}
    conversational: ClassVar[bool] = False
    difficulties: ClassVar[range | None] = range(6)
    max_turns: ClassVar[int] = 32
    max_new_tokens: ClassVar[int] = 2048
    context_length: ClassVar[int] = 32_768
    call_timeout_s: ClassVar[float | None] = None  # a few statements in memory: nothing that could hang

    def __init__(
        self,
        *,
        partial_weight: float = 0.0,
        format_weight: float = 0.0,
        user: str | UserFactory = "none",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        _check_shares(partial_weight=partial_weight, format_weight=format_weight)
        self._partial_weight, self._format_weight = partial_weight, format_weight
        self._make_user = self._checked_user(user)
        self._user: User | None = None
        self._stage: Stage | None = None
        self._failing: set[str] = set()
        self._has_system = self._takes_system_messages()

    def _checked_user(self, user: Any) -> UserFactory | None:
        make_user = user_factory(user)
        if make_user is None or self.conversational:
            return make_user
        raise BadOption(
            f"tasks of {type(self).__name__} are no conversations",
            expected='user="none"',
            received=f"user={user!r}",
            next_step="Leave user out: everything stands in the first message.",
        )

    @property
    def world(self) -> World:
        """The episode's.

        Raises:
            ResetNeeded: no episode has begun.
        """
        return self._staged.world

    @property
    def _staged(self) -> Stage:
        if self._stage is None:
            raise ResetNeeded("no episode has begun", next_step="Call reset() first.")
        return self._stage

    @abstractmethod
    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Draw one."""

    def house(self, scenario: Scenario) -> House:
        """Where a scenario is set; an env with several houses says in which."""
        return House(self.rules, self.tables, self.toolset, self.canonical)

    def sample(self, rng: np.random.Generator) -> Task:
        """Draw a scenario, and see what a perfect agent makes of it."""
        levels = self.difficulties or range(1)
        difficulty = levels[rng.integers(len(levels))] if self.difficulty is None else self.difficulty
        scenario = self.scenario(rng, difficulty)
        goal, house = self._rehearsed(scenario), self.house(scenario)
        system = f"{house.rules}\n\nIt is {scenario.now:%A, %Y-%m-%d, %H:%M}."
        task = Task(
            prompt=[{"role": "system", "content": system}, {"role": "user", "content": scenario.request}],
            answer=goal.to_dict(),
            tools=house.toolset.schemas,
            metadata={"difficulty": difficulty, "kind": scenario.kind, "scenario": scenario, "goal": goal},
        )
        task = self._opened(task, self._make_user, rng) if self._make_user else task
        return task if self._has_system else _in_one_message(task)

    def _takes_system_messages(self) -> bool:
        """Whether the template does; some know users and assistants alone."""
        try:
            self.chat.encode_prompt([{"role": "system", "content": "a"}, {"role": "user", "content": "b"}])
        except TemplateRefused:
            return False
        return True

    def _opened(self, task: Task, make_user: UserFactory, rng: np.random.Generator) -> Task:
        """The same as a conversation.

        Raises:
            BadTask: nobody has said what the user knows.
        """
        agenda: Agenda | None = task.metadata["scenario"].agenda
        if agenda is None:
            raise BadTask(
                f"a task of {self.env_id!r} cannot be a conversation",
                expected="a scenario with an agenda",
                received=f"a scenario of kind {task.metadata['kind']!r}",
                next_step="Name what the user wants and knows: Scenario(..., agenda=Agenda(wish, facts)).",
            )
        agenda = replace(agenda, seed=int(rng.integers(2**32)))
        task = replace(task, metadata={**task.metadata, "agenda": agenda})
        system, request = task.messages
        system["content"] += f"\n{_TALK}"
        request["content"] = _words(make_user(task).open())
        return replace(task, prompt=[system, request])

    def _rehearsed(self, scenario: Scenario) -> Goal:
        """What the perfect agent's calls change.

        Raises:
            BadTask: one of them fails, there is nothing to do, or a tool is not there.
        """
        stage = self._set(scenario)
        _check_tools(scenario, stage.house.toolset)
        with stage.world.rehearsal():
            for call in scenario.calls:
                if _only_looks(stage.house.toolset, call):
                    continue
                answer = stage.run(CallAttempt("ok", 0, 0, *call))
                if answer.code:
                    raise BadTask(
                        f"the oracle of {self.env_id!r} fails at {call.name}({dict(call.arguments)})",
                        expected="calls that a perfect agent can make",
                        received=answer.content,
                        next_step=f"Repair scenarios of kind {scenario.kind!r}.",
                    )
            changes = stage.changes()
        if not changes and scenario.answer is None and not scenario.refusal:
            raise BadTask(
                f"a task of {self.env_id!r} is solved by doing nothing",
                expected="changes, an answer, or a refusal",
                received=f"a scenario of kind {scenario.kind!r}",
                next_step="Let its calls write, or give it answer=..., or the rule of a refusal=...",
            )
        return Goal(changes, scenario.answer, scenario.refusal)

    def _set(self, scenario: Scenario) -> Stage:
        if self._stage is not None:
            self._stage.world.close()
        self._stage = self._built(scenario)
        return self._stage

    def _built(self, scenario: Scenario) -> Stage:
        """A world of its rows, and the tools that work there."""
        house = self.house(scenario)
        world = World(house.tables, scenario.rows, now=scenario.now)
        return Stage(scenario, house, world, world.snapshot(), house.toolset.bound(world))

    def open_world(self, task: Task) -> World:
        """The scenario's rows; the world in which it was rehearsed, where that was just now."""
        scenario, stage = task.metadata["scenario"], self._stage
        if stage is None or stage.played or stage.scenario is not scenario:
            stage = self._set(scenario)
        stage.played = True
        self._failing = set(scenario.failing)
        return stage.world

    def begin(self, task: Task) -> None:
        """A new world, and a user who has heard nothing yet."""
        super().begin(task)
        self._user = self._make_user(task) if self._make_user else None

    def hear(self, task: Task, text: str) -> Sequence[Message] | StopReason:
        """Let the user answer; where there is none, this was the last word."""
        said = self._user.answer(text) if self._user else StopReason.END_OF_TURN
        return said if isinstance(said, StopReason) else [Message(role="user", content=_words(said))]

    def answer(self, attempt: CallAttempt) -> Answer:
        """Run one call, unless it is one that has to fail."""
        if attempt.status == "ok" and attempt.name in self._failing:
            self._failing.discard(attempt.name)
            return Answer.of_error(attempt, "E_TIMEOUT", _FAILURE)
        return self._staged.run(attempt, self.max_calls - len(self.answers))

    def is_over(self, task: Task) -> bool:
        """A control call has ended the conversation."""
        return self.answers[-1].kind == "control" and self.answers[-1].code is None

    def changes(self) -> Diff:
        """What the policy has changed, as far as it is to be judged."""
        return self._staged.changes()

    def verify(self, task: Task, reply: str) -> Verdict:
        """The right changes, answer, and refusal where one was due: all of it, or nothing; nothing for a guess."""
        goal: Goal = task.metadata["goal"]
        changes, house = self.changes(), self._staged.house
        done = state(changes, goal.changes, house.tables, house.canonical)
        said = self._judged_words(goal)
        guess = isinstance(self._user, AgendaUser) and not self._user.was_asked
        correct = 0.0 if guess else done.reward * said.reward
        parts = [Part("correct", correct, max(0.0, 1.0 - self._partial_weight - self._format_weight))]
        if self._partial_weight:
            near = row_f1(changes, goal.changes, house.tables, house.canonical) if goal.changes else correct
            parts.append(Part("rows", near, self._partial_weight, "partial"))
        if self._format_weight:
            parts.append(Part("format", correct * self._readable(), self._format_weight, "format"))
        reasons = [_GUESS] * guess + [verdict.reason for verdict in (done, said) if verdict.reason]
        details = {"calls": len(self.answers), "errors": self._errors()}
        return Verdict(tuple(parts), reason="; ".join(reasons), details=details)

    def _judged_words(self, goal: Goal) -> Verdict:
        """What was submitted or refused."""
        last = self.answers[-1] if self.answers else None
        name, arguments = (last.attempt.name, last.attempt.arguments) if last and not last.code else ("", {})
        if goal.refusal:
            rules = set(_RULE.findall(str(arguments.get("rule", "")).upper()))
            return Verdict.of(
                float(name == "refuse" and rules == {goal.refusal}), f"rule {goal.refusal} forbids the request"
            )
        if name == "refuse":
            return Verdict.of(0.0, "it was refused, though no rule forbids it")
        if goal.answer is None:
            return Verdict.of(1.0)
        return (
            value(str(arguments["answer"]), goal.answer) if name == "submit" else Verdict.of(0.0, "no answer was given")
        )

    def _readable(self) -> float:
        """The share of calls that could be read."""
        unread = sum(answer.code == "E_PARSE" for answer in self.answers)
        return 1.0 - unread / len(self.answers) if self.answers else 1.0

    def _errors(self) -> str:
        counts = Counter(answer.code for answer in self.answers if answer.code)
        return ", ".join(f"{code} {count}" for code, count in sorted(counts.items()))

    def demonstrate(self, task: Task) -> list[str]:
        """What has to be asked for, then the scenario's calls, then the last word."""
        asked = [self.chat.calling.write((), question) for question in questions(task)]
        return [*asked, *self.said(task, (*task.metadata["scenario"].calls, *last_call(task)))]

    def said(self, task: Task, calls: Sequence[Call]) -> list[str]:
        """Calls as turns: one a turn, those that fail again; behind them words, where no call ends the episode."""
        write, turns = self.chat.calling.write, list[str]()
        failing = set(task.metadata["scenario"].failing)
        for call in calls:
            turns += [write([call])] * (1 + (call.name in failing))
            failing.discard(call.name)
        return turns if calls and calls[-1].name in CONTROL else [*turns, write((), "Done.")]

    def close(self) -> None:
        """Let go of the world."""
        if self._stage is not None:
            self._stage.world.close()
            self._stage = None
        super().close()


def _only_looks(toolset: Toolset, call: Call) -> bool:
    """It needs no rehearsal."""
    return call.name in toolset and toolset[call.name].kind == "read"


def _check_tools(scenario: Scenario, toolset: Toolset) -> None:
    """Raise BadTask where the episode could not fail as it should, or not end."""
    ends = {"submit": scenario.answer is not None, "refuse": bool(scenario.refusal)}
    for name in (*(name for name, is_needed in ends.items() if is_needed), *scenario.failing):
        if name not in toolset:
            raise BadTask(
                f"a scenario of kind {scenario.kind!r} needs the tool {name!r}, which is not there",
                expected=f"one of {', '.join(toolset)}",
                received=name,
                next_step="Add it to `tools`: `submit` and `refuse` come from llm_envs.envs.tools.",
            )


def _words(said: Any) -> str:
    if not isinstance(said, str):
        raise BadTask(
            "a user has said nothing",
            expected="text of open() and answer(); of answer() also StopReason.END_OF_TURN or GAVE_UP",
            received=repr(said),
            next_step="Return one of these on every path through the user's methods.",
        )
    return said


def _check_shares(**weights: float) -> None:
    for name, weight in weights.items():
        if not isinstance(weight, (int, float)) or not 0.0 <= weight <= 1.0:
            raise BadOption(f"{name} is out of range", expected="a number in [0, 1]", received=repr(weight))
    if sum(weights.values()) > 1.0:
        raise BadOption(
            f"{' and '.join(weights)} leave nothing for being right",
            expected="numbers whose sum is 1 at most",
            received=weights,
        )


def _in_one_message(task: Task) -> Task:
    """The rules above the request, as one message of the user."""
    said = "\n\n".join(message["content"] for message in task.messages)
    return replace(task, prompt=[{"role": "user", "content": said}])
