"""How fast an env is on this machine: a figure to look at, never a reason to fail.

CPU time is this process' own, all threads together; what a sandbox or a browser burns elsewhere shows in the
milliseconds of `reset` and `verify` alone, which are of the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium

from llm_envs.env import LLMEnv
from llm_envs.testing.conformance import play, replies_for

__all__ = ["measure_speed"]

_SPAN_S = 0.5
"""Of each measurement, and at least one round of it."""

_STEPS_AT_MOST = 256


def measure_speed(env_id: str, options: Mapping[str, Any]) -> dict[str, float]:
    """Episodes and token steps per CPU-second, and milliseconds for a reset and for a verdict.

    Episodes say what the env's oracle says, or a short reply for each turn, in whole turns by `push`. Token steps are
    those of `gym.make(...).step` within a turn.
    """
    with gymnasium.make(env_id, **options) as env:
        clocks = _Clocks(env)
        episodes, cpu_s = _repeat(clocks.episode)
        _repeat(clocks.walk)
    return {
        "episodes_per_cpu_s": episodes / cpu_s,
        "token_steps_per_cpu_s": clocks.steps / max(clocks.steps_cpu_s, 1e-9),
        "reset_ms": 1e3 * clocks.reset_s / episodes,
        "verify_ms": 1e3 * clocks.verify_s / episodes,
    }


class _Clocks:
    """Plays episodes of an env, and adds up what `reset`, `verify` and `step` take, in seconds."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        self.reset_s = 0.0
        self.verify_s = 0.0
        self.steps = 0
        self.steps_cpu_s = 0.0
        self._wrapped = env
        self._env: LLMEnv = env.unwrapped  # type: ignore[assignment]  # every row is one
        self._verify = self._env.verify

    def episode(self, seed: int) -> int:
        """One episode."""
        started = time.perf_counter()
        self._env.reset(seed=seed)
        self.reset_s += time.perf_counter() - started
        self._env.verify = self._timed  # type: ignore[method-assign]
        try:
            play(self._env, replies_for(self._env))
        finally:
            self._env.verify = self._verify  # type: ignore[method-assign]
        return 1

    def walk(self, seed: int) -> int:
        """The first turn of an episode, one token at a time, up to where it must end."""
        self._wrapped.reset(seed=seed)
        token = next(token for token in self._env.chat.encode_reply("x") if token not in self._env.chat.stop_ids)
        steps = min(self._env.budget - 1, _STEPS_AT_MOST)
        started = time.process_time()
        for _ in range(steps):
            self._wrapped.step(token)
        self.steps_cpu_s += time.process_time() - started
        self.steps += steps
        return 1

    def _timed(self, task: Any, reply: str) -> Any:
        started = time.perf_counter()
        try:
            return self._verify(task, reply)
        finally:
            self.verify_s += time.perf_counter() - started


def _repeat(work: Callable[[int], int]) -> tuple[int, float]:
    """What `work` of seed 0, 1, ... adds up to within the span, and the CPU time it took, in seconds."""
    clock_end, cpu_start = time.perf_counter() + _SPAN_S, time.process_time()
    seed = done = 0
    while not seed or time.perf_counter() < clock_end:
        done += work(seed)
        seed += 1
    return done, max(time.process_time() - cpu_start, 1e-9)
