"""A policy behind a queue: what waits is one batch, and what is said does not depend on the batch."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from llm_envs.chat import ByteTokenizer
from llm_envs.errors import ModelUnavailable, Outage
from llm_envs.evals.models.batched import Batched
from llm_envs.policies.model import Attempt, Decoding, Query
from llm_envs.policies.policy import Reply
from llm_envs.registry import row

CHAT = ByteTokenizer()
PATIENCE_S = 30


class Echo:
    """Says the row's key in figures; remembers its batches, and may be told to wait or to fail."""

    def __init__(self):
        self.batches = []
        self.samplings = []
        self.begun = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.errors = []
        self.is_closed = False

    def generate(self, requests, sampling):
        self.batches.append(requests)
        self.samplings.append(sampling)
        self.begun.set()
        assert self.gate.wait(PATIENCE_S)
        if self.errors and (error := self.errors.pop(0)):
            raise error
        texts = [str(request.row)[: request.budget - 1] for request in requests]
        ids = [np.array(CHAT.encode_reply(text), np.int32) for text in texts]
        return [Reply(ids_T, -np.arange(len(ids_T), dtype=np.float32)) for ids_T in ids]

    def close(self):
        self.is_closed = True


def query(task=0, sample=0, seed=0, **options):
    """A question on a fresh episode."""
    env = row("llm/Arithmetic-v0").make(split="test", **options)
    env.reset(seed=0, options={"index": task})
    return Query(env, Attempt("llm/Arithmetic-v0", task, sample), 0, seed)


def asking(ask, policy, decoding=None, most=64):
    """What `ask(model)` gives, the model open meanwhile."""

    async def run():
        model = Batched(lambda: policy, CHAT, decoding or Decoding(), env_options={}, most=most)
        await model.open()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await ask(model)
        finally:
            await model.close()

    return asyncio.run(run())


def test_questions_asked_together_are_one_batch():
    """And each gets its own reply, with ids, log-probabilities and counts."""
    policy, questions = Echo(), [query(task) for task in range(5)]
    said = asking(lambda model: asyncio.gather(*map(model.reply, questions)), policy)
    assert [len(batch) for batch in policy.batches] == [5]
    assert len({completion.text for completion in said}) == 5
    for question, completion, request in zip(questions, said, policy.batches[0], strict=True):
        assert completion.text == str(request.row)
        assert completion.ids == CHAT.encode_reply(completion.text)
        assert completion.logprobs == [-float(i) for i in range(len(completion.ids))]
        assert completion.finish == "stop"
        assert (completion.prompt_tokens, completion.sampled_tokens) == (len(request.context), len(completion.ids))
        assert request.context.tolist() == question.env.context().tolist()
        assert request.budget == question.env.budget


def test_what_is_asked_during_a_batch_is_the_next_one():
    """All of it at once, up to the size that a batch may have."""
    policy = Echo()

    async def ask(model):
        policy.gate.clear()
        first = asyncio.create_task(model.reply(query()))
        assert await asyncio.to_thread(policy.begun.wait, PATIENCE_S)
        others = [asyncio.create_task(model.reply(query(task))) for task in range(1, 8)]
        await asyncio.sleep(0)
        policy.gate.set()
        return await asyncio.gather(first, *others)

    assert len(asking(ask, policy, most=4)) == 8
    assert [len(batch) for batch in policy.batches] == [1, 4, 3]


def test_a_question_has_one_key_however_it_is_batched():
    """The key tells attempts and seeds apart, and is the same alone and in company."""
    questions = [query(task, sample, seed) for task in (0, 1) for sample in (0, 1) for seed in (0, 1)]
    together, alone = Echo(), Echo()
    asking(lambda model: asyncio.gather(*map(model.reply, questions)), together)
    asking(lambda model: asyncio.gather(*map(model.reply, questions)), alone, most=1)
    keys = [[request.row for batch in policy.batches for request in batch] for policy in (together, alone)]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 8


@pytest.mark.parametrize(("temperature", "expected"), [(None, 1.0), (0.0, 0.0), (0.7, 0.7)])
def test_the_temperature_is_the_decodings(temperature, expected):
    """1 where nothing was asked for."""
    policy = Echo()
    asking(lambda model: model.reply(query()), policy, Decoding(temperature=temperature))
    assert policy.samplings[0].temperature == expected


class Endless(Echo):
    """Never ends a turn by itself."""

    def generate(self, requests, sampling):
        return [Reply(np.full(r.budget, 65, np.int32), np.zeros(r.budget, np.float32)) for r in requests]


@pytest.mark.parametrize(
    ("options", "finish"), [({"max_new_tokens": 7}, "length"), ({"context_length": 40}, "context")]
)
def test_a_turn_that_is_cut_off_says_by_what(options, finish):
    """The limit on tokens, or the end of the context."""
    question = query(**options)
    said = asking(lambda model: model.reply(question), Endless())
    assert (said.finish, said.text) == (finish, "A" * question.env.budget)


def test_a_batch_that_fails_fails_its_own_questions_alone():
    """The next one is answered; the cause is told."""
    policy = Echo()
    policy.errors = [MemoryError("no room")]

    async def ask(model):
        with pytest.raises(ModelUnavailable, match="MemoryError: no room") as caught:
            await model.reply(query())
        assert isinstance(caught.value.__cause__, MemoryError)
        return await model.reply(query(1))

    assert asking(ask, policy).text


def test_batch_after_batch_that_fails_is_an_outage():
    """Nobody needs ten thousand times the same error; a batch that works begins the count anew."""
    policy = Echo()
    policy.errors = [OSError(), OSError(), None, OSError(), OSError(), OSError()]

    async def ask(model):
        return [(await asyncio.gather(model.reply(query(task)), return_exceptions=True))[0] for task in range(6)]

    kinds = [type(said) for said in asking(ask, policy)]
    assert kinds[:2] == kinds[3:5] == [ModelUnavailable] * 2
    assert kinds[5] is Outage


def test_a_policy_that_answers_too_few_fails_its_batch():
    """Nobody waits for ever for the missing ones."""

    class Forgetful(Echo):
        def generate(self, requests, sampling):
            return []

    with pytest.raises(ModelUnavailable, match="ValueError"):
        asking(lambda model: model.reply(query()), Forgetful())


def test_a_question_that_is_given_up_is_not_sampled():
    """Cancelled while it waits, it is left out of the next batch."""
    policy = Echo()

    async def ask(model):
        policy.gate.clear()
        first = asyncio.create_task(model.reply(query()))
        assert await asyncio.to_thread(policy.begun.wait, PATIENCE_S)
        second, third = (asyncio.create_task(model.reply(query(task))) for task in (1, 2))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        policy.gate.set()
        return await asyncio.gather(first, third)

    assert len(asking(ask, policy)) == 2
    assert [len(batch) for batch in policy.batches] == [1, 1]


def test_the_policy_is_closed_in_the_end():
    """Engines have processes to end."""
    policy = Echo()
    asking(lambda model: model.reply(query()), policy)
    assert policy.is_closed


def test_what_loading_raises_is_raised_by_open():
    """Before the first question; and the model can be closed all the same."""

    def load():
        raise Outage("no such device")

    async def run():
        model = Batched(load, CHAT, Decoding(), env_options={}, most=1)
        try:
            await model.open()
        finally:
            await model.close()

    with pytest.raises(Outage, match="no such device"):
        asyncio.run(run())
