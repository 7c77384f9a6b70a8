"""Sudoku boards as bit masks: what follows by singles, what follows by search, and how givens are dug out.

A candidate is a digit at a cell. Of all candidates exactly one stands in each cell, and one for each digit in each row,
column and box: four ways to part the candidates into fields, and in every field one must stand in the end. A board
holds the candidates that are left four times, once in each order; a field is as many bits as there are digits, and
above them a guard bit, set as long as the field is open. So a handful of operations on one integer looks at all fields
at once.

`solutions` is exact: it searches, with singles in between, and misses nothing.

What this deliberately does not do: deductions beyond singles (pairs, wings, chains) have no code of their own; where
singles do not suffice, the search takes over.

Source: sudoku as an exact cover, D. E. Knuth, "Dancing links", 2000; `x & (x - 1)`, the number without its lowest bit,
in many fields at once, as in H. S. Warren, "Hacker's Delight", chapter 2.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

__all__ = ["CELLS", "UNITS", "Board", "Shape", "bits_of", "dig_by_singles", "dig_further", "shape_of", "solutions"]

CELLS = (0,)
"""The view in which a field is a cell: its single candidate is the last digit left for the cell."""

UNITS = (1, 2, 3)
"""The views by rows, columns and boxes: a single candidate is the last place left for a digit."""


class Shape(NamedTuple):
    """What boards of one size have in common. Cells are numbered row by row, candidates digit by digit.

    Args:
        size: digits, and cells in a row.
        box: rows and columns of a box.
        units: by cell, the masks of its row, its column and its box, a bit a cell.
        bits: by candidate, the mask of its bit in each view.
        keeps: by candidate, the mask of what stays in each view once it is settled: all that is in no field with it,
            and the guards of all fields but its own.
        candidates: in each view, by the number of a bit, the candidate; -1 for a guard.
        guards: the mask of all guard bits of a view.
    """

    size: int
    box: tuple[int, int]
    units: list[tuple[int, ...]]
    bits: list[tuple[int, ...]]
    keeps: list[tuple[int, ...]]
    candidates: list[list[int]]
    guards: int


_BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}


@cache
def shape_of(size: int) -> Shape:
    """The shape of a board of 4, 6 or 9 digits."""
    numbers = [_numbers(size, digit, cell) for digit in range(size) for cell in range(size * size)]
    guards = sum(1 << field * (size + 1) + size for field in range(size * size))
    return Shape(
        size,
        _BOXES[size],
        _units(size),
        [tuple(1 << number for number in each) for each in numbers],
        _keeps(size, numbers),
        [_candidates_by_bit(size, view) for view in zip(*numbers, strict=True)],
        guards,
    )


def _numbers(size: int, digit: int, cell: int) -> tuple[int, ...]:
    """The number of a candidate's bit in each view: that of the first bit of its field, and its place in the field."""
    height, width = _BOXES[size]
    row, column = divmod(cell, size)
    box = row // height * (size // width) + column // width
    fields = (cell, digit * size + row, digit * size + column, digit * size + box)
    places = (digit, column, row, row % height * width + column % width)
    return tuple(field * (size + 1) + place for field, place in zip(fields, places, strict=True))


