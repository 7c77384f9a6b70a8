"""The `Model`: asks an endpoint, as patiently as is needed, and for no longer than makes sense.

Where the endpoint gives token ids and log-probabilities, completions have them. Episodes are played at the turn level,
by messages, unless a tokenizer is given: then contexts are sent as token ids, and those that were sampled come back.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from llm_envs.errors import (
    BadOption,
    EndpointRefused,
    MissingExtra,
    ModelUnavailable,
    Outage,
    UnknownModel,
    did_you_mean,
)
from llm_envs.policies.endpoint.address import checked_address
from llm_envs.policies.endpoint.answers import NoAnswer, Refusal, Spoken, read
from llm_envs.policies.endpoint.breaker import Breaker
from llm_envs.policies.endpoint.key import Key
from llm_envs.policies.endpoint.patience import Patience
from llm_envs.policies.endpoint.questions import Question, Questions
from llm_envs.policies.endpoint.throttle import Throttle
from llm_envs.policies.model import Completion, Decoding, Level, Query

if TYPE_CHECKING:
    from llm_envs.policies.endpoint.connection import Connection

__all__ = ["Endpoint"]

_PREFLIGHT_TRIES = 3
_PREFLIGHT_S = 15.0
_REJECTIONS_AT_FIRST = 3
"""Questions that are called wrong before any was answered: then the fault is not theirs."""

_AMPLE_TURN, _AMPLE_CONTEXT = 2**24, 2**26
"""Ids: more than any endpoint gives, so that its limits cut and not the env's."""

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
        self._connection: Connection | None = None
        self._deadlines: dict[asyncio.Timeout, Callable[[], float]] = {}
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
        room = {"max_new_tokens": _AMPLE_TURN, "context_length": _AMPLE_CONTEXT}
        return {"tokenizer": self._tokenizer or "bytes", **room}

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
        status, body = await self._preflight()
        if status == 401:
            raise self._refused(Refusal(status, self._key.hide(body.decode("utf-8", "replace"))))
        if status == 200:
            self._look_for_model(_cards(body))

    async def _preflight(self) -> tuple[int, bytes]:
        """What stands at /models."""
        for failed in range(1, _PREFLIGHT_TRIES + 1):
            try:
                async with asyncio.timeout(_PREFLIGHT_S):
                    status, _, body = await self._wire.ask("/models")
                if status < 500 or failed == _PREFLIGHT_TRIES:
                    return status, body
                reason = f"status {status}"
            except TimeoutError:
                reason = f"no answer within {_PREFLIGHT_S:g} s"
            except NoAnswer as flaw:
                reason = flaw.reason
            if failed < _PREFLIGHT_TRIES:
                await self._sleep(self._patience.wait_s(failed))
        raise Outage(
            f"nobody answers at {self.base_url}",
            expected="an OpenAI-compatible server",
            received=reason,
            next_step="Start the server, or check the address; servers print it when they are ready.",
        )

    def _look_for_model(self, cards: list[dict[str, Any]]) -> None:
        known = [str(card.get("id")) for card in cards]
        for card in cards:
            if card.get("id") == self.model and isinstance(card.get("max_model_len"), int):
                self._questions.context_length = card["max_model_len"]
        if not known or {self.model, self.model.partition(":")[0]} & {
            *known,
            *(name.partition(":")[0] for name in known),
        }:
            return
        raise UnknownModel(
            f"{self.base_url} has no model {self.model!r}",
            expected="a model that the endpoint has",
            received=self.model,
            next_step=did_you_mean(self.model, known),
        )

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
        tries = failed = 0
        question = self._questions.of(query)
        while True:
            tries += 1
            try:
                spoken = await self._turn(question, failed)
            except NoAnswer as flaw:
                failed += not self.breaker.is_open
                if not self._patience.spend(failed):
                    raise self._unavailable(flaw.reason, tries) from None
                await self._sleep(self._patience.wait_s(failed, flaw.after_s))
            else:
                took_s = self._clock() - began_s
                return dataclasses.replace(self._checked(spoken, query), tries=tries, took_s=took_s)

    async def _turn(self, question: Question, failed: int) -> Spoken:
        """One try, once there is a place and no outage."""
        ticket = await self.throttle.take()
        try:
            probes = await self.breaker.enter()
            try:
                spoken = await self._answer(question, failed)
            except NoAnswer as flaw:
                self.breaker.failed(flaw.reason)
                if flaw.overloaded:
                    self.throttle.slow(ticket)
                raise
            finally:
                self.breaker.leave(probed=probes)
            self.throttle.ease()
            return spoken
        finally:
            self.throttle.leave()

    async def _answer(self, question: Question, failed: int) -> Spoken:
        """What the endpoint says, the question put otherwise where it does not take it as it is."""
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
        body = question.body()
        try:
            async with self._deadline(failed):
                status, headers, body = await self._wire.ask(question.path, body)
        except TimeoutError:
            waited_s = self._patience.deadline_s(failed)
            raise NoAnswer(f"no answer within {waited_s:.0f} s", overloaded=True) from None
        found = read(status, headers, body)
        self.breaker.answered()
        if isinstance(found, Spoken) and self._patience.hear(self._clock() - began_s):
            self._move_deadlines()
        return found

    @asynccontextmanager
    async def _deadline(self, failed: int) -> AsyncIterator[None]:
        """Let a request take as long as is known to make sense; what becomes known meanwhile counts."""
        began_s = asyncio.get_running_loop().time()

        def ends_s() -> float:
            return began_s + self._patience.deadline_s(failed)

        async with asyncio.timeout_at(ends_s()) as timeout:
            self._deadlines[timeout] = ends_s
            try:
                yield
            finally:
                del self._deadlines[timeout]

    def _move_deadlines(self) -> None:
        for timeout, ends_s in self._deadlines.items():
            if not timeout.expired():
                timeout.reschedule(ends_s())

    def _otherwise(self, question: Question, refusal: Refusal) -> Question | None:
        """Another way to put a question that was refused, if there is one."""
        if refusal.is_overflow:
            return question.shorter(refusal.context_length)
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
        if ids is None:
            raise EndpointRefused(
                f"{self.base_url} gives no token ids, which episodes at the token level need",
                expected="token_ids beside the text, as vLLM and SGLang give them for return_token_ids",
                next_step="Leave the tokenizer out to play at the turn level, or serve the model with vLLM.",
            )
        if spoken.prompt_ids is not None and list(spoken.prompt_ids) != query.env.context().tolist():
            raise EndpointRefused(
                f"{self.base_url} does not continue the tokens that it was sent",
                next_step="Serve the model so that prompts of token ids stay as they are.",
            )
        said = ids[:-1] if ids[-1] in chat.stop_ids else ids
        logprobs = completion.logprobs if len(completion.logprobs or ()) == len(ids) else None
        return dataclasses.replace(completion, text=chat.decode(said), logprobs=logprobs)

    # What is said of failures

    def _unavailable(self, reason: str, tries: int) -> ModelUnavailable:
        return ModelUnavailable(
            f"{self.base_url} gave no answer in {tries} tries",
            received=self._key.hide(reason),
            next_step="See to the server, then give the same command again: what was answered is kept.",
        )

    def _rejected(self, refusal: Refusal) -> ModelUnavailable | EndpointRefused:
        """The error for a question that will not be answered."""
        self._rejections += 1
        if refusal.is_final or (not self._answers and self._rejections >= _REJECTIONS_AT_FIRST):
            return self._refused(refusal)
        return ModelUnavailable(
            f"{self.base_url} calls the question wrong (status {refusal.status})",
            received=self._key.hide(refusal.message),
        )

    def _refused(self, refusal: Refusal) -> EndpointRefused:
        advice = {
            401: self._key.advice,
            403: self._key.advice,
            402: "Pay, or ask another endpoint.",
            429: "The quota is used up: pay, or ask another endpoint.",
            404: "Check the model's name, and how the address ends: often in /v1.",
            **dict.fromkeys(range(300, 400), "Give the address that it has moved to, if you trust it."),
            405: "Check how the address ends: often in /v1.",
        }
        return EndpointRefused(
            f"{self.base_url} refuses to answer (status {refusal.status})",
            received=self._key.hide(refusal.message),
            next_step=advice.get(refusal.status, "Ask for what this model takes: look at the sampling options."),
        )


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


def _cards(body: bytes) -> list[dict[str, Any]]:
    """The models that /models lists; none where it lists nothing that can be read."""
    try:
        plain = json.loads(body)
    except ValueError:
        return []
    found = plain.get("data") if isinstance(plain, dict) else plain
    return [card for card in found if isinstance(card, dict)] if isinstance(found, list) else []
