"""The picture of a run."""

from __future__ import annotations

from llm_envs.trainers.curve import plot_curve
from llm_envs.trainers.run import Run


def test_the_curve_is_a_png(tmp_path):
    """Rewards of training and validation are drawn, whichever of them there are."""
    run = Run.create(tmp_path, "grpo", {"env": "llm/Arithmetic-v0"})
    run.start(["reward", "validation_reward"], 0)
    for step in range(1, 7):
        run.log(step, {"reward": step / 6} | ({"validation_reward": step / 7} if step % 3 == 0 else {}), {})
    run.close()
    path = plot_curve(run)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 5000
