"""Sudoku boards as bit masks: what follows by singles, what follows by search, and how givens are dug out.

A board holds, for every digit, the mask of cells where it may still stand: 81 bits are three machine words, so one
operation looks at all cells at once. `solutions` is exact: it searches, with singles in between, and misses nothing.

What this deliberately does not do: deductions beyond singles (pairs, wings, chains) have no code of their own; where
singles do not suffice, the search takes over.

Source: single candidates and single places are the field's "naked" and "hidden" singles; counting cells by one and by
two candidates at once is the carry-save adder of bit-parallel life programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

__all__ = ["Board", "Shape", "dig_by_singles", "dig_further", "shape_of", "solutions"]


class Shape(NamedTuple):
    """Where the cells of a board of some size lie; cells are numbered row by row.

    Args:
        size: digits, and cells in a row.
        box: rows and columns of a box.
        units: masks of the rows, columns and boxes.
        peers: by cell, the mask of all other cells in its units.
        around: by cell, the masks of its row, its column and its box.
        everything: the mask of all cells.
    """

    size: int
    box: tuple[int, int]
    units: tuple[int, ...]
    peers: tuple[int, ...]
    around: tuple[tuple[int, ...], ...]
    everything: int


_BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}


@cache
def shape_of(size: int) -> Shape:
    """The shape of a board of 4, 6 or 9 digits."""
    height, width = _BOXES[size]
    masks: dict[tuple[str, int], int] = {}
    names = []
    for cell in range(size * size):
        row, column = divmod(cell, size)
        box = row // height * (size // width) + column // width
        names.append((("row", row), ("column", column), ("box", box)))
        for name in names[-1]:
            masks[name] = masks.get(name, 0) | 1 << cell
    around = tuple(tuple(masks[name] for name in named) for named in names)
    peers = tuple((a | b | c) & ~(1 << cell) for cell, (a, b, c) in enumerate(around))
    return Shape(size, (height, width), tuple(masks.values()), peers, around, (1 << size * size) - 1)


@dataclass(slots=True)
class Board:
    """What is known of a sudoku.

    Args:
        places: by digit, counted from 0, the mask of cells where it may stand.
        settled: the mask of cells whose digit is known.
    """

    shape: Shape
    places: list[int]
    settled: int = 0

    @classmethod
    def of(cls, size: int, givens: Sequence[int]) -> Board:
        """A board with some digits put; `givens` has one per cell, 0 where there is none."""
        shape = shape_of(size)
        board = cls(shape, [shape.everything] * size)
        for cell, digit in enumerate(givens):
            if digit:
                board.put(digit - 1, cell)
        return board

    def put(self, digit: int, cell: int) -> None:
        """Settle a cell: no other digit stands there, and this digit in no peer."""
        bit = 1 << cell
        places = self.places
        for other in range(self.shape.size):
            places[other] &= ~bit
        places[digit] = places[digit] & ~self.shape.peers[cell] | bit
        self.settled |= bit

    def copy(self) -> Board:
        """A board of its own."""
        return Board(self.shape, self.places.copy(), self.settled)

    def digits(self) -> tuple[int, ...]:
        """One digit per cell, from 1; 0 where it is not known."""
        found = [0] * self.shape.size**2
        for digit, places in enumerate(self.places, 1):
            for cell in cells_of(places & self.settled):
                found[cell] = digit
        return tuple(found)

    def settle_cells(self) -> list[tuple[int, int]] | None:
        """Put every digit that is the only one left for its cell; what was put, None when a cell has none left."""
        once = twice = 0
        for places in self.places:
            twice |= once & places
            once |= places
        if once != self.shape.everything:
            return None
        single = once & ~twice & ~self.settled
        found = [(digit, cell) for digit, places in enumerate(self.places) for cell in cells_of(single & places)]
        for digit, cell in found:
            self.put(digit, cell)
        return found

    def settle_units(self) -> list[tuple[int, int]] | None:
        """Put every digit that has one place left in a unit; what was put, None when one has none left."""
        found = []
        for digit in range(self.shape.size):
            if self.places[digit] & ~self.settled:
                for unit in self.shape.units:
                    left = self.places[digit] & unit
                    if not left & (left - 1):
                        if not left:
                            return None
                        if not left & self.settled:
                            found.append((digit, left.bit_length() - 1))
                            self.put(*found[-1])
                if found:
                    return found
        return found

    @property
    def is_full(self) -> bool:
        """Every cell is settled."""
        return self.settled == self.shape.everything

    def deduce(self, *, units: bool = True) -> bool:
        """Put singles until there are none, those of units too; False when the board cannot be filled."""
        while True:
            found = self.settle_cells()
            if found == [] and units:
                found = self.settle_units()
            if found is None:
                return False
            if not found:
                return True

    def branches(self) -> list[tuple[int, int]]:
        """The digits of one open cell, each with the cell; of a cell with two, where there is one."""
        once = twice = thrice = 0
        for places in self.places:
            thrice |= twice & places
            twice |= once & places
            once |= places
        two = twice & ~thrice
        cell = (two or self.shape.everything & ~self.settled).bit_length() - 1
        return [(digit, cell) for digit, places in enumerate(self.places) if places >> cell & 1]


def solutions(board: Board, order: Sequence[int] | None = None) -> Iterator[tuple[int, ...]]:
    """All ways to fill the board; it is used up.

    Args:
        order: by digit, which to try first: the lowest.
    """
    if not board.deduce():
        return
    if board.is_full:
        yield board.digits()
        return
    branches = board.branches()
    for digit, cell in sorted(branches, key=lambda branch: order[branch[0]]) if order else branches:
        other = board.copy()
        other.put(digit, cell)
        yield from solutions(other, order)


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
    shape = shape_of(size)
    givens = list(solution)
    places = [sum(1 << cell for cell, digit in enumerate(solution) if digit == each) for each in range(1, size + 1)]
    left = size * size
    for cell in order:
        bit = 1 << cell
        digit = givens[cell] - 1
        if left > keep and (
            _last_digit(shape, places, digit, cell) or (units and _last_place(shape, places, digit, cell))
        ):
            places[digit] &= ~bit
            givens[cell] = 0
            left -= 1
    return givens


def _last_digit(shape: Shape, places: Sequence[int], digit: int, cell: int) -> bool:
    """Every other digit stands in a peer of the cell."""
    peers = shape.peers[cell]
    return all(place & peers for other, place in enumerate(places) if other != digit)


def _last_place(shape: Shape, places: Sequence[int], digit: int, cell: int) -> bool:
    """In one of the cell's units every other cell is filled, or sees the digit elsewhere."""
    closed = 1 << cell
    for place in places:
        closed |= place
    for seen in cells_of(places[digit] & ~(1 << cell)):
        closed |= shape.peers[seen]
    return any(not unit & ~closed for unit in shape.around[cell])


def dig_further(givens: Sequence[int], order: Sequence[int], size: int, *, search: bool) -> list[int] | None:
    """Take more givens out, until what found the solution so far does not find it any more, and something else does.

    Args:
        search: what must not suffice is singles, and what must is search; else what must not suffice is the last
            digit left for a cell, and what must is singles.

    Returns:
        The givens that stay; None when it does not come to that.
    """
    kept = list(givens)
    for cell in order:
        digit, kept[cell] = kept[cell], 0
        if digit:
            board = Board.of(size, kept)
            board.deduce(units=search)
            if not board.is_full:
                if _is_determined(board, cell, digit - 1) if search else board.deduce() and board.is_full:
                    return kept
                kept[cell] = digit
    return None


def _is_determined(board: Board, cell: int, digit: int) -> bool:
    """No way to fill the board has another digit in the cell; the board is used up."""
    board.places[digit] &= ~(1 << cell)
    return next(solutions(board), None) is None


def cells_of(mask: int) -> Iterator[int]:
    """The cells in a mask, from the first."""
    while mask:
        bit = mask & -mask
        yield bit.bit_length() - 1
        mask ^= bit
