"""How many tokens do many envs take in a CPU-second, through `gym.make_vec`, natively and by `SyncVectorEnv`?

    python benchmarks/vector_throughput.py

Every row plays one reply from reset to verdict, token by token (`step`) or in one piece (`push`). No peer has token
steps; what is compared is Gymnasium's own way of stepping many envs.
"""

from __future__ import annotations

from functools import partial

import click
import gymnasium as gym
import numpy as np
from publishing import Job, Row, best_rate, publish, run
from workload import SUM, episodes

SHORT_TURN_TOKENS, LONG_TURN_TOKENS = 200, 4_000
"""A worked solution, and a chain of thought."""

ROWS = (1, 64, 1024)
STEP_TARGET = 7_000_000
MODES = {"native": "vector_entry_point", "SyncVectorEnv": "sync"}


def steps(mode: str, num_envs: int, obs: str, turn_tokens: int, *, budget_s: float, rounds: int) -> list[Row]:
    """Reset all rows, and step through their replies; the resets and the verdicts are on the clock."""
    envs = gym.make_vec(SUM, num_envs=num_envs, vectorization_mode=MODES[mode], obs=obs)
    tokens_T_N = np.ascontiguousarray(_replies(num_envs, turn_tokens).T)

    def play_all() -> int:
        envs.reset(seed=[0] * num_envs)
        for tokens_N in tokens_T_N:
            step = envs.step(tokens_N)
        assert step[1].all()
        assert step[2].all()
        return num_envs * turn_tokens

    rate = best_rate(play_all, budget_s=budget_s, rounds=rounds)
    envs.close()
    native = mode == "native"
    target = STEP_TARGET if native and (num_envs, turn_tokens) == (ROWS[-1], LONG_TURN_TOKENS) else None
    what = f"token step, N={num_envs:,}, obs={obs}, turns of {turn_tokens:,}"
    return [Row(what, f"llm-envs, {mode}" if native else mode, rate, ours=native, target=target)]


def pushes(num_envs: int, *, budget_s: float, rounds: int) -> list[Row]:
    """Reset all rows, and push their replies whole."""
    envs = gym.make_vec(SUM, num_envs=num_envs, vectorization_mode=MODES["native"])
    ids_N_T = list(_replies(num_envs, SHORT_TURN_TOKENS).astype(np.int32))

    def play_all() -> int:
        envs.reset(seed=[0] * num_envs)
        assert all(turn.reward == 1.0 for turn in envs.push(ids_N_T))
        return num_envs

    rate = best_rate(play_all, budget_s=budget_s, rounds=rounds)
    envs.close()
    what = f"reset and push of a turn of {SHORT_TURN_TOKENS}, N={num_envs:,}"
    return [Row(what, "llm-envs, native", rate, ours=True)]


def _replies(num_envs: int, turn_tokens: int) -> np.ndarray:
    """Token ids of the right reply to task 0 of seed 0, shape (num_envs, turn_tokens)."""
    env = gym.make(SUM)
    ids_T = env.unwrapped.chat.encode_reply(episodes(env, 1, turn_tokens)[0]["reply"])
    return np.tile(np.array(ids_T), (num_envs, 1))


@click.command()
@click.option("--quick", is_flag=True, help="A smoke test: seconds, and figures that mean nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Renew this benchmark's section of RESULTS.md.")
def main(*, quick: bool, as_json: bool, write: bool) -> None:
    """Token steps and turns per CPU-second through gym.make_vec."""
    effort = {"budget_s": 0.02, "rounds": 1} if quick else {"budget_s": 0.5, "rounds": 3}
    jobs: list[Job] = [
        (f"token steps, N={num_envs:,}, {mode}", partial(steps, mode, num_envs, obs, turn_tokens, **effort))
        for turn_tokens in ((SHORT_TURN_TOKENS,) if quick else (SHORT_TURN_TOKENS, LONG_TURN_TOKENS))
        for num_envs in ((1, 16) if quick else ROWS)
        for obs in ("delta", "last")
        for mode in MODES
    ]
    jobs += [("pushes", partial(pushes, 16 if quick else ROWS[-1], **effort))]
    publish(run(jobs), "Many envs through gym.make_vec", as_json=as_json, write=write)


if __name__ == "__main__":
    main()
