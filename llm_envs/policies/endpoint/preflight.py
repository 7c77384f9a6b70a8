"""Before the first question: is the endpoint there, does it take the key, has it the model?

The list of models answers all three. Endpoints need not have one; then the first question tells.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from llm_envs.policies.endpoint.answers import NoAnswer, Refusal
from llm_envs.policies.endpoint.complaints import Complaints

if TYPE_CHECKING:
    from llm_envs.policies.endpoint.connection import Connection, Response

__all__ = ["preflight"]

_TRIES = 3
_PATIENCE_S = 15.0
_DOWN = frozenset({500, 502, 503, 504})


async def preflight(
    connection: Connection, model: str, complaints: Complaints, pause: Callable[[int], Awaitable[None]]
) -> int | None:
    """How long a context the model takes, where the endpoint says so.

    Args:
        pause: waits before the next try, told how many have failed.

    Raises:
        Outage: nobody is there.
        EndpointRefused: the key is wrong, or the address.
        UnknownModel: the endpoint has others.
    """
    status, headers, body = await _models(connection, complaints, pause)
    if status == 401 or 300 <= status < 400:
        told = headers.get("location") if status < 400 else body.decode("utf-8", "replace")
        raise complaints.refused(Refusal(status, str(told)))
    cards = _cards(body) if status == 200 else []
    known = [str(card.get("id")) for card in cards]
    if known and _base(model) not in map(_base, known):
        raise complaints.unknown_model(model, known)
    lengths = [card.get("max_model_len") for card in cards if card.get("id") == model]
    return next((length for length in lengths if isinstance(length, int)), None)


async def _models(connection: Connection, complaints: Complaints, pause: Callable[[int], Awaitable[None]]) -> Response:
    """What stands at /models, whatever it is."""
    reason = ""
    for failed in range(_TRIES):
        if failed:
            await pause(failed)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                response = await connection.ask("/models")
        except TimeoutError:
            reason = f"no answer within {_PATIENCE_S:g} s"
        except NoAnswer as flaw:
            reason = flaw.reason
        else:
            if response.status not in _DOWN:
                return response
            reason = f"status {response.status}"
    raise complaints.nobody_there(reason)


def _base(name: str) -> str:
    """A model's name without its tag: `llama3` for Ollama's `llama3:latest`."""
    return name.partition(":")[0]


def _cards(body: bytes) -> list[dict[str, Any]]:
    """The models that are listed; none where nothing is listed that can be read."""
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError):
        return []
    found = plain.get("data") if isinstance(plain, dict) else plain
    return [card for card in found if isinstance(card, dict)] if isinstance(found, list) else []
