"""Env modules of a user, written where a test runs, and forgotten after it."""

from __future__ import annotations

import sys

import gymnasium
import pytest

from llm_envs import registry

GOOD = '''
import llm_envs
from llm_envs import SingleTurnEnv, Task


@llm_envs.register("me/Say-v0")
class Say(SingleTurnEnv):
    """Say a number back."""

    def sample(self, rng):
        number = int(rng.integers(10**6))
        return Task(prompt=f"Say {number} and nothing else.", answer=str(number))

    def verify(self, task, reply):
        return float(reply == task.answer)

    def demonstrate(self, task):
        return [task.answer]
'''


@pytest.fixture
def write_module(monkeypatch, tmp_path):
    """Writes `mine.py` into the current folder, which is a new one; gives its text, old parts replaced by new ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(registry, "_ROWS", {**registry._ROWS})
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(text=GOOD, **changes):
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "mine.py").write_text(text, encoding="utf-8")

    yield write
    sys.modules.pop("mine", None)
    for env_id in [env_id for env_id in gymnasium.registry if env_id.startswith("me/")]:
        del gymnasium.registry[env_id]
