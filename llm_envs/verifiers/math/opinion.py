"""A second opinion: Math-Verify, in worker processes that are killed when it hangs.

Asked only with `second_opinion=True`, and only where our own layers cannot read or cannot decide. It then says no more
than whether Math-Verify finds the two equal: it is known to call some unequal things equal, which is why it is off by
default. Needs the extra `math-verify`.

Source: https://github.com/huggingface/Math-Verify (Apache-2.0).
"""

from __future__ import annotations

import importlib.util

from llm_envs.errors import MissingExtra
from llm_envs.workers import Outcome, WorkerPool

__all__ = ["TIMEOUT_S", "ask", "close", "judge", "require"]

TIMEOUT_S = 2.0
"""It takes some 20 ms where it comes to an end at all."""
_MEMORY_MIB = 1024
_WORKERS = 8

_pool = WorkerPool(
    "llm_envs.verifiers.math.opinion:judge",
    size=_WORKERS,
    timeout_s=TIMEOUT_S,
    memory_mib=_MEMORY_MIB,
    preload=("math_verify",),
)


def require() -> None:
    """Raise MissingExtra where Math-Verify is not installed."""
    if importlib.util.find_spec("math_verify") is None:
        raise MissingExtra.of("math-verify", "math_verify", "a second opinion on maths answers")


def ask(answer: str, reference: str) -> Outcome:
    """What Math-Verify says; the outcome's value is a pair: equal or not, and why, for a person.

    Raises:
        WorkerLost: no process could be started; so it is where Math-Verify is not installed, see `require`.
    """
    return _pool.call((answer, reference))


def close() -> None:
    """End its processes."""
    _pool.close()


def judge(pair: tuple[str, str]) -> tuple[bool, str]:
    """Compare an answer with a reference. Runs in the workers only, whose pool keeps the time."""
    import math_verify  # type: ignore[import-untyped,import-not-found,unused-ignore]  # an extra

    given, wanted = (math_verify.parse(_marked(text), parsing_timeout=None) for text in pair)
    same = bool(math_verify.verify(wanted, given, timeout_seconds=None))
    return same, f"Math-Verify finds them {'equal' if same else 'different'}"


def _marked(text: str) -> str:
    """Math-Verify reads LaTeX between marks only."""
    return text if "$" in text or "\\boxed" in text else f"${text}$"
