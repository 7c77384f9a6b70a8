r"""Models without a model: they show what an env is worth, and test the harness itself.

| name | says | reward |
|---|---|---|
| `gold` | what the env's own oracle demonstrates, turn by turn | 1 |
| `noop` | nothing | 0 |
| `random` | noise, numbers, words of the question, and calls of the tools there are, as monkeys would | next to 0 |
| `noisy(p)` | in a share p of the episodes what `gold` says, else something wrong | p, and `says_gold` knows where |

What is drawn is a pure function of the run's seed, the attempt and the turn: a run that is resumed, or played in
another order, hears the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from llm_envs.env import LLMEnv
from llm_envs.errors import BadOption, ModelUnavailable
from llm_envs.policies.babble import CHOICES, random_turn
from llm_envs.policies.model import Attempt, Completion, Level, Query
from llm_envs.policies.noise import key, uniform
from llm_envs.types import Task

__all__ = ["Gold", "Mock", "Noisy", "junk", "nothing", "says_gold"]

_WRONG = "I pass."
"""No number, no move, no box: nothing that an env could take for an answer."""

_JUNK_CHARS = 60
_JUNK_WORDS = 4
_SMALL_NUMBERS = 32
_WORDS_READ = 2_000
"""Of a question: choosing words does not take longer because it is long."""

_ALPHABET = "".join(map(chr, range(32, 127))) + "\n\\{}$äßЖ中🦜\u202e\x1b"
"""What replies are made of, what terminals and pages stumble over included."""

_CLOTHES = ("{}", "\\boxed{{{}}}", "The answer is {}.", "<answer>{}</answer>", "<think>hm</think>{}", "guess: {}")


class Mock:
    """A model that is a function of the query.

    Args:
        say: gives the turn, as text or as a Completion.
        env_options: what envs are to be made with.
    """

    level: Level = "turn"

    def __init__(self, say: Callable[[Query], str | Completion], env_options: Mapping[str, Any] | None = None) -> None:
        self.env_options: Mapping[str, Any] = env_options or {}
        self._say = say

    async def open(self) -> None:
        """There is nothing to make ready."""

    async def reply(self, query: Query) -> Completion:
        """What the function says."""
        said = self._say(query)
        return said if isinstance(said, Completion) else Completion(said)

    async def close(self) -> None:
        """There is nothing to let go of."""


class Gold:
    """Says what the env's `demonstrate` says; each task is demonstrated once."""

    def __init__(self) -> None:
        self._shown: WeakKeyDictionary[LLMEnv, tuple[Task, Sequence[str]]] = WeakKeyDictionary()

    def __call__(self, query: Query) -> str:
        """The demonstrated turn.

        Raises:
            BadOption: the env has no oracle.
            ModelUnavailable: the oracle has nothing more to say, but the episode is not over.
        """
        replies = self._demonstration(query.env)
        if query.turn < len(replies):
            return replies[query.turn]
        raise ModelUnavailable(
            f"the oracle of {query.env.env_id} has {len(replies)} turns for {query.env.task.id}, which go on",
            expected="an episode that ends with the last demonstrated turn",
            next_step=f"Run: llm-envs check {query.env.env_id}",
        )

    def _demonstration(self, env: LLMEnv) -> Sequence[str]:
        task, replies = self._shown.get(env, (None, ()))
        if task is env.task:
            return replies
        try:
            replies = env.demonstrate(env.task)
        except NotImplementedError as error:
            raise BadOption(
                f"{env.env_id} has no oracle, and mock:gold says what it says",
                expected="an env with demonstrate(task)",
                received=env.env_id,
                next_step="Write demonstrate(task), or evaluate mock:noop or mock:random.",
            ) from error
        self._shown[env] = (env.task, replies)
        return replies


class Noisy:
    """Right in a share of the episodes, wrong in all turns of the others.

    Args:
        probability: of an episode to be right.

    Raises:
        BadOption: it is no probability.
    """

    def __init__(self, probability: float) -> None:
        if not 0.0 <= probability <= 1.0:
            raise BadOption(
                "the probability of mock:noisy is out of range",
                expected="a number from 0 to 1",
                received=repr(probability),
                next_step="Write mock:noisy(0.8) for four right episodes in five.",
            )
        self._probability = probability
        self._gold = Gold()

    def __call__(self, query: Query) -> str:
        """The demonstrated turn, or a pass."""
        return self._gold(query) if says_gold(query.attempt, query.seed, self._probability) else _WRONG


def says_gold(attempt: Attempt, seed: int, probability: float) -> bool:
    """Whether `mock:noisy(probability)` plays this attempt right in a run of this seed."""
    return bool(uniform(key(seed, *attempt), 0, 0, 0)[0] < probability)


def nothing(_: Query) -> str:
    """The empty turn."""
    return ""


def junk(query: Query) -> str:
    """Noise in a third of the turns, a small number in a third, words of the question in the others.

    Where the task has tools: calls of them, or words, that the conversation has shown.
    """
    draw = uniform(key(query.seed, *query.attempt), query.turn, 0, np.arange(max(CHOICES, _JUNK_CHARS + 3)))
    if tools := query.env.task.tools:
        return random_turn(query.env.chat, tools, query.messages, draw.tolist())
    kind, size, dress = draw[:3]
    choices = draw[3 : 3 + _JUNK_CHARS]
    if kind < 1 / 3:
        return "".join(_pick(_ALPHABET, choice) for choice in choices[: int(size * _JUNK_CHARS)])
    thing: Any = int(size * _SMALL_NUMBERS)
    if kind > 2 / 3:
        words = query.messages[-1]["content"][:_WORDS_READ].split() or [""]
        thing = " ".join(_pick(words, choice) for choice in choices[: 1 + int(size * _JUNK_WORDS)])
    clothes: str = _pick(_CLOTHES, dress)
    return clothes.format(thing)


def _pick(options: Sequence[Any], choice: float) -> Any:
    return options[int(choice * len(options))]
