"""An env of your own, whose world answers: a till that counts coins, played by a scripted customer.

python examples/own_env.py
"""

import gymnasium as gym
import numpy as np

import llm_envs
from llm_envs import Message, MultiTurnEnv, StopReason, Task


@llm_envs.register("example/Till-v0")
class Till(MultiTurnEnv):
    """Pay an amount exactly, one coin a turn."""

    def sample(self, rng: np.random.Generator) -> Task:
        amount = int(rng.integers(1, 10))
        return Task(prompt=f"Pay {amount}. You have coins of 1, 2 and 5; put down one a turn.", answer=amount)

    def begin(self, task: Task) -> None:
        self.left = task.answer

    def respond(self, task: Task, reply: str) -> list[Message] | StopReason:
        if reply not in ("1", "2", "5"):
            return [{"role": "user", "content": "That is no coin. Say 1, 2 or 5."}]
        self.left -= int(reply)
        if self.left <= 0:
            return StopReason.SOLVED if self.left == 0 else StopReason.GAVE_UP
        return [{"role": "user", "content": f"{self.left} to go."}]

    def verify(self, task: Task, reply: str) -> float:
        return float(self.left == 0)

    def demonstrate(self, task: Task) -> list[str]:
        coins, left = [], task.answer
        while left:
            coins.append(max(coin for coin in (1, 2, 5) if coin <= left))
            left -= coins[-1]
        return [str(coin) for coin in coins]


if __name__ == "__main__":
    env = gym.make("example/Till-v0", action="turn", obs="text", render_mode="ansi")
    env.reset(seed=3)
    for reply in env.unwrapped.demonstrate(env.unwrapped.task):
        obs, reward, terminated, truncated, info = env.step(reply)
    print(env.render())
    print("reward:", reward)
