"""What a template makes: one Problem, in words and in programs.

A template is a pure function `(rng, level) -> Problem`. It draws the rules of the problem and says them in words, in a
reference and in a brute force; both are source texts that define `solve`, in which `$name` stands for a drawn
parameter. Neither changes its arguments. Mutants are wrong programs that the tests of the problem must tell from right.
How arguments are read and results are written is not its business: see `forms`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from string import Template as Text
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from llm_envs.envs.code.forms import FormName

__all__ = ["LEVELS", "Args", "Argument", "Mutant", "Problem", "Result", "Solver", "Template", "listed", "solver_of"]

LEVELS = range(6)
"""Difficulties: each adds rules, sizes, or both."""

Args: TypeAlias = tuple[Any, ...]
Solver: TypeAlias = Callable[..., Any]
Mutant: TypeAlias = tuple[str, str]
"""What is replaced in the reference, and by what."""


class Argument(NamedTuple):
    """One thing that is given.

    Args:
        words: what it is, with its bounds; "the marks, integers from 0 to 20".
    """

    name: str
    form: FormName
    words: str


class Result(NamedTuple):
    """What is asked for, in words that go on after "Find"."""

    form: FormName
    words: str


class Problem(NamedTuple):
    """One problem.

    Args:
        words: the rules, whole sentences; what is asked for comes after them.
        mutants: the reference made wrong, by what is wrong with it.
        parameters: what `$name` stands for in the programs.
        edges: arguments that are easily forgotten.
        case: draws arguments of about a size; sizes begin at 1.
        impostors: whole programs that are wrong, likewise.
        small: up to this size the brute force is quick.
        most: up to this size cases are drawn.
        big: the size of one or two tests more at levels from 3 on; 0 where there are none.
        brute_is_slow: the brute force must not pass those.
    """

    words: str
    takes: tuple[Argument, ...]
    gives: Result
    reference: str
    brute: str
    mutants: Mapping[str, Mutant]
    parameters: Mapping[str, Any]
    edges: Sequence[Args]
    case: Callable[[random.Random, int], Args]
    impostors: Mapping[str, str] = MappingProxyType({})
    small: int = 8
    most: int = 40
    big: int = 0
    brute_is_slow: bool = False

    @property
    def gold(self) -> str:
        """The reference with its parameters."""
        return self._rendered(self.reference)

    @property
    def trusted(self) -> str:
        """The brute force with its parameters."""
        return self._rendered(self.brute)

    @property
    def wrong(self) -> dict[str, str]:
        """The mutants and impostors with their parameters."""
        sources = {why: self._mutated(*mutant) for why, mutant in self.mutants.items()} | dict(self.impostors)
        return {why: self._rendered(source) for why, source in sources.items()}

    def _mutated(self, old: str, new: str) -> str:
        if old not in self.reference:
            raise ValueError(f"a mutant replaces {old!r}, which is not in the reference")
        return self.reference.replace(old, new, 1)

    def _rendered(self, source: str) -> str:
        return Text(source).substitute(self.parameters).strip() + "\n"


class Template(NamedTuple):
    """One row of the table of templates."""

    topic: str
    name: str
    draw: Callable[[random.Random, int], Problem]


def solver_of(source: str) -> Solver:
    """The `solve` that a source text defines; only for our own texts, run in this process."""
    names: dict[str, Any] = {}
    exec(compile(source, "<template>", "exec"), names)  # noqa: S102 (a template's own text, not a policy's)
    solver: Solver = names["solve"]
    return solver


def listed(items: Sequence[int | str], last: str = "and") -> str:
    """Things in a sentence: `2, 3 and 5`."""
    *before, end = map(str, items)
    return f"{', '.join(before)} {last} {end}" if before else end
