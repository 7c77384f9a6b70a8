"""SkyRL Gym: the grader of its LiveCodeBench env, one forked process for all tests of a program."""

from __future__ import annotations

import json
from collections.abc import Sequence

from peers.measure import Episode, Play, report
from skyrl_gym.envs.lcb.livecodebench import compute_score


def prepare(episodes: Sequence[Episode]) -> Play:
    """Grade a reply with a block of code."""
    del episodes

    def play_one(episode: Episode) -> float:
        given = json.loads(episode["answer"])
        pairs = zip(given["inputs"], given["wanted"], strict=True)
        tests = [{"input": words, "output": str(wanted), "testtype": "stdin"} for words, wanted in pairs]
        return float(compute_score(f"```python\n{episode['reply']}```", tests)[1])

    return lambda batch: [play_one(episode) for episode in batch]


if __name__ == "__main__":
    report("program, 5 tests in one process", prepare, "compute_score of its env lcb")
