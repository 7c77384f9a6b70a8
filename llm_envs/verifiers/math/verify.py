"""`math(reply, reference)`: the verdict on a mathematical answer.

Layers, cheapest first: extract the answer, compare plain integers, normalise, parse, decide by exact arithmetic, by
many digits, by the rules for sets, tuples, intervals and equations, and at last by SymPy in a process that is killed
after `SYMBOLIC_TIMEOUT_S`.

What it means by right and wrong is `verifiers/math.jsonl`, row by row; an answer there may be
`{"repeat": [before, unit, times, after]}`, so that a megabyte of brackets stays one short line.

Covered: integers, fractions, decimals (repeating ones too), percentages, mixed numbers, powers, roots, polynomials and
rational functions in any number of variables, elementary functions, complex numbers, sets, lists, tuples, intervals and
their unions, inequalities, equations up to a factor, `x = ...`, vectors and matrices, units without conversion, words,
choices. A calculation, an equation, an inequality or an operation on sets that is left to do is no answer where the
reference is its result.

Not covered: sums, integrals, limits and derivatives left standing (they are no results), unit conversion, dates, the
form of an expression (factored, expanded), arithmetic left to do inside a tuple or set.
"""

from __future__ import annotations

import re
from typing import Any, Unpack

from llm_envs.errors import BadOption
from llm_envs.types import Part, Verdict, VerdictStatus
from llm_envs.verifiers.math.compare import EQUAL, Decision, compare
from llm_envs.verifiers.math.exact import Undefined
from llm_envs.verifiers.math.extract import extract
from llm_envs.verifiers.math.forms import stated, unfinished
from llm_envs.verifiers.math.normalise import normalise, split_unit
from llm_envs.verifiers.math.parser import MAX_CHARS, Node, Unreadable, parse, symbols
from llm_envs.verifiers.math.reference import Reference, choice_of, read_reference, words_of
from llm_envs.verifiers.math.rules import MathOptions, Rules, make_rules
from llm_envs.workers import WorkerPool

__all__ = ["math", "read_answer"]

SYMBOLIC_TIMEOUT_S = 1.5
"""What SymPy can simplify at all, it nearly always simplifies in a fraction of this; and with the start of a first
worker, or of thirty at once, a check is still over within 2.5 s."""
SYMBOLIC_MEMORY_MIB = 512
SYMBOLIC_WORKERS = 32
"""One hanging answer must not make another wait; idle slots cost nothing, processes start when needed."""
SHOWN_CHARS = 200
"""Of an answer in a verdict."""

_pool = WorkerPool(
    "llm_envs.verifiers.math.symbolic:judge",
    size=SYMBOLIC_WORKERS,
    timeout_s=SYMBOLIC_TIMEOUT_S,
    memory_mib=SYMBOLIC_MEMORY_MIB,
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,1000}")
_COMMA_IN_NUMBER = re.compile(r"(?<=\d),(?=\d{3})")


def math(reply: str, reference: Any, **options: Unpack[MathOptions]) -> Verdict:
    """Whether `reply` gives the answer `reference`.

    Args:
        reply: what the policy wrote; any text at all gets a verdict.
        reference: text (LaTeX or plain), an int, Fraction, Decimal or float, or a set, tuple or list of these; or
            what `math_reference` made of one.
        options: percent, tolerance, units, order, degrees, restatement; see `llm_envs.verifiers.math.rules.Rules`.

    Returns:
        One part, `correct`, 1 or 0. `details` hold what was taken from the reply and by which rule. A check that ran
        out of time is 0 with status `timeout`.

    Raises:
        BadReference: the reference cannot be read.
        BadOption: the reply is no text, which no policy did; or an option is none of those named.
        WorkerLost: no process could be started for SymPy.
    """
    rules = make_rules(options)
    wanted = read_reference(reference)
    found = extract(_checked_text(reply), wanted.size)
    status: VerdictStatus = "ok"
    if not found.items:
        decision = Decision(False, found.note)
    elif wanted.integer is not None and len(found.items) == 1 and _INTEGER.fullmatch(found.items[0]):
        decision = _integers(int(found.items[0]), wanted)
    else:
        decision, status = _judge(found.items, wanted, rules)
    shown = _shown(", ".join(found.items))
    part = Part("correct", float(decision.equal is True))
    return Verdict((part,), status, _sentence(decision, shown, wanted), {"answer": shown, "rule": found.rule})


