"""Maths graders, one check after the other, each in the Python that has it: `python -m peers.math_grader NAME`.

Each line of stdin is a JSON list of two texts, the right answer and the reply; each gets a line of JSON, a `Graded`. A
list of such lists is graded in one go, and gets the CPU time of all in seconds.
The first line out says that the grader is there. What a grader prints itself is thrown away. It runs on the main
thread, as the timers of most graders need it, and in an empty folder, where what a reply manages to create can be seen.

Does not end a check that hangs: the process that asked does.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from threading import Thread
from typing import Any

from peers.measure import cpu_time_s

__all__ = ["READY", "Grade", "Graded"]

READY = "ready"
_MEMORY_BYTES = 8 * 2**30
"""What a reply makes a grader allocate must not take the machine down."""

Grade = Callable[[str, str], bool]
"""Whether the second text, a reply, gives the answer that the first one is."""

_WARM_UP = (("41", r"\boxed{42}"), ("x^2", r"\boxed{\sqrt{x^2}^2}"))
"""What is loaded at a first check, or at a first one that needs SymPy, is loaded before the clock runs."""

_DELIMITED = re.compile(r"\$|\\\(|\\\[|\\boxed")
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}")


@dataclass(frozen=True)
class Graded:
    """What one check gave.

    Args:
        equal: the verdict; False where there is none.
        error: what was raised, or nothing.
        wall_s: time of this check.
    """

    equal: bool
    error: str
    wall_s: float


def llm_envs() -> Grade:
    """Ours. A check of its own that failed is an error here, a check that took too long is not: it ended in time."""
    from llm_envs import verifiers

    def grade(gold: str, reply: str) -> bool:
        verdict = verifiers.math(reply, gold)
        if verdict.status == "error":
            raise RuntimeError(verdict.reason)
        return verdict.reward == 1.0

    return grade


def math_verify() -> Grade:
    """Math-Verify, its default extraction; a bare formula gets the dollar signs without which it is not read."""
    from math_verify import parse, verify

    def delimited(text: str, *, always: bool = False) -> str:
        bare = not _DELIMITED.search(text) and (always or not _WORDS.search(text))
        return f"${text}$" if bare else text

    return lambda gold, reply: bool(verify(parse(delimited(gold, always=True)), parse(delimited(reply))))


def mathruler() -> Grade:
    """MathRuler, the grader of PRM800K (SymPy); it is given the last box, or the reply where there is none."""
    from mathruler.grader import extract_boxed_content, grade_answer

    def grade(gold: str, reply: str) -> bool:
        box = extract_boxed_content(reply)
        return bool(grade_answer(reply if box == "None" else box, gold))

    return grade


def skyrl_gym() -> Grade:
    """SkyRL Gym's grader of competition answers, verl's `math_dapo` (strings); given as MathRuler is."""
    from skyrl_gym.envs.aime.utils import compute_score, last_boxed_only_string, remove_boxed

    def grade(gold: str, reply: str) -> bool:
        box = last_boxed_only_string(reply)
        return bool(compute_score(f"Answer: {remove_boxed(box) if box else reply}", gold)["acc"])

    return grade


_GRADERS = {loader.__name__: loader for loader in (llm_envs, math_verify, mathruler, skyrl_gym)}


def _raised_in_a_thread(grade: Grade) -> str:
    """The type of what the grader raises off the main thread, where rewards are mostly computed."""
    raised = ["wrong verdict"]

    def work() -> None:
        try:
            raised[0] = "" if grade("42", r"\boxed{42}") else raised[0]
        except Exception as error:  # noqa: BLE001 (whatever a peer raises is its result)
            raised[0] = type(error).__name__

    thread = Thread(target=work)
    thread.start()
    thread.join()
    return raised[0]


def _graded(grade: Grade, gold: str, reply: str) -> Graded:
    """One check on the clock."""
    began_s = time.perf_counter()
    try:
        equal, error = grade(gold, reply), ""
    except BaseException as raised:  # noqa: BLE001 (graders raise what is no Exception, to get past their own handlers)
        equal, error = False, f"{type(raised).__name__}: {raised}"[:200]
    return Graded(equal, error, time.perf_counter() - began_s)


def _time_of_all(grade: Grade, pairs: list[list[str]]) -> float:
    """CPU time of checks one after the other, without a clock between them, which costs more than a quick check."""
    began_s = cpu_time_s()
    for gold, reply in pairs:
        with suppress(Exception):
            grade(gold, reply)
    return cpu_time_s() - began_s


def _answered(grade: Grade, asked: list[str] | list[list[str]]) -> dict[str, Any] | float:
    return asdict(_graded(grade, *asked)) if isinstance(asked[0], str) else _time_of_all(grade, asked)


def main(name: str) -> None:
    """Load the grader, try it, and answer until stdin ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    grade = _GRADERS[name]()
    for gold, reply in _WARM_UP:
        _graded(grade, gold, reply)
    print(json.dumps({READY: _raised_in_a_thread(grade)}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(_answered(grade, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
