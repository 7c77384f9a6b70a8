"""The Gymnasium face of a Session: `LLMEnv`, and the two classes that authors of envs inherit.

An author writes `sample` and `verify`, and `respond` where the world answers. Everything that Gymnasium asks for, and
everything about tokens, is here or below.

What this deliberately does not do: it never truncates from outside (no `max_episode_steps`), because a `TimeLimit`
wrapper ends episodes without a verdict.
"""

from __future__ import annotations

import inspect
import operator
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, TypedDict, Unpack, get_args

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from numpy.typing import ArrayLike

from llm_envs.chat import load_tokenizer
from llm_envs.curriculum import Curriculum
from llm_envs.errors import BadOption, BadTask, InvalidAction, did_you_mean
from llm_envs.session import Limits, Session
from llm_envs.spaces import Text
from llm_envs.tasks import SPLITS, bucket, task_generator
from llm_envs.types import Message, StopReason, Task, Trajectory, Turn, Verdict
from llm_envs.views import ObsMode, make_view

__all__ = ["ActionMode", "EnvOptions", "LLMEnv", "MultiTurnEnv", "SingleTurnEnv"]

ActionMode = Literal["token", "turn"]

_MAX_DRAWS = 10_000
"""A split gets at least a tenth of all tasks; that many misses in a row mean that it has none."""

_REPLY_CHARS = 2**30
"""A text action of any length has a verdict; only what fits the turn is encoded."""


class EnvOptions(TypedDict, total=False):
    """Arguments that every env takes, through `gym.make` or directly.

    - `tokenizer`: `"bytes"`, a path or Hub name, a Hugging Face tokenizer, or a ChatTokenizer.
    - `action`: `"token"` (one id a step) or `"turn"` (one whole reply, as text, a step).
    - `obs`: `"delta"`, `"last"`, `"padded"` or `"text"`; see `llm_envs.views`.
    - `split`: `"train"`, `"validation"` or `"test"`.
    - `difficulty`: one of the env's `difficulties`, or a `Curriculum`; None leaves it to the env.
    - `max_new_tokens`, `max_turns`, `context_length`: see `llm_envs.session.Limits`.
    - `render_mode`: None, `"ansi"` or `"human"`.
    - `env_id`: the name that tasks are drawn under; registration sets it.
    """

    tokenizer: Any
    action: ActionMode
    obs: ObsMode
    split: str
    difficulty: int | Curriculum | None
    max_new_tokens: int | None
    max_turns: int | None
    context_length: int | None
    render_mode: str | None
    env_id: str


