"""Logic: islanders who always tell the truth and islanders who always lie.

In a world, some of them tell the truth; see `worlds` for sets of worlds.

A puzzle is kept when its solution is unique, and can be found without a guess inside a guess: by following what is
known, and by supposing something about one islander that leads to a contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed
from llm_envs.envs.math.logic.worlds import every_world, with_count, worlds_where
from llm_envs.envs.math.problem import Problem

__all__ = ["truth_tellers"]

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven")
_PLACES = ("On an island", "In a village", "On a ship", "In a castle", "In a valley", "On a distant planet")

_LONGEST = 1700
"""Characters of a solution."""


class _Level(NamedTuple):
    """How many there are, what they talk about, and how many suppositions it takes."""

    people: int
    kinds: tuple[str, ...]
    suppositions: range


_BY_DIFFICULTY = (
    _Level(4, ("kind",), range(1)),
    _Level(4, ("kind", "both"), range(1, 2)),
    _Level(5, ("kind", "same", "both"), range(1, 3)),
    _Level(5, ("kind", "same", "both", "either"), range(2, 4)),
    _Level(6, ("same", "both", "either", "if"), range(2, 5)),
    _Level(7, ("same", "both", "either", "if", "count"), range(3, 6)),
)


class _Claim(NamedTuple):
    """What an islander says, what is so if it is not true, and the worlds where it is true."""

    text: str
    denial: str
    worlds: int


class _Puzzle(NamedTuple):
    """Who there is, what each of them says, and the worlds where each of them tells the truth."""

    names: Sequence[str]
    claims: Sequence[_Claim]
    truthful: Sequence[int]

    def consistent(self, worlds: int) -> int:
        """The worlds where whoever claims what is true tells the truth, and nobody else does."""
        for claim, truthful in zip(self.claims, self.truthful, strict=True):
            worlds &= ~(claim.worlds ^ truthful)
        return worlds

    def settled(self, worlds: int) -> dict[int, bool]:
        """Who tells the truth in all of these worlds, and who lies in all of them."""
        found: dict[int, bool] = {}
        for i, truthful in enumerate(self.truthful):
            kind = worlds & truthful
            if kind == worlds or not kind:
                found[i] = bool(kind)
        return found

    def told(self, i: int, *, honest: bool) -> str:
        """`K lies`."""
        return f"{self.names[i]} {_verb(honest=honest)}"


def truth_tellers(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find out who tells the truth from what they say about each other."""
    level = _BY_DIFFICULTY[difficulty]
    while True:
        draws = uniforms(rng, 60)
        place, solution = one_of(next(draws), _PLACES), between(next(draws), 1, (1 << level.people) - 1)
        puzzle = _puzzle(draws, level, solution)
        worlds, known = every_world(level.people), ""
        if difficulty == 0:
            first = between(next(draws), 0, level.people - 1)
            honest = bool(solution >> first & 1)
            worlds &= puzzle.truthful[first] if honest else ~puzzle.truthful[first]
            known = f" It is known that {puzzle.told(first, honest=honest)}."
        if puzzle.consistent(worlds) != 1 << solution:
            continue
        steps, suppositions = _solved(puzzle, worlds)
        if suppositions in level.suppositions and sum(map(len, steps)) < _LONGEST:
            return _problem(place, puzzle, known, solution, steps)


def _problem(place: str, puzzle: _Puzzle, known: str, solution: int, steps: list[str]) -> Problem:
    honest = [name for i, name in enumerate(puzzle.names) if solution >> i & 1]
    said = " ".join(
        f'{name} says: "{claim.text[0].upper()}{claim.text[1:]}."'
        for name, claim in zip(puzzle.names, puzzle.claims, strict=True)
    )
    question = (
        f"{place}, everybody either always tells the truth or always lies. {_NUMBERS[len(puzzle.names)].capitalize()} "
        f"of them, {listed(puzzle.names)}, are talking. {said}{known} Which of the {_NUMBERS[len(puzzle.names)]} tell "
        "the truth?"
    )
    return Problem(question, f"\\{{{', '.join(honest)}\\}}", steps)


def _verb(*, honest: bool) -> str:
    return "tells the truth" if honest else "lies"


def _puzzle(draws: Iterator[float], level: _Level, solution: int) -> _Puzzle:
    """Claims that are true or false as the solution wants it; it need not be the only one."""
    names = sorted(some_of(draws, _LETTERS, level.people))
    claims: list[_Claim] = []
    while len(claims) < level.people:
        speaker, kind = len(claims), one_of(next(draws), level.kinds)
        claim = _claim(draws, names, speaker, kind)
        fits = (claim.worlds >> solution & 1) == (solution >> speaker & 1)
        claims.append(claim if fits else _Claim(claim.denial, claim.text, every_world(level.people) ^ claim.worlds))
    return _Puzzle(names, claims, worlds_where(level.people))


