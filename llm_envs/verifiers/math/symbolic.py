"""The last resort: SymPy, on trees our own parser built, in a worker that is killed when it takes too long.

Runs in worker processes only (`llm_envs.workers`); the caller never imports this module, nor SymPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sympy  # type: ignore[import-untyped]

from llm_envs.verifiers.math.compare import Decision, compare
from llm_envs.verifiers.math.parser import Node
from llm_envs.verifiers.math.rules import Rules

__all__ = ["judge"]


def judge(job: tuple[Node, Node, Rules]) -> Decision:
    """Compare an answer with a reference, SymPy deciding what nothing else could."""
    answer, reference, rules = job
    return compare(answer, reference, rules._replace(fallback=_equal))


def _equal(left: Node, right: Node) -> bool | None:
    difference = _build(left) - _build(right)
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
    if kind == "call":
        return _CALLS[node[1]](*map(_build, node[2]))
    parts = [_build(part) for part in (node[1] if kind in {"add", "mul"} else node[1:])]
    return _OPERATIONS[kind](*parts)


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
    "log": lambda value, base: sympy.log(value) / sympy.log(base),
    "abs": sympy.Abs,
    "fact": sympy.factorial,
    "binom": sympy.binomial,
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
