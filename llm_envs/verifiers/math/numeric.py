"""Decisions by numbers: both expressions at many digits, at one point if they are closed and at several if not.

A difference counts as zero only if it shrinks as the precision grows: at 50 digits, again at 100, and
at 150 should the first have been zero by rounding, all with as many digits more as the numbers on the way span. So
neither 1/2004! = 1/2006! nor sin(x) + 10**-200 = sin(x) passes, and sqrt(2) sqrt(3) - sqrt(6) is 0.

Roots follow school: an odd root of a negative number is real. Where an expression leaves the real numbers at a
negative point, that point decides nothing, so that ln(x**2) = 2 ln x holds where both sides exist and
sqrt(x**2) = x does not.

mpmath's precision and caches are global to a process, so evaluation holds one lock; it is short, because every
operation whose cost grows with its argument refuses large ones (`Beyond`).
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final, NamedTuple

import mpmath  # type: ignore[import-untyped]

from llm_envs.verifiers.math.budget import memory, spend
from llm_envs.verifiers.math.exact import terms_of
from llm_envs.verifiers.math.trees import Node, children, symbols

__all__ = ["Beyond", "decide", "fraction", "precision", "proportional", "real_value", "whole_value", "within"]

DIGITS: Final = (50, 100, 150)
"""The later evaluations tell a true zero from a small difference."""
_AGREEMENT: Final = mpmath.mpf("1e-40")
"""How close two values are before the second evaluation is worth its time."""
_SHRINKS: Final = mpmath.mpf("1e-20")
"""A difference that is only rounding shrinks at least by this with 50 more digits."""
FREE_SPAN: Final = 10
"""Decimal orders between the smallest and the largest number on the way that `DIGITS` allow for as they are."""
SPAN_DIGITS: Final = 3
"""Digits for each order beyond: enough to tell sin(u) from its series up to u**2."""
MAX_SPAN: Final = 250
MAX_LOG: Final = 1e7
"""Natural logarithm of the largest power computed: its digits still fit a few megabytes."""
MAX_ANGLE: Final = 1e15
MAX_GAMMA: Final = 1e5
MAX_FACTORIAL: Final = 3000
"""Up to here a factorial is the product of whole numbers."""
MAX_DETERMINATE: Final = 1e6
MAX_ZETA: Final = 100
MAX_ERF: Final = 100

_POINTS: Final = ((1, 1), (1, -1), (-1, 1), (-1, -1), (1, 1))
"""Signs of the symbols, alternating by name: at least two points with all of them positive."""
_FAR_POINTS: Final = tuple((sign * size, sign * size) for size in (10**3, 10**12) for sign in (1, -1))
"""Besides, where a function is put together from pieces: max(x, 0) and x differ on one side alone, and so do the root
of (x - 5)^2 and 5 - x."""
_FAR: Final = dict.fromkeys(("abs", "floor", "ceil", "max", "min", "sgn", "mod"), 4) | {"root": 2}

_lock = threading.RLock()


def _fresh_lock() -> None:
    global _lock  # noqa: PLW0603 - a forked child must not wait for a thread that it does not have
    _lock = threading.RLock()


os.register_at_fork(after_in_child=_fresh_lock)


Point = dict[str, tuple[int, int, int]]
"""For each name the numerator and the denominator of its value, and the numerator of the imaginary part."""


class Beyond(ArithmeticError):
    """A value too large to be worked with, or none at all (a pole, the logarithm of zero)."""


@contextlib.contextmanager
def precision(digits: int) -> Iterator[None]:
    """Mpmath at so many digits, for one thread at a time."""
    with _lock, mpmath.workdps(digits):
        yield


def decide(left: Node, right: Node) -> bool | None:
    """Whether two scalar expressions are equal; None where too few points could be evaluated."""
    agreed = 0
    points = list(_points(left, right))
    for point in points:
        same = _equal_at(left, right, point)
        if same is False:
            return False
        agreed += same is True
    return True if agreed >= min(2, len(points)) else None


def proportional(left: Node, right: Node) -> bool | None:
    """Whether `left` is a positive or negative constant times `right`."""
    scale = scale_of(left, right)
    return None if scale is None else scale != 0


def scale_of(left: Node, right: Node) -> float | None:
    """The real constant c with left = c right; 0.0 where there is none, None where that cannot be told."""
    ratios = []
    for point in _points(left, right):
        try:
            with _lock, mpmath.workdps(DIGITS[0]):
                ratios.append(_evaluate(left, point) / _evaluate(right, point))
        except (ArithmeticError, ValueError):
            continue
    if len(ratios) < 2:
        return None
    same = all(abs(ratio - ratios[0]) <= _SHRINKS * abs(ratios[0]) for ratio in ratios)
    return float(mpmath.re(ratios[0])) if same and mpmath.im(ratios[0]) == 0 and ratios[0] != 0 else 0.0


def real_value(node: Node) -> Any:
    """A closed expression as a real mpmath number of `DIGITS[0]` digits; None where it is not one."""
    try:
        with _lock, mpmath.workdps(DIGITS[0]):
            value = _evaluate(node, {})
    except (ArithmeticError, ValueError):
        return None
    return mpmath.re(value) if mpmath.im(value) == 0 else None


def whole_value(node: Node) -> int | None:
    """The whole number that an expression is at the first point; None where it is none there."""
    point = next(iter(_points(node, ("num", 0))))
    try:
        with precision(DIGITS[0]):
            value = _evaluate(node, point)
            nearest = mpmath.nint(mpmath.re(value))
            return int(nearest) if abs(value - nearest) <= _AGREEMENT and abs(nearest) <= MAX_DETERMINATE else None
    except (ArithmeticError, ValueError):
        return None


def fraction(value: Any) -> Fraction:
    """A finite real mpmath number as it is."""
    return Fraction(*mpmath.libmp.to_rational(value._mpf_))


def as_fraction(node: Node) -> Fraction | None:
    """A closed real expression to `DIGITS[0]` digits; None where it is none."""
    value = real_value(node)
    return None if value is None or not mpmath.isfinite(value) else fraction(value)


def within(node: Node, target: Any, tolerance: Any) -> bool:
    """Whether a closed expression lies within `tolerance` (both Fractions) of `target`."""
    value = real_value(node)
    if value is None or not mpmath.isfinite(value):
        return False
    with _lock, mpmath.workdps(DIGITS[0]):
        distance = abs(value - mpmath.mpf(target.numerator) / target.denominator)
        return bool(distance <= mpmath.mpf(tolerance.numerator) / tolerance.denominator)


def _points(left: Node, right: Node) -> Iterator[dict[str, Any]]:
    names = sorted(symbols(left) | symbols(right))
    points = _POINTS + _FAR_POINTS[: max(map(_far_points, (left, right)))] if names else _POINTS
    counting = _counting(left) | _counting(right)
    is_complex = _is_complex(left) or _is_complex(right)
    for index, signs in enumerate(points if names else _POINTS[:1]):
        yield {
            name: _whole_coordinate(name, index, place)
            if name in counting
            else _coordinate(name, index, signs[place % 2], is_complex=is_complex)
            for place, name in enumerate(names)
        }


def _is_complex(node: Node) -> bool:
    """A conjugate, or a real or imaginary part, is taken somewhere: names stand for complex numbers."""
    return (node[0] == "call" and node[1] in _OF_COMPLEX) or any(map(_is_complex, children(node)))


def _counting(node: Node) -> frozenset[str]:
    """Names that stand for whole numbers: bounds of a sum, powers of -1, what a factorial is taken of."""
    found = frozenset().union(*map(_counting, children(node)))
    if node[0] == "bind" and node[1] in {"sum", "prod"}:
        found |= symbols(node[3][0]) | symbols(node[3][1])
    elif node[0] == "pow" and node[1] == ("num", -1):
        found |= symbols(node[2])
    elif node[0] == "call" and node[1] in _COUNTING:
        found = found.union(*map(symbols, node[2]))
    return found


def _whole_coordinate(name: str, index: int, place: int) -> tuple[int, int, int]:
    """A whole number from 3 to 30 that depends on the name; two neighbouring names are odd and even in every way."""
    odd = (index >> place % 2) & 1
    return 3 + 2 * (3 * index % 12 + _digest(name, index) % 3) + odd, 1, 0


def _far_points(node: Node) -> int:
    """How many far points are looked at besides: all for a function of pieces, the nearer ones for a root."""
    own = _FAR.get(node[1], 0) if node[0] == "call" else 0
    return max((own, *map(_far_points, children(node))))


def _coordinate(name: str, index: int, scale: int, *, is_complex: bool) -> tuple[int, int, int]:
    """A rational between 0.3 and 2.3 times the scale that depends on the name alone, as a `Point` holds it."""
    numerator = scale * (2 * (_digest(name, index) >> 4) + 3 * (1 << 60) // 10)
    return numerator, 1 << 60, _digest(name, index + 1) >> 3 if is_complex else 0


def _digest(name: str, index: int) -> int:
    """64 bits that depend on nothing else: the same in every process."""
    digest = hashlib.blake2b(f"{name} {index}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _equal_at(left: Node, right: Node, point: Point) -> bool | None:
    """Equal, different, or None where this point cannot tell."""
    try:
        gap = _gap(left, right, point, DIGITS[0])
        if not gap.real and any(numerator < 0 for numerator, _, _ in point.values()):
            return None
        if gap.distance > _AGREEMENT * max(gap.size, 1):
            return False
        extra = _digits_for(gap.span)
        distance = _gap(left, right, point, DIGITS[0] + extra).distance if extra else gap.distance
        again = _gap(left, right, point, DIGITS[1] + extra)
        if distance == 0 and again.distance > _AGREEMENT * _AGREEMENT * again.size:
            distance, again = again.distance, _gap(left, right, point, DIGITS[2] + extra)
    except (ArithmeticError, ValueError):
        return None
    return bool(again.distance == 0 or distance == 0 or again.distance <= distance * _SHRINKS)


class _Gap(NamedTuple):
    """How far apart two values are, the larger of them, whether all was real, and the orders the numbers span."""

    distance: Any
    size: Any
    real: bool
    span: float


def _gap(left: Node, right: Node, point: Point, digits: int) -> _Gap:
    with _lock, mpmath.workdps(digits):
        first, second = _evaluated(left, point), _evaluated(right, point)
        if mpmath.isnan(first.value) or mpmath.isnan(second.value):
            raise Beyond("a value is not determined")
        if not (mpmath.isfinite(first.value) and mpmath.isfinite(second.value)):
            return _Gap(mpmath.mpf(0) if first.value == second.value else mpmath.inf, mpmath.mpf(1), True, 0)
        size = max(abs(first.value), abs(second.value))
        span = max(first.highest, second.highest) - min(first.lowest, second.lowest)
        return _Gap(abs(first.value - second.value), size, first.real and second.real, span * math.log10(2))


class _Value(NamedTuple):
    """A value, whether all on the way to it was real, and the binary orders of the smallest and the largest on it."""

    value: Any
    real: bool
    lowest: int
    highest: int


def _evaluated(node: Node, point: Point) -> _Value:
    """A value at mpmath's precision, computed once in a check."""
    known, key = memory(), (node, tuple(point.items()), mpmath.mp.dps)
    if key not in known:
        evaluation = _Evaluation(point)
        known[key] = _Value(evaluation.of(node), evaluation.real, evaluation.lowest, evaluation.highest)
    found: _Value = known[key]
    return found


