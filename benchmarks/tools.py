"""How many episodes with tools does one env play, and verify, in a CPU-second?

    python benchmarks/tools.py

An episode of `bench/Desk-v0` is eight reads and two writes in ten turns and a last word, through `gym.make`, replies
and answers as tokens; drawing the task, rehearsing it, building its world and comparing it in the end are on the clock.
So it is with all envs that have tools, each played by its oracle. Every second episode is spoilt: its last call is left
out, so that a judge who always says yes would be found out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import click
import gymnasium as gym
import numpy as np
from desk import DESK
from peers.measure import Episode, measure
from publishing import Job, Row, perform, publish

import llm_envs
from llm_envs.registry import rows
from llm_envs.tools import ToolEnv

EPISODES = 64
TARGET = 500


def scripted(env_id: str, target: float | None, *, budget_s: float, rounds: int) -> list[Row]:
    """Reset, and push each turn, as trainers do."""
    env = gym.make(env_id)
    push = env.unwrapped.push
    turns, calls = _script(env)

    def play_one(episode: Episode) -> float:
        env.reset(seed=0, options={"index": episode["index"]})
        for ids in turns[episode["index"]]:
            turn = push(ids)
        return turn.reward

    tasks = [Episode(index=i, prompt="", answer="", reply="", reward=float(not _is_spoilt(i))) for i in range(EPISODES)]
    measured = measure(
        env_id, lambda batch: [play_one(episode) for episode in batch], tasks, budget_s=budget_s, rounds=rounds
    )
    env.close()
    assert measured.right == 1.0
    note = f"{calls:.1f} calls an episode"
    return [Row("episode with tools, verified", f"llm-envs, {env_id}", measured.per_cpu_s, True, target, note=note)]


def _script(env: gym.Env) -> tuple[list[list[np.ndarray]], float]:
    """The turns of each episode as ids, and how many calls these are on average."""
    inner, scripts, calls = env.unwrapped, [], 0
    for index in range(EPISODES):
        env.reset(seed=0, options={"index": index})
        said = list(inner.demonstrate(inner.task))
        if _is_spoilt(index):
            said = [*said[:-2], "Done."]
        calls += sum(len(inner.chat.calling.read(text).attempts) for text in said)
        scripts.append([np.array(inner.chat.encode_reply(text), np.int32) for text in said])
    return scripts, calls / EPISODES


def _is_spoilt(index: int) -> bool:
    return index % 2 == 1


def families() -> Sequence[str]:
    """All ids of ours whose envs have tools."""
    return [row.id for row in rows() if row.id.startswith("llm/") and issubclass(row.load(), ToolEnv)]


@click.command()
@click.option("--quick", is_flag=True, help="A smoke test: seconds, and figures that mean nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Renew this benchmark's section of RESULTS.md.")
def main(*, quick: bool, as_json: bool, write: bool) -> None:
    """Episodes with tools, played and verified, by the CPU-second."""
    budget = {"budget_s": 0.05, "rounds": 1} if quick else {"budget_s": 2.0, "rounds": 3}
    jobs: list[Job] = [(DESK, partial(scripted, DESK, TARGET, **budget))]
    jobs += [(env_id, partial(scripted, env_id, None, **budget)) for env_id in families()]
    publish(perform(jobs), f"Tools, llm-envs {llm_envs.__version__}", as_json=as_json, write=write)


if __name__ == "__main__":
    main()
