"""Solvers of the sequences families, from the text of a problem alone."""

from __future__ import annotations

import re

from solvers.reading import NAMES, expression, formulas, integers


def find_term(question):
    """Write the terms down one by one."""
    if "a_{n" in question:
        return recur(question)
    texts = formulas(question)
    if texts[0].startswith(r"\sum"):
        last, rule = re.fullmatch(r"\\sum_\{k=1\}\^\{(\d+)\} \((.*)\)", texts[0]).groups()
        rule = expression(rule)
        return sum(rule.subs(NAMES["k"], k) for k in range(1, int(last) + 1))
    terms = integers(texts[0])
    place = integers(question)[-1]
    while len(terms) < place:
        arithmetic = "arithmetic" in question
        terms.append(terms[-1] + terms[1] - terms[0] if arithmetic else terms[-1] * terms[1] // terms[0])
    return sum(terms) if "sum of its first" in question else terms[place - 1]


def recur(question):
    """A recurrence, step by step."""
    terms = [int(value) for value in re.findall(r"a_\d+ = (-?\d+)", question)]
    order = len(terms)
    rule = re.search(r"a_\{n\+\d\} = (.*?)\$", question)[1].replace("a_{n+1}", "y").replace("a_n", "z")
    rule = expression(rule)
    place = int(re.search(r"What is \$a_(\d+)", question)[1])
    while len(terms) < place:
        terms.append(rule.subs({NAMES["y"]: terms[-1], NAMES["z"]: terms[-order]}))
    return terms[place - 1]


SOLVERS = {
    "sequence": find_term,
}
