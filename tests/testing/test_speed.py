"""What is measured of an env's speed."""

from __future__ import annotations

import gymnasium
import pytest

from llm_envs.testing.speed import measure_speed


@pytest.mark.parametrize("env_id", ["llm/GuessNumber-v0", "llm/Arithmetic-v0"])
def test_each_figure_is_positive(env_id):
    """Rates and durations of envs of one turn and of several; none is a judgement."""
    figures = measure_speed(env_id, {"difficulty": 1})
    assert figures.keys() == {"episodes_per_cpu_s", "token_steps_per_cpu_s", "reset_ms", "verify_ms"}
    assert min(figures.values()) > 0.0


def test_an_env_without_an_oracle_is_measured():
    """Short replies stand in for it."""
    import worlds  # noqa: F401 (registers test/Echo-v0)

    assert measure_speed("test/Echo-v0", {})["episodes_per_cpu_s"] > 0.0
    assert "test/Echo-v0" in gymnasium.registry