def _claim(draws: Iterator[float], names: Sequence[str], speaker: int, kind: str) -> _Claim:
    """A claim of this kind about two others, or about all."""
    people = len(names)
    i, j = some_of(draws, [other for other in range(people) if other != speaker], 2)
    a, b, everything = names[i], names[j], every_world(people)
    first, second = (worlds_where(people)[other] for other in (i, j))
    honest, alike = next(draws) < 0.5, next(draws) < 0.5
    worlds = [everything ^ first, first][honest]
    if kind == "kind":
        return _Claim(f"{a} {_verb(honest=honest)}", f"{a} {_verb(honest=not honest)}", worlds)
    if kind == "same":
        texts = f"{a} and {b} are of the same kind", f"{a} and {b} are of different kinds"
        different = first ^ second
        return _Claim(*texts, everything ^ different) if honest else _Claim(*texts[::-1], different)
    if kind == "if":
        then = [everything ^ second, second][alike == honest]
        return _Claim(
            f"if {a} {_verb(honest=honest)}, then {b} {_verb(honest=alike == honest)}",
            f"{a} {_verb(honest=honest)} and {b} {_verb(honest=alike != honest)}",
            (everything ^ worlds) | then,
        )
    if kind == "count":
        count = between(next(draws), 2, people - 1)
        told = f"exactly {_NUMBERS[count]} of the {_NUMBERS[people]} tell the truth"
        return _Claim(told, f"it is not true that {told}", with_count(people, count))
    return _pair(a, b, (worlds, [everything ^ second, second][honest]), honest=honest, both=kind == "both")


def _pair(a: str, b: str, worlds: tuple[int, int], *, honest: bool, both: bool) -> _Claim:
    """Both of two are of one kind, or at least one is."""
    if both:
        verb = "tell the truth" if honest else "lie"
        denial = f"at least one of {a} and {b} {_verb(honest=not honest)}"
        return _Claim(f"{a} and {b} both {verb}", denial, worlds[0] & worlds[1])
    verb = "lie" if honest else "tell the truth"
    text = f"at least one of {a} and {b} {_verb(honest=honest)}"
    return _Claim(text, f"{a} and {b} both {verb}", worlds[0] | worlds[1])


class _Step(NamedTuple):
    """Somebody's claim is used: who claims it, and what was known before and after. Nobody is known in no world."""

    speaker: int
    before: dict[int, bool]
    after: dict[int, bool]


def _solved(puzzle: _Puzzle, worlds: int) -> tuple[list[str], int]:
    """The way to the solution, and the number of suppositions in it; -1 where there is no such way."""
    worlds, used, trail = _followed(puzzle, worlds, frozenset())
    told, suppositions = [_told(puzzle, step) for step in trail], 0
    while worlds.bit_count() > 1:
        refuted = [*_refuted(puzzle, worlds, used)]
        if not refuted:
            return told, -1
        trail, i, honest = min(refuted, key=lambda supposition: len(supposition[0]))
        why = " ".join(_told(puzzle, step) for step in trail)
        told.append(f"Suppose that {puzzle.told(i, honest=honest)}. {why} So {puzzle.told(i, honest=not honest)}.")
        worlds &= ~puzzle.truthful[i] if honest else puzzle.truthful[i]
        worlds, used, trail = _followed(puzzle, worlds, used)
        told += [_told(puzzle, step) for step in trail]
        suppositions += 1
    return told, suppositions


def _refuted(puzzle: _Puzzle, worlds: int, used: frozenset[int]) -> Iterator[tuple[list[_Step], int, bool]]:
    """Suppositions that lead to a contradiction, each after how it does."""
    settled = puzzle.settled(worlds)
    for i, truthful in enumerate(puzzle.truthful):
        for honest, supposed in () if i in settled else ((True, worlds & truthful), (False, worlds & ~truthful)):
            left, _, trail = _followed(puzzle, supposed, used)
            if not left:
                yield trail, i, honest


def _followed(puzzle: _Puzzle, worlds: int, used: frozenset[int]) -> tuple[int, frozenset[int], list[_Step]]:
    """Use the claims of those whose kind is known until nothing new is found: the worlds left, claims used, and how."""
    trail: list[_Step] = []
    known = puzzle.settled(worlds)
    while worlds.bit_count() > 1:
        speaker = next((i for i in known if i not in used), None)
        if speaker is None:
            break
        claim = puzzle.claims[speaker]
        worlds &= claim.worlds if known[speaker] else ~claim.worlds
        used |= {speaker}
        before, known = known, puzzle.settled(worlds) if worlds else {}
        trail.append(_Step(speaker, before, known))
    return worlds, used, trail


def _told(puzzle: _Puzzle, step: _Step) -> str:
    """One step in words, such as `K lies, so at least one of M and P lies; then P lies.`."""
    claim, honest = puzzle.claims[step.speaker], step.before[step.speaker]
    said = puzzle.settled(claim.worlds if honest else ~claim.worlds & every_world(len(puzzle.names)))
    found = [puzzle.told(i, honest=step.after[i]) for i in step.after if i not in step.before and i not in said]
    end = (f"; then {listed(found)}." if found else ".") if step.after else ": a contradiction."
    return f"{puzzle.told(step.speaker, honest=honest)}, so {claim.text if honest else claim.denial}{end}"
