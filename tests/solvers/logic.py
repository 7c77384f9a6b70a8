"""Solvers of the logic families, from the text of a problem alone."""

from __future__ import annotations

import re
from itertools import permutations, product

import sympy

from solvers.reading import NAMES

COUNTS = ("zero", "one", "two", "three", "four", "five", "six", "seven")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def letters(names):
    """Letters as symbols."""
    return [NAMES[name] for name in names]


def find_truth_tellers(question):
    """Try every choice of truth-tellers."""
    said = dict(re.findall(r'(\w) says: "([^"]*)\."', question))
    known = re.search(r"It is known that (.*?)\. Which", question)
    fitting = []
    for kinds in product((True, False), repeat=len(said)):
        honest = dict(zip(said, kinds, strict=True))
        if known and not holds(known[1], honest):
            continue
        if all(holds(claim, honest) == honest[name] for name, claim in said.items()):
            fitting.append(honest)
    (honest,) = fitting
    return sympy.FiniteSet(*letters(name for name in honest if honest[name]))


def holds(claim, honest):
    """Whether a claim is true when these tell the truth."""
    negation = "it is not true that "
    if claim.lower().startswith(negation):
        return not holds(claim[len(negation) :], honest)
    names = re.findall(r"\b[A-Z]\b", claim)
    if "exactly" in claim.lower():
        return sum(honest.values()) == COUNTS.index(claim.split()[1])
    if " of the same kind" in claim or " of different kinds" in claim:
        return (honest[names[0]] == honest[names[1]]) == ("same" in claim)
    verbs = [verb.startswith("tell") for verb in re.findall(r"tells? the truth|lies?", claim)]
    kinds = [honest[name] == verb for name, verb in zip(names, verbs * 2, strict=False)]
    if claim[:2].lower() == "if":
        return not kinds[0] or kinds[1]
    return any(kinds) if "at least one" in claim.lower() else all(kinds)


def put_in_order(question):
    """Try every order."""
    names = re.findall(r"\b[A-Z]\b", question.split("(1)")[0])
    clues = [clue.split(". What")[0].rstrip(". ") for clue in re.split(r"\(\d\) ", question)[1:]]
    (order,) = [order for order in permutations(names) if all(clue_holds(clue, order.index) for clue in clues)]
    return sympy.Tuple(*letters(order))


def clue_holds(clue, place):
    """Whether a clue is true where things have these places."""
    if clue.startswith("Either "):
        first, second = re.fullmatch(r"Either (.*), or (.*), but not both", clue).groups()
        return clue_holds(first, place) != clue_holds(second, place)
    things = [place(name) for name in re.findall(r"\b[A-Z]\b", clue)]
    named = [ORDINALS.index(word) for word in re.findall(r"\w+", clue) if word in ORDINALS]
    if named:
        return (things[0] in named) != (" not " in clue)
    if "somewhere between" in clue:
        middle, *ends = things
        return min(ends) < middle < max(ends)
    distance = things[1] - things[0]
    if "of the others" in clue:
        return abs(distance) == 1 + COUNTS.index(re.search(r"exactly (\w+)", clue)[1])
    if "next to each other" in clue:
        return (abs(distance) == 1) != (" not " in clue)
    return distance == 1 if "directly" in clue else distance > 0


SOLVERS = {
    "truth_tellers": find_truth_tellers,
    "ordering": put_in_order,
}
