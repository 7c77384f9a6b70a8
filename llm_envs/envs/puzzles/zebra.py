"""`llm/Zebra-v0`: who lives where, from clues, in the manner of the zebra puzzle.

What follows from clues is in `street`, what they say in English in `people`; how a table is read is the `table`
verifier's business.

Source: the puzzle in Life International, 17 December 1962, of which the zebra is the best known part.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from llm_envs import verifiers
from llm_envs.envs.puzzles.people import ATTRIBUTES, Attribute, People
from llm_envs.envs.puzzles.puzzle import Puzzle, drawn_level, shuffled
from llm_envs.envs.puzzles.street import Clue, deduce, free, is_settled, narrow, spread
from llm_envs.types import Task, Verdict

__all__ = ["Zebra"]


_OFFSETS = {
    "in": (0,),
    "same": (0,),
    "different": (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5),
    "directly left of": (1,),
    "left of": (1, 2, 3, 4, 5),
    "next to": (-1, 1),
    "two from": (-2, 2),
}
"""How far to the right of the first item the second may be."""


class _Level(NamedTuple):
    """What a puzzle is made of; a relation that is named twice is drawn twice as often."""

    houses: int
    attributes: int
    relations: tuple[str, ...]


_PLAIN = ("in", "same", "same", "directly left of")
_MIXED = ("in", "same", "same", "directly left of", "next to", "different")
_INDIRECT = ("same", "same", "same", "next to", "left of", "two from", "directly left of")
_LEVELS = (
    _Level(3, 3, _PLAIN),
    _Level(3, 4, _PLAIN),
    _Level(4, 4, _MIXED),
    _Level(5, 4, _MIXED),
    _Level(5, 5, _INDIRECT),
    _Level(6, 6, _INDIRECT),
)


class Zebra(Puzzle):
    r"""Find out who lives where from clues.

    ## Description
    Three to six people live in a row of houses and differ in three to six attributes: name, job, drink, pet, colour of
    the house, instrument, food. Clues in English say how these go together. There is exactly one solution, and it
    follows from the clues taken one by one, again and again, without supposing anything. That deduction needs every
    clue; who tells cases apart could do without a few, on the upper levels about one in eight.

    ## Action space
    `Discrete(vocab_size)`, one token a step; the whole reply is one turn.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the last table of the reply is the solution in every cell, else 0: asking for all of it leaves nothing to
    guess. A `rubric` adds parts, see `llm_envs.verifiers.rubric`; partial credit is the share of cells that are right.

    ## Episode end
    Terminated at the end of the reply (`end_of_turn`). Truncated at `max_new_tokens` or a full context; the reply is
    then judged as it stands.

    ## Arguments
    - `difficulty` 0 to 5, by default drawn for each task. Houses x attributes: 3x3, 3x4, 4x4, 5x4, 5x5, 6x6. From 2 on
      clues also say who are neighbours, in 2 and 3 also what somebody is not. From 4 on no clue names the number of a
      house, and some say only that somebody lives further left, or two houses away.
    - `rubric`: a `verifiers.Rubric`, or its weights by name, such as `{"partial": 0.2}`; none by default.

    ## Verifier
    `llm_envs.verifiers.table`: one line per house, cells parted by commas, pipes or blanks.

    `task.answer` holds the rows, `task.metadata` the attributes and the clues as triples of a relation and two items.

    ## Version history
    - v0: first release.
    """

    def sample(self, rng: np.random.Generator) -> Task:
        """Settle people in houses, and draw clues until these tell where."""
        difficulty = drawn_level(rng, self.difficulty)
        level = _LEVELS[difficulty]
        people = _people(rng, level)
        position = [house for _ in people.attributes for house in shuffled(rng, level.houses)]
        clues = _clues(rng, level, position)
        return Task(
            prompt=f"{people.question(clues)}\n\n{self.rubric.request}",
            answer=_table(people.values, position),
            metadata={
                "difficulty": difficulty,
                "attributes": [attribute.name for attribute in people.attributes],
                "values": people.values,
                "clues": [list(clue) for clue in clues],
            },
        )

    def judge(self, task: Task, reply: str) -> Verdict:
        """Compare the last table of the reply with the solution."""
        return verifiers.table(reply, task.answer)

    def share(self, task: Task, verdict: Verdict) -> float:
        """The share of cells that are right."""
        read = [cell for row in verdict.details["rows"] for cell in row]
        wanted = [cell.casefold() for row in task.answer for cell in row]
        right: int = sum(map(operator.eq, read, wanted))
        return right / len(wanted)

    def solve(self, task: Task) -> tuple[str, str]:
        """Who is found where, clue by clue, and the table."""
        clues = [Clue(*clue) for clue in task.metadata["clues"]]
        steps = "\n".join(_steps(People.of(task.metadata), clues))
        return steps, "\n" + "\n".join(", ".join(row) for row in task.answer) + "\n"


def _people(rng: np.random.Generator, level: _Level) -> People:
    """The name and other attributes at random, and as many values of each as there are houses."""
    always, *others = ATTRIBUTES
    attributes = [always, *(others[which] for which in shuffled(rng, len(others))[: level.attributes - 1])]
    return People(attributes, [_values(rng, attribute, level.houses) for attribute in attributes])


def _values(rng: np.random.Generator, attribute: Attribute, houses: int) -> list[str]:
    return sorted(attribute.values[which] for which in shuffled(rng, len(attribute.values))[:houses])


def _table(values: Sequence[Sequence[str]], position: Sequence[int]) -> list[list[str]]:
    """The values of each attribute, house by house; `position` has the house of each item, from 0."""
    houses = len(values[0])
    where = [position[start : start + houses] for start in range(0, len(position), houses)]
    return [[each[at.index(house)] for each, at in zip(values, where, strict=True)] for house in range(houses)]


def _clues(rng: np.random.Generator, level: _Level, position: Sequence[int]) -> list[Clue]:
    """True clues, drawn until the solution follows, less those that it follows without."""
    clues: list[Clue] = []
    before = []
    domains = free(level.houses, level.attributes)
    while not is_settled(domains):
        clue = _true_clue(rng, level, position)
        if clue is not None and not _is_known(clue, domains):
            before.append(domains.copy())
            clues.append(clue)
            deduce(domains, clues, level.houses, [clue])
    needed: list[Clue] = []
    for number in reversed(range(len(clues))):
        domains = before[number]
        deduce(domains, clues[:number] + needed, level.houses, needed)
        if not is_settled(domains):
            needed.append(clues[number])
    return [needed[which] for which in shuffled(rng, len(needed))]


def _true_clue(rng: np.random.Generator, level: _Level, position: Sequence[int]) -> Clue | None:
    """A clue of a random relation about a random item; None where its house allows none."""
    houses = level.houses
    draws: list[float] = rng.random(4).tolist()
    relation = level.relations[int(draws[0] * len(level.relations))]
    first = int(draws[1] * len(position))
    offsets = [offset for offset in _OFFSETS[relation] if 0 <= position[first] + offset < houses]
    if not offsets:
        return None
    house = position[first] + offsets[int(draws[2] * len(offsets))]
    if relation == "in":
        return Clue(relation, first, house + 1)
    attribute = (first // houses + 1 + int(draws[3] * (level.attributes - 1))) % level.attributes
    return Clue(relation, first, position.index(house, attribute * houses))


def _is_known(clue: Clue, domains: Sequence[int]) -> bool:
    """All that the clue is about has been settled."""
    items = (clue.first,) if clue.relation == "in" else (clue.first, clue.second)
    return is_settled([domains[item] for item in items])


def _steps(people: People, clues: Sequence[Clue]) -> Iterator[str]:
    """Every item in the order in which its house is found, and by which clue."""
    for clue, item, house in _found(clues, people.houses, len(people.attributes)):
        why = f"By clue {clue}" if clue else "By exclusion"
        yield f"{why}, {people.subject(item)} lives in house {house}."


def _found(clues: Sequence[Clue], houses: int, attributes: int) -> Iterator[tuple[int, int, int]]:
    """The number of a clue, 0 for exclusion, with each item that it settles, and the item's house."""
    domains = free(houses, attributes)
    found: set[int] = set()
    while len(found) < len(domains):
        for number, clue in enumerate(clues, 1):
            if narrow(domains, clue):
                yield from _new(domains, found, number)
        for start in range(0, len(domains), houses):
            if spread(domains, start, houses):
                yield from _new(domains, found, 0)


def _new(domains: Sequence[int], found: set[int], number: int) -> Iterator[tuple[int, int, int]]:
    for item, mask in enumerate(domains):
        if item not in found and is_settled([mask]):
            found.add(item)
            yield number, item, mask.bit_length()
