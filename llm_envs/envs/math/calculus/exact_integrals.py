r"""Definite integrals of exponentials, sines and roots, whose values hold e, \pi and square roots."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import combination, number, polynomial, ratio, root
from llm_envs.envs.math.problem import Problem

__all__ = ["exact_integral"]


def exact_integral(rng: np.random.Generator, difficulty: int) -> Problem:
    """By primitives, by parts, by substitution, by parts twice."""
    draws = uniforms(rng, 8)
    makers = (_exponential, _wave, _exponential_by_parts, _wave_by_parts, _circle, _twice_by_parts)
    low, high, integrand, answer, steps = makers[difficulty](draws)
    return Problem(f"Evaluate $\\int_{{{low}}}^{{{high}}} {integrand} \\, dx$.", answer, steps)


Answer = tuple[str, str, str, str, list[str]]


class _Angle(NamedTuple):
    r"""`share` times \pi, with its sine and cosine as a multiple of the root of an integer."""

    share: Fraction
    sine: tuple[Fraction, int]
    cosine: tuple[Fraction, int]


_HALF = Fraction(1, 2)
_ANGLES = (
    _Angle(Fraction(1, 6), (_HALF, 1), (_HALF, 3)),
    _Angle(Fraction(1, 4), (_HALF, 2), (_HALF, 2)),
    _Angle(Fraction(1, 3), (_HALF, 3), (_HALF, 1)),
    _Angle(Fraction(1, 2), (Fraction(1), 1), (Fraction(0), 1)),
    _Angle(Fraction(2, 3), (_HALF, 3), (-_HALF, 1)),
    _Angle(Fraction(3, 4), (_HALF, 2), (-_HALF, 2)),
    _Angle(Fraction(5, 6), (_HALF, 1), (-_HALF, 3)),
    _Angle(Fraction(1), (Fraction(0), 1), (Fraction(-1), 1)),
)


def _exponential(draws: Iterator[float]) -> Answer:
    factor, rate = between(next(draws), 1, 40), _rate(draws, 9)
    low = between(next(draws), -2, 2)
    high = low + between(next(draws), 1, 3)
    over = Fraction(factor, rate)
    answer = combination([(over, _e(rate * high)), (-over, _e(rate * low))])
    steps = [
        f"A primitive is $F(x) = {combination([(over, _exp(rate))])}$.",
        f"$F({high}) - F({low})$ is the value.",
    ]
    return str(low), str(high), combination([(factor, _exp(rate))]), answer, steps


def _wave(draws: Iterator[float]) -> Answer:
    factor, k, angle = between(next(draws), 1, 50), between(next(draws), 2, 9), one_of(next(draws), _ANGLES)
    inside = f"({k}x)"
    if next(draws) < 0.5 and angle.sine[0]:
        wave, primitive, value = "\\cos", combination([(Fraction(factor, k), f"\\sin{inside}")]), [_surd(angle.sine)]
    else:
        wave, primitive = "\\sin", combination([(Fraction(-factor, k), f"\\cos{inside}")])
        value = [_surd(angle.cosine, -1), (Fraction(1), "")]
    answer = _scaled(value, Fraction(factor, k))
    high = _pi(angle.share / k)
    steps = [
        f"A primitive is $F(x) = {primitive}$.",
        (
            f"At the upper end ${inside[1:-1]} = {_pi(angle.share)}$, and $\\sin {_pi(angle.share)} = "
            f"{_text(angle.sine)}$, $\\cos {_pi(angle.share)} = {_text(angle.cosine)}$."
        ),
        f"$F({high}) - F(0) = {answer}$",
    ]
    return "0", high, combination([(factor, f"{wave}{inside}")]), answer, steps


def _exponential_by_parts(draws: Iterator[float]) -> Answer:
    a, b, rate, high = nonzero(next(draws), 9), nonzero(next(draws), 12), _rate(draws, 5), between(next(draws), 1, 3)
    p = [Fraction(a, rate), Fraction(b, rate) - Fraction(a, rate * rate)]
    steps = [
        (
            f"By parts, with $u = {polynomial([a, b])}$ and $v' = {_exp(rate)}$: $u' = {a}$, $v = "
            f"{_over(_exp(rate), rate)}$."
        ),
        f"A primitive is $uv - \\int u'v \\, dx$, that is, $F(x) = ({polynomial(p)}){_exp(rate)}$.",
        f"$F({high}) = {combination([(p[0] * high + p[1], _e(rate * high))])}$",
        f"$F(0) = {number(p[1])}$",
    ]
    answer = combination([(p[0] * high + p[1], _e(rate * high)), (-p[1], "")])
    return "0", str(high), f"({polynomial([a, b])}){_exp(rate)}", answer, steps


def _wave_by_parts(draws: Iterator[float]) -> Answer:
    a, b, k, angle = (
        nonzero(next(draws), 9),
        nonzero(next(draws), 9),
        between(next(draws), 2, 6),
        one_of(next(draws), _ANGLES),
    )
    (sine, under), (cosine, below) = angle.sine, angle.cosine
    along, height = Fraction(a) * angle.share / (k * k), Fraction(b, k)
    if next(draws) < 0.5:
        wave, other, sign = "\\sin", "\\cos", -1
        value = [
            (-along * cosine, below, "\\pi"),
            (-height * cosine, below, ""),
            (Fraction(a, k * k) * sine, under, ""),
        ]
        value.append((height, 1, ""))
    else:
        wave, other, sign = "\\cos", "\\sin", 1
        value = [(along * sine, under, "\\pi"), (height * sine, under, ""), (Fraction(a, k * k) * cosine, below, "")]
        value.append((-Fraction(a, k * k), 1, ""))
    answer = _collected(value)
    high, turn = _pi(angle.share / k), _pi(angle.share)
    first = combination([(Fraction(sign, k), f"({polynomial([a, b])}){other}({k}x)")])
    primitive = f"{first} {'+' if a > 0 else '-'} {combination([(Fraction(abs(a), k * k), f'{wave}({k}x)')])}"
    steps = [
        (
            f"By parts, with $u = {polynomial([a, b])}$ and $v' = {wave}({k}x)$: $u' = {a}$, $v = "
            f"{combination([(Fraction(sign, k), f'{other}({k}x)')])}$."
        ),
        f"A primitive is $uv - \\int u'v \\, dx$, that is, $F(x) = {primitive}$.",
        (
            f"At the upper end ${k}x = {turn}$, with $\\sin {turn} = {_text(angle.sine)}$ and $\\cos {turn} = "
            f"{_text(angle.cosine)}$."
        ),
        f"$F({high}) - F(0) = {answer}$",
    ]
    return "0", high, f"({polynomial([a, b])}){wave}({k}x)", answer, steps


def _circle(draws: Iterator[float]) -> Answer:
    """With x = r sin t the integrand becomes the square of a cosine."""
    factor, radius, angle = between(next(draws), 1, 40), between(next(draws), 2, 40), one_of(next(draws), _ANGLES[:4])
    (sine, under), (cosine, below) = angle.sine, angle.cosine
    half = Fraction(factor * radius**2, 2)
    inside, radicand = (under, 1) if under == below else (1, under * below)
    answer = _collected([(half * angle.share, 1, "\\pi"), (half * sine * cosine * inside, radicand, "")])
    high = root(under, sine * radius)
    steps = [
        f"Put $x = {radius}\\sin t$: $dx = {radius}\\cos t \\, dt$, and the root becomes ${radius}\\cos t$.",
        f"The upper end is $\\sin t = {_text(angle.sine)}$, so $t = {_pi(angle.share)}$.",
        f"The integral is ${factor * radius**2} \\int_0^{{{_pi(angle.share)}}} \\cos^2 t \\, dt$.",
        "Since $\\cos^2 t = \\frac{1}{2}(1 + \\cos(2t))$, a primitive is $\\frac{1}{2}(t + \\sin t \\cos t)$.",
        f"At $t = 0$ this is 0; at the upper end $\\cos t = {_text(angle.cosine)}$.",
        f"So the value is ${number(half)}({_pi(angle.share)} + {_text(angle.sine)} \\cdot {_text(angle.cosine)})$.",
    ]
    return "0", high, combination([(factor, f"\\sqrt{{{radius**2} - x^2}}")]), answer, steps


def _twice_by_parts(draws: Iterator[float]) -> Answer:
    factor, wave, times = between(next(draws), 1, 60), between(next(draws), 1, 9), nonzero(next(draws), 4)
    rate, square = wave * times, wave * wave * (1 + times * times)
    with_sine, inside = next(draws) < 0.5, f"({polynomial([wave, 0])})"
    exponential = _exp(rate)
    whole = Fraction(factor * (wave if with_sine else -rate), square)
    answer = combination([(whole, f"e^{{{combination([(times, chr(92) + 'pi')])}}}"), (whole, "")])
    if with_sine:
        inner = combination([(rate, f"\\sin{inside}"), (-wave, f"\\cos{inside}")])
    else:
        inner = combination([(rate, f"\\cos{inside}"), (wave, f"\\sin{inside}")])
    name = "\\sin" if with_sine else "\\cos"
    steps = [
        f"Let $J$ be the indefinite integral of ${exponential}{name}{inside}$.",
        "By parts twice, each time with the exponential as the factor that is integrated, $J$ comes back:",
        f"${combination([(rate * rate, 'J')])} = {combination([(1, f'{exponential}({inner})'), (-wave * wave, 'J')])}$",
        f"So $J = {ratio(exponential, square)}({inner})$.",
        f"At $x = {_pi(Fraction(1, wave))}$ the sine is 0 and the cosine is $-1$; at 0 they are 0 and 1.",
        f"The difference, times {factor}: ${answer}$.",
    ]
    return "0", _pi(Fraction(1, wave)), combination([(factor, f"{exponential}{name}{inside}")]), answer, steps


def _rate(draws: Iterator[float], largest: int) -> int:
    """Other than 0, 1 and -1."""
    rate = nonzero(next(draws), largest - 1)
    return rate + 1 if rate > 0 else rate - 1


def _exp(rate: int) -> str:
    return f"e^{{{polynomial([rate, 0])}}}"


def _e(power: int) -> str:
    return f"e^{{{power}}}" if power else ""


def _over(text: str, divisor: int) -> str:
    return combination([(Fraction(1, divisor), text)])


def _pi(share: Fraction) -> str:
    r"""`\pi`, `\frac{2\pi}{3}`."""
    top = combination([(share.numerator, "\\pi")])
    return top if share.denominator == 1 else ratio(top, share.denominator)


def _surd(value: tuple[Fraction, int], sign: int = 1) -> tuple[Fraction, str]:
    factor, radicand = value
    return sign * factor, "" if radicand == 1 else f"\\sqrt{{{radicand}}}"


def _text(value: tuple[Fraction, int]) -> str:
    return combination([_surd(value)])


def _scaled(terms: list[tuple[Fraction, str]], factor: Fraction) -> str:
    total: dict[str, Fraction] = {}
    for multiple, symbol in terms:
        total[symbol] = total.get(symbol, Fraction(0)) + multiple * factor
    return combination([(multiple, symbol) for symbol, multiple in total.items()])


def _collected(terms: list[tuple[Fraction, int, str]]) -> str:
    """A sum of `factor sqrt(radicand) symbol`, like terms put together."""
    return _scaled(
        [(factor, _surd((Fraction(1), radicand))[1] + symbol) for factor, radicand, symbol in terms], Fraction(1)
    )
