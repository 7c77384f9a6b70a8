"""Judge the texts taken from a reply by a reference: as a choice, a date, words, or mathematics.

A reference may be read in more than one of these ways (`(B) 12` is a choice and 12); one of them that holds is enough.
Reading the answer depends on the reference where the text alone leaves it open: what is a name there is no unit here,
and where one number is wanted `3,14` is one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from llm_envs.verifiers.math.budget import is_spent, one_check
from llm_envs.verifiers.math.choices import chosen
from llm_envs.verifiers.math.compare import EQUAL, Decision, compare
from llm_envs.verifiers.math.dates import is_sure, read_moment, same_moment
from llm_envs.verifiers.math.decimals import written
from llm_envs.verifiers.math.exact import Undefined, rational
from llm_envs.verifiers.math.forms import left_to_do, unfinished
from llm_envs.verifiers.math.normalise import normalise
from llm_envs.verifiers.math.numerals import comma_readings
from llm_envs.verifiers.math.parser import Unreadable, parse
from llm_envs.verifiers.math.phrases import as_node, read_phrase, same_phrase
from llm_envs.verifiers.math.quantities import Mismatch, Quantity, converted, split_unit
from llm_envs.verifiers.math.reference import Reference
from llm_envs.verifiers.math.rules import Rules
from llm_envs.verifiers.math.statements import stated
from llm_envs.verifiers.math.trees import SCALARS, Node, contains, symbols

__all__ = ["Job", "judge", "read_answer"]

Job = tuple[Node, Node, Rules]
"""What `symbolic.judge` takes."""

_LETTERS_OF_UNITS: Final = "mgsLhNJWVKA"
"""Single letters that are a unit behind a number, where the reference has no names."""
_RADIAN: Final = (("radian", 1),)
_EMPTY: Final = Decision(False, "it is empty")


def judge(texts: Sequence[str], wanted: Reference, rules: Rules) -> Decision | Job:
    """The decision, or what SymPy has to decide.

    Args:
        texts: what was taken from the reply; several boxes are several texts.
    """
    normal = [normalise(text) for text in texts]
    if not all(normal):
        return _EMPTY
    first = None
    with one_check():
        for way in _ways(wanted):
            decision = way(normal, wanted, rules)
            if not isinstance(decision, Decision) or decision.equal:
                return decision
            first = first or decision
    return first or _EMPTY


Way = Callable[[list[str], Reference, Rules], Decision | Job]


def _ways(wanted: Reference) -> Iterator[Way]:
    """The ways to judge by a reference, the more special first."""
    if wanted.choice is not None:
        yield _by_choice
    if wanted.moment is not None:
        yield _by_moment
    if wanted.phrase is not None:
        yield _by_words
    if wanted.node is not None:
        yield _by_trees


def _by_choice(normal: list[str], wanted: Reference, _rules: Rules) -> Decision:
    choice = chosen(", ".join(normal))
    if choice is None or wanted.choice is None:
        return Decision(False, "it does not choose one option")
    if choice.letters != wanted.choice.letters:
        return Decision(False, f"it chooses {choice.letters}, not {wanted.choice.letters}")
    if choice.option and wanted.choice.option and normalise(choice.option) != normalise(wanted.choice.option):
        return Decision(False, "its option says something else")
    return EQUAL


def _by_moment(normal: list[str], wanted: Reference, _rules: Rules) -> Decision:
    moment = read_moment(normal[0]) if len(normal) == 1 else None
    if moment is None or wanted.moment is None:
        return Decision(False, "it gives no date or time of day")
    return EQUAL if same_moment(moment, wanted.moment) else Decision(False, "it is another date or time of day")


def _by_words(normal: list[str], wanted: Reference, _rules: Rules) -> Decision:
    same = wanted.phrase is not None and same_phrase(read_phrase(", ".join(normal)), wanted.phrase)
    return EQUAL if same else Decision(False, "it says something else")


# Trees


def _by_trees(normal: list[str], wanted: Reference, rules: Rules) -> Decision | Job:
    """By the likeliest reading of the commas in it, or any other that is right."""
    decision = _by_tree(normal, wanted, rules)
    if not isinstance(decision, Decision) or decision.equal:
        return decision
    several = wanted.size > 1 or (wanted.node is not None and wanted.node[0] not in SCALARS)
    for reading in comma_readings(normal[0], several=several) if len(normal) == 1 else ():
        other = _by_tree([reading], wanted, rules)
        if not isinstance(other, Decision) or other.equal:
            return other
    if wanted.otherwise is not None:
        other = _by_trees(normal, wanted._replace(node=wanted.otherwise, otherwise=None, size=1), rules)
        return decision if isinstance(other, Decision) and not other.equal else other
    return decision


def _by_tree(normal: list[str], wanted: Reference, rules: Rules) -> Decision | Job:
    reference = Quantity(wanted.node or ("const", "empty"), wanted.unit)
    try:
        answer = read_answer(normal, reference.node)
        said = stated(answer.node, reference.node, strictly=False)
        if wanted.literal and not rules.restatement and unfinished(said, reference.node):
            return Decision(False, left_to_do(said))
        return _compared(answer, reference, rules)
    except (Unreadable, Undefined) as error:
        return Decision(None, str(error))
    except Mismatch as error:
        return Decision(False, str(error))


def read_answer(normal: Sequence[str], reference: Node) -> Quantity:
    """The tree of an answer, a list for several texts, and its unit.

    Raises:
        Unreadable: it is no mathematics.
        Mismatch: its parts have different units.
    """
    names = symbols(reference)
    parts = [_read(_exact(text, reference), names) for text in normal]
    if len(parts) == 1:
        return parts[0]
    units = {part.unit for part in parts if part.unit is not None}
    if len(units) > 1:
        raise Mismatch("its items have different units")
    return Quantity(("list", tuple(part.node for part in parts)), units.pop() if units else None)


def _exact(text: str, reference: Node) -> str:
    """The text without an approximation sign before it, which says that the value is no exact one."""
    bare = text.removeprefix("\\approx")
    if bare != text and written(reference) is None and rational(reference) is not None:
        raise Unreadable("an approximation was given where the exact value is wanted")
    return bare


def _read(text: str, names: frozenset[str]) -> Quantity:
    if ":" in text and read_moment(text) is not None and is_sure(text):
        raise Unreadable("a date or time of day was given where a number is wanted")
    body, unit = split_unit(text, names, "" if names else _LETTERS_OF_UNITS)
    try:
        node = parse(body)
    except Unreadable:
        meant = as_node(read_phrase(text))
        if meant is None:
            raise
        return Quantity(meant)
    return Quantity((as_node(read_phrase(text)) or node) if node[0] == "text" else node, unit)


def _compared(answer: Quantity, reference: Quantity, rules: Rules) -> Decision | Job:
    if rules.units == "required" and reference.unit is not None and answer.unit is None:
        raise Mismatch(f"the unit is missing ({reference.unit.name})")
    if any(_is_angle(one, other) for one, other in ((answer, reference), (reference, answer))):
        rules = rules._replace(degrees="exact")
    node = answer.node if rules.units == "ignored" else converted(answer, reference)
    decision = compare(node, reference.node, rules)
    if decision.equal is None and not is_spent() and _is_for_sympy(node, reference.node):
        return (node, reference.node, rules)
    if decision.equal is False and node is not answer.node and reference.unit is not None:
        return Decision(False, f"it is {_shown(node)} {reference.unit.name}")
    return decision


def _is_angle(one: Quantity, other: Quantity) -> bool:
    """One in radians against one in degrees."""
    return one.unit is not None and one.unit.dimension == _RADIAN and contains(other.node, "degree")


def _shown(node: Node) -> str:
    value = rational(node) if node[0] in SCALARS else None
    if value is None or abs(Fraction(value)) > sys.float_info.max:
        return "another number of"
    short = f"{float(value):.7g}"
    return short if Fraction(short) == value else f"about {short}"


def _is_for_sympy(answer: Node, reference: Node) -> bool:
    """Both have names, or one of them is a sum, an integral or a limit: what else is too large for numbers stays so."""
    return bool(symbols(answer) and symbols(reference)) or contains(answer, "bind") or contains(reference, "bind")
