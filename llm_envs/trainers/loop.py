"""The loop that all trainers share: take a step, log it, evaluate, save, and stop in good order.

It knows no algorithm: a step is a function that trains on one batch and says how that went.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from llm_envs.trainers.config import TrainConfig
from llm_envs.trainers.curve import plot_curve
from llm_envs.trainers.interrupt import Interrupt
from llm_envs.trainers.learner import Learner
from llm_envs.trainers.progress import TrainProgress
from llm_envs.trainers.run import Run
from llm_envs.trainers.setup import evaluate_on

__all__ = ["VALIDATION", "run_steps"]

VALIDATION = "validation_reward"


def run_steps(
    algorithm: str,
    config: TrainConfig,
    run: Run,
    learner: Learner,
    columns: Sequence[str],
    take_step: Callable[[], dict[str, float]],
    *,
    target_reward: float | None = None,
) -> None:
    """Take the steps that are left, or fewer if the validation reward reaches `target_reward` before.

    Args:
        columns: names of what `take_step` returns; the first is shown while the run goes.

    Raises:
        KeyboardInterrupt: Ctrl-C; how to resume has been printed.
    """
    if not learner.step:
        run.record("before", evaluate_on("test", config.test_episodes, config, learner).to_dict())
    run.start([*columns, VALIDATION], learner.step)
    with Interrupt() as interrupt, TrainProgress(algorithm, config.steps, learner.step) as progress:
        try:
            reached = False
            while learner.step < config.steps and not reached:
                began_s = time.perf_counter()
                metrics = take_step()
                learner.step += 1
                last = learner.step == config.steps
                if last or learner.step % config.eval_every == 0:
                    metrics[VALIDATION] = evaluate_on("validation", config.eval_episodes, config, learner).reward
                    reached = target_reward is not None and metrics[VALIDATION] >= target_reward
                    progress.say(learner.step, _status(metrics, columns[0]))
                run.log(learner.step, metrics, {"seconds": time.perf_counter() - began_s})
                progress.advance(_status(metrics, columns[0]))
                if last or reached or interrupt.requested or learner.step % config.save_every == 0:
                    run.save(learner.step, learner.save)
                if interrupt.requested:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            progress.say(learner.step, _how_to_resume(algorithm, run))
            raise
        finally:
            run.close()
    run.record("after", evaluate_on("test", config.test_episodes, config, learner).to_dict())
    plot_curve(run)


def _status(metrics: dict[str, float], first: str) -> str:
    shown = [name for name in (first, VALIDATION) if name in metrics]
    return "  ".join(f"{name.replace('_', ' ')} {metrics[name]:.3f}" for name in shown)


def _how_to_resume(algorithm: str, run: Run) -> str:
    latest = run.latest()
    if latest is None:
        return "interrupted before the first checkpoint: there is nothing to go on from"
    return f"interrupted; go on from step {latest[0]} by: llm-envs train {algorithm} --resume {run.folder}"
