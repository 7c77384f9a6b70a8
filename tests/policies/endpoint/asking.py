"""An endpoint, the fake server behind it, and queries to ask."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import lru_cache

from llm_envs.policies.endpoint import Endpoint
from llm_envs.policies.model import Attempt, Query
from llm_envs.registry import row

HURRY = 100.0
"""Waits between tries take this many times less than a user's."""

ENV = "llm/Arithmetic-v0"


def query(task=0, sample=0, *, seed=0, **options):
    """The first turn of an episode of arithmetic."""
    env = row(ENV).make(split="test", **options)
    env.reset(seed=seed, options={"index": task})
    return Query(env, Attempt(ENV, task, sample), 0, seed)


@lru_cache
def queries(count):
    """One for each of the first tasks."""
    return [query(task) for task in range(count)]


async def hurried_sleep(seconds):
    """Sleep for a hundredth."""
    await asyncio.sleep(seconds / HURRY)


@asynccontextmanager
async def opened(server, *, model="fake", **options):
    """The endpoint, ready."""
    endpoint = Endpoint(server.base_url, model, **{"sleep": hurried_sleep, **options})
    try:
        await endpoint.open()
        yield endpoint
    finally:
        await endpoint.close()


def ask(server, *asked, **options):
    """The completions, or the errors, of queries that are all asked at once."""

    async def play():
        async with opened(server, **options) as endpoint:
            return await asyncio.gather(*map(endpoint.reply, asked), return_exceptions=True)

    return asyncio.run(play())
