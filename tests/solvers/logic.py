"""Solvers of the logic families, from the text of a problem alone."""

from __future__ import annotations

import re
from itertools import permutations, product

import sympy

from solvers.reading import NAMES, formulas, integers

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


def follows(question):
    """Try all states of the lamps."""
    known, asked = re.search(r"It is known: (.*) Does it follow that (.*)\?", question).groups()
    premises = [text.strip(". ") for text in re.split(r"\(\d\)", known)[1:]]
    lamps = sorted(set(re.findall(r"(\w+) lamp", question)) - {"the"})
    states = [dict(zip(lamps, state, strict=True)) for state in product(("on", "off"), repeat=len(lamps))]
    possible = [state for state in states if all(lit(premise, state) for premise in premises)]
    assert possible
    return "yes" if all(lit(asked, state) for state in possible) else "no"


def lit(text, state):
    """Whether a sentence is true in a state of the lamps."""
    parts = [state[lamp] == how for lamp, how in re.findall(r"the (\w+) lamp is (on|off)", text.lower())]
    if text.startswith("It is not the case"):
        return not all(parts)
    if text.lower().startswith("if"):
        return not parts[0] or any(parts[1:])
    return not parts[0] or parts[1] if " only if " in text else any(parts)


def count_members(question):
    """Find how many belong to each combination of sets, from the largest combination down."""
    total = int(re.search(r"Of (\d+)", question)[1])
    facts = question.split("?")[0].split(". ")[0]
    if "any three" in question:
        singles = integers(facts)[1:]
        pair, triple, four = (int(re.search(rf"{words} for (\d+)", question)[1]) for words in ("true", "three", "four"))
        exact = {4: four, 3: 4 * (triple - four), 2: 6 * (pair - 2 * triple + four)}
        exact[1] = sum(singles) - 2 * exact[2] - 3 * exact[3] - 4 * exact[4]
        return picked(question, exact | {0: total - sum(exact.values())})
    _, *numbers, last = integers(question)
    if len(numbers) == 2:
        if "both are true" in question:
            return total - (sum(numbers) - last)
        return 2 * (total - last) - sum(numbers)
    singles, doubles = sum(numbers[:3]), sum(numbers[3:])
    triple = last if "all three" in question else total - last - singles + doubles
    exact = {3: triple, 2: doubles - 3 * triple}
    exact[1] = singles - 2 * exact[2] - 3 * triple
    return picked(question, exact | {0: total - sum(exact.values())})


def picked(question, exact):
    """How many belong to so many sets as the question asks for."""
    relation, word = re.search(
        r"For how many (?:is|are) (at least|exactly|)\s?(\w+) of the \w+ true", question
    ).groups()
    number = ("none", "one", "two").index(word)
    return sum(exact[i] for i in exact if i >= number) if relation == "at least" else exact[number]


def count_models(question):
    """Try all cases."""
    formula = next(text for text in formulas(question) if text.startswith("("))
    count = max(int(index) for index in re.findall(r"x_\{?(\d+)", question))
    conditions = []
    for text in formula.split(r" \land "):
        literals = [(int(i) - 1, not sign) for sign, i in re.findall(r"(\\lnot )?x_\{?(\d+)", text)]
        conditions.append((text, literals))
    return sum(
        all(satisfied(text, [values[i] == sign for i, sign in literals]) for text, literals in conditions)
        for values in product((True, False), repeat=count)
    )


def satisfied(text, literals):
    """Whether a condition holds, whose literals are true or false like this."""
    if "leftrightarrow" in text:
        return literals[0] == literals[1]
    return not literals[0] or literals[1] if r"\to" in text else any(literals)


SOLVERS = {
    "truth_tellers": find_truth_tellers,
    "ordering": put_in_order,
    "entailment": follows,
    "overlapping_sets": count_members,
    "models": count_models,
}
