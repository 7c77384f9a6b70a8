"""Zebra puzzles, read from their English and solved over all permutations, with nothing of the package."""

from __future__ import annotations

import itertools
import re

import numpy as np

RELATIONS = {
    "directly to the left of": lambda a, b: b - a == 1,
    "somewhere to the left of": lambda a, b: a < b,
    "next to": lambda a, b: abs(a - b) == 1,
    "exactly one house between": lambda a, b: abs(a - b) == 2,
    " not ": lambda a, b: a != b,
    "": lambda a, b: a == b,
}
"""By what a clue says; the last one is what is left."""


class Street:
    """A puzzle as its prompt tells it.

    Attributes:
        values: by attribute, its values.
        clues: sentences.
    """

    def __init__(self, prompt):
        opening, told, _, _ = prompt.split("\n\n")
        self.houses = int(re.search(r"a row of (\d) houses", opening)[1])
        self.values = [each.split(", ") for each in re.findall(r"\(([^)]*)\)", opening)]
        self.clues = [line.partition(". ")[2] for line in told.split("\n")]
        self.place = {value: (i, j) for i, each in enumerate(self.values) for j, value in enumerate(each)}

    def solutions(self, limit=2, without=()):
        """Up to `limit` tables that fit all clues, or all but some; the houses of an attribute are a permutation."""
        permutations = np.array(list(itertools.permutations(range(1, self.houses + 1))))
        count = len(self.values)
        alone = np.ones((count, len(permutations)), bool)
        pairs = np.ones((count, count, len(permutations), len(permutations)), bool)
        for number, clue in enumerate(self.clues):
            if number not in without:
                self.restrict(clue, permutations, alone, pairs)
        found = []

        def settle(masks, settled):
            if len(found) == limit or not masks.any(axis=1).all():
                return
            if len(settled) == count:
                found.append(self.table([permutations[masks[i].argmax()] for i in range(count)]))
                return
            which = min(set(range(count)) - settled, key=lambda i: masks[i].sum())
            for chosen in np.flatnonzero(masks[which]):
                rest = masks & pairs[which, :, chosen]
                rest[which] = False
                rest[which, chosen] = True
                settle(rest, settled | {which})

        settle(alone, frozenset())
        return found

    def restrict(self, clue, permutations, alone, pairs):
        """Strike out what a clue excludes."""
        (first, *other) = [self.place[word] for word in re.findall(r"\w+", clue) if word in self.place]
        house = re.search(r"lives in house (\d)", clue)
        if house:
            alone[first[0]] &= permutations[:, first[1]] == int(house[1])
            return
        holds = next(relation for words, relation in RELATIONS.items() if words in clue)
        ((attribute, value),) = other
        fits = holds(permutations[:, first[1]][:, None], permutations[:, value][None, :])
        pairs[first[0], attribute] &= fits
        pairs[attribute, first[0]] &= fits.T

    def table(self, houses):
        """The rows, house by house, of a permutation for each attribute."""
        return [
            [each[at.tolist().index(house)] for each, at in zip(self.values, houses, strict=True)]
            for house in range(1, self.houses + 1)
        ]
