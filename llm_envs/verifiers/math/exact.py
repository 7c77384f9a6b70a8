"""Exact decisions by arithmetic: rational values first, then residues modulo two large primes.

Two rational functions that differ take different values at a point chosen blindly, modulo a 61-bit prime, but for a
chance of about degree / 2**61; agreement modulo two primes is taken as equality, any disagreement as a proof of the
opposite. The imaginary unit becomes a square root of -1, and square roots of rationals become products of those of
small primes, which both primes have: so arithmetic with them keeps its laws. pi and e become indeterminates. What is
no field operation (another root, a sine, a power with a variable exponent) becomes an indeterminate named after its
function and the residues of its arguments: agreement still proves equality, disagreement then proves nothing.

Nothing here takes longer than the size limits allow: powers are never multiplied out beyond `MAX_BITS`.

Source: J. T. Schwartz, "Fast probabilistic algorithms for verification of polynomial identities", JACM 27, 1980.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from llm_envs.verifiers.math.budget import memory
from llm_envs.verifiers.math.trees import Node, children, contains, replaced

__all__ = ["Undefined", "decide", "indices_of", "proportional", "rational", "terms_of", "whole"]

PRIMES: Final = (2305843009213245121, 2305843009209384649)
"""The two largest primes below 2**61 that are 1 modulo 8 and modulo which each of `_SMALL_PRIMES` is a square."""
_SMALL_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)
MAX_RADICAND_BITS: Final = 500
"""Of a square root that is taken modulo a prime."""
MAX_BITS: Final = 20_000
"""Size of an exact power or factorial; beyond it, residues decide."""
MAX_FACTORIAL: Final = 5_000
"""Factorials modulo a prime take as many multiplications."""
MAX_TERMS: Final = 200
"""Of a sum or product that is added up term by term."""
MAX_NESTED_TERMS: Final = 12

Rational = int | Fraction
_TWO: Final[Node] = ("num", 2)


class Undefined(ArithmeticError):
    """A division by zero: the expression has no value."""


class _NotRational(Exception):
    """The value is irrational, symbolic or beyond the limits."""


def decide(left: Node, right: Node) -> bool | None:
    """Whether two scalar expressions are equal; None where arithmetic cannot tell.

    Raises:
        Undefined: one of them divides by zero.
    """
    first, second = rational(left), rational(right)
    if first is not None and second is not None:
        return first == second
    for prime in PRIMES:
        (ours, ours_opaque), (theirs, theirs_opaque) = _residue(left, prime), _residue(right, prime)
        if ours != theirs:
            return None if ours_opaque or theirs_opaque else False
    return True


def _residue(node: Node, prime: int) -> tuple[int, bool]:
    """The residue, and whether an indeterminate stood for something that is no field operation."""
    known = memory()
    if (node, prime) not in known:
        evaluation = _Residue(prime)
        known[node, prime] = evaluation.of(node), evaluation.opaque
    found: tuple[int, bool] = known[node, prime]
    return found


def proportional(left: Node, right: Node) -> bool | None:
    """Whether `left` is `right` times a constant other than zero; None where arithmetic cannot tell.

    Raises:
        Undefined: one of them divides by zero.
    """
    for prime in PRIMES:
        first, second = _Residue(prime), _Residue(prime, point=1)
        a, b, c, d = first.of(left), first.of(right), second.of(left), second.of(right)
        if not a or not b or (a * d - b * c) % prime:
            return None if first.opaque else False
    return True


def rational(node: Node) -> Rational | None:
    """The exact value of a closed rational expression; None where it has none or is too large.

    Raises:
        Undefined: it divides by zero.
    """
    try:
        return _value(node)
    except _NotRational:
        return None


def whole(node: Node) -> int | None:
    """The value of a closed expression that is an integer."""
    value = rational(node)
    return value.numerator if value is not None and value.denominator == 1 else None


# Rational values


def _value(node: Node) -> Rational:
    compute = _VALUES.get(node[0])
    if compute is None:
        raise _NotRational
    return compute(node)


def _product(node: Node) -> Rational:
    result: Rational = 1
    for factor in node[1]:
        result = _bounded(result * _value(factor))
    return result


def _quotient(node: Node) -> Rational:
    above, below = _value(node[1]), _value(node[2])
    if below == 0:
        raise Undefined("division by zero")
    return Fraction(above) / below


def _power(node: Node) -> Rational:
    base, exponent = _value(node[1]), _value(node[2])
    if exponent.denominator != 1:
        raise _NotRational
    if base == 0 and exponent <= 0:
        raise Undefined("a power of zero")
    if base in {1, -1}:
        return base if exponent % 2 else 1
    if abs(exponent.numerator) * max(base.numerator.bit_length(), base.denominator.bit_length()) > MAX_BITS:
        raise _NotRational
    power: Rational = Fraction(base) ** exponent.numerator
    return power


def _call(node: Node) -> Rational:
    compute = _CALLS.get(node[1])
    if compute is None:
        raise _NotRational
    return compute(*(_value(argument) for argument in node[2]))


def _factorial(n: Rational) -> int:
    if n.denominator != 1 or not 0 <= n <= 2000:
        raise _NotRational
    return math.factorial(n.numerator)


def _double_factorial(n: Rational) -> int:
    if n.denominator != 1 or not -1 <= n <= 2000:
        raise _NotRational
    return math.prod(range(n.numerator, 0, -2))


def _arrangements(n: Rational, k: Rational) -> int:
    if n.denominator != 1 or k.denominator != 1 or not 0 <= n <= 2000 or k < 0:
        raise _NotRational
    return math.perm(n.numerator, k.numerator)


def _modulo(value: Rational, modulus: Rational) -> Rational:
    if modulus == 0:
        raise Undefined("division by zero")
    return value % modulus


def _series(node: Node) -> Rational:
    """A sum or product of a few terms."""
    indices = indices_of(node)
    if indices is None:
        raise _NotRational
    terms = (_value(replaced(node[4], ("sym", node[2]), ("num", index))) for index in indices)
    result: Rational = node[1] == "prod"
    for term in terms:
        result = _bounded(result * term if node[1] == "prod" else result + term)
    return result


def indices_of(node: Node) -> range | None:
    """The values of the index of a sum or product; None where they are too many or not known."""
    if node[1] not in {"sum", "prod"}:
        return None
    low, high = map(whole, node[3])
    if low is None or high is None:
        return None
    return range(low, high + 1) if high - low < terms_of(node[4]) else None


def terms_of(body: Node) -> int:
    """How many terms with this body may be added up: few where a body is such a sum itself, none in a third."""
    inner = [child for child in children(body) if contains(child, "bind")] if body[0] != "bind" else [body]
    if not inner:
        return MAX_TERMS
    return 0 if any(_is_nested(node) for node in inner) else MAX_NESTED_TERMS


def _is_nested(node: Node) -> bool:
    """A sum in a sum is somewhere in the tree."""
    if node[0] == "bind":
        return contains(node[4], "bind")
    return any(map(_is_nested, children(node)))


def _binomial(n: Rational, k: Rational) -> int:
    if n.denominator != 1 or k.denominator != 1 or not 0 <= n <= MAX_BITS or k < 0:
        raise _NotRational
    return math.comb(n.numerator, k.numerator)


def _root(value: Rational, degree: Rational) -> Rational:
    """Exact where the root is rational: perfect powers of either sign."""
    if degree not in {2, 3} or (value < 0 and degree == 2):
        raise _NotRational
    above = _integer_root(abs(value.numerator), int(degree))
    below = _integer_root(value.denominator, int(degree))
    if above is None or below is None:
        raise _NotRational
    return Fraction(above if value >= 0 else -above, below)


def _integer_root(value: int, degree: int) -> int | None:
    if value.bit_length() > MAX_BITS // 10:
        return None
    root = math.isqrt(value) if degree == 2 else _cube_root(value)
    return root if root**degree == value else None


def _cube_root(value: int) -> int:
    root = 1 << -(-value.bit_length() // 3)
    while root**3 > value:
        root = (2 * root + value // root**2) // 3
    return root


def _integers(function: Callable[..., int]) -> Callable[..., int]:
    def compute(*values: Rational) -> int:
        if any(value.denominator != 1 for value in values):
            raise _NotRational
        return function(*(value.numerator for value in values))

    return compute


def _bounded(value: Rational) -> Rational:
    if value.numerator.bit_length() + value.denominator.bit_length() > 4 * MAX_BITS:
        raise _NotRational
    return value


def _sum(node: Node) -> Rational:
    total: Rational = 0
    for term in node[1]:
        total = _bounded(total + _value(term))
    return total


_VALUES: Final[dict[str, Callable[[Node], Rational]]] = {
    "num": lambda node: node[1],
    "dec": lambda node: node[1],
    "mixed": lambda node: node[1],
    "add": _sum,
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "neg": lambda node: -_value(node[1]),
    "percent": lambda node: Fraction(_value(node[1])) / 100,
    "call": _call,
    "bind": _series,
}
_CALLS: Final[dict[str, Callable[..., Rational]]] = {
    "fact": _factorial,
    "fact2": _double_factorial,
    "binom": _binomial,
    "C": _binomial,
    "P": _arrangements,
    "mod": _modulo,
    "root": _root,
    "abs": abs,
    "sgn": lambda value: (value > 0) - (value < 0),
    "re": lambda value: value,
    "im": lambda _value: 0,
    "conj": lambda value: value,
    "floor": math.floor,
    "ceil": math.ceil,
    "max": max,
    "min": min,
    "gcd": _integers(math.gcd),
    "lcm": _integers(math.lcm),
}


# Residues


class _Residue:
    """The value of expressions modulo `prime` at one point.

    Args:
        point: which of the blindly chosen points gives the symbols their values.

    `opaque` tells whether an indeterminate stood for something that is no field operation.
    """

    def __init__(self, prime: int, point: int = 0) -> None:
        self.prime = prime
        self.point = point
        self.opaque = False
        self.bound = 0

    def of(self, node: Node) -> int:
        """The residue of a scalar.

        Raises:
            Undefined: a divisor is zero.
        """
        return _RESIDUES.get(node[0], _Residue.unknown)(self, node)

    def literal(self, node: Node) -> int:
        return self.divide(node[1].numerator, node[1].denominator)

    def symbol(self, node: Node) -> int:
        return _blind(f"sym {node[1]} {self.point}", self.prime)

    def sum(self, node: Node) -> int:
        return sum(map(self.of, node[1])) % self.prime

    def product(self, node: Node) -> int:
        result = 1
        for factor in node[1]:
            result = result * self.of(factor) % self.prime
        return result

    def divide(self, above: int, below: int) -> int:
        below %= self.prime
        if below == 0:
            raise Undefined("division by zero")
        return above * pow(below, -1, self.prime) % self.prime if below != 1 else above % self.prime

    def power(self, node: Node) -> int:
        exponent = whole(node[2])
        if exponent is None:
            return self.half_power(node)
        base = self.of(node[1])
        if base == 0 and exponent <= 0:
            raise Undefined("a power of zero")
        return pow(base, exponent, self.prime)

    def half_power(self, node: Node) -> int:
        """3^{5/2}; every other power that is not whole is an indeterminate."""
        exponent = rational(node[2])
        root = self.square_root(node[1]) if exponent is not None and exponent.denominator == 2 else None
        if root is None or exponent is None:
            return self.unknown(node)
        return pow(root, exponent.numerator, self.prime)

    def square_root(self, node: Node) -> int | None:
        """The square root of a rational with small prime factors besides squares; None for every other."""
        value = rational(node)
        if not value or value.numerator.bit_length() + value.denominator.bit_length() > MAX_RADICAND_BITS:
            return None
        factors = _factors_of_root(abs(value.numerator * value.denominator))
        if factors is None:
            return None
        outside, primes = factors
        for prime in primes if value > 0 else (-1, *primes):
            outside = outside * _square_root(prime, self.prime) % self.prime
        return self.divide(outside, value.denominator)

    def constant(self, node: Node) -> int:
        if node[1] == "i":
            return _square_root(-1, self.prime)
        if node[1] not in {"pi", "e"}:
            self.opaque = True
        return _blind(f"const {node[1]}", self.prime)

    def call(self, node: Node) -> int:
        if node[1] == "fact":
            n = whole(node[2][0])
            if n is not None and 0 <= n <= MAX_FACTORIAL:
                return _factorial_residue(n, self.prime)
        if node[1] in {"binom", "C", "P"}:
            k = whole(node[2][1])
            if k is not None and 0 <= k <= 50:
                falling = self.falling(self.of(node[2][0]), k)
                return falling if node[1] == "P" else self.divide(falling, math.factorial(k))
        root = self.square_root(node[2][0]) if node[1] == "root" and node[2][1] == _TWO else None
        return self.unknown(node) if root is None else root

    def falling(self, n: int, k: int) -> int:
        """N (n - 1) ... (n - k + 1)."""
        result = 1
        for j in range(k):
            result = result * (n - j) % self.prime
        return result

    def bind(self, node: Node) -> int:
        """A sum or product of a few terms; else an indeterminate that does not depend on the name of the index."""
        _, operator, name, bounds, body = node
        indices = indices_of(node)
        if indices is not None:
            terms = (self.of(replaced(body, ("sym", name), ("num", index))) for index in indices)
            return (math.prod(terms) if operator == "prod" else sum(terms)) % self.prime
        self.bound += 1
        inside = self.of(replaced(body, ("sym", name), ("sym", f"bound {self.bound}")))
        self.bound -= 1
        self.opaque = True
        return _blind(f"{operator} {[self.of(bound) for bound in bounds]} {inside}", self.prime)

    def unknown(self, node: Node) -> int:
        """An indeterminate named after the function and the residues of its arguments."""
        self.opaque = True
        name = f"{node[0]} {node[1]}" if node[0] == "call" else node[0]
        arguments = node[2] if node[0] == "call" else node[1:]
        residues = [self.of(part) if isinstance(part, tuple) else part for part in arguments]
        return _blind(f"{name} {residues}", self.prime)


_RESIDUES: Final[dict[str, Callable[[_Residue, Node], int]]] = {
    "num": _Residue.literal,
    "dec": _Residue.literal,
    "mixed": _Residue.literal,
    "sym": _Residue.symbol,
    "const": _Residue.constant,
    "add": _Residue.sum,
    "mul": _Residue.product,
    "div": lambda self, node: self.divide(self.of(node[1]), self.of(node[2])),
    "pow": _Residue.power,
    "neg": lambda self, node: -self.of(node[1]) % self.prime,
    "percent": lambda self, node: self.divide(self.of(node[1]), 100),
    "call": _Residue.call,
    "bind": _Residue.bind,
}


@functools.lru_cache(maxsize=4096)
def _blind(name: str, prime: int) -> int:
    """A residue that depends on nothing but `name`: the same in every process."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=16).digest(), "big") % prime


