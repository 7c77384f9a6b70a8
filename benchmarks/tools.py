"""How many episodes with tools does one env play, and verify, in a CPU-second?

    python benchmarks/tools.py                  # llm-envs, and BFCL in a throw-away virtual environment
    python benchmarks/tools.py --peers none     # llm-envs alone

An episode of `bench/Desk-v0` is eight reads and two writes in ten turns and a last word, through `gym.make`, replies
and answers as tokens; drawing the task, rehearsing it, building its world and comparing it in the end are on the clock.
So it is with all envs that have tools, each played by its oracle. BFCL has no tokens: its check of many turns, on its
own help desk of as many rows, stands beside ours on text.

Every second episode is spoilt: its last call is left out, so that a judge who always says yes would be found out. Then
each task is played a second time, right where it was wrong and wrong where it was right.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import gymnasium as gym
import numpy as np
from desk import DESK
from numpy.typing import NDArray
from peers.installed import Peer
from peers.measure import Episode, measure
from publishing import Job, Row, chosen, peer_rows, publish, run
from tool_families import envs_with_tools

import llm_envs
from llm_envs.tasks import task_generator
from llm_envs.tools import ToolEnv

VERIFIED, SOLVED = "episode with tools, verified", "episode of its oracle, verified"
JUDGED, AGAIN = "calls run and judged, no tokens", "second rollout of a task"
EPISODES = [Episode(index=i, prompt="", answer="", reply="", reward=float(i % 2 == 0)) for i in range(64)]
SWAPPED = [Episode(**{**episode, "reward": 1.0 - episode["reward"]}) for episode in EPISODES]
TARGET = 500
PEERS = (Peer("bfcl", ("bfcl-eval==2026.3.23", "--no-deps")),)  # its check needs nothing of what it asks for


@dataclass(frozen=True)
class Script:
    """What the oracle of an env says to the first tasks.

    Args:
        turns: of each task, as ids.
        calls: in an episode, on average.
    """

    env: gym.Env
    turns: Sequence[Sequence[NDArray[np.int32]]]
    last_word: NDArray[np.int32]
    calls: float

    @classmethod
    def of(cls, env_id: str) -> Script:
        """Of a new env."""
        env = gym.make(env_id)
        inner, turns, calls = env.unwrapped, [], 0
        for episode in EPISODES:
            env.reset(seed=0, options={"index": episode["index"]})
            said = inner.demonstrate(inner.task)
            calls += sum(len(inner.chat.calling.read(text).attempts) for text in said)
            turns.append([_ids(env, text) for text in said])
        return cls(env, turns, _ids(env, "Done."), calls / len(EPISODES))

    def play(self, episode: Episode) -> float:
        """Reset, and push each turn, as trainers do; the last call is left out where nothing is to be paid."""
        self.env.reset(seed=0, options={"index": episode["index"]})
        turns, push = self.turns[episode["index"]], self.env.unwrapped.push
        for ids in turns if episode["reward"] else [*turns[:-2], self.last_word]:
            turn = push(ids)
        return turn.reward


def _ids(env: gym.Env, text: str) -> NDArray[np.int32]:
    return np.array(env.unwrapped.chat.encode_reply(text), np.int32)


def own_episodes(what: str, env_id: str, target: float | None, *, budget_s: float, rounds: int) -> list[Row]:
    """Every second one spoilt."""
    script = Script.of(env_id)
    measured = measure(
        env_id, lambda batch: [script.play(episode) for episode in batch], EPISODES, budget_s=budget_s, rounds=rounds
    )
    assert measured.right == 1.0
    note = f"{script.calls:.1f} calls an episode"
    return [Row(what, f"llm-envs, {env_id}", measured.per_cpu_s, True, target, note=note)]


def own_judgements(env_id: str, *, budget_s: float, rounds: int) -> list[Row]:
    """The same episodes without a tokenizer: replies and answers stay text."""
    env = gym.make(env_id).unwrapped
    said = [list(env.demonstrate(_task(env, episode))) for episode in EPISODES]

    def judged(episode: Episode) -> float:
        task = _task(env, episode)
        env.begin(task)
        for reply in said[episode["index"]] if episode["reward"] else said[episode["index"]][:-2]:
            env.respond(task, reply)
        return env.verify(task, reply).reward

    measured = measure(
        env_id, lambda batch: [judged(episode) for episode in batch], EPISODES, budget_s=budget_s, rounds=rounds
    )
    assert measured.right == 1.0
    return [
        Row(JUDGED, f"llm-envs, {env_id}", measured.per_cpu_s, ours=True, note="drawn, rehearsed, and read from text")
    ]


def _task(env: ToolEnv, episode: Episode) -> llm_envs.Task:
    return env.sample(task_generator(env.env_id, env.split, 0, episode["index"]))


def own_second_rollouts(env_id: str) -> list[Row]:
    """Each task once as it is, and once more the other way round."""
    script = Script.of(env_id)
    for episode in EPISODES:
        script.play(episode)
    right = sum(script.play(episode) == episode["reward"] for episode in SWAPPED) / len(SWAPPED)
    return [Row(AGAIN, f"llm-envs, {env_id}", None, ours=True, note=f"{right:.0%} of the rewards right")]


@click.command()
@click.option("--peers", default="all", help=f"all, none, or names: {','.join(peer.module for peer in PEERS)}.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the peers' environments here, and reuse them.")
@click.option("--quick", is_flag=True, help="A smoke test: seconds, and figures that mean nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Renew this benchmark's section of RESULTS.md.")
def main(*, peers: str, keep: Path | None, quick: bool, as_json: bool, write: bool) -> None:
    """Episodes with tools, played and verified, by the CPU-second."""
    effort = {"budget_s": 0.05, "rounds": 1} if quick else {"budget_s": 0.5, "rounds": 20}
    players = chosen(peers, PEERS)
    with TemporaryDirectory(prefix="episodes-") as scratch:
        path = Path(scratch) / "episodes.json"
        path.write_text(json.dumps({JUDGED: EPISODES}), encoding="utf-8")
        jobs: list[Job] = [
            (DESK, partial(own_episodes, VERIFIED, DESK, TARGET, **effort)),
            (f"{DESK}, no tokens", partial(own_judgements, DESK, **effort)),
        ]
        jobs += [
            (f"{peer.name} (installing, playing)", partial(peer_rows, peer, path, keep, **effort)) for peer in players
        ]
        jobs += [(f"{DESK} again", partial(own_second_rollouts, DESK))]
        jobs += [(env_id, partial(own_episodes, SOLVED, env_id, None, **effort)) for env_id in envs_with_tools()]
        publish(run(jobs), f"Tools, llm-envs {llm_envs.__version__}", as_json=as_json, write=write)


if __name__ == "__main__":
    main()
