"""The few values of standard distributions that intervals and tests need.

What it deliberately does not do: quantiles at other levels than `LEVEL`; one level everywhere keeps figures comparable.

Source: Student's tail, Abramowitz & Stegun (1964), 26.7.1, as an integral over the angle whose tangent is t over the
root of the degrees; Gauss-Legendre quadrature gives it to more than nine digits.
"""

from __future__ import annotations

import functools
import math
from statistics import NormalDist

import numpy as np

__all__ = ["LEVEL", "NORMAL", "POWER", "Z_LEVEL", "Z_POWER", "exact_binomial_p", "t_quantile", "t_tail"]

LEVEL = 0.95
"""Of every interval."""

POWER = 0.8
"""With which a difference is called detectable."""

NORMAL = NormalDist()
Z_LEVEL = NORMAL.inv_cdf((1 + LEVEL) / 2)
Z_POWER = NORMAL.inv_cdf(POWER)

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_WIDTHS = 14.0
"""Standard deviations after which a tail has no part that a float could hold beside its beginning."""

_BISECTIONS = 60


def t_tail(t: float, degrees: int) -> float:
    """The probability that Student's t with `degrees` degrees of freedom, at least 1, exceeds `t`, at least 0."""
    start = math.atan(t / math.sqrt(degrees))
    end = min(math.pi / 2, start + _WIDTHS / math.sqrt(degrees))
    angles = start + (end - start) * (_NODES + 1) / 2
    area = (end - start) / 2 * float(_WEIGHTS @ np.cos(angles) ** (degrees - 1))
    log_whole = math.lgamma(degrees / 2) - math.lgamma((degrees + 1) / 2) + math.log(math.pi) / 2
    return area / math.exp(log_whole)


@functools.cache
def t_quantile(degrees: int) -> float:
    """Half the width of a `LEVEL` interval, in standard errors that were estimated with `degrees` degrees."""
    low, high = 0.0, math.pi / 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        too_small = t_tail(math.sqrt(degrees) * math.tan(middle), degrees) > (1 - LEVEL) / 2
        low, high = (middle, high) if too_small else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def exact_binomial_p(first: int, second: int) -> float:
    """How often a fair coin falls at least as unevenly as `first` to `second`: two-sided, exact, 1 for no throws."""
    throws = first + second
    i = np.arange(1, min(first, second) + 1)
    log_counts = np.concatenate([[0.0], np.cumsum(np.log((throws - i + 1) / i))])
    return min(1.0, 2 * float(np.exp(log_counts - throws * math.log(2)).sum()))
