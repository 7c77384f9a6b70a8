r"""In which form an answer is to be given, by its kind: what the prompt asks for, and what it does not count.

The verifier compares values, and accepts \binom{10}{3} for 120 and x > 3 for (3, \infty), as data sets do. Where a
question asks to calculate, that would let the question itself, slightly rewritten, pass for its answer.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

__all__ = ["FORMS", "AnswerKind", "Form"]

AnswerKind = Literal[
    "integer",
    "fraction",
    "decimal",
    "exact",
    "expression",
    "equation",
    "set",
    "tuple",
    "matrix",
    "interval",
    "yes_no",
]


class Form(NamedTuple):
    """One form of answers.

    Args:
        request: the sentence that asks for it.
        foreign: what answers in this form do not contain; None where any right answer will do.
    """

    request: str
    foreign: re.Pattern[str] | None = None

    def admits(self, answer: str) -> bool:
        """Whether an answer, equal in value, is in this form."""
        return self.foreign is None or not self.foreign.search(answer)


_CALCULATION = re.compile(r"[!^*×·√]|binom|choose|sqrt|cdot|times")
_UNDER_A_ROOT = r"(?:[\d\s().*/+^-]|\\cdot|\\times|\^\{\d+\})*"
_LEFT_TO_DO = re.compile(
    r"!|binom|choose|sin|cos|tan|log|ln"
    r"|\d\s*(?:\^|\*\*)\s*\{?\d"
    r"|(?:\d|\\frac\{\d+\}\{\d+\})\s*(?:[*×·]|\\cdot|\\times)\s*(?:\d|\\frac\{\d+\})"
    r"|\d\)\s*\(\d"
    rf"|(?:sqrt\s*\{{|√\(){_UNDER_A_ROOT}[*/+^-]{_UNDER_A_ROOT}[}})]"
)
"""Functions; powers and products of plain numbers; a root of a calculation with nothing but plain numbers."""
_IN_A_MATRIX = re.compile(_CALCULATION.pattern + r"|\+|[\d)]\s*-")
_AMONG_ITEMS = re.compile(r"[\d)]\s*(?:[-+*·×]|\\cdot|\\times)\s*\(?\d+\s*(?=[-+*,)\]}]|\\\}|$)")
"""A sum, a difference or a product of plain numbers; `3 - 2\\sqrt{5}` is none."""
_RELATION = re.compile(r"[<>≤≥≠]|\\(?:[lg](?:e|eq|eqslant|t)|neq?)(?![a-z])")

FORMS: dict[AnswerKind, Form] = {
    "integer": Form("Answer with an integer.", _CALCULATION),
    "fraction": Form("Answer with an integer or a fraction in lowest terms.", _CALCULATION),
    "decimal": Form("Answer with a decimal.", _CALCULATION),
    "exact": Form("Answer exactly, in simplest form.", _LEFT_TO_DO),
    "expression": Form("Answer with an expression in $x$."),
    "equation": Form("Answer with an equation in $x$ and $y$."),
    "set": Form("Answer with a set, such as $\\{-2, 5\\}$.", _AMONG_ITEMS),
    "tuple": Form("Answer with a tuple, such as $(-2, 5)$.", _AMONG_ITEMS),
    "matrix": Form("Answer with a matrix, such as $\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$.", _IN_A_MATRIX),
    "interval": Form("Answer in interval notation.", _RELATION),
    "yes_no": Form("Answer yes or no."),
}
