"""Sudoku, solved the slow way: sets, one cell at a time, no bit masks, nothing of the package."""

from __future__ import annotations

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}


def read(rows):
    """The known cells of a puzzle: {(row, column): digit}."""
    return {(r, c): int(cell) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell.isdigit()}


def units(size):
    """The rows, columns and boxes, each a list of cells."""
    height, width = BOXES[size]
    cells = [(r, c) for r in range(size) for c in range(size)]
    names = (lambda r, c: ("row", r), lambda r, c: ("column", c), lambda r, c: ("box", r // height, c // width))
    return [
        [cell for cell in cells if name(*cell) == which] for name in names for which in {name(*cell) for cell in cells}
    ]


def candidates(known, cell, size, all_units):
    """The digits that no cell in a unit with this one has."""
    seen = {known.get(other) for unit in all_units if cell in unit for other in unit}
    return set(range(1, size + 1)) - seen


def singles(known, size, *, places):
    """The cells known after putting the last digits for cells and, with `places`, digits with one place in a unit."""
    all_units = units(size)
    known = dict(known)
    while True:
        left = {
            (r, c): candidates(known, (r, c), size, all_units)
            for r in range(size)
            for c in range(size)
            if (r, c) not in known
        }
        found = {cell: next(iter(digits)) for cell, digits in left.items() if len(digits) == 1}
        if not found and places:
            for unit in all_units:
                for digit in range(1, size + 1):
                    where = [cell for cell in unit if digit in left.get(cell, ())]
                    if len(where) == 1:
                        found[where[0]] = digit
        if not found:
            return known
        known |= found


def solutions(known, size, limit=2):
    """Up to `limit` solutions by backtracking on cells with the fewest candidates, and how many digits were tried."""
    all_units = units(size)
    cells = [(r, c) for r in range(size) for c in range(size)]
    peers = {cell: {other for unit in all_units if cell in unit for other in unit} for cell in cells}
    found, tried = [], 0

    def fill(known):
        nonlocal tried
        if len(found) == limit:
            return
        open_cells = [cell for cell in peers if cell not in known]
        if not open_cells:
            found.append(dict(known))
            return
        choices = [(set(range(1, size + 1)) - {known.get(peer) for peer in peers[cell]}, cell) for cell in open_cells]
        digits, cell = min(choices, key=lambda choice: len(choice[0]))
        for digit in digits:
            tried += 1
            fill({**known, cell: digit})

    fill(known)
    return found, tried
