"""`llm/Sudoku-v0`: fill a grid so that every row, column and box holds every digit once.

How boards are solved and dug out is in `board`; how a grid is read is the `table` verifier's business.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from llm_envs import verifiers
from llm_envs.envs.puzzles.board import CELLS, UNITS, Board, dig_by_singles, dig_further, shape_of, solutions
from llm_envs.envs.puzzles.puzzle import Puzzle, drawn_level, shuffled
from llm_envs.types import Task, Verdict

__all__ = ["Sudoku"]


class _Level(NamedTuple):
    """How a board is dug out.

    Args:
        keep: how many givens stay at least.
        units: it may take the last place left for a digit in a unit, not only the last digit left for a cell.
        further: the last digits left for cells must not suffice (`singles`), or singles must not (`search`).
    """

    size: int
    keep: int = 0
    units: bool = True
    further: Literal["", "singles", "search"] = ""


_LEVELS = (
    _Level(4, keep=8, units=False),
    _Level(4),
    _Level(6),
    _Level(9, keep=36, units=False),
    _Level(9, further="singles"),
    _Level(9, further="search"),
)


class Sudoku(Puzzle):
    r"""Solve a sudoku of 4, 6 or 9 digits.

    ## Description
    The prompt shows a grid with dots for its empty cells. There is exactly one solution: every given that was taken
    out follows from those that were left, by a deduction or by exact search. Grids are filled by a randomised search,
    so all grids can occur, though not all are equally likely.

    ## Action space
    `Discrete(vocab_size)`, one token a step; the whole reply is one turn.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the last grid of the reply is the solution, else 0. A `rubric` adds parts, see `llm_envs.verifiers.rubric`;
    partial credit is the share of empty cells that are filled rightly, and 0 for a grid that changes a given.

    ## Episode end
    Terminated at the end of the reply (`end_of_turn`). Truncated at `max_new_tokens` or a full context; the reply is
    then judged as it stands.

    ## Arguments
    - `difficulty` 0 to 5, by default drawn for each task. 0: four digits, half of the cells given or more, and every
      step is the last digit left for a cell. 1: four digits, and no given is left that follows from the others in one
      step. 2: the same with six digits. 3: nine digits, 36 givens or more, every step the last digit left for a cell.
      4: nine digits, and the last digits left for cells do not suffice: some digits have one place left in a row,
      column or box. 5: nine digits, and both kinds of singles together do not suffice.
    - `rubric`: a `verifiers.Rubric`, or its weights by name, such as `{"partial": 0.2}`; none by default.

    ## Verifier
    `llm_envs.verifiers.table`: the grid may be written in many ways, with or without blanks, rules and boxes.

    `task.answer` holds the solution's rows, `task.metadata` the puzzle's rows and the number of givens.

    ## Version history
    - v0: first release.
    """

    def sample(self, rng: np.random.Generator) -> Task:
        """Fill a grid, and take givens out."""
        difficulty = drawn_level(rng, self.difficulty)
        level = _LEVELS[difficulty]
        givens = None
        while givens is None:
            solution = _filled(rng, level.size)
            givens = _dug_out(rng, solution, level)
        puzzle = _rows(givens, level.size)
        return Task(
            prompt=f"{_rules(level.size)}\n\n{_drawn(puzzle)}\n\n{self.rubric.request}",
            answer=_rows(solution, level.size),
            metadata={"difficulty": difficulty, "puzzle": puzzle, "givens": sum(map(bool, givens))},
        )

    def judge(self, task: Task, reply: str) -> Verdict:
        """Compare the last grid of the reply with the solution."""
        verdict = verifiers.table(reply, task.answer)
        if _changes_a_given(task, verdict):
            return replace(verdict, reason=f"{verdict.reason}, and a given is changed")
        return verdict

    def share(self, task: Task, verdict: Verdict) -> float:
        """The share of empty cells that are right; 0 for the solution of another puzzle."""
        read = _read(verdict)
        if not read or _changes_a_given(task, verdict):
            return 0.0
        puzzle = "".join(task.metadata["puzzle"])
        right: int = sum(map(operator.eq, read, "".join(task.answer)))
        return (right - len(puzzle) + puzzle.count(".")) / puzzle.count(".")

    def solve(self, task: Task) -> tuple[str, str]:
        """Singles, as long as there are any; and which digit of an open cell leads nowhere, where there are none."""
        givens = [int(cell) if cell != "." else 0 for row in task.metadata["puzzle"] for cell in row]
        steps = _steps(Board.of(len(task.answer), givens))
        return "\n".join(steps), f"\n{_drawn(task.answer)}\n"


def _read(verdict: Verdict) -> str:
    """The digits that were read, row by row; "" where there was no grid."""
    return "".join("".join(row) for row in verdict.details["rows"])


def _changes_a_given(task: Task, verdict: Verdict) -> bool:
    puzzle, read = "".join(task.metadata["puzzle"]), _read(verdict)
    return bool(read) and any(given not in {".", digit} for given, digit in zip(puzzle, read, strict=True))


def _filled(rng: np.random.Generator, size: int) -> Sequence[int]:
    """A full grid: a random first row, and the first solution that trying digits in a random order finds."""
    board = Board.of(size, [0] * size**2)
    for cell, digit in enumerate(shuffled(rng, size)):
        board.settle(digit * size * size + cell)
    return next(solutions(board, shuffled(rng, size**3)))


def _dug_out(rng: np.random.Generator, solution: Sequence[int], level: _Level) -> Sequence[int] | None:
    """The givens that stay; None where these do not need what the level wants."""
    order = shuffled(rng, len(solution))
    givens = dig_by_singles(solution, order, level.size, keep=level.keep, units=level.units)
    if not level.further:
        return givens
    return dig_further(givens, order, level.size, search=level.further == "search")


def _rules(size: int) -> str:
    height, width = shape_of(size).box
    return (
        f"Fill in this sudoku: each row, each column and each box of {height} rows and {width} columns holds each of "
        f"the digits 1 to {size} once. A dot is an empty cell. Answer with the whole grid, one row a line."
    )


def _rows(cells: Sequence[int], size: int) -> list[str]:
    text = "".join(str(digit) if digit else "." for digit in cells)
    return [text[start : start + size] for start in range(0, len(text), size)]


def _drawn(rows: Sequence[str]) -> str:
    return "\n".join(map(" ".join, rows))


def _steps(board: Board) -> Iterator[str]:
    """How a board is solved, in words; it is used up."""
    while not board.is_full:
        cells = board.settle_singles(CELLS)
        units = None if cells else board.settle_singles(UNITS)
        if cells:
            yield f"The only digit left: {_named(board, cells)}."
        elif units:
            yield f"The only place left: {_named(board, units)}."
        else:
            yield _exclude(board)


def _exclude(board: Board) -> str:
    """Strike a candidate out that leads nowhere: of one solution there is one in every open field."""
    wrong = next(candidate for candidate in board.branches() if _leads_nowhere(board, candidate))
    board.strike(wrong)
    return f"If {_named(board, [wrong])}, the rest cannot be filled, so it is not."


def _leads_nowhere(board: Board, candidate: int) -> bool:
    attempt = board.copy()
    attempt.settle(candidate)
    return next(solutions(attempt), None) is None


def _named(board: Board, candidates: Sequence[int]) -> str:
    size = board.shape.size
    found = (divmod(candidate, size * size) for candidate in candidates)
    return ", ".join(f"r{cell // size + 1}c{cell % size + 1}={digit + 1}" for digit, cell in found)