def _keeps(size: int, numbers: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    fields = [[number // (size + 1) for number in each] for each in numbers]
    members = defaultdict(list)
    for candidate, mine in enumerate(fields):
        for view_field in enumerate(mine):
            members[view_field].append(candidate)
    keeps = []
    for mine in fields:
        rivals = {rival for view_field in enumerate(mine) for rival in members[view_field]}
        gone = [sum(1 << numbers[rival][view] for rival in rivals) for view in range(len(mine))]
        guards = [1 << field * (size + 1) + size for field in mine]
        keeps.append(tuple(~(bits | guard) for bits, guard in zip(gone, guards, strict=True)))
    return keeps


def _candidates_by_bit(size: int, view: Sequence[int]) -> list[int]:
    candidates = [-1] * (size * size * (size + 1))
    for candidate, number in enumerate(view):
        candidates[number] = candidate
    return candidates


def _units(size: int) -> list[tuple[int, ...]]:
    fields = [[number // (size + 1) for number in _numbers(size, 0, cell)[1:]] for cell in range(size * size)]
    return [
        tuple(
            sum(1 << cell for cell, each in enumerate(fields) if each[kind] == field) for kind, field in enumerate(mine)
        )
        for mine in fields
    ]


@dataclass(slots=True)
class Board:
    """What is known of a sudoku.

    Args:
        left: in each view, the candidates of open fields that are not excluded, and the guards of these fields.
        digits: by cell, the digit from 1; 0 where it is not known.
    """

    shape: Shape
    left: list[int]
    digits: list[int]

    @classmethod
    def of(cls, size: int, givens: Sequence[int]) -> Board:
        """A board with some digits settled; `givens` has one per cell, 0 where there is none."""
        shape = shape_of(size)
        everything = shape.guards | shape.guards - (shape.guards >> size)
        board = cls(shape, [everything] * len(shape.candidates), [0] * size * size)
        for cell, digit in enumerate(givens):
            if digit:
                board.settle((digit - 1) * size * size + cell)
        return board

    def copy(self) -> Board:
        """A board of its own."""
        return Board(self.shape, self.left.copy(), self.digits.copy())

    def joined(self, other: Board) -> Board:
        """What is known of either of two boards."""
        left = [mine & theirs for mine, theirs in zip(self.left, other.left, strict=True)]
        return Board(self.shape, left, list(map(operator.or_, self.digits, other.digits)))

    @property
    def is_full(self) -> bool:
        """Every cell is settled."""
        return not self.left[0]

    def settle(self, candidate: int) -> None:
        """Let a candidate stand: its fields are closed, and its rivals excluded."""
        left = self.left
        cell, row, column, box = self.shape.keeps[candidate]
        left[0] &= cell
        left[1] &= row
        left[2] &= column
        left[3] &= box
        digit, cell = divmod(candidate, len(self.digits))
        self.digits[cell] = digit + 1

    def strike(self, candidate: int) -> None:
        """Exclude a candidate."""
        self.left = [left & ~bit for left, bit in zip(self.left, self.shape.bits[candidate], strict=True)]

    def settle_singles(self, views: Sequence[int] = (*CELLS, *UNITS)) -> list[int] | None:
        """Settle the candidates that are the last of their fields, in the first of the views where there are any.

        Returns:
            What was settled; None when the board cannot be filled.
        """
        for view in views:
            left = self.left[view]
            rest = self._without_lowest(left)
            if self._guards_of_filled(left) != left & self.shape.guards:
                return None
            several = self._guards_of_filled(rest)
            single = left & ~self.shape.guards & ~(several - (several >> self.shape.size))
            if single:
                return self._settle_all(self._candidates(view, single))
        return []

    def deduce(self, views: Sequence[int] = (*CELLS, *UNITS)) -> bool:
        """Settle singles until there are none; False when the board cannot be filled."""
        while True:
            found = self.settle_singles(views)
            if not found:
                return found is not None

    def branches(self) -> list[int]:
        """The candidates of a field with two of them, or else of an open cell; exactly one of them is right."""
        for view, left in enumerate(self.left):
            rest = self._without_lowest(left)
            two = self._guards_of_filled(rest) & ~self._guards_of_filled(self._without_lowest(rest))
            if two:
                return self._in_field(view, two)
        return self._in_field(0, self.left[0] & self.shape.guards)

    def _settle_all(self, candidates: list[int]) -> list[int] | None:
        """Settle them one after the other; None when one excludes another."""
        for candidate in candidates:
            if not self.left[0] & self.shape.bits[candidate][0]:
                return None
            self.settle(candidate)
        return candidates

    def _less(self, left: int) -> int:
        """In each open field the number less one: its guard is gone where it was 0."""
        return left - ((left & self.shape.guards) >> self.shape.size)

    def _without_lowest(self, left: int) -> int:
        """In each open field the number without its lowest bit, guards as they were."""
        return left & (self._less(left) | self.shape.guards)

    def _guards_of_filled(self, left: int) -> int:
        """The guards of open fields that are not 0."""
        return self._less(left) & self.shape.guards

    def _in_field(self, view: int, guards: int) -> list[int]:
        """The candidates of the first of the fields with these guards."""
        guard = guards & -guards
        return self._candidates(view, self.left[view] & (guard - (guard >> self.shape.size)))

    def _candidates(self, view: int, mask: int) -> list[int]:
        candidates = self.shape.candidates[view]
        return [candidates[bit] for bit in bits_of(mask)]


def solutions(board: Board, order: Sequence[int] | None = None) -> Iterator[tuple[int, ...]]:
    """All ways to fill the board; it is used up.

    Args:
        order: by candidate, which to try first: the lowest.
    """
    if not board.deduce():
        return
    if board.is_full:
        yield tuple(board.digits)
        return
    branches = board.branches()
    for candidate in sorted(branches, key=order.__getitem__) if order else branches:
        attempt = board.copy()
        attempt.settle(candidate)
        yield from solutions(attempt, order)


def dig_by_singles(solution: Sequence[int], order: Sequence[int], size: int, *, keep: int, units: bool) -> list[int]:
    """Take givens out, each one only if it follows from those that stay, at once, as a single.

    So the last one taken out is the first that can be put back: the puzzle is solved by singles alone, and has one
    solution, without any search.

    Args:
        solution: one digit per cell, from 1.
        order: the cells, in the order in which to try them.
        keep: how many givens stay at least.
        units: digits with one place left in a unit count too, not only the last digit left for a cell.
    """
    around = shape_of(size).units
    givens = list(solution)
    places = [sum(1 << cell for cell, digit in enumerate(solution) if digit == each) for each in range(1, size + 1)]
    left = size * size
    for cell in order:
        digit = givens[cell] - 1
        if left > keep and (
            _is_last_digit(around, places, digit, cell) or (units and _is_last_place(around, places, digit, cell))
        ):
            places[digit] &= ~(1 << cell)
            givens[cell] = 0
            left -= 1
    return givens


def _is_last_digit(around: Sequence[tuple[int, ...]], places: Sequence[int], digit: int, cell: int) -> bool:
    """Every other digit stands in a unit of the cell."""
    row, column, box = around[cell]
    seen = row | column | box
    return all(place & seen for other, place in enumerate(places) if other != digit)


def _is_last_place(around: Sequence[tuple[int, ...]], places: Sequence[int], digit: int, cell: int) -> bool:
    """In one of the cell's units every other cell is filled, or sees the digit elsewhere."""
    closed = 1 << cell
    for place in places:
        closed |= place
    for seen in bits_of(places[digit] & ~(1 << cell)):
        row, column, box = around[seen]
        closed |= row | column | box
    return any(not unit & ~closed for unit in around[cell])


def dig_further(givens: Sequence[int], order: Sequence[int], size: int, *, search: bool) -> list[int] | None:
    """Take more givens out, until what found the solution so far does not find it any more, and something else does.

    Args:
        search: what must not suffice is singles, and what must is search; else what must not suffice is the last
            digit left for a cell, and what must is singles.

    Returns:
        The givens that stay; None when it does not come to that.
    """
    cells = [cell for cell in order if givens[cell]]
    candidates = [(givens[cell] - 1) * size * size + cell for cell in cells]
    behind = [Board.of(size, [0] * len(givens))]
    for candidate in candidates[:0:-1]:
        behind.append(behind[-1].copy())
        behind[-1].settle(candidate)
    kept = Board.of(size, [0] * len(givens))
    for number, candidate in enumerate(candidates):
        without = kept.joined(behind[-1 - number])
        board = without.copy()
        board.deduce((*CELLS, *UNITS) if search else CELLS)
        if not board.is_full:
            if _is_determined(board, candidate) if search else board.deduce() and board.is_full:
                return without.digits
            kept.settle(candidate)
    return None


def _is_determined(board: Board, candidate: int) -> bool:
    """The candidate stands already, or no way to fill the board is without it; the board is used up."""
    if board.digits[candidate % len(board.digits)]:
        return True
    board.strike(candidate)
    return next(solutions(board), None) is None


def bits_of(mask: int) -> Iterator[int]:
    """The numbers of the bits in a mask, from the lowest."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
