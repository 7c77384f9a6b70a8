"""The tests of a problem: two examples to be shown, and hidden ones that tell wrong programs from right ones.

Tests are chosen by what they find out: for every mutant one that it fails, where any turns up, then edge cases, then
cases as they are drawn. No two have the same arguments, none is an example, and not more than half of them have the
same answer, so that neither an example's answer nor any constant is ever worth anything.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from llm_envs.envs.code.problem import Args, Problem, Solver, solver_of

__all__ = ["Case", "Cases", "drawn_cases"]

_SIZES = (6, 8, 12, 20, 30, 40)
_TESTS = (8, 10, 12, 14, 16, 18)
_BIG_TESTS = (0, 0, 0, 1, 1, 2)
_EXAMPLE_SIZE = 6
_EXAMPLE_CHARS = 400
_EXAMPLES_TRIED = 60
_POOL = 120
"""Cases drawn to choose from: a mutant that none of them fails is hardly wrong at all."""
_FAILED = "failed"
"""Stands for the answer of a program that has none."""


class Case(NamedTuple):
    """Arguments, and the right answer to them."""

    args: Args
    answer: Any

    @property
    def key(self) -> str:
        """Equal for equal arguments."""
        return repr(self.args)


class Cases(NamedTuple):
    """The tests of one problem."""

    examples: tuple[Case, ...]
    hidden: tuple[Case, ...]


def drawn_cases(problem: Problem, rng: random.Random, level: int) -> Cases | None:
    """Examples and hidden tests; None in the rare case that answers vary too little."""
    solve = solver_of(problem.gold)
    examples = _examples(problem, solve, rng)
    choice = _Choice(_TESTS[level], {case.key for case in examples})
    pool = list(_pool(problem, solve, rng, level))
    choice.take(_telling(problem, pool), _TESTS[level])
    choice.take([case for case in pool[: len(problem.edges)] if case.key not in choice.seen], _TESTS[level] * 2 // 3)
    choice.take(pool, _TESTS[level])
    if len(examples) < 2 or len(choice.taken) < _TESTS[level]:
        return None
    return Cases(tuple(examples), (*choice.taken, *_big(problem, solve, rng, _BIG_TESTS[level], choice.seen)))


class _Choice:
    """Tests as they are chosen."""

    def __init__(self, count: int, seen: set[str]) -> None:
        self.taken: list[Case] = []
        self.seen = seen
        self._count = count
        self._answers: Counter[str] = Counter()

    def take(self, cases: Iterable[Case], up_to: int) -> None:
        """Those that are new and whose answer is not yet that of half of all."""
        for case in cases:
            if len(self.taken) >= up_to:
                return
            answer = repr(case.answer)
            if case.key not in self.seen and self._answers[answer] < self._count // 2:
                self.taken.append(case)
                self.seen.add(case.key)
                self._answers[answer] += 1


def _case(solve: Solver, args: Args) -> Case:
    return Case(args, solve(*args))


def _big(problem: Problem, solve: Solver, rng: random.Random, count: int, seen: set[str]) -> Iterator[Case]:
    """Large ones, all different, where the problem has such."""
    drawn: dict[str, Case] = {}
    while problem.big and len(drawn) < count:
        case = _case(solve, problem.case(rng, problem.big))
        if case.key not in seen:
            drawn[case.key] = case
    yield from drawn.values()


def _examples(problem: Problem, solve: Solver, rng: random.Random) -> list[Case]:
    """Two that can be read, with different answers."""
    found: list[Case] = []
    for _ in range(_EXAMPLES_TRIED):
        case = _case(solve, problem.case(rng, rng.randint(3, _EXAMPLE_SIZE)))
        is_short = len(case.key) <= _EXAMPLE_CHARS
        if is_short and all(repr(case.answer) != repr(other.answer) for other in found):
            found.append(case)
        if len(found) == 2:
            break
    return found


def _pool(problem: Problem, solve: Solver, rng: random.Random, level: int) -> Iterator[Case]:
    """The edge cases, and drawn ones of growing size."""
    yield from (_case(solve, args) for args in problem.edges)
    size = min(_SIZES[level], problem.most)
    for number in range(_POOL):
        low = 1 + number * size // (2 * _POOL)
        yield _case(solve, problem.case(rng, rng.randint(low, size)))


def _telling(problem: Problem, pool: list[Case]) -> Iterator[Case]:
    """For every mutant the first case that it fails, if there is one."""
    for source in problem.wrong.values():
        wrong = solver_of(source)
        yield from islice((case for case in pool if fails(wrong, case)), 1)


def fails(solve: Solver, case: Case) -> bool:
    """Whether a program of ours gives another answer, or none."""
    try:
        answer = solve(*case.args)
    except Exception:  # noqa: BLE001 (a wrong program fails in any way)
        answer = _FAILED
    return repr(answer) != repr(case.answer)
