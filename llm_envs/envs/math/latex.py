r"""Numbers, polynomials and linear forms as LaTeX, the way a textbook prints them: no `1x`, no `+ -3`, no `0x`.

Only what the families need; no parsing, and no SymPy, whose printer takes a thousand times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, isqrt, lcm
from typing import TypeAlias

__all__ = [
    "Number",
    "added",
    "binomial",
    "bracketed",
    "cases",
    "combination",
    "decimal",
    "line",
    "listed",
    "matrix",
    "number",
    "numbers",
    "polynomial",
    "product",
    "ratio",
    "reduced",
    "root",
    "rooted",
    "times_pi",
    "vector",
]

Number: TypeAlias = int | Fraction


def number(value: Number) -> str:
    r"""`7`, `-7`, `\frac{2}{3}`, `-\frac{2}{3}`."""
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return f"{sign}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def decimal(value: Number) -> str:
    """An exact decimal: `0.75`, `12`; the denominator must divide a power of ten."""
    places = 0
    while (value * 10**places).denominator > 1:
        places += 1
    whole, rest = divmod(abs(int(value * 10**places)), 10**places)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def numbers(values: Iterable[Number]) -> str:
    """Numbers with commas between them."""
    return ", ".join(map(number, values))


def listed(items: Sequence[int | str], last: str = "and") -> str:
    """Things in a sentence: `2, 3 and 5`."""
    *before, end = map(str, items)
    return f"{', '.join(before)} {last} {end}" if before else end


def bracketed(value: Number) -> str:
    """A factor or subtrahend: negative numbers stand in brackets."""
    return f"({number(value)})" if value < 0 else number(value)


def added(terms: Iterable[str]) -> str:
    """Terms that may open with a minus, joined to a sum."""
    first, *rest = terms
    return first + "".join(f" - {term[1:]}" if term.startswith("-") else f" + {term}" for term in rest)


def combination(terms: Iterable[tuple[Number, str]]) -> str:
    """A sum of multiples: `(2, "x"), (-1, "y"), (3, "")` is `2x - y + 3`; `0` where nothing is left."""
    text = ""
    for factor, symbol in terms:
        if factor == 0:
            continue
        size = -factor if factor < 0 else factor
        term = symbol if symbol and size == 1 else number(size) + symbol
        if text:
            text += f" - {term}" if factor < 0 else f" + {term}"
        else:
            text = f"-{term}" if factor < 0 else term
    return text or "0"


def polynomial(coefficients: Sequence[Number], symbol: str = "x") -> str:
    """From the highest power down: `[1, 0, -2]` is `x^2 - 2`."""
    degree = len(coefficients) - 1
    powers = (symbol if power == 1 else f"{symbol}^{power}" if power else "" for power in range(degree, -1, -1))
    return combination(zip(coefficients, powers, strict=True))


def ratio(top: int | str, bottom: int | str) -> str:
    """A fraction as it stands, not reduced."""
    return f"\\frac{{{top}}}{{{bottom}}}"


def reduced(top: int, bottom: int) -> str:
    """A fraction as it stands, and what it is in lowest terms where that differs."""
    as_counted, lowest = ratio(top, bottom), number(Fraction(top, bottom))
    return as_counted if as_counted == lowest else f"{as_counted} = {lowest}"


def binomial(n: int, k: int) -> str:
    """The binomial coefficient, not worked out."""
    return f"\\binom{{{n}}}{{{k}}}"


def product(factors: Iterable[Number]) -> str:
    """A product as it stands, not multiplied out."""
    return r" \cdot ".join(map(bracketed, factors))


def cases(lines: Iterable[str]) -> str:
    """Equations under each other, behind a brace."""
    rows = r" \\ ".join(lines)
    return f"\\begin{{cases}} {rows} \\end{{cases}}"


def matrix(rows: Iterable[Iterable[Number | str]]) -> str:
    """Rows of entries, numbers or text; a column has rows of one."""
    lines = (" & ".join(entry if isinstance(entry, str) else number(entry) for entry in row) for row in rows)
    body = r" \\ ".join(lines)
    return f"\\begin{{pmatrix}} {body} \\end{{pmatrix}}"


def root(square: Number, factor: Number = 1) -> str:
    r"""A multiple of the square root of a number > 0, simplified: `3`, `2\sqrt{3}`, `\frac{1}{2}\sqrt{6}`."""
    inside, radicand = _square_free(square.numerator * square.denominator)
    multiple = Fraction(inside, square.denominator) * factor
    return combination([(multiple, "" if radicand == 1 else f"\\sqrt{{{radicand}}}")])


def rooted(square: Number) -> str:
    """A square root as it stands, and what it is simplified where that differs."""
    as_it_stands, simplified = f"\\sqrt{{{number(square)}}}", root(square)
    return as_it_stands if as_it_stands == simplified else f"{as_it_stands} = {simplified}"


def times_pi(factor: Number) -> str:
    r"""`6\pi`, `-\pi`, `\frac{1}{3}\pi`."""
    return combination([(factor, "\\pi")])


def vector(values: Iterable[Number]) -> str:
    """A point, a vector, a tuple: `(1, -2, 3)`."""
    return f"({numbers(values)})"


def line(a: Number, b: Number, c: Number) -> str:
    """The equation `ax + by = c`, in integers without a common divisor, the first of them positive."""
    scale = lcm(a.denominator, b.denominator, c.denominator)
    p, q, r = (int(value * scale) for value in (a, b, c))
    common = gcd(p, q, r) * (-1 if (p or q) < 0 else 1)
    return f"{combination([(p // common, 'x'), (q // common, 'y')])} = {r // common}"


def _square_free(n: int) -> tuple[int, int]:
    """`(a, b)` with n = a a b, where no square but 1 divides b."""
    factor, radicand, divisor = 1, 1, 2
    while divisor**3 <= n:
        while n % divisor**2 == 0:
            factor, n = factor * divisor, n // divisor**2
        if n % divisor == 0:
            radicand, n = radicand * divisor, n // divisor
        divisor += 1
    end = isqrt(n)
    return (factor * end, radicand) if end * end == n else (factor, radicand * n)