def _checked_text(reply: Any) -> str:
    if isinstance(reply, str):
        return reply
    raise BadOption(
        "the reply is no text",
        expected="what a policy wrote, as str, before the reference",
        received=reply,
        next_step="Call verifiers.math(reply, reference), in this order.",
    )


def _integers(answer: int, wanted: Reference) -> Decision:
    return EQUAL if answer == wanted.integer else Decision(False, "the values differ")


def _judge(texts: tuple[str, ...], wanted: Reference, rules: Rules) -> tuple[Decision, VerdictStatus]:
    if sum(map(len, texts)) > MAX_CHARS:
        return Decision(False, f"it has more than {MAX_CHARS:,} characters"), "ok"
    normal = [normalise(text) for text in texts]
    if not all(normal):
        return Decision(False, "it is empty"), "ok"
    if wanted.node is None:
        return _words(", ".join(normal), wanted), "ok"
    try:
        decision, status = _trees(normal, wanted, wanted.node, rules)
        if decision.equal is False and wanted.size > 1 and any(map(_COMMA_IN_NUMBER.search, normal)):
            apart = [_COMMA_IN_NUMBER.sub(", ", text) for text in normal]
            decision, status = _trees(apart, wanted, wanted.node, rules)
    except (Unreadable, Undefined) as error:
        return Decision(False, str(error)), "ok"
    return decision, status


def _words(normal: str, wanted: Reference) -> Decision:
    given = choice_of(normal) if wanted.choice else words_of(normal)
    right = wanted.choice or wanted.words
    return EQUAL if given == right else Decision(False, "it says something else")


def _trees(normal: list[str], wanted: Reference, node: Node, rules: Rules) -> tuple[Decision, VerdictStatus]:
    answer, unit = read_answer(normal, symbols(node))
    if unit and wanted.unit and unit != wanted.unit:
        return Decision(False, f"the unit is {unit}, not {wanted.unit}"), "ok"
    if wanted.literal and not rules.restatement and unfinished(stated(answer, node), node):
        return Decision(False, "the calculation is left to do"), "ok"
    decision = compare(answer, node, rules)
    if decision.equal is None and symbols(answer) and symbols(node):
        return _by_symbols(answer, node, rules)
    return decision, "ok"


def read_answer(normal: list[str], names: frozenset[str]) -> tuple[Node, str]:
    """The tree of an answer, a list for several boxes, and its unit: what is a name in the reference is none."""
    nodes, unit = [], ""
    for text in normal:
        body, unit = split_unit(text)
        if unit in names:
            body, unit = text, ""
        nodes.append(parse(body))
    return (nodes[0] if len(nodes) == 1 else ("list", tuple(nodes))), unit


def _by_symbols(answer: Node, reference: Node, rules: Rules) -> tuple[Decision, VerdictStatus]:
    outcome = _pool.call((answer, reference, rules))
    if outcome.status == "ok":
        return Decision(*outcome.value), "ok"
    if outcome.status == "timeout":
        return Decision(False, f"comparing them takes longer than {SYMBOLIC_TIMEOUT_S:g} s"), "timeout"
    return Decision(False, f"comparing them failed ({outcome.detail})"), "error"


def _sentence(decision: Decision, shown: str, wanted: Reference) -> str:
    if not shown:
        return f"No answer: {decision.reason}."
    if decision.equal:
        return f"{shown} is right." if decision == EQUAL else f"{shown} is right: {decision.reason}."
    return f"{shown} is not {_shown(wanted.shown)}: {decision.reason}."


def _shown(text: str) -> str:
    text = text.strip().encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}..."
