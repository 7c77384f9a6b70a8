"""The arithmetic in worked steps: equations and congruences between numbers alone, worked out again."""

from __future__ import annotations

import math
import re
from fractions import Fraction

OPERATIONS = {r"\cdot": "*", r"\times": "*", r"\div": "/", r"\lfloor": "floor(", r"\rfloor": ")"}
"""LaTeX as the families write it, and what it is in Python."""

FUNCTIONS = {
    "Fraction": Fraction,
    "floor": lambda number: Fraction(math.floor(number)),
    "comb": lambda n, k: Fraction(math.comb(int(n), int(k))),
    "factorial": lambda n: Fraction(math.factorial(int(n))),
}


def value(latex):
    """The exact value of an expression of numbers; None where it has symbols, roots or words."""
    text = latex.replace(r"\left", "").replace(r"\right", "")
    while (flat := re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)) != text:
        text = flat
    text = re.sub(r"\\binom\{(\d+)\}\{(\d+)\}", r" comb(\1,\2)", text)
    text = re.sub(r"(\d+)!", r" factorial(\1)", text)
    for command, plain in OPERATIONS.items():
        text = text.replace(command, plain)
    text = re.sub(r"\^\{(\d+)\}", r"^\1", text).replace("^", "**")
    text = re.sub(r"([\d)])\s*(?=\(|comb|factorial|floor)", r"\1*", text)
    if re.sub("floor|comb|factorial|[-+*/()., 0-9]", "", text) or re.search(r"\d \d|\*\*\d{3}", text):
        return None
    try:
        return Fraction(eval(re.sub(r"\d+(?:\.\d+)?", r"Fraction('\g<0>')", text), {"__builtins__": {}}, FUNCTIONS))
    except (SyntaxError, TypeError):
        return None


def untrue(step):
    """The equations and congruences of a step that are wrong; `0 = 5` is how a contradiction is written."""
    texts = [text for formula in re.findall(r"\$([^$]*)\$", step) for text in formula.split(", ")]
    return [text for text in texts if not holds(text) and not re.fullmatch(r"0 = -?\d+", text)]


def holds(text):
    """Whether all the values in a chain of equations or congruences agree, as far as they are numbers."""
    modulus = re.search(r" \\pmod\{?(\d+)\}?$", text)
    if modulus:
        text = text[: modulus.start()]
    elif r"\equiv" in text or r"\pmod" in text:
        return True
    values = {value(part) for part in re.split(r" (?:=|\\equiv) ", text)} - {None}
    return len({found % int(modulus[1]) for found in values} if modulus else values) <= 1
