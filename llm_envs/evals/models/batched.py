"""A policy behind a queue: whoever asks while a batch is being sampled is in the next one.

What is said does not depend on who else asks: the noise of each token is keyed by the run's seed, the attempt and the
place in the context. (Sums that come out otherwise in the last bit in another batch may, once in many thousand tokens,
tip a choice that was on edge.)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from llm_envs.chat import ChatTokenizer
from llm_envs.errors import InfrastructureError, LLMEnvsError, ModelUnavailable, Outage
from llm_envs.evals.hands import Hands
from llm_envs.policies.model import Completion, Decoding, Finish, Level, Query
from llm_envs.policies.noise import key
from llm_envs.policies.policy import Policy, Reply, Request, Sampling

__all__ = ["Batched"]

_GATHER_S = 0.003
"""Episodes whose turns ended together ask within this time of each other."""

_FAILURES_MOST = 3
"""Batches in a row that fail before the model counts as gone."""


class _Open(NamedTuple):
    """A question that waits for its batch."""

    request: Request
    reply: asyncio.Future[Reply]


class Batched:
    """A policy as a model.

    Args:
        load: makes the policy; called once, in a thread. A policy with `close` is closed in the end.
        chat: the policy's tokenizer.
        decoding: its temperature; 1 where it has none.
        env_options: the tokenizer, and the limits of the policy.
        most: questions in a batch.
    """

    level: Level = "token"

    def __init__(
        self,
        load: Callable[[], Policy],
        chat: ChatTokenizer,
        decoding: Decoding,
        *,
        env_options: Mapping[str, Any],
        most: int,
    ) -> None:
        self.env_options = env_options
        self._load = load
        self._chat = chat
        self._sampling = Sampling(1.0 if decoding.temperature is None else decoding.temperature)
        self._most = most
        self._policy: Policy | None = None
        self._hands = Hands(1)
        self._waiting: list[_Open] = []
        self._asked = asyncio.Event()
        self._server: asyncio.Task[None] | None = None
        self._failures = 0

    async def open(self) -> None:
        """Load the policy.

        Raises:
            LLMEnvsError: it cannot be loaded.
        """
        self._policy = await self._hands.do(self._load, None)
        self._server = asyncio.create_task(self._serve(self._policy))

    async def close(self) -> None:
        """Let go of the policy; questions that still wait are not answered."""
        if self._server:
            self._server.cancel()
            await asyncio.gather(self._server, return_exceptions=True)
        self._hands.close()
        close = getattr(self._policy, "close", None)
        if close:
            close()
        self._policy = None

    async def reply(self, query: Query) -> Completion:
        """The turn that the policy samples.

        Raises:
            ModelUnavailable: its batch has failed.
            Outage: several batches in a row have failed.
        """
        began_s = time.perf_counter()
        request = Request(query.env.context(), query.env.budget, key(query.seed, *query.attempt))
        waiting = _Open(request, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._asked.set()
        ids, logprobs = await waiting.reply
        is_whole = int(ids[-1]) in self._chat.stop_ids
        return Completion(
            text=self._chat.decode(ids[:-1] if is_whole else ids),
            ids=ids.tolist(),
            logprobs=logprobs.tolist(),
            finish="stop" if is_whole else _limit(query, len(request.context) + len(ids)),
            prompt_tokens=len(request.context),
            sampled_tokens=len(ids),
            took_s=time.perf_counter() - began_s,
        )

    async def _serve(self, policy: Policy) -> None:
        while True:
            await self._asked.wait()
            await asyncio.sleep(_GATHER_S)
            batch = [waiting for waiting in self._waiting[: self._most] if not waiting.reply.done()]
            del self._waiting[: self._most]
            if not self._waiting:
                self._asked.clear()
            await self._answer(policy, batch)

    async def _answer(self, policy: Policy, batch: list[_Open]) -> None:
        work = partial(policy.generate, [waiting.request for waiting in batch], self._sampling)
        try:
            answered = list(zip(batch, await self._hands.do(work, None), strict=True))
        except Exception as error:  # noqa: BLE001 (whatever a model on some device may raise)
            self._fail(batch, error)
            return
        self._failures = 0
        for waiting, reply in answered:
            if not waiting.reply.done():
                waiting.reply.set_result(reply)

    def _fail(self, batch: list[_Open], error: Exception) -> None:
        self._failures += 1
        for waiting in batch:
            if not waiting.reply.done():
                waiting.reply.set_exception(error if isinstance(error, LLMEnvsError) else self._failure(error))

    def _failure(self, error: Exception) -> InfrastructureError:
        kind = Outage if self._failures >= _FAILURES_MOST else ModelUnavailable
        failure = kind(
            f"sampling has failed with {type(error).__name__}: {error}",
            expected="a batch of replies",
            next_step="Where memory is short, lower --concurrency; then give the same command again.",
        )
        failure.__cause__ = error
        return failure


def _limit(query: Query, length: int) -> Finish:
    """Which limit has cut a turn off that left a context of `length`."""
    return "context" if length >= query.env.limits.context_length else "length"
