"""Where untrusted programs run."""

from llm_envs.sandbox.program import Given, Invocation, Limits, Program, Stdin
from llm_envs.sandbox.result import NO_VALUE, RunResult, RunStatus, TestRun
from llm_envs.sandbox.sandbox import Sandbox, shared
from llm_envs.sandbox.session import Raised, Reply, Session

__all__ = [
    "NO_VALUE",
    "Given",
    "Invocation",
    "Limits",
    "Program",
    "Raised",
    "Reply",
    "RunResult",
    "RunStatus",
    "Sandbox",
    "Session",
    "Stdin",
    "TestRun",
    "shared",
]
