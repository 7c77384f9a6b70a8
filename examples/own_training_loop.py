"""The shape of a training loop of your own: groups of episodes, whole turns, trajectories, advantages.

The policy here guesses at random, so nothing is learnt; put a model in its place.

python examples/own_training_loop.py
"""

import gymnasium as gym
import numpy as np

import llm_envs  # noqa: F401 (registers llm/*)

GROUPS, GROUP_SIZE, ROUNDS = 4, 8, 3

if __name__ == "__main__":
    envs = gym.make_vec("llm/GuessNumber-v0", num_envs=GROUPS * GROUP_SIZE, difficulty=1)
    rng = np.random.default_rng(0)
    for round_ in range(ROUNDS):
        seeds = np.repeat(np.arange(GROUPS) + GROUPS * round_, GROUP_SIZE)
        envs.reset(seed=seeds.tolist())

        open_rows = list(range(envs.num_envs))
        while open_rows:
            replies = [envs.chat.encode_reply(str(rng.integers(1, 9))) for _ in open_rows]
            turns = envs.push(replies, logprobs=[np.full(len(ids), -2.0) for ids in replies], env_ids=open_rows)
            open_rows = [row for row, turn in zip(open_rows, turns, strict=True) if not turn.done]

        trajectories = [trajectory for trajectory in envs.trajectories() if trajectory.trainable]
        rewards_G_K = np.array([t.reward for t in trajectories]).reshape(GROUPS, GROUP_SIZE)
        advantages_G_K = rewards_G_K - rewards_G_K.mean(axis=1, keepdims=True)
        tokens = sum(int(t.mask.sum()) for t in trajectories)
        print(
            f"round {round_}: reward {rewards_G_K.mean():.2f}, {tokens} sampled tokens to train on, "
            f"{int((advantages_G_K != 0).any(axis=1).sum())} of {GROUPS} groups carry a signal"
        )
    envs.close()
