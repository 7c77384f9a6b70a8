"""A model behind `http://host/v1#model`: any endpoint that speaks OpenAI's language.

patience    what a failure costs: when to ask again, how long to wait for an answer
breaker     names an outage, and waits for its end
throttle    how many questions at a time
connection  HTTP, and nothing else
questions   what is sent; answers: what comes back, and what is no answer
client      the `Model` of all these
"""

from __future__ import annotations

from llm_envs.policies.endpoint.client import Endpoint

__all__ = ["Endpoint"]
