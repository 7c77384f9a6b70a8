"""What authors of envs, verifiers and clients test with: the conformance kit, and a faulty server."""

from __future__ import annotations

from llm_envs.testing.conformance import GARBAGE, EnvTests, check_verifier, read_rows, written_out
from llm_envs.testing.facts import Finding, check_env, check_facts
from llm_envs.testing.fake_server import FakeServer
from llm_envs.testing.tools import ToolEnvTests

__all__ = [
    "GARBAGE",
    "EnvTests",
    "FakeServer",
    "Finding",
    "ToolEnvTests",
    "check_env",
    "check_facts",
    "check_verifier",
    "read_rows",
    "written_out",
]
