"""An OpenAI-compatible server on loopback, faulty by option: what clients are tested and measured against.

    with FakeServer(lambda asked: "42", faults={"reset": 0.1, "html": 0.1}) as server:
        ask(server.base_url)
    assert len(server.answered) == 1

It answers /v1/models, /v1/chat/completions and /v1/completions, and says of vLLM's additions what vLLM says. In a
process of its own: `python -m llm_envs.testing.fake_server --help`.

What it deliberately does not do: it streams nothing, speaks no TLS, and knows no language model.
"""

from __future__ import annotations

from llm_envs.testing.fake_server.faults import FAULTS
from llm_envs.testing.fake_server.server import FakeServer
from llm_envs.testing.fake_server.speech import Asked, Raw, Said

__all__ = ["FAULTS", "Asked", "FakeServer", "Raw", "Said"]
