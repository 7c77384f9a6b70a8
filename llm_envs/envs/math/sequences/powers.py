r"""Multiples of powers with a variable exponent, as text."""

from __future__ import annotations

from llm_envs.envs.math.latex import Number, number

__all__ = ["times_power"]


def times_power(factor: Number, base: int, exponent: str = "x") -> str:
    r"""`3 \cdot 2^x`, `-2^x`; the factor alone where the base is 1."""
    if base == 1:
        return number(factor)
    power = f"{base}^{exponent}"
    if abs(factor) == 1:
        return power if factor > 0 else f"-{power}"
    return f"{number(factor)} \\cdot {power}"
