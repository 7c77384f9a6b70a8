"""Does another process draw the same tasks? It has another hash seed, so the order of sets of text shows.

What this deliberately does not do: compare answers, which may be sets themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from llm_envs.registry import row
from llm_envs.testing.facts import Finding, explain

__all__ = ["check_elsewhere", "digest"]

_FACT = "another process draws the same tasks"
_SEEDS = 12
_TOLD_CHARS = 500
_ADVICE = "Sort sets before you choose from them; use neither hash() nor id() of anything, nor clocks."

_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[3])
import llm_envs
from llm_envs.testing.elsewhere import digest
llm_envs.load_plugins()
told = sys.stdout
sys.stdout = sys.stderr
told.write(digest(sys.argv[1], json.loads(sys.argv[2])))
"""


def check_elsewhere(env_id: str, options: Mapping[str, Any], deadline_s: float) -> Finding:
    """Draw some tasks here and in a new process.

    Args:
        env_id: with its module, where it is not one of an installed package.
        options: arguments for the env, plain data.
        deadline_s: of the other process.
    """
    started = time.perf_counter()
    try:
        fault = _fault(env_id, options, deadline_s)
    except Exception as error:  # noqa: BLE001 (every fault of an env is a finding)
        fault = explain(error)
    seconds = time.perf_counter() - started
    if not fault:
        return Finding(_FACT, "holds", seconds)
    return Finding(_FACT, "fails", seconds, fault, next_step=_ADVICE, reproduce=_reproduce(env_id, options))


def _fault(env_id: str, options: Mapping[str, Any], deadline_s: float) -> str:
    """What is wrong; nothing where the same tasks are drawn."""
    here = digest(env_id, options)
    hash_seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    try:
        there = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, "-c", _PROGRAM, env_id, json.dumps(dict(options)), json.dumps(sys.path)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            timeout=deadline_s,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return f"it was not done after {deadline_s:g} s"
    except subprocess.CalledProcessError as error:
        return f"it failed there: {error.stderr.strip()[-_TOLD_CHARS:]}"
    return "" if there.stdout == here else f"some of {_SEEDS} seeds gave other prompts there"


def _reproduce(env_id: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    return (
        "# a program that gives something else under PYTHONHASHSEED=1 and PYTHONHASHSEED=2:",
        "import gymnasium as gym, llm_envs",
        f'env = gym.make({env_id!r}{given}, obs="text")',
        f"print([env.reset(seed=seed)[0] for seed in range({_SEEDS})])",
    )


def digest(env_id: str, options: Mapping[str, Any]) -> str:
    """A hash of the prompts at some seeds."""
    env = row(env_id).make(**options)
    told = hashlib.sha256()
    for seed in range(_SEEDS):
        env.reset(seed=seed)
        told.update(json.dumps(env.task.messages).encode())
    env.close()
    return told.hexdigest()
