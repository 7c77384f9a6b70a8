"""Read the families' LaTeX as SymPy, and compare what a solver found with a reference answer."""

from __future__ import annotations

import re
from fractions import Fraction

import sympy
from sympy.parsing.sympy_parser import implicit_multiplication, parse_expr, rationalize, standard_transformations

X = sympy.Symbol("x", real=True)
NAMES = {"x": X} | {name: sympy.Symbol(name) for name in "wyzkrstBCDFGHJKLMNPQRSTVWXZ"}

_FRACTION = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
_ROOT = re.compile(r"\\sqrt\{([^{}]*)\}")


def expression(latex):
    r"""LaTeX as the families write it, as SymPy."""
    text = latex.replace(r"\left", "").replace(r"\right", "").replace(r"\,", "")
    text = re.sub(r"e\^\{([^{}]*)\}", r" exp(\1)", text)
    while (flat := _ROOT.sub(r" sqrt(\1)", _FRACTION.sub(r"((\1)/(\2))", text))) != text:
        text = flat
    text = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", text)
    for command, plain in ((r"\times", "*"), (r"\cdot", "*"), (r"\div", "/"), (r"\infty", "oo"), ("^", "**")):
        text = text.replace(command, plain)
    transformations = (*standard_transformations, rationalize, implicit_multiplication)
    return parse_expr(text.replace("\\", " "), local_dict=NAMES, transformations=transformations)


def formulas(question):
    """What stands between dollar signs."""
    return re.findall(r"\$(.+?)\$", question)


def integers(question):
    """All whole numbers in a text."""
    return [int(digits) for digits in re.findall(r"-?\d+", question)]


def sides(equation):
    """Left minus right."""
    left, right = equation.split(" = ")
    return expression(left) - expression(right)


def region(answer):
    """An answer in interval notation, as a set."""
    pieces = []
    for piece in answer.split(r" \cup "):
        low, high = (expression(end) for end in piece[1:-1].split(", "))
        pieces.append(sympy.Interval(low, high, left_open=piece[0] == "(", right_open=piece[-1] == ")"))
    return sympy.Union(*pieces)


def matrix(latex):
    """Rows between ampersands."""
    return sympy.Matrix([[expression(entry) for entry in row.split("&")] for row in latex.split(r"\\")])


def matrices(text):
    """All matrices in a text."""
    return [matrix(body) for body in re.findall(r"\\begin\{pmatrix\} (.*?) \\end\{pmatrix\}", text)]


READERS = {
    "set": lambda answer: sympy.FiniteSet(*map(expression, answer[2:-2].split(", "))),
    "tuple": lambda answer: sympy.Tuple(*map(expression, answer[1:-1].split(", "))),
    "interval": region,
    "yes_no": str,
    "matrix": lambda answer: matrices(answer)[0],
    "equation": sides,
}


def agree(kind, answer, solved):
    """Whether a reference says what a solver found."""
    read = READERS.get(kind, expression)(answer)
    if kind == "expression":
        apart = [(read - solved).subs(X, place).evalf(30) for place in (Fraction(3, 7), Fraction(-5, 4))]
        return max(map(abs, apart)) < 1e-12
    if kind == "exact":
        return abs((read - solved).evalf(40)) < 1e-25
    if kind == "equation":
        return sympy.cancel(read / solved).is_number
    return read == solved
