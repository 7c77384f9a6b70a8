"""Mazes: how they are carved, how far it is, what a move does, and what the best moves are.

A maze is rows of text: `#` is a wall, anything else is floor. Positions are (row, column), counted from 0. Rooms are
the positions with two odd numbers; what lies between two rooms is a wall or a door.

The maze as a Markov decision process: entering the goal ends it and is worth 10, a move costs nothing but time, and
what comes t moves later counts `DISCOUNT ** t`. On a slippery floor a move goes to the left or to the right of where it
should with probability `slip`, half of that each; a move into a wall stays where it is.

What this deliberately does not do: no text of the world is read or written here.

Source: the grid world of Russell and Norvig, "Artificial Intelligence: A Modern Approach", chapter on complex
decisions; mazes by depth-first search with random turns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["DISCOUNT", "MOVES", "Position", "carve", "distances", "plan", "route", "step", "veered"]

Position = tuple[int, int]

MOVES: dict[str, Position] = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
"""Clockwise: the next one is to the right of each."""

DISCOUNT = 0.95
WALL = "#"

_NAMES = tuple(MOVES)
_PRECISION = 1e-12
_SAME_DIGITS = 9
"""Values that agree so far are equal, and the first of the moves is taken: rounding errors decide nothing."""


def carve(rng: np.random.Generator, side: int, opened: float) -> list[str]:
    """A maze of `side` x `side` rooms, all connected.

    Args:
        opened: share of the walls left between two rooms that are then opened too, so that there are several ways.
    """
    draws: list[float] = rng.random(8 * side * side).tolist()
    size = 2 * side + 1
    floor = _tree(side, draws)
    shut = [
        (row, column)
        for row in range(1, size - 1)
        for column in range(1, size - 1)
        if (row + column) % 2 and (row, column) not in floor
    ]
    floor |= {door for door in shut if draws.pop() < opened}
    return ["".join("." if (row, column) in floor else WALL for column in range(size)) for row in range(size)]


def _tree(side: int, draws: list[float]) -> set[Position]:
    """Rooms and doors of a maze with one way between any two rooms: dig on at random, turn back at dead ends."""
    path = [(1, 1)]
    floor = {(1, 1)}
    while path:
        row, column = path[-1]
        ways = [
            (down, right)
            for down, right in MOVES.values()
            if 0 < row + 2 * down < 2 * side and 0 < column + 2 * right < 2 * side
            if (row + 2 * down, column + 2 * right) not in floor
        ]
        if ways:
            down, right = ways[int(draws.pop() * len(ways))]
            path.append((row + 2 * down, column + 2 * right))
            floor |= {(row + down, column + right), path[-1]}
        else:
            path.pop()
    return floor


def distances(maze: Sequence[str], start: Position) -> dict[Position, int]:
    """The fewest moves from `start` to each position that can be reached, nearest first."""
    found = {start: 0}
    queue = deque([start])
    while queue:
        position = queue.popleft()
        for move in _NAMES:
            there = step(maze, position, move)
            if there not in found:
                found[there] = found[position] + 1
                queue.append(there)
    return found


def step(maze: Sequence[str], position: Position, move: str) -> Position:
    """Where a move leads that does not slip."""
    row, column = (here + there for here, there in zip(position, MOVES[move], strict=True))
    return position if maze[row][column] == WALL else (row, column)


def veered(move: str, slip: int) -> str:
    """The direction taken: 0 as meant, -1 to the left of it, 1 to the right of it."""
    return _NAMES[(_NAMES.index(move) + slip) % len(_NAMES)]


def plan(maze: Sequence[str], goal: Position, slip: float) -> dict[Position, str]:
    """The best move at every position, by value iteration."""
    floor = list(distances(maze, goal))
    number = {position: index for index, position in enumerate(floor)}
    leads_to = np.array([[number[step(maze, position, move)] for move in _NAMES] for position in floor])
    value = np.zeros(len(floor))
    worth = np.zeros((len(floor), len(_NAMES)))
    change = 1.0
    while change > _PRECISION:
        value[0] = 1.0  # the goal: nearest to itself; 1 stands for 10
        there = value[leads_to]
        aside = np.roll(there, 1, axis=1) + np.roll(there, -1, axis=1)
        worth = DISCOUNT * ((1.0 - slip) * there + slip / 2 * aside)
        change = np.abs(worth.max(axis=1) - value)[1:].max()
        value = worth.max(axis=1)
    best = worth.round(_SAME_DIGITS).argmax(axis=1)
    return {position: _NAMES[best[index]] for index, position in enumerate(floor)}


def route(maze: Sequence[str], best: Mapping[Position, str], start: Position, goal: Position) -> list[str]:
    """The best moves from `start` to the goal, as long as none slips."""
    moves = []
    while start != goal:
        moves.append(best[start])
        start = step(maze, start, best[start])
    return moves
