"""One sitting of a run, from the plan to the figures: what `llm-envs eval` and `llm-envs bench` do.

    plan = Plan((EnvPlan("llm/Math-v0"),), "mock:noisy(0.8)", tasks=500)
    sitting = evaluate(plan, Path("runs/mine"), make_model(plan.model, plan.decoding))
    print(sitting.summary.headline)

The first Ctrl-C lets open questions be answered and stops; the second does not wait. Either way the same call goes on
where it was.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from llm_envs.evals.engine import Engine, Settings
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.live import watching
from llm_envs.evals.plan import Plan
from llm_envs.evals.prices import Prices
from llm_envs.evals.stats.intervals import Range
from llm_envs.evals.stopping import Stopper, StopWhen
from llm_envs.evals.summary import Summary, write_summary
from llm_envs.evals.tally import Tally
from llm_envs.interrupt import Interrupt
from llm_envs.policies.model import Level, Model
from llm_envs.registry import row

__all__ = ["Sitting", "evaluate"]


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """What came of it.

    Args:
        level: `token` where sampled ids were pushed as they were, `turn` where replies came as text.
        complete: every attempt was scored.
        interrupted: by Ctrl-C.
    """

    folder: RunFolder
    summary: Summary
    tally: Tally
    level: Level
    complete: bool
    interrupted: bool


def evaluate(
    plan: Plan,
    path: Path,
    model: Model,
    settings: Settings | None = None,
    *,
    console: Console | None = None,
    prices: Prices | None = None,
) -> Sitting:
    """Run a plan in a folder, or go on with it, and sum up.

    Args:
        path: of the folder; it is made where it is missing.
        console: where progress is shown; None is silent.

    Raises:
        BadOption: the plan's condition to stop by is none.
        LLMEnvsError: as `Engine.run` does; everything answered so far is kept.
        KeyboardInterrupt: a second Ctrl-C.
    """
    for env in plan.envs:
        row(env.id)  # a name that does not exist is told before a folder is made
    enough = Stopper(plan, StopWhen.parse(plan.stop_when), _reward_range(plan)) if plan.stop_when else _never
    folder = RunFolder.create(path, plan)
    engine = Engine(folder, model, settings, enough=enough)
    with Interrupt(on_request=engine.stop) as interrupt:
        asyncio.run(_watched(engine, console or Console(quiet=True), prices or Prices()))
    return Sitting(folder, write_summary(folder), engine.tally, model.level, engine.is_complete, interrupt.requested)


def _reward_range(plan: Plan) -> Range:
    """The lowest and the highest reward that some env of the plan can give."""
    ranges = []
    for planned in plan.envs:
        env = row(planned.id).make(**planned.options)
        ranges.append(env.reward_range)
        env.close()
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _never(_: object) -> bool:
    return False


async def _watched(engine: Engine, console: Console, prices: Prices) -> None:
    async with watching(engine.tally, console, prices):
        await engine.run()
