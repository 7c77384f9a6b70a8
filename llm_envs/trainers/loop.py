"""The loop that all trainers share: take a step, log it, evaluate, save, and stop in good order.

It knows no algorithm: a step is a function that trains on one batch and says how that went.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing

from llm_envs.interrupt import Interrupt
from llm_envs.trainers.config import TrainConfig
from llm_envs.trainers.curve import plot_curve
from llm_envs.trainers.learner import Learner
from llm_envs.trainers.progress import TrainProgress
from llm_envs.trainers.run import Run
from llm_envs.trainers.setup import evaluate_on

__all__ = ["run_steps"]

_VALIDATION = "validation_reward"


def run_steps(
    run: Run,
    learner: Learner,
    take_step: Callable[[], dict[str, float]],
    *,
    config: TrainConfig,
    columns: Sequence[str],
    target_reward: float = float("inf"),
) -> None:
    """Take the steps that are left, and evaluate on the test split before the first and after the last.

    Args:
        columns: names of what `take_step` returns; the first is shown while the run goes.
        target_reward: stop as soon as the validation reward reaches it.

    Raises:
        KeyboardInterrupt: Ctrl-C; how to resume has been printed.
    """
    progress = TrainProgress(run.algorithm, config.steps, learner.step)
    with Interrupt(lambda: progress.say(learner.step, run.how_to_resume())) as interrupt:
        if not learner.step:
            run.record("before", evaluate_on("test", config.test_episodes, config, learner).to_dict())
            interrupt.obey()
        run.start([*columns, _VALIDATION], learner.step)
        with closing(run), progress:
            reward = _last_validation(run)
            while learner.step < config.steps and not reward >= target_reward:  # nan goes on
                began_s = time.perf_counter()
                metrics = take_step()
                learner.step += 1
                last = learner.step == config.steps
                if last or learner.step % config.eval_every == 0:
                    reward = evaluate_on("validation", config.eval_episodes, config, learner).reward
                    metrics[_VALIDATION] = reward
                    progress.say(learner.step, _status(metrics, columns[0]))
                run.log(learner.step, metrics, {"seconds": time.perf_counter() - began_s})
                progress.advance(_status(metrics, columns[0]))
                if last or reward >= target_reward or interrupt.requested or learner.step % config.save_every == 0:
                    run.save(learner.step, learner.save)
                interrupt.obey()
        run.record("after", evaluate_on("test", config.test_episodes, config, learner).to_dict())
        plot_curve(run)
        run.write_report()
        interrupt.obey()


def _last_validation(run: Run) -> float:
    """The validation reward of the step that the run stands at; -inf where it was not evaluated there."""
    rows = run.metrics()
    return float((rows[-1][_VALIDATION] if rows else "") or "-inf")


def _status(metrics: dict[str, float], first: str) -> str:
    shown = [name for name in (first, _VALIDATION) if name in metrics]
    return "  ".join(f"{name.replace('_', ' ')} {metrics[name]:.3f}" for name in shown)