@functools.lru_cache(maxsize=64)
def _factorial_residue(n: int, prime: int) -> int:
    result = 1
    for factor in range(2, n + 1):
        result = result * factor % prime
    return result


def _factors_of_root(radicand: int) -> tuple[int, list[int]] | None:
    """The square root as a whole number times the roots of distinct small primes; None where it is no such product."""
    outside, primes = 1, []
    for prime in _SMALL_PRIMES:
        while radicand % (prime * prime) == 0:
            outside, radicand = outside * prime, radicand // (prime * prime)
        if radicand % prime == 0:
            primes.append(prime)
            radicand //= prime
    rest = math.isqrt(radicand)
    return (outside * rest, primes) if rest * rest == radicand else None


@functools.cache
def _square_root(value: int, prime: int) -> int:
    """A square root modulo `prime`, by the algorithm of Tonelli and Shanks."""
    odd, twos = prime - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    nonresidue = next(b for b in range(2, 1000) if pow(b, (prime - 1) // 2, prime) == prime - 1)
    unit, rest, root = pow(nonresidue, odd, prime), pow(value, odd, prime), pow(value, (odd + 1) // 2, prime)
    while rest != 1:
        order = next(k for k in range(1, twos) if pow(rest, 1 << k, prime) == 1)
        step = pow(unit, 1 << (twos - order - 1), prime)
        unit, twos = step * step % prime, order
        rest, root = rest * unit % prime, root * step % prime
    return root
