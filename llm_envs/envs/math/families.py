"""The family table: one row is one procedural family of `llm/Math-v0`. Adding a family is adding a row.

The order of rows is part of the env's version: a mixture draws rows by their place.
"""

from __future__ import annotations

from collections.abc import Collection

from llm_envs.envs.math import arithmetic, calculus, counting, equations, number_theory, polynomials, roots, sequences
from llm_envs.envs.math.problem import Family
from llm_envs.errors import BadOption, did_you_mean

__all__ = ["FAMILIES", "select"]

FAMILIES = (
    Family("arithmetic", "integer_expression", "integer", arithmetic.integer_expression),
    Family("arithmetic", "fraction_expression", "fraction", arithmetic.fraction_expression),
    Family("arithmetic", "percentage", "integer", arithmetic.percentage),
    Family("equations", "linear_equation", "fraction", equations.linear_equation),
    Family("equations", "linear_system", "tuple", equations.linear_system),
    Family("polynomials", "coefficient", "integer", polynomials.coefficient),
    Family("polynomials", "polynomial_search", "expression", polynomials.polynomial_search),
    Family("polynomials", "quadratic_equation", "set", roots.quadratic_equation),
    Family("polynomials", "inequality", "interval", roots.inequality),
    Family("number_theory", "divisibility", "integer", number_theory.divisibility),
    Family("number_theory", "remainder", "integer", number_theory.remainder),
    Family("number_theory", "congruence", "integer", number_theory.congruence),
    Family("counting", "committee", "integer", counting.committee),
    Family("counting", "urn", "fraction", counting.urn),
    Family("calculus", "derivative", "expression", calculus.derivative),
    Family("calculus", "integral", "fraction", calculus.integral),
    Family("sequences", "sequence", "integer", sequences.sequence),
)


def select(topics: str | Collection[str] | None) -> tuple[Family, ...]:
    """The families of these topics, or of these names; all of them for None. In the table's order.

    Raises:
        BadOption: a topic that no row has, or none at all.
    """
    if topics is None:
        return FAMILIES
    wanted = (topics,) if isinstance(topics, str) else topics
    if not isinstance(wanted, Collection) or not wanted:
        raise BadOption("no topic to draw tasks from", expected="topics= one or more topics, or None", received=topics)
    known = [word for family in FAMILIES for word in (family.topic, family.name)]
    for word in wanted:
        if word not in known:
            raise BadOption("unknown topic", received=word, next_step=did_you_mean(str(word), set(known)))
    return tuple(family for family in FAMILIES if family.topic in wanted or family.name in wanted)