def _digits_for(span: float) -> int:
    """Digits needed besides `DIGITS`, lest a number be lost beside one that is `span` orders larger."""
    if span > MAX_SPAN:
        raise Beyond("the numbers are of too different sizes")
    return SPAN_DIGITS * max(0, math.ceil(span) - FREE_SPAN)


def _evaluate(node: Node, point: Point) -> Any:
    return _Evaluation(point).of(node)


class _Evaluation:
    """The value of expressions at one point, at mpmath's current precision."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.real = True
        self.digits = mpmath.mp.dps
        self.lowest = self.highest = 0

    def of(self, node: Node) -> Any:
        compute = _VALUES.get(node[0])
        if compute is None:
            raise Beyond(f"a {node[0]} has no value")
        if not spend(self.digits):
            raise Beyond("too much is to be computed")
        value = compute(self, node)
        if isinstance(value, mpmath.mpc) and value.imag != 0:
            self.real = False
        if value and mpmath.isfinite(value):
            order = mpmath.mag(value)
            self.lowest, self.highest = min(self.lowest, order), max(self.highest, order)
        return value

    def number(self, node: Node) -> Any:
        return mpmath.mpf(node[1].numerator) / node[1].denominator

    def symbol(self, node: Node) -> Any:
        if node[1] not in self.point:
            raise Beyond("a symbol has no value")
        numerator, denominator, imaginary = self.point[node[1]]
        value = mpmath.mpf(numerator) / denominator
        return mpmath.mpc(value, mpmath.mpf(imaginary) / denominator) if imaginary else value

    def constant(self, node: Node) -> Any:
        make = _CONSTANTS.get(node[1])
        if make is None:
            raise Beyond(f"{node[1]} is no number")
        return make()

    def product(self, node: Node) -> Any:
        result = mpmath.mpf(1)
        for factor in node[1]:
            result *= self.of(factor)
        return result

    def quotient(self, node: Node) -> Any:
        return self.of(node[1]) / _nonzero(self.of(node[2]))

    def power(self, node: Node) -> Any:
        base, exponent = self.of(node[1]), self.of(node[2])
        if base == 0 and mpmath.re(exponent) <= 0:
            raise Beyond("a power of zero")
        if base != 0 and abs(exponent) * (1 + abs(mpmath.log(abs(base)))) > MAX_LOG:
            raise Beyond("a power is too large")
        odd = _odd_denominator(node[2]) if _is_negative(base) else None
        if odd:
            root = -mpmath.root(-base, odd)
            return root ** mpmath.nint(exponent * odd)
        return base**exponent

    def call(self, node: Node) -> Any:
        compute = _CALLS.get(node[1])
        if compute is None:
            raise Beyond(f"{node[1]} is not known")
        spend(self.digits ** (3 if node[1] in _COSTLY else 2) / _CHEAPNESS)
        return compute(*(self.of(argument) for argument in node[2]))

    def series(self, node: Node) -> Any:
        """A sum or product, term by term."""
        _, operator, name, bounds, body = node
        if operator not in {"sum", "prod"}:
            raise Beyond(f"a {operator} is not added up")
        low, high = (_whole(self.of(bound)) for bound in bounds)
        if high - low >= terms_of(body):
            raise Beyond("a sum has too many terms")
        outer = self.point
        result = mpmath.mpf(operator == "prod")
        for index in range(low, high + 1):
            self.point = outer | {name: (index, 1, 0)}
            term = self.of(body)
            result = result * term if operator == "prod" else result + term
        self.point = outer
        return result


def _whole(value: Any) -> int:
    if not mpmath.isint(value) or abs(value) > MAX_DETERMINATE:
        raise Beyond("a bound is no whole number")
    return int(mpmath.re(value))


def _nonzero(value: Any) -> Any:
    if value == 0:
        raise Beyond("division by zero")
    return value


def _is_negative(value: Any) -> bool:
    return bool(mpmath.im(value) == 0 and mpmath.re(value) < 0)


def _odd_denominator(exponent: Node) -> int | None:
    """3 for an exponent written as 1/3 or 2/3: the root of a negative number is then real."""
    sign_free = exponent[1] if exponent[0] == "neg" else exponent
    if sign_free[0] != "div" or sign_free[1][0] != "num" or sign_free[2][0] != "num":
        return None
    denominator = sign_free[2][1] // math.gcd(sign_free[1][1], sign_free[2][1]) if sign_free[2][1] else 0
    return denominator if denominator % 2 and denominator > 1 else None


def _root(value: Any, degree: Any) -> Any:
    if abs(degree) > MAX_GAMMA:
        raise Beyond("a root is of too high a degree")
    if _is_negative(value) and mpmath.isint(degree) and int(mpmath.re(degree)) % 2:
        return -((-mpmath.re(value)) ** (1 / degree))
    return value ** (1 / _nonzero(degree))


def _logarithm(value: Any, base: Any = None) -> Any:
    logarithm = mpmath.log(_nonzero(value))
    return logarithm if base is None else logarithm / _nonzero(mpmath.log(_nonzero(base)))


def _factorial(n: Any) -> Any:
    if mpmath.isint(n) and 0 <= n <= MAX_FACTORIAL:
        return mpmath.mpf(math.factorial(int(mpmath.re(n))))
    return mpmath.gamma(n + 1)


def _modulo(value: Any, modulus: Any) -> Any:
    return value - modulus * mpmath.floor(value / _nonzero(modulus))


def _arccot(value: Any) -> Any:
    """From 0 to pi, without a jump."""
    return mpmath.pi / 2 - mpmath.atan(value)


def _bounded(function: Callable[..., Any], limit: float) -> Callable[..., Any]:
    def compute(*arguments: Any) -> Any:
        if any(not abs(argument) <= limit for argument in arguments):
            raise Beyond("an argument is too large")
        return function(*arguments)

    return compute


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    def compute(*arguments: Any) -> Any:
        if any(mpmath.im(argument) != 0 for argument in arguments):
            raise Beyond("a complex argument where a real one belongs")
        return function(*(mpmath.re(argument) for argument in arguments))

    return compute


def _integers(function: Callable[..., int]) -> Callable[..., Any]:
    def compute(*arguments: Any) -> Any:
        if any(not mpmath.isint(argument) for argument in arguments):
            raise Beyond("whole numbers are wanted here")
        return mpmath.mpf(function(*(int(mpmath.re(argument)) for argument in arguments)))

    return compute


_CONSTANTS: Final[dict[str, Callable[[], Any]]] = {
    "pi": lambda: +mpmath.pi,
    "e": lambda: +mpmath.e,
    "i": lambda: mpmath.mpc(0, 1),
    "inf": lambda: mpmath.inf,
}
_VALUES: Final[dict[str, Callable[[_Evaluation, Node], Any]]] = {
    "num": _Evaluation.number,
    "dec": _Evaluation.number,
    "mixed": _Evaluation.number,
    "sym": _Evaluation.symbol,
    "const": _Evaluation.constant,
    "add": lambda self, node: mpmath.fsum(self.of(term) for term in node[1]),
    "mul": _Evaluation.product,
    "div": _Evaluation.quotient,
    "pow": _Evaluation.power,
    "neg": lambda self, node: -self.of(node[1]),
    "percent": lambda self, node: self.of(node[1]) / 100,
    "degree": lambda self, node: self.of(node[1]) * mpmath.pi / 180,
    "call": _Evaluation.call,
    "bind": _Evaluation.series,
}
_COSTLY: Final = frozenset({"gamma", "zeta", "fact", "binom", "C", "P", "fact2", "erf"})
_CHEAPNESS: Final = 50
"""A costly function of n digits takes as long as about n**3 / 50 digits of sums and products, others n**2 / 50."""
_OF_COMPLEX: Final = frozenset({"conj", "re", "im", "arg"})
_COUNTING: Final = frozenset({"fact", "fact2", "binom", "C", "P"})
_ANGLES: Final = ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")
_INVERSES: Final = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh",
}  # fmt: skip
_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "root": _root,
    "log": _logarithm,
    "abs": abs,
    "fact": _bounded(_factorial, MAX_GAMMA),
    "fact2": _bounded(mpmath.fac2, MAX_GAMMA),
    "gamma": _bounded(mpmath.gamma, MAX_GAMMA),
    "erf": _bounded(mpmath.erf, MAX_ERF),
    "zeta": _bounded(mpmath.zeta, MAX_ZETA),
    "binom": _bounded(mpmath.binomial, MAX_GAMMA),
    "C": _bounded(mpmath.binomial, MAX_GAMMA),
    "P": _bounded(mpmath.ff, MAX_GAMMA),
    "re": mpmath.re,
    "im": mpmath.im,
    "conj": mpmath.conj,
    "arg": mpmath.arg,
    "sgn": _real(mpmath.sign),
    "mod": _real(_modulo),
    "arccot": _bounded(_arccot, MAX_ANGLE),
    "floor": _real(mpmath.floor),
    "ceil": _real(mpmath.ceil),
    "max": _real(max),
    "min": _real(min),
    "gcd": _bounded(_integers(math.gcd), MAX_ANGLE),
    "lcm": _bounded(_integers(math.lcm), MAX_ANGLE),
    **{name: _bounded(getattr(mpmath, name), MAX_ANGLE) for name in _ANGLES[:6]},
    **{name: _bounded(getattr(mpmath, name), MAX_DETERMINATE) for name in _ANGLES[6:]},
    **{name: _bounded(getattr(mpmath, other), MAX_ANGLE) for name, other in _INVERSES.items()},
}