class LLMEnv(gymnasium.Env[Any, Any], ABC):
    """A family of tasks, played token by token.

    Subclasses give the tasks and the verdict; class attributes give the defaults.

    Attributes:
        difficulties: what `difficulty` may be; None where the env has no such thing.
        reward_range: lowest and highest reward a verdict may give; an instance may set its own before
            `super().__init__`.
        disjoint_splits: deal every task to one split for good, by a hash of its prompt. For families so small that
            two splits would share many tasks by chance.
        resources: what an open episode holds that a machine has few of: "sandbox", "browser". The harness limits them.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "human"], "render_fps": 1}  # noqa: RUF012 (Gymnasium's own annotation)
    max_new_tokens: ClassVar[int] = 512
    max_turns: ClassVar[int] = 1
    context_length: ClassVar[int] = 4096
    difficulties: ClassVar[range | None] = None
    reward_range: tuple[float, float] = (0.0, 1.0)
    disjoint_splits: ClassVar[bool] = False
    resources: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **options: Unpack[EnvOptions]) -> None:
        _check_names(type(self), options)
        self.render_mode = _one_of("render_mode", options.get("render_mode"), (None, *self.metadata["render_modes"]))
        self.action_mode = _one_of("action", options.get("action", "token"), get_args(ActionMode))
        self.split = _one_of("split", options.get("split", "train"), SPLITS)
        difficulty = options.get("difficulty")
        self.curriculum = difficulty if isinstance(difficulty, Curriculum) else None
        self.default_difficulty = self._checked_difficulty(self.curriculum.level if self.curriculum else difficulty)
        self.difficulty = self.default_difficulty
        self.env_id = options.get("env_id") or f"{type(self).__module__}:{type(self).__qualname__}"
        self.limits = Limits(
            max_new_tokens=_positive("max_new_tokens", options.get("max_new_tokens"), self.max_new_tokens),
            max_turns=_positive("max_turns", options.get("max_turns"), self.max_turns),
            context_length=_positive("context_length", options.get("context_length"), self.context_length),
        )
        self.chat = load_tokenizer(options.get("tokenizer", "bytes"))
        self._check_turns()
        self.obs_mode = options.get("obs", "delta")
        self.session = Session(self.chat, self, self.limits, self.reward_range)
        self._view = make_view(self.obs_mode, self.chat, self.limits.context_length)
        self.observation_space = self._view.space
        self.action_space = self._make_action_space()
        self._seed: int | None = None
        self._index = 0
        self._stops = self.chat.stop_ids
        self._vocab_size = self.chat.vocab_size
        self._pending: list[int] = []
        self._budget = 0
        self._shown = 0

    # What authors write

    @abstractmethod
    def sample(self, rng: np.random.Generator) -> Task:
        """Draw one task; all randomness comes from `rng`, the difficulty from `self.difficulty`."""

    @abstractmethod
    def verify(self, task: Task, reply: str) -> Verdict | float:
        """Judge the episode: a Verdict, or a score in [0, 1]. `reply` is the policy's last turn, as text."""

    @abstractmethod
    def respond(self, task: Task, reply: str) -> Sequence[Message] | StopReason:
        """Answer a finished turn with messages, or end the episode with `END_OF_TURN`, `SOLVED` or `GAVE_UP`."""

    def begin(self, task: Task) -> None:
        """Set up what an episode of `task` needs beyond the task itself."""

    def demonstrate(self, task: Task) -> Sequence[str]:
        """The replies, turn by turn, of a policy that solves `task`."""
        raise NotImplementedError(f"{type(self).__name__} has no oracle: override demonstrate(task)")

    # What Gymnasium calls

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Open the next episode.

        Args:
            seed: start the sequence of tasks that belongs to this seed, at its first task. Without one, go on with
                the sequence at hand.
            options: `{"index": i}` goes to task i of the sequence; `{"difficulty": d}` sets this episode's difficulty.

        Raises:
            BadOption: a seed, index or difficulty that cannot be.
            ContextTooSmall: the prompt leaves no room for a reply.
        """
        self._locate(seed, _checked_options(options))
        self.session.close()
        self._pending = []
        self._budget = 0
        task = self._draw()
        self.begin(task)
        prompt_ids = self.session.begin(task)
        self._budget = self.session.budget
        self._shown = 0
        info: dict[str, Any] = {"task_id": task.id, "prompt_length": len(prompt_ids)}
        if self.obs_mode == "last":
            info["prompt_ids"] = tuple(prompt_ids.tolist())
        self._show()
        return self._view.begin(prompt_ids), info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Append one token, or one turn of text; see `action`.

        Raises:
            ResetNeeded: no episode is open.
            InvalidAction: the action is outside the action space.
        """
        if self.action_mode == "turn":
            turn = self._push_text(action)
            return self._view.extend(turn.ids), turn.reward, turn.terminated, turn.truncated, turn.info
        token = self._checked_token(action)
        self._pending.append(token)
        if token not in self._stops and len(self._pending) < self._budget:
            return self._view.extend_one(token), 0.0, False, False, {}
        seen = len(self._pending) - 1
        turn = self._commit()
        return self._view.extend(turn.ids[seen:]), turn.reward, turn.terminated, turn.truncated, turn.info

    def render(self) -> str | None:
        """The episode so far, as coloured text, where `render_mode="ansi"`."""
        if self.render_mode != "ansi":
            return None
        from llm_envs.render import transcript  # imported where used: rich is slow to import

        return transcript(self.session, self.chat.decode(self._pending))

    # What trainers call

    def push(self, ids: ArrayLike, logprobs: ArrayLike | None = None) -> Turn:
        """Take a whole turn, or a piece of one, at once; equal to stepping through `ids` one by one.

        Args:
            ids: sampled token ids, shape (n,).
            logprobs: their log-probabilities under the sampler, shape (n,).

        Raises:
            ResetNeeded: no episode is open.
            InvalidAction: ids are no token ids, or logprobs do not match them.
        """
        self._flush()
        turn = self._push(ids, logprobs)
        if turn.ids.size:
            self._view.extend(turn.ids)
        return turn

    def cut_off(self, reason: StopReason = StopReason.MAX_NEW_TOKENS) -> Turn:
        """End the open turn where it stands, and with it the episode, for a policy with limits of its own.

        Args:
            reason: `MAX_NEW_TOKENS` or `CONTEXT_FULL`.

        Raises:
            ResetNeeded: no episode is open.
        """
        self._flush()
        return self._settled(lambda: self.session.cut_off(reason))

    @property
    def task(self) -> Task:
        """The task being played, its answer included."""
        return self.session.task

    @property
    def index(self) -> int:
        """The place of the current task in its seed's sequence."""
        return self._index

    @property
    def budget(self) -> int:
        """How many more ids the current turn may take; 0 once the episode is over."""
        return self._budget - len(self._pending)

    def context(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        """All ids of the episode so far, a copy, shape (T,)."""
        self._flush()
        return self.session.context()

    def trajectory(self) -> Trajectory:
        """The finished episode, as trainers want it.

        Raises:
            ResetNeeded: the episode is still open.
        """
        return self.session.trajectory()

    # How it is done

    def _check_turns(self) -> None:
        """Raise TemplateRefused now, not in the middle of an episode, where a template cannot take a second turn."""
        if self.limits.max_turns > 1:
            question, reply = Message(role="user", content="a"), Message(role="assistant", content="b")
            self.chat.encode_delta([question, reply], [question], min(self.chat.stop_ids))

    def _make_action_space(self) -> spaces.Space[Any]:
        if self.action_mode == "turn":
            return Text(_REPLY_CHARS)
        return spaces.Discrete(self.chat.vocab_size)

    def _locate(self, seed: int | None, options: dict[str, Any]) -> None:
        """Set seed, index and difficulty of the episode to open."""
        index = options.pop("index", None)
        index = None if index is None else _natural("index", index)
        difficulty = options.pop("difficulty") if "difficulty" in options else self._next_difficulty()
        difficulty = self._checked_difficulty(difficulty)
        if options:
            raise BadOption(
                f"unknown reset option {next(iter(options))!r}",
                expected="index, difficulty",
                received=options,
                next_step=did_you_mean(str(next(iter(options))), ("index", "difficulty")),
            )
        if seed is not None:
            self._seed, self._index = _natural("seed", seed), 0
        elif self._seed is None:
            self._seed, self._index = seeding.np_random()[1], 0
        else:
            self._index += 1
        self._index = self._index if index is None else index
        self.difficulty = difficulty

    def _next_difficulty(self) -> int | None:
        """What holds unless the reset options say otherwise."""
        if self.curriculum is None or self.difficulties is None:
            return self.default_difficulty
        return self.curriculum.choose(self.difficulties)

    def _draw(self) -> Task:
        """The task at the current place of the sequence."""
        seed = self._seed or 0
        rng = task_generator(self.env_id, self.split, seed, self._index)
        self._np_random, self._np_random_seed = rng, seed
        task = self._checked_task(self.sample(rng))
        for _ in range(_MAX_DRAWS):
            if not self.disjoint_splits or bucket(task) == self.split:
                return task if task.id else replace(task, id=f"{self.env_id}/{self.split}/{seed}/{self._index}")
            task = self._checked_task(self.sample(rng))
        raise BadTask(f"no task of {self.env_id!r} falls into split {self.split!r}: the family is too small for splits")

    def _checked_task(self, task: Any) -> Task:
        if isinstance(task, Task):
            return task
        raise BadTask(f"`sample` of {self.env_id!r} gave no task", expected="a llm_envs.Task", received=task)

    def _checked_difficulty(self, difficulty: Any) -> int | None:
        number = _integer(difficulty)
        if difficulty is None or (self.difficulties is not None and number in self.difficulties):
            return number
        if self.difficulties is None:
            raise BadOption(
                f"{type(self).__name__} has no difficulty to set",
                expected="None",
                received=repr(difficulty),
                next_step="Leave difficulty out.",
            )
        raise BadOption(
            "difficulty is out of range",
            expected=f"an integer from {self.difficulties[0]} to {self.difficulties[-1]}, or None",
            received=repr(difficulty),
            next_step="Leave it out to let the env mix its levels; a Curriculum(), at make, follows the success rate.",
        )

    def _checked_token(self, action: Any) -> int:
        token = _integer(action)
        if self._budget and token is not None and 0 <= token < self._vocab_size:
            return token
        self.session.require_open()
        raise InvalidAction(
            "the action is outside the action space",
            expected=f"one token id in [0, {self._vocab_size})",
            received=repr(action),
            next_step='For whole replies as text, make the env with action="turn".'
            if isinstance(action, str)
            else "Pass one integer.",
        )

    def _push_text(self, reply: Any) -> Turn:
        if not isinstance(reply, str):
            raise InvalidAction(
                "the action is outside the action space",
                expected="one reply as text",
                received=repr(reply),
                next_step='For token ids, make the env with action="token".',
            )
        self.session.require_open()
        ids = self.chat.encode_reply(reply[: self._budget * self.chat.max_chars_per_id])
        return self._push(ids)

    def _commit(self) -> Turn:
        """Hand the session the turn that single steps have completed."""
        pending, self._pending = self._pending, []
        return self._push(pending)

    def _push(self, ids: ArrayLike, logprobs: ArrayLike | None = None) -> Turn:
        return self._settled(lambda: self.session.push(ids, logprobs))

    def _settled(self, take: Callable[[], Turn]) -> Turn:
        """The turn that the session takes, and what follows from it."""
        try:
            turn = take()
        finally:
            self._budget = self.session.budget  # an error while answering ends the episode too
        if self.curriculum and self.session.verdict and self.difficulty is not None:
            self.curriculum.record(self.difficulty, success=self.session.verdict.correct)
        self._show()
        return turn

    def _flush(self) -> None:
        """Hand the session what single steps have sampled of an unfinished turn."""
        if self._pending:
            self._commit()

    def _show(self) -> None:
        if self.render_mode != "human":
            return
        from llm_envs.render import transcript  # imported where used: rich is slow to import

        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        print(transcript(self.session, start=self._shown, colour=colour), end="", flush=True)  # noqa: T201 (this is human rendering)
        self._shown = len(self.session.context())


class SingleTurnEnv(LLMEnv):
    """An env whose episodes are one question and one reply."""

    def respond(self, task: Task, reply: str) -> StopReason:
        """The one reply ends the episode."""
        return StopReason.END_OF_TURN


class MultiTurnEnv(LLMEnv):
    """An env whose world answers: subclasses write `respond`, and may keep an episode's state on `self`."""

    max_turns: ClassVar[int] = 16


def _check_names(env_class: type[LLMEnv], options: Mapping[str, Any]) -> None:
    for name in options.keys() - EnvOptions.__annotations__.keys():
        known = _own_arguments(env_class) | EnvOptions.__annotations__.keys() - {"env_id"}
        raise BadOption(
            f"unknown argument {name!r} for {env_class.__name__}",
            expected=", ".join(sorted(known)),
            received=f"{name}={options[name]!r}",
            next_step=did_you_mean(name, known),
        )


def _own_arguments(env_class: type[LLMEnv]) -> set[str]:
    """Names that the constructors of the class and its bases spell out."""
    constructors = [vars(base)["__init__"] for base in env_class.__mro__ if "__init__" in vars(base)]
    parameters = [parameter for init in constructors for parameter in inspect.signature(init).parameters.values()]
    return {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def _checked_options(options: Any) -> dict[str, Any]:
    if options is None or isinstance(options, Mapping):
        return dict(options or {})
    raise BadOption(
        "reset options are no mapping",
        expected='such as options={"index": 3}',
        received=repr(options),
        next_step="Pass a dict, or leave options out.",
    )


def _one_of(name: str, value: Any, allowed: Sequence[Any]) -> Any:
    if value in allowed:
        return value
    raise BadOption(
        f"unknown {name}",
        expected=f"{name}= one of {', '.join(map(repr, allowed))}",
        received=repr(value),
        next_step=did_you_mean(str(value), [word for word in allowed if word]),
    )


def _positive(name: str, value: int | None, default: int) -> int:
    number = _integer(default if value is None else value)
    if number is not None and number > 0:
        return number
    raise BadOption(
        f"{name} is out of range",
        expected="a positive integer",
        received=repr(value),
        next_step=f"Leave {name} out to use the env's own, {default}.",
    )


def _natural(name: str, value: Any) -> int:
    number = _integer(value)
    if number is not None and number >= 0:
        return number
    raise BadOption(
        f"{name} is out of range",
        expected="a non-negative integer",
        received=repr(value),
        next_step=f"Pass {name}=0 or above.",
    )


def _integer(value: Any) -> int | None:
    try:
        return operator.index(value)
    except TypeError:
        return None
