"""The last resort: SymPy, on trees our own parser built, in a worker that is killed when it takes too long.

Runs in worker processes only (`llm_envs.workers`); the caller never imports this module, nor SymPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sympy  # type: ignore[import-untyped]

from llm_envs.verifiers.math.compare import Decision, compare
from llm_envs.verifiers.math.rules import Rules
from llm_envs.verifiers.math.trees import Node

__all__ = ["judge"]


def judge(job: tuple[Node, Node, Rules]) -> Decision:
    """Compare an answer with a reference, SymPy deciding what nothing else could."""
    answer, reference, rules = job
    return compare(answer, reference, rules._replace(fallback=_equal))


_FAR_APART: Final = 1e-3
"""What an integral may be off by when it is added up numerically; SymPy would take a second to solve it."""


def _equal(left: Node, right: Node) -> bool | None:
    try:
        return _same_value(left, right)
    except (ArithmeticError, KeyError, NotImplementedError, TypeError, ValueError):
        return None


def _same_value(left: Node, right: Node) -> bool | None:
    difference = _build(left) - _build(right)
    if difference.has(sympy.Integral) and not difference.free_symbols and abs(difference.evalf(10)) > _FAR_APART:
        return False
    difference = difference.doit()
    if difference == 0 or sympy.simplify(difference) == 0:
        return True
    found = difference.equals(0)
    return None if found is None else bool(found)


def _build(node: Node) -> Any:
    """The SymPy expression of a scalar tree."""
    kind = node[0]
    if kind in {"num", "dec", "mixed"}:
        return sympy.Rational(node[1].numerator, node[1].denominator)
    if kind == "sym":
        return sympy.Symbol(node[1])
    if kind == "const":
        return _CONSTANTS[node[1]]
    if kind == "bind":
        return _BINDINGS[node[1]](_build(node[4]), sympy.Symbol(node[2]), *map(_build, node[3]))
    if kind == "call":
        return _CALLS[node[1]](*map(_build, node[2]))
    parts = [_build(part) for part in (node[1] if kind in {"add", "mul"} else node[1:])]
    return _OPERATIONS[kind](*parts)


_BINDINGS: Final[dict[str, Callable[..., Any]]] = {
    "sum": lambda body, name, low, high: sympy.Sum(body, (name, low, high)),
    "prod": lambda body, name, low, high: sympy.Product(body, (name, low, high)),
    "int": lambda body, name, low, high: sympy.Integral(body, (name, low, high)),
    "lim": lambda body, name, target: sympy.Limit(body, name, target, "+-"),
    "lim+": lambda body, name, target: sympy.Limit(body, name, target, "+"),
    "lim-": lambda body, name, target: sympy.Limit(body, name, target, "-"),
}
_CONSTANTS: Final = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "inf": sympy.oo}
_OPERATIONS: Final[dict[str, Callable[..., Any]]] = {
    "add": sympy.Add,
    "mul": sympy.Mul,
    "div": lambda above, below: above / below,
    "pow": sympy.Pow,
    "neg": lambda value: -value,
    "percent": lambda value: value / 100,
    "degree": lambda value: value * sympy.pi / 180,
}
_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "root": sympy.root,
    "log": lambda value, base=sympy.E: sympy.log(value) / sympy.log(base),
    "diff": sympy.Derivative,
    "primitive": sympy.Integral,
    "abs": sympy.Abs,
    "fact": sympy.factorial,
    "fact2": sympy.factorial2,
    "gamma": sympy.gamma,
    "zeta": sympy.zeta,
    "erf": sympy.erf,
    "binom": sympy.binomial,
    "C": sympy.binomial,
    "P": sympy.ff,
    "re": sympy.re,
    "im": sympy.im,
    "conj": sympy.conjugate,
    "arg": sympy.arg,
    "sgn": sympy.sign,
    "mod": sympy.Mod,
    "arccot": lambda value: sympy.pi / 2 - sympy.atan(value),
    "floor": sympy.floor,
    "ceil": sympy.ceiling,
    "max": sympy.Max,
    "min": sympy.Min,
    "gcd": lambda *values: sympy.gcd_list(values),
    "lcm": lambda *values: sympy.lcm_list(values),
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
    "arsinh": sympy.asinh,
    "arcosh": sympy.acosh,
    "artanh": sympy.atanh,
    **{name: getattr(sympy, name) for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")},
}
