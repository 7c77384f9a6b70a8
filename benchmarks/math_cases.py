r"""What the maths graders are asked: rows of `verifiers/math.jsonl`, tasks of `llm/Math-v0`, files of cases.

A file of cases is JSONL: `{"gold": "3/4", "prediction": "\\boxed{0.75}", "equal": true}`, and `"hostile": true` where
the reply is meant to hang, to crash or to run code.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import gymnasium as gym
from workload import restated, wrong

import llm_envs  # noqa: F401 (registers llm/Math-v0)
from llm_envs.testing import read_rows, written_out

__all__ = ["BrokenCases", "Case", "generated", "integers", "mixture", "read_cases", "table"]

TABLE = Path(__file__).parents[1] / "verifiers" / "math.jsonl"
MIX = {"integer": 0.64, "fraction": 0.13, "decimal": 0.02, "symbolic": 0.21}
"""Of the references of the common competition sets."""

_KINDS = (
    ("integer", re.compile(r"-?\d+")),
    ("fraction", re.compile(r"-?(\\[dt]?frac\{-?\d+\}\{\d+\}|\d+/\d+)")),
    ("decimal", re.compile(r"-?\d*\.\d+")),
)
_SAID = (
    r"\boxed{%s}",
    r"Adding up gives the result. The final answer is $\boxed{%s}$.",
    r"<think>First I thought it was 17.</think>Therefore \[ \boxed{%s} \]",
)
"""All with a box, which every grader looks for: here it is the answer that is hard to read, not the reply."""


@dataclass(frozen=True)
class Case:
    """A reply, the right answer, and whether the one gives the other."""

    gold: str
    prediction: str
    equal: bool
    hostile: bool = False


class BrokenCases(ValueError):
    """Lines of a file that are no cases, by number."""


def table() -> list[Case]:
    """The rows whose reference is one text or number: other graders take no lists."""
    rows = [row for row in read_rows(TABLE) if not isinstance(row["reference"], list)]
    return [
        Case(str(row["reference"]), written_out(row["answer"]), bool(row["expected"]), row["class"] == "hostile")
        for row in rows
    ]


def generated(count: int) -> list[Case]:
    """The first tasks of `llm/Math-v0`, each with its answer written in some way, and with a neighbour's."""
    env = gym.make("llm/Math-v0").unwrapped
    answers = []
    for index in range(count):
        env.reset(seed=0, options={"index": index})
        answers.append(str(env.task.answer))
    env.close()
    says = cycle(_SAID)
    respelled = cycle((str, restated, _airy))
    cases = []
    for i, answer in enumerate(answers):
        cases.append(Case(answer, next(says) % next(respelled)(answer), equal=True))
        cases.append(Case(answer, next(says) % wrong(answers, i), equal=False))
    return cases


def _airy(answer: str) -> str:
    """The same formula in another hand: big fractions, thin spaces, no `\\left` and `\\right`."""
    small = re.sub(r"\\(left|right)(?![A-Za-z])", "", answer)
    return re.sub(r"(?<=[\w})]) ?([+=<>-]) ?(?=[\w\\({])", r"\\, \1 \\, ", small).replace(r"\frac", r"\dfrac")


def read_cases(path: Path) -> list[Case]:
    """The cases of a JSONL file.

    Raises:
        BrokenCases: a line is no case; each is named.
    """
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    read = [(number, *_read_case(line)) for number, line in lines if line.strip()]
    broken = [f"line {number}: {why}" for number, _, why in read if why]
    if broken:
        shown = "; ".join(broken[:5]) + (f"; and {len(broken) - 5} more" if len(broken) > 5 else "")
        raise BrokenCases(f"{path}: {shown}")
    return [case for _, case, _ in read if case]


def _read_case(line: str) -> tuple[Case | None, str]:
    """The case, or why there is none."""
    try:
        row = json.loads(line)
    except ValueError as error:
        return None, f"no JSON ({error})"
    if not isinstance(row, dict):
        return None, f"an object is wanted, not {type(row).__name__}"
    for name, kind in (("gold", str), ("prediction", str), ("equal", bool)):
        if name not in row:
            return None, f"{name!r} is missing"
        if not isinstance(row[name], kind):
            return None, f"{name!r} must be {kind.__name__}, not {json.dumps(row[name])[:40]}"
    return Case(row["gold"], row["prediction"], row["equal"], bool(row.get("hostile"))), ""


def integers(cases: Sequence[Case], count: int) -> list[Case]:
    """Cases whose right answer is an integer."""
    return _drawn([case for case in _harmless(cases) if _kind(case.gold) == "integer"], count)


def mixture(cases: Sequence[Case], count: int) -> list[Case]:
    """Cases in the proportions of `MIX`."""
    kinds = {kind: [case for case in _harmless(cases) if _kind(case.gold) == kind] for kind in MIX}
    return _shuffled([case for kind, share in MIX.items() for case in _drawn(kinds[kind], round(share * count))])


def _harmless(cases: Sequence[Case]) -> Iterator[Case]:
    return (case for case in cases if not case.hostile)


def _kind(gold: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(gold.strip("$ "))), "symbolic")


def _drawn(cases: list[Case], count: int) -> list[Case]:
    return _shuffled(cases)[:count]


def _shuffled(cases: list[Case]) -> list[Case]:
    return random.Random(0).sample(cases, len(cases))
