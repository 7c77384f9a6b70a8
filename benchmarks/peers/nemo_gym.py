"""NeMo Gym: resource servers asked to seed a session and to verify a response.

`math_with_judge` with the judge off does mathematics; a server that compares the end of the text does none. Their
FastAPI apps are called in-process, which spares NeMo Gym sockets, the agent server and the model server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
from nemo_gym.base_resources_server import (
    BaseResourcesServerConfig,
    BaseVerifyRequest,
    BaseVerifyResponse,
    SimpleResourcesServer,
)
from nemo_gym.config_types import ModelServerRef
from nemo_gym.openai_utils import NeMoGymResponseCreateParamsNonStreaming
from nemo_gym.server_utils import ServerClient
from peers.measure import Episode, Play, report
from resources_servers.math_with_judge.app import (
    LibraryJudgeMathResourcesServer,
    LibraryJudgeMathResourcesServerConfig,
)

PLACE = {"host": "127.0.0.1", "port": 0, "entrypoint": "app.py", "name": "server", "domain": "math"}


class AnswerRequest(BaseVerifyRequest):
    """A response and the answer it should end with."""

    expected_answer: str


class ExactMatch(SimpleResourcesServer):
    """Right is a reply that ends with the boxed answer."""

    async def verify(self, body: AnswerRequest) -> BaseVerifyResponse:
        """Judge the reply."""
        right = body.response.output[-1].content[-1].text.endswith(f"\\boxed{{{body.expected_answer}}}")
        return BaseVerifyResponse(**body.model_dump(), reward=float(right))


def exact(episodes: Sequence[Episode]) -> Play:
    """The server that does no mathematics."""
    del episodes
    return _through(ExactMatch(config=BaseResourcesServerConfig(**PLACE), server_client=ServerClient.model_construct()))


def mathematics(episodes: Sequence[Episode]) -> Play:
    """The server that runs math-verify."""
    del episodes
    config = LibraryJudgeMathResourcesServerConfig(
        **PLACE,
        should_use_judge=False,
        judge_model_server=ModelServerRef(type="responses_api_models", name="none"),
        judge_responses_create_params=NeMoGymResponseCreateParamsNonStreaming(input=[]),
    )
    return _through(LibraryJudgeMathResourcesServer(config=config, server_client=ServerClient.model_construct()))


def _through(server: SimpleResourcesServer) -> Play:
    """Episodes side by side, as requests to the server's app."""
    loop = asyncio.new_event_loop()
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(server.setup_webserver()), base_url="http://server", timeout=None
    )

    async def play_one(episode: Episode) -> float:
        (await client.post("/seed_session", json={})).raise_for_status()
        verified = await client.post("/verify", json=_request(episode))
        return float(verified.raise_for_status().json()["reward"])

    async def play_all(batch: Sequence[Episode]) -> list[float]:
        return list(await asyncio.gather(*map(play_one, batch)))

    return lambda batch: loop.run_until_complete(play_all(batch))


def _request(episode: Episode) -> dict[str, Any]:
    said = {"type": "output_text", "text": episode["reply"], "annotations": []}
    message = {"type": "message", "id": "0", "role": "assistant", "status": "completed", "content": [said]}
    return {
        "question": episode["prompt"],
        "expected_answer": episode["answer"],
        "responses_create_params": {"input": [{"role": "user", "content": episode["prompt"]}]},
        "response": {
            "id": "0",
            "created_at": 0,
            "model": "canned",
            "object": "response",
            "output": [message],
            "parallel_tool_calls": False,
            "tool_choice": "none",
            "tools": [],
        },
    }


if __name__ == "__main__":
    report("episode, exact match", exact, "a minimal resources server, called in-process")
    report("episode, math verified", mathematics, "math_with_judge without judge, called in-process")
