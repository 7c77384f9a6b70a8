"""OpenEnv: a small env on its server, played by its own client over a WebSocket; it has no mathematics verifier.

Server and client share one event loop, which spares OpenEnv the cost of a second process.
"""

from __future__ import annotations

import asyncio
import atexit
import socket
from collections.abc import Sequence
from typing import Any

import uvicorn
from openenv.core import GenericEnvClient
from openenv.core.env_server import Action, Environment, Observation, State, create_fastapi_app
from peers.measure import Episode, Play, report


class Reply(Action):
    """One whole turn."""

    text: str


class Question(Observation):
    """What the policy reads."""

    text: str


class ExactMatch(Environment[Reply, Question, State]):
    """Asks one of `episodes`; right is a reply that ends with the boxed answer."""

    episodes: Sequence[Episode] = ()

    def reset(self, seed: int | None = None, episode_id: str | None = None, **_: Any) -> Question:
        """Open the episode of that number."""
        self._episode = self.episodes[seed or 0]
        return Question(text=self._episode["prompt"])

    def step(self, action: Reply, timeout_s: float | None = None, **_: Any) -> Question:
        """Judge the reply."""
        right = action.text.endswith(f"\\boxed{{{self._episode['answer']}}}")
        return Question(text="", reward=float(right), done=True)

    @property
    def state(self) -> State:
        """Nothing beyond what it must have."""
        return State()


def prepare(episodes: Sequence[Episode]) -> Play:
    """Serve the env on a free port, connect, and play through the connection."""
    ExactMatch.episodes = episodes
    loop = asyncio.new_event_loop()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_fastapi_app(ExactMatch, Reply, Question), log_level="warning"))
    serving = loop.create_task(server.serve([listening]))
    client = loop.run_until_complete(_connected(listening.getsockname()[1]))

    async def close() -> None:
        await client.close()
        server.should_exit = True
        await serving

    atexit.register(lambda: loop.run_until_complete(close()))

    async def play_all(batch: Sequence[Episode]) -> list[float]:
        rewards = []
        for episode in batch:
            await client.reset(seed=episode["index"])
            rewards.append(float((await client.step({"text": episode["reply"]})).reward))
        return rewards

    return lambda batch: loop.run_until_complete(play_all(batch))


async def _connected(port: int) -> GenericEnvClient:
    return await GenericEnvClient(base_url=f"http://127.0.0.1:{port}").connect()


if __name__ == "__main__":
    report("episode, exact match", prepare, "own server and client over a WebSocket, in one process")
