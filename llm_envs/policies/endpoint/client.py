"""The `Model`: asks an endpoint, as patiently as is needed, and for no longer than makes sense.

Where the endpoint gives token ids and log-probabilities, completions have them. Episodes are played at the turn level,
by messages, unless a tokenizer is given: then contexts are sent as token ids, and those that were sampled come back.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from llm_envs.access import Key, checked_address
from llm_envs.errors import BadOption, EndpointRefused, MissingExtra, ModelUnavailable
from llm_envs.policies.endpoint.answers import NoAnswer, Refusal, Spoken, read
from llm_envs.policies.endpoint.breaker import Breaker
from llm_envs.policies.endpoint.complaints import Complaints
from llm_envs.policies.endpoint.patience import Patience
from llm_envs.policies.endpoint.preflight import preflight
from llm_envs.policies.endpoint.questions import Question, Questions
from llm_envs.policies.endpoint.throttle import Throttle
from llm_envs.policies.model import ROOM, Completion, Decoding, Level, Query

if TYPE_CHECKING:
    from llm_envs.policies.endpoint.connection import Connection, Response

__all__ = ["Endpoint"]

_REJECTIONS_AT_FIRST = 3
"""Questions that are called wrong before any was answered: then the fault is not theirs."""

_OURS = frozenset({"model", "messages", "prompt", "stream", "n", "max_tokens", "max_completion_tokens"})
"""Fields that `Decoding.extra` cannot set."""


class Endpoint:
    """A model behind an OpenAI-compatible endpoint.

    The key comes from the environment: `LLM_ENVS_API_KEY` where it is set, else `OPENAI_API_KEY`.

    Args:
        base_url: such as `http://127.0.0.1:8000/v1`.
        model: as the endpoint calls it.
        concurrency: questions that may be open at a time; fewer are where the endpoint is overloaded.
        timeout_s: for one request, at most.
        tokenizer: the model's own, by path or Hub name: play at the token level. The endpoint must give token ids.
        patience, breaker, clock, sleep: other ones for tests.

    Raises:
        BadOption: the address is none or holds a key, the key cannot be sent, or `decoding.extra` sets what is not its.
        MissingExtra: `aiohttp` is not installed.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        decoding: Decoding | None = None,
        concurrency: int = 64,
        timeout_s: float = 600.0,
        tokenizer: str | None = None,
        patience: Patience | None = None,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.base_url = checked_address(base_url)
        self.model = model
        self.throttle = Throttle(concurrency)
        self.breaker = breaker or Breaker(self.base_url, sleep=sleep)
        self._patience = patience or Patience(timeout_s, retries=max(500, 10 * concurrency))
        self._questions = Questions(model, _checked(decoding or Decoding()), as_ids=tokenizer is not None)
        self._tokenizer = tokenizer
        self._concurrency = concurrency
        self._clock, self._sleep = clock, sleep
        self._key = Key()
        self._complaints = Complaints(self.base_url, self._key)
        self._connection: Connection | None = None
        self._deadlines: dict[asyncio.Timeout, tuple[float, int]] = {}
        self._numbers = itertools.count()
        self._answers = self._rejections = 0
        _require_aiohttp()

    def __repr__(self) -> str:
        return f"Endpoint({self.base_url!r}, {self.model!r})"

    @property
    def level(self) -> Level:
        """`token` with a tokenizer, else `turn`."""
        return "token" if self._tokenizer else "turn"

    @property
    def env_options(self) -> Mapping[str, Any]:
        """The tokenizer, and so much room that the endpoint's own limits are the ones that cut."""
        return {"tokenizer": self._tokenizer or "bytes", **ROOM}

    # Beginning and end

    async def open(self) -> None:
        """See whether the endpoint is there, takes the key, and has the model.

        Raises:
            Outage: nobody is there.
            EndpointRefused: the key is wrong.
            UnknownModel: the endpoint has others.
        """
        from llm_envs.policies.endpoint.connection import Connection

        self._connection = Connection(self.base_url, self._key, self._concurrency)
        pause = lambda failed: self._sleep(self._patience.wait_s(failed))
        self._questions.context_length = await preflight(self._connection, self.model, self._complaints, pause)

    async def close(self) -> None:
        """Let go of all connections."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    @property
    def _wire(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the endpoint is not open: await open() first")
        return self._connection

    # One turn

    async def reply(self, query: Query) -> Completion:
        """Take one turn.

        Raises:
            ModelUnavailable: no answer, however often it was asked, or the question was called wrong.
            Outage: nobody has been answered for long.
            EndpointRefused: it will not serve us: the key, the model or the address is wrong.
        """
        began_s = self._clock()
        spoken, tries = await self._persist(self._questions.of(query))
        return dataclasses.replace(self._checked(spoken, query), tries=tries, took_s=self._clock() - began_s)

    async def _persist(self, question: Question) -> tuple[Spoken, int]:
        """The answer, and how many tries it took.

        A question that waits because the endpoint is overloaded keeps its place; else those that follow would use up
        their own tries.
        """
        number = next(self._numbers)
        failed = 0
        for tries in itertools.count(1):
            async with self.throttle.place() as ticket:
                try:
                    return await self._turn(question, number, failed), tries
                except NoAnswer as caught:
                    flaw = caught
                failed += not self.breaker.is_open
                if not self._patience.spend(failed):
                    raise self._complaints.no_answer(flaw.reason, tries)
                wait_s = self._patience.wait_s(failed, flaw.after_s)
                if flaw.overloaded:
                    self.throttle.slow(ticket)
                    await self._sleep(wait_s)
            if not flaw.overloaded:
                await self._sleep(wait_s)
        raise AssertionError("counting never ends")

    async def _turn(self, question: Question, number: int, failed: int) -> Spoken:
        """One try, once there is no outage."""
        probes = await self.breaker.enter()
        try:
            spoken = await self._answer(question, failed)
        except NoAnswer as flaw:
            self.breaker.failed(number, self._key.hide(flaw.reason))
            raise
        finally:
            self.breaker.leave(probed=probes)
        self.throttle.ease()
        return spoken

    async def _answer(self, question: Question, failed: int) -> Spoken:
        """What the endpoint says, the question put otherwise where it does not take it as it is."""
        question = self._questions.current(question)
        while True:
            found = await self._send(question, failed)
            if isinstance(found, Spoken):
                self._answers += 1
                self._questions.learn(question)
                return found
            other = self._otherwise(question, found)
            if other is None and found.is_overflow:
                return Spoken(Completion("", finish="context"), None)
            if other is None:
                raise self._rejected(found)
            question = other

    async def _send(self, question: Question, failed: int) -> Spoken | Refusal:
        began_s = self._clock()
        try:
            status, headers, body = await self._in_time(self._wire.ask(question.path, question.body()), failed)
        except TimeoutError:
            waited_s = self._patience.deadline_s(failed)
            raise NoAnswer(f"no answer within {waited_s:.3g} s", overloaded=True) from None
        found = read(status, headers, body)
        self.breaker.answered()
        if isinstance(found, Spoken) and self._patience.hear(self._clock() - began_s):
            self._move_deadlines()
        return found

    async def _in_time(self, request: Awaitable[Response], failed: int) -> Response:
        """Let a request take as long as is known to make sense; what becomes known meanwhile counts."""
        began_s = asyncio.get_running_loop().time()
        async with asyncio.timeout_at(began_s + self._patience.deadline_s(failed)) as timeout:
            self._deadlines[timeout] = began_s, failed
            try:
                return await request
            finally:
                del self._deadlines[timeout]

    def _move_deadlines(self) -> None:
        for timeout, (began_s, failed) in self._deadlines.items():
            if not timeout.expired():
                timeout.reschedule(began_s + self._patience.deadline_s(failed))

    def _otherwise(self, question: Question, refusal: Refusal) -> Question | None:
        """Another way to put a question that was refused, if there is one."""
        if refusal.is_overflow:
            self._questions.context_length = self._questions.context_length or refusal.context_length
            return question.shorter(refusal.context_length)
        if (current := self._questions.current(question)) is not question:
            return current
        if refusal.status in {400, 403, 422}:
            guess = refusal.status != 403 and not self._questions.is_settled
            return question.simpler(refusal.message, guess=guess)
        return None

    def _checked(self, spoken: Spoken, query: Query) -> Completion:
        """The completion; at the token level, with the ids that there must be, and their text."""
        completion = spoken.completion
        if not self._tokenizer or completion.finish == "context":
            return completion
        chat, ids = query.env.chat, completion.ids
        if ids is None or (completion.text and not ids):
            raise self._complaints.no_ids()
        if not all(0 <= i < chat.vocab_size for i in ids):
            raise self._complaints.strange_ids()
        if spoken.prompt_ids is not None and list(spoken.prompt_ids) != query.env.context().tolist():
            raise self._complaints.other_prompt()
        said = ids[:-1] if ids and ids[-1] in chat.stop_ids else ids
        logprobs = completion.logprobs if len(completion.logprobs or ()) == len(ids) else None
        return dataclasses.replace(completion, text=chat.decode(said), logprobs=logprobs)

    def _rejected(self, refusal: Refusal) -> ModelUnavailable | EndpointRefused:
        """The error for a question that will not be answered."""
        self._rejections += 1
        if refusal.is_final or (not self._answers and self._rejections >= _REJECTIONS_AT_FIRST):
            return self._complaints.refused(refusal)
        return self._complaints.called_wrong(refusal)


def _checked(decoding: Decoding) -> Decoding:
    for name in sorted(_OURS & decoding.extra.keys()):
        raise BadOption(
            f"{name!r} cannot be set as an extra field of requests",
            expected=f"none of {', '.join(sorted(_OURS))}",
            received=name,
            next_step="Leave it out; a limit on tokens is max_tokens of the decoding.",
        )
    return decoding


def _require_aiohttp() -> None:
    try:
        import aiohttp  # noqa: F401 (here to tell at once, not in the middle of a run)
    except ImportError as error:
        raise MissingExtra.of("eval", "aiohttp", "asking an endpoint") from error
