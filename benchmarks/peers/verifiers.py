"""Verifiers: `SingleTurnEnv` with `MathRubric`, and a client that answers at once instead of a model.

Rollouts run side by side through `run_rollout`, the cheapest of its public ways; `evaluate` costs more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from datasets import Dataset
from peers.measure import Episode, Play, report
from verifiers.clients.client import Client
from verifiers.types import Response, ResponseMessage

import verifiers as vf


class Canned(Client[None, Any, str, Any]):
    """Answers every prompt with the reply that belongs to it."""

    def __init__(self, replies: dict[str, str]) -> None:
        super().__init__(None)
        self._replies = replies

    def setup_client(self, config: Any) -> None:
        """There is nothing to connect to."""

    async def to_native_tool(self, tool: Any) -> Any:
        """No tools here."""
        return tool

    async def to_native_prompt(self, messages: Any) -> tuple[Any, dict[str, Any]]:
        """Messages as they are."""
        return messages, {}

    async def get_native_response(self, prompt: Any, model: str, *_: Any, **__: Any) -> str:
        """The reply to the last message."""
        return self._replies[prompt[-1].content]

    async def raise_from_native_response(self, response: str) -> None:
        """Nothing can be wrong with it."""

    async def from_native_response(self, response: str) -> Response:
        """The reply as a response."""
        message = ResponseMessage(content=response, finish_reason="stop", is_truncated=False)
        return Response(id="0", created=0, model="canned", message=message)

    async def close(self) -> None:
        """There is nothing to close."""


def prepare(episodes: Sequence[Episode]) -> Play:
    """One env over all questions; a batch is rolled out side by side."""
    rows = [{"question": episode["prompt"], "answer": episode["answer"]} for episode in episodes]
    rubric = vf.MathRubric()
    env = vf.SingleTurnEnv(dataset=Dataset.from_list(rows), rubric=rubric, parser=rubric.parser)
    inputs = env.get_dataset().to_list()
    client = Canned({episode["prompt"]: episode["reply"] for episode in episodes})
    loop = asyncio.new_event_loop()

    async def play_all(batch: Sequence[Episode]) -> list[float]:
        rollouts = [env.run_rollout(inputs[e["index"]], client, "canned", {}) for e in batch]
        return [float(output["reward"]) for output in await asyncio.gather(*rollouts)]

    return lambda batch: loop.run_until_complete(play_all(batch))


if __name__ == "__main__":
    report("episode, math verified", prepare, "SingleTurnEnv, MathRubric, run_rollout side by side")
