"""How many episodes, and how many tokens, does one env take in a CPU-second, through `gym.make`?

    python benchmarks/env_throughput.py                  # llm-envs, and its peers in throw-away virtual environments
    python benchmarks/env_throughput.py --peers none     # llm-envs alone

An episode is one question, one reply of 200 tokens, one reward. Half of the replies are wrong; where there is
mathematics to do, a quarter writes the right value otherwise than the reference. Peers play the same questions and
replies (Reasoning Gym its own). With the byte tokenizer a token is a character, so a peer that takes text takes 200
characters.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import gymnasium as gym
import numpy as np
from peers.installed import PEERS
from peers.measure import Episode, measure
from publishing import Job, Row, best_rate, chosen, peer_rows, publish, run
from workload import SUM, episodes

EXACT, MATH = "episode, exact match", "episode, math verified"
TASKS = {EXACT: ("llm-envs, protocol alone", SUM, 25_000), MATH: ("llm-envs, llm/Math-v0", "llm/Math-v0", 5_000)}
REPLY_TOKENS = 200
EPISODES = 512
LONG_TURN_TOKENS = 4_000
STEP_TARGET = 1_000_000


def own_episodes(what: str, played: Sequence[Episode], *, budget_s: float, rounds: int) -> list[Row]:
    """Reset, and push the reply, as trainers do."""
    who, env_id, target = TASKS[what]
    env = gym.make(env_id)
    push = env.unwrapped.push
    ids = [np.array(env.unwrapped.chat.encode_reply(episode["reply"]), np.int32) for episode in played]
    assert {len(reply_ids) for reply_ids in ids} == {REPLY_TOKENS}
    env.reset(seed=0)

    def play_one(episode: Episode) -> float:
        env.reset(options={"index": episode["index"]})
        return push(ids[episode["index"]]).reward

    measured = measure(
        what, lambda batch: [play_one(episode) for episode in batch], played, budget_s=budget_s, rounds=rounds
    )
    env.close()
    assert measured.right == 1.0
    return [Row(what, who, measured.per_cpu_s, ours=True, target=target)]


def own_steps(obs: str, turn_tokens: int, *, budget_s: float, rounds: int) -> list[Row]:
    """Reset, and step through the reply token by token; the resets and the verdicts are on the clock."""
    env = gym.make(SUM, obs=obs, context_length=turn_tokens + 96)
    tokens = env.unwrapped.chat.encode_reply(episodes(env, 1, turn_tokens)[0]["reply"])
    env.reset(seed=0)

    def play_one() -> int:
        env.reset(options={"index": 0})
        for token in tokens:
            step = env.step(token)
        assert step[1:4] == (1.0, True, False)
        return turn_tokens

    rate = best_rate(play_one, budget_s=budget_s, rounds=rounds)
    target = STEP_TARGET if obs in ("delta", "last") else None
    return [Row(f"token step, obs={obs}, turns of {turn_tokens:,}", "llm-envs", rate, ours=True, target=target)]


@click.command()
@click.option("--peers", default="all", help=f"all, none, or names: {','.join(peer.module for peer in PEERS)}.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the peers' environments here, and reuse them.")
@click.option("--quick", is_flag=True, help="A smoke test: seconds, and figures that mean nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Renew this benchmark's section of RESULTS.md.")
def main(*, peers: str, keep: Path | None, quick: bool, as_json: bool, write: bool) -> None:
    """Episodes and token steps per CPU-second through gym.make, ours and the peers'."""
    effort = {"budget_s": 0.02, "rounds": 1} if quick else {"budget_s": 0.5, "rounds": 5}
    count = 16 if quick else EPISODES
    players = chosen(peers, PEERS)
    played = {
        what: episodes(gym.make(env_id), count, REPLY_TOKENS, restate=what == MATH)
        for what, (_, env_id, _) in TASKS.items()
    }
    turns = [(obs, REPLY_TOKENS) for obs in ("delta", "last", "padded", "text")]
    turns += [(obs, LONG_TURN_TOKENS) for obs in ("delta", "last")]
    with TemporaryDirectory(prefix="episodes-") as scratch:
        path = Path(scratch) / "episodes.json"
        path.write_text(json.dumps(played), encoding="utf-8")
        jobs: list[Job] = [(what, partial(own_episodes, what, played[what], **effort)) for what in TASKS]
        jobs += [
            (f"{peer.name} (installing, playing)", partial(peer_rows, peer, path, keep, **effort)) for peer in players
        ]
        jobs += [(f"token steps, obs={obs}", partial(own_steps, obs, tokens, **effort)) for obs, tokens in turns]
        rows = run(jobs)
    publish(rows, "One env through gym.make", as_json=as_json, write=write)


if __name__ == "__main__":
    main()
