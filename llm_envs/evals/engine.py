"""Plays the attempts of a plan, many at a time, and writes down everything as it happens.

An attempt ends in one of three ways that are never mixed: scored, a model's fault included, which the env's rules
score; or without a reward, because infrastructure failed; or not at all, because the run stopped, and then it goes on
where it was when the run is taken up again: the journal's replies are played into the same task, and only what was
never answered is asked.

What it deliberately does not do: it works out no figures (`summary`), shows nothing (`live`), and decides nothing about
how patiently a model is asked (that is the model's own business).
"""

from __future__ import annotations

import asyncio
import json
import time
import traceback
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from llm_envs.env import LLMEnv
from llm_envs.errors import BadOption, InfrastructureError, LLMEnvsError, Outage, did_you_mean
from llm_envs.evals.episode import Diverged, Player
from llm_envs.evals.folder import Listener, RunFolder
from llm_envs.evals.hands import Hands
from llm_envs.evals.journal import Journal
from llm_envs.evals.records import Episode, ErrorRecord, Phase, Reply, outcome_record, reply_record
from llm_envs.evals.tally import Tally
from llm_envs.policies.model import Attempt, Completion, Model, Query
from llm_envs.registry import row

__all__ = ["Engine", "Settings"]

_MESSAGE_CHARS = 1_000
"""Of an error; the journal is no place for the megabytes that some exceptions quote."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Settings:
    """How fast and how patiently; nothing that could change a figure.

    Args:
        concurrency: questions that may be open at a time.
        verifiers: envs that may make a task, answer or judge at a time.
        resources: episodes at a time for envs that declare a resource, such as `{"sandbox": 4, "browser": 2}`.
        env_timeout_s: for an env to make its task, or to answer one turn.
        reply_timeout_s: for a model to answer, all its own patience included.

    Raises:
        BadOption: a number is not positive.
    """

    concurrency: int = 64
    verifiers: int = 8
    resources: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_RESOURCES))
    env_timeout_s: float = 120.0
    reply_timeout_s: float = 3600.0

    def __post_init__(self) -> None:
        numbers = {name: getattr(self, name) for name in ("concurrency", "verifiers", "env_timeout_s")}
        for name, value in {**numbers, **self.resources}.items():
            if not value > 0:
                raise BadOption(f"{name} is out of range", expected="a number above 0", received=repr(value))
        for name in self.resources.keys() - DEFAULT_RESOURCES.keys():
            raise BadOption(
                f"there is no resource {name!r} to limit",
                expected=", ".join(sorted(DEFAULT_RESOURCES)),
                received=name,
                next_step=did_you_mean(name, DEFAULT_RESOURCES),
            )


DEFAULT_RESOURCES: Mapping[str, int] = {"sandbox": 8, "browser": 2}
"""What envs may declare to need while an episode is open, and how many of these a usual machine bears."""


class Engine:
    """One sitting of a run.

    Args:
        enough: told every outcome, episodes of earlier sittings first; True ends the run early, episodes already begun
            being finished.
    """

    def __init__(
        self,
        folder: RunFolder,
        model: Model,
        settings: Settings | None = None,
        *,
        enough: Callable[[Episode | ErrorRecord], bool] = lambda _: False,
    ) -> None:
        self.plan = folder.plan
        self.tally = Tally()
        self._folder = folder
        self._model = model
        self._settings = settings or Settings()
        self._enough = enough
        self._stopping = False
        self._full = False
        self._heard: dict[Attempt, deque[Reply]] = {}
        self._scored: set[Attempt] = set()
        self._first_start_s = time.time()

    def stop(self) -> None:
        """Ask nothing more; questions that are open are still heard, and `run` returns."""
        self._stopping = True
        self.tally.notes.append("Stopping once the open questions are answered; Ctrl-C again stops at once.")

    @property
    def is_complete(self) -> bool:
        """Every attempt has been scored."""
        return len(self._scored) >= self.plan.episodes

    async def run(self) -> None:
        """Play what is left to play. It can be called once.

        Raises:
            Outage: the model has answered nobody for a while.
            LLMEnvsError: nobody will fare better: a wrong key, an env that cannot be made, a full disk.
        """
        self.tally.planned = self.plan.episodes
        with Journal(self._folder.journal) as self._journal:
            self._recover()
            async with self._ready():
                self._journal.write({"kind": "start", "time": time.time(), **self._model_says()})
                await self._play_all()
            self._journal.write({"kind": "end", "time": time.time(), "complete": self.is_complete})

    def _model_says(self) -> dict[str, Any]:
        """What the model has settled of the envs, for those who play the episodes again without it."""
        options = json.loads(json.dumps(dict(self._model.env_options), default=str))
        return {"level": self._model.level, "env_options": options}

    def _recover(self) -> None:
        """Read what earlier sittings have left."""
        listener, starts = Listener(), []
        for record in self._journal.records():
            if record["kind"] == "start":
                starts.append(record["time"])
            outcome = listener.hear(record)
            if isinstance(outcome, Episode):
                self._scored.add(outcome.attempt)
                self.tally.count(outcome, fresh=False)
                self._full = self._enough(outcome) or self._full
        self._heard = {attempt: deque(replies) for attempt, replies in listener.unfinished.items()}
        self._first_start_s = min(starts, default=self._first_start_s)

    @asynccontextmanager
    async def _ready(self) -> AsyncIterator[None]:
        """Everything that a sitting needs, and lets go of."""
        self._hands = Hands(self._settings.verifiers)
        self._places = asyncio.Semaphore(self._settings.concurrency)
        self._resources = {name: asyncio.Semaphore(count) for name, count in self._settings.resources.items()}
        self._envs: dict[str, list[LLMEnv]] = defaultdict(list)
        async with AsyncExitStack() as stack:
            stack.callback(self._hands.close)
            stack.push_async_callback(self._close_envs)
            for env in self.plan.envs:
                self._envs[env.label].append(await self._first(env.label))
            stack.push_async_callback(self._model.close)
            if not (self.is_complete or self._full):
                await self._model.open()
            yield

    async def _first(self, label: str) -> LLMEnv:
        """An env of each kind is made before anybody is asked: what is wrong with all of them is told at once."""
        try:
            return await self._hands.do(partial(self._make, label), self._settings.env_timeout_s)
        except TimeoutError as error:
            raise InfrastructureError(
                f"{label} has not been made",
                expected=f"an env within {self._settings.env_timeout_s:g} s",
                next_step="See what its constructor waits for.",
            ) from error

    def _make(self, label: str) -> LLMEnv:
        env = self.plan.env(label)
        return row(env.id).make(**{**self._model.env_options, "split": self.plan.split, **env.options})

    async def _close_envs(self) -> None:
        """Close them all; those that have not let go in time are left alone."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.env_timeout_s):
                await asyncio.gather(*(self._close(env) for envs in self._envs.values() for env in envs))

    async def _play_all(self) -> None:
        todo = (attempt for attempt in self.plan.attempts() if attempt not in self._scored)
        crew = self._settings.concurrency + 2 * self._settings.verifiers
        crew = min(crew, self.plan.episodes - len(self._scored))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(crew):
                    group.create_task(self._play_some(todo))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors.exceptions[0].__cause__

    async def _play_some(self, todo: Iterator[Attempt]) -> None:
        while not (self._stopping or self._full):
            attempt = next(todo, None)
            if attempt is None:
                return
            with suppress(_Stopped):
                self._settle(await self._outcome(attempt))

    def _settle(self, outcome: Episode | ErrorRecord) -> None:
        """Write down how an attempt has ended."""
        try:
            self._journal.write(outcome_record(outcome))
        except (TypeError, ValueError) as error:  # an env may put into a verdict what no journal can hold
            outcome = _Failure("verifier", 0, error).record(outcome.attempt)
            self._journal.write(outcome_record(outcome))
        if isinstance(outcome, Episode):
            self._scored.add(outcome.attempt)
        self.tally.count(outcome)
        self._full = self._enough(outcome) or self._full

    async def _outcome(self, attempt: Attempt) -> Episode | ErrorRecord:
        """Play one attempt to its end."""
        try:
            async with self._seat(attempt.env) as env:
                return await self._play(env, attempt)
        except _Failure as failure:
            return failure.record(attempt)

    async def _play(self, env: LLMEnv, attempt: Attempt) -> Episode:
        while True:
            player = Player(env, attempt, self.plan.seed, self._model.level)
            try:
                return await self._play_once(player)
            except Diverged as divergence:
                self._heard.pop(attempt, None)
                self.tally.restarted += 1
                self.tally.notes.append(f"{attempt.env} {attempt.task}.{attempt.sample} began again: {divergence}")
                self._journal.write(
                    {"kind": "restart", **attempt._asdict(), "turn": player.turn, "message": str(divergence)}
                )

    async def _play_once(self, player: Player) -> Episode:
        heard = self._heard.get(player.attempt, deque())
        await self._work("env", player.begin)
        over = False
        while not over:
            reply = heard.popleft() if heard else await self._ask(player)
            over = await self._work("verifier", partial(player.take, reply))
        if heard:
            raise Diverged(f"it is over after turn {player.turn}, but had gone on")
        try:
            return player.episode(time.time() - self._first_start_s)
        except Exception as error:  # an author's task may hold what cannot be told
            raise _Failure("env", player.turn, error) from error

    async def _ask(self, player: Player) -> Reply:
        """The model's next turn, written down the moment it is there."""
        began_s = time.perf_counter()
        async with self._places:
            if self._stopping:
                raise _Stopped
            queued_s = time.perf_counter() - began_s
            query = Query(player.env, player.attempt, player.turn, self.plan.seed)
            self.tally.asking += 1
            try:
                async with asyncio.timeout(self._settings.reply_timeout_s):
                    completion = await self._model.reply(query)
            except (Exception, asyncio.CancelledError) as error:
                if _is_cancelled(error):
                    raise
                if self._stopping:  # Ctrl-C reaches processes of the model's, too
                    raise _Stopped from error
                if _stops_all(error):
                    raise
                raise _Failure("model", player.turn, error) from error
            finally:
                self.tally.asking -= 1
            reply = _reply(completion, player, queued_s)
            self._journal.write(reply_record(player.attempt, reply))
        self.tally.hear(reply)
        return reply

    async def _work(self, phase: Phase, work: Callable[[], Result]) -> Result:
        """Let an env do something, in a thread."""
        self.tally.working += 1
        try:
            return await self._hands.do(work, self._settings.env_timeout_s)
        except Diverged:
            raise
        except Exception as error:
            raise _Failure(phase, 0, error) from error
        finally:
            self.tally.working -= 1

    @asynccontextmanager
    async def _seat(self, label: str) -> AsyncIterator[LLMEnv]:
        """An env for one episode; one that has failed is not used again."""
        free = self._envs[label]
        async with AsyncExitStack() as stack:
            env = free.pop() if free else await self._work("env", partial(self._make, label))
            for name in env.resources:
                await stack.enter_async_context(self._resources[name])
            try:
                yield env
            except _Failure as failure:
                if failure.phase == "model":
                    free.append(env)
                elif not isinstance(failure.error, TimeoutError):  # one that hangs would hang here, too
                    await self._close(env)
                raise
            except _Stopped:
                free.append(env)
                raise
            free.append(env)

    async def _close(self, env: LLMEnv) -> None:
        with suppress(Exception):  # what an env leaves behind is no reason to lose a run's end
            await self._hands.do(env.close, self._settings.env_timeout_s)


