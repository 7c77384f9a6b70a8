"""Mazes, solved by value iteration on what the prompt shows and says, and nothing of the package."""

from __future__ import annotations

import re

MOVES = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
ASIDE = {"up": ("left", "right"), "down": ("right", "left"), "left": ("down", "up"), "right": ("up", "down")}
GOAL_REWARD = 10.0
DISCOUNT = 0.95


class World:
    """The decision process that a prompt describes: positions, moves with their outcomes, values.

    Attributes:
        moves: how many there are.
        slip: probability of going aside.
    """

    def __init__(self, prompt):
        grid = prompt.split("\n\n")[1].split("\n")
        cells = {(r, c): cell for r, row in enumerate(grid, 1) for c, cell in enumerate(row, 1)}
        self.floor = {position for position, cell in cells.items() if cell != "#"}
        self.start = next(position for position, cell in cells.items() if cell == "S")
        self.goal = next(position for position, cell in cells.items() if cell == "G")
        self.slip = 0.2 if "one move in five goes to the left or to the right" in prompt else 0.0
        self.moves = int(re.search(r"You have (\d+) moves", prompt)[1])

    def to(self, position, move):
        """Where a move leads that goes where it should."""
        there = (position[0] + MOVES[move][0], position[1] + MOVES[move][1])
        return there if there in self.floor else position

    def outcomes(self, position, move):
        """Where a move may lead, and how likely."""
        left, right = ASIDE[move]
        chances = ((move, 1 - self.slip), (left, self.slip / 2), (right, self.slip / 2))
        return [(self.to(position, way), chance) for way, chance in chances if chance]

    def fewest(self):
        """The length of the shortest way from S to G, by layers."""
        reached, steps = {self.start}, 0
        while self.goal not in reached:
            reached |= {self.to(position, move) for position in reached for move in MOVES}
            steps += 1
        return steps

    def values(self):
        """The discounted return of the best policy from every position, to twelve digits."""
        values = dict.fromkeys(self.floor, 0.0)
        while True:
            change = 0.0
            for position in self.floor - {self.goal}:
                best = max(self.worth(values, position, move) for move in MOVES)
                change = max(change, abs(best - values[position]))
                values[position] = best
            if change < 1e-12:
                return values

    def worth(self, values, position, move):
        """The discounted return of a move, and of the best policy after it."""
        return sum(
            chance * (GOAL_REWARD if there == self.goal else DISCOUNT * values[there])
            for there, chance in self.outcomes(position, move)
        )
