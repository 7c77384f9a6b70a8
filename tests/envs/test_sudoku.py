"""`llm/Sudoku-v0`: one solution each, as a slow solver finds it, and levels that need what their card says."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import gymnasium as gym
import pytest
from solvers import sudoku as oracle

from llm_envs.envs.puzzles.board import Board, bits_of, dig_by_singles, shape_of, solutions

SIZES = (4, 4, 6, 9, 9, 9)
by_level = pytest.mark.parametrize("difficulty", range(6))


def opened(difficulty, index=0, **options):
    """The env at one of its tasks."""
    env = gym.make("llm/Sudoku-v0", difficulty=difficulty, **options).unwrapped
    env.reset(seed=9, options={"index": index})
    return env


def puzzles(difficulty, count):
    """The first tasks at a level, and their known cells."""
    env = opened(difficulty)
    for index in range(count):
        env.reset(seed=9, options={"index": index})
        yield env.task, oracle.read(env.task.metadata["puzzle"])


@by_level
def test_there_is_one_solution(difficulty):
    """Backtracking over the givens finds the answer and nothing else."""
    for task, known in puzzles(difficulty, 25):
        found, _ = oracle.solutions(known, SIZES[difficulty])
        assert found == [oracle.read(task.answer)]


@by_level
def test_the_prompt_shows_the_givens(difficulty):
    """The grid in the prompt is the puzzle, row by row, and the answer keeps its givens."""
    for task, known in puzzles(difficulty, 10):
        shown = [line.replace(" ", "") for line in task.prompt.split("\n\n")[1].split("\n")]
        assert shown == task.metadata["puzzle"]
        assert task.metadata["givens"] == len(known)
        assert known.items() <= oracle.read(task.answer).items()
        assert f"boxes of {SIZES[difficulty]}" not in task.prompt


@pytest.mark.parametrize("difficulty", [0, 3])
def test_easy_levels_need_the_last_digit_of_a_cell(difficulty):
    """Nothing else is needed, and as many givens stay as the card says."""
    size = SIZES[difficulty]
    for task, known in puzzles(difficulty, 15):
        assert len(oracle.singles(known, size, places=False)) == size * size
        assert task.metadata["givens"] >= {0: 8, 3: 36}[difficulty]


@pytest.mark.parametrize("difficulty", [1, 2, 4])
def test_middle_levels_need_singles(difficulty):
    """Singles suffice; at nine digits the last digit of a cell alone never does."""
    size = SIZES[difficulty]
    found = list(puzzles(difficulty, 15))
    assert all(len(oracle.singles(known, size, places=True)) == size * size for _, known in found)
    if difficulty == 4:
        solved = sum(len(oracle.singles(known, size, places=False)) == size * size for _, known in found)
        assert solved == 0


def test_the_last_level_needs_more_than_singles():
    """A solver that knows nothing but singles gets stuck in every task."""
    for _, known in puzzles(5, 10):
        assert len(oracle.singles(known, 9, places=True)) < 81


def test_levels_take_more_work():
    """What a backtracking solver tries grows from each level to the next."""
    tried = [mean(oracle.solutions(known, SIZES[level])[1] for _, known in puzzles(level, 20)) for level in range(6)]
    assert tried == sorted(tried)
    assert tried[5] > 20 * tried[0]


def test_the_solver_counts_all_boards_of_four():
    """An empty board of four digits has 288 solutions, all different."""
    found = list(solutions(Board.of(4, [0] * 16)))
    assert len(found) == len(set(found)) == 288


@pytest.mark.parametrize("size", [4, 6, 9])
def test_the_solver_finds_what_the_slow_one_finds(size):
    """Givens taken from a solution at random, too few or not: the same solutions, as many as there are or fifty."""
    for index in range(12):
        task, known = list(puzzles({4: 1, 6: 2, 9: 4}[size], index + 1))[-1]
        fewer = dict(list(known.items())[index % 4 :])
        slow, _ = oracle.solutions(fewer, size, limit=50)
        givens = [fewer.get(divmod(cell, size), 0) for cell in range(size * size)]
        fast = [found for found, _ in zip(solutions(Board.of(size, givens)), range(50), strict=False)]
        assert len(fast) == len(slow) == len(set(fast))
        if len(slow) < 50:
            assert {tuple(board[cell] for cell in sorted(board)) for board in slow} == set(fast)
        assert tuple(map(int, "".join(task.answer))) in fast or len(slow) == 50


@pytest.mark.parametrize("wrong", [{0: 1, 1: 1}, {0: 1, 4: 1}, {0: 1, 5: 1}, {0: 1, 1: 2, 6: 3, 11: 4, 3: 4, 2: 4}])
def test_a_contradiction_has_no_solution(wrong):
    """Equal digits in a row, a column or a box cannot be filled."""
    assert not list(solutions(Board.of(4, [wrong.get(cell, 0) for cell in range(16)])))


def test_digging_keeps_what_it_should():
    """`keep` is a floor, and what is taken out can be put back in reverse order, each as the last digit of its cell."""
    solution = [int(digit) for digit in "".join(opened(3).task.answer)]
    order = list(range(80, -1, -1))
    givens = dig_by_singles(solution, order, 9, keep=40, units=False)
    assert sum(map(bool, givens)) >= 40
    known = {divmod(cell, 9): digit for cell, digit in enumerate(givens) if digit}
    units = oracle.units(9)
    for cell in (cell for cell in reversed(order) if not givens[cell]):
        assert oracle.candidates(known, divmod(cell, 9), 9, units) == {solution[cell]}
        known[divmod(cell, 9)] = solution[cell]


@pytest.mark.parametrize(("size", "count"), [(4, 12), (6, 18), (9, 27)])
def test_shapes(size, count):
    """Rows, columns and boxes are those of the slow solver, and each cell is in its own."""
    shape = shape_of(size)
    mine = {frozenset(bits_of(unit)) for units in shape.units for unit in units}
    assert mine == {frozenset(r * size + c for r, c in unit) for unit in oracle.units(size)}
    assert len(mine) == count
    assert all(cell in bits_of(unit) for cell, units in enumerate(shape.units) for unit in units)


def test_grids_are_not_all_alike():
    """Over 400 grids of four digits at least 100 of the 288 occur, none in more than one in twenty."""
    counts = Counter(tuple(task.answer) for task, _ in puzzles(0, 400))
    assert len(counts) >= 100
    assert max(counts.values()) <= 20


@by_level
def test_partial_credit_is_the_share_of_empty_cells(difficulty):
    """Each wrong cell takes its share off, and all of them together leave nothing."""
    env = opened(difficulty, rubric={"partial": 0.4})
    task, size = env.task, SIZES[difficulty]
    cells = list("".join(task.answer))
    blanks = [i for i, given in enumerate("".join(task.metadata["puzzle"])) if given == "."]
    for wrong, blank in enumerate(blanks, 1):
        cells[blank] = str(int(cells[blank]) % size + 1)
        verdict = env.verify(task, "".join(cells))
        assert verdict.reward == pytest.approx(0.4 * (1 - wrong / len(blanks)))
        assert [part.name for part in verdict.parts] == ["correct", "partial"]


def test_no_partial_credit_for_another_puzzle():
    """A grid that changes a given is worth nothing, though all other cells are right."""
    env = opened(1, rubric={"partial": 0.4})
    puzzle, cells = "".join(env.task.metadata["puzzle"]), list("".join(env.task.answer))
    given = next(i for i, cell in enumerate(puzzle) if cell != ".")
    cells[given] = str(int(cells[given]) % 4 + 1)
    verdict = env.verify(env.task, "".join(cells))
    assert verdict.reward == 0.0
    assert verdict.reason == "15 of 16 cells are right, and a given is changed"


@by_level
def test_solutions_are_worked(difficulty):
    """The steps settle every empty cell once, with the right digit; only the last level has to try anything."""
    env = opened(difficulty, index=3)
    (reply,) = env.demonstrate(env.task)
    steps, _, _ = reply.partition("\\boxed")
    settled = [
        (int(step[1]), int(step[3]), step[5])
        for line in steps.splitlines()
        if line.startswith("The only")
        for step in line.split(": ")[1].rstrip(".").split(", ")
    ]
    blanks = sum(row.count(".") for row in env.task.metadata["puzzle"])
    assert len(settled) == len(set(settled)) == blanks
    assert all(env.task.answer[row - 1][column - 1] == digit for row, column, digit in settled)
    assert ("cannot be filled" in steps) == (difficulty == 5)