class _Stopped(Exception):
    """The run stops before this question was asked."""


class _Failure(Exception):
    """Infrastructure has ended an attempt."""

    def __init__(self, phase: Phase, turn: int, error: BaseException) -> None:
        super().__init__(phase, turn, error)
        self.phase, self.turn, self.error = phase, turn, error

    def record(self, attempt: Attempt) -> ErrorRecord:
        """What the journal says of it."""
        error, place = self.error, traceback.extract_tb(self.error.__traceback__)[-1:]
        if isinstance(error, LLMEnvsError):
            place = []  # it says what there is to say
        message = " ".join([_words(error), *(f"({frame.filename}:{frame.lineno})" for frame in place)])
        return ErrorRecord(*attempt, self.phase, type(error).__name__, message[:_MESSAGE_CHARS], self.turn)


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as another:  # noqa: BLE001 (an author's exception may fail at this, too)
        return f"a {type(another).__name__} hides what it says"


def _is_cancelled(error: BaseException) -> bool:
    """This task is to end; or else something that a model waited for was cancelled, which is the model's affair."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def _stops_all(error: BaseException) -> bool:
    """Whether nobody else will fare better than the attempt that met it."""
    if isinstance(error, InfrastructureError):
        return isinstance(error, Outage)
    return isinstance(error, LLMEnvsError)


def _reply(completion: Completion, player: Player, queued_s: float) -> Reply:
    return Reply(
        turn=player.turn,
        seen=player.seen,
        text=completion.text,
        finish=completion.finish,
        ids=None if completion.ids is None else [int(i) for i in completion.ids],
        logprobs=None if completion.logprobs is None else [round(float(p), 6) for p in completion.logprobs],
        prompt_tokens=None if completion.prompt_tokens is None else int(completion.prompt_tokens),
        sampled_tokens=None if completion.sampled_tokens is None else int(completion.sampled_tokens),
        tries=completion.tries,
        took_s=round(float(completion.took_s), 6),
        queued_s=round(queued_s, 6),
        cached=completion.cached,
    )
