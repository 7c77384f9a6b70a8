"""`math(reply, reference)`: the verdict on a mathematical answer.

Layers, cheapest first: extract the answer, compare plain integers, normalise, parse, decide by exact arithmetic, by
many digits, by the rules for sets, tuples, intervals and equations, and at last by SymPy in a process that is killed
after `SYMBOLIC_TIMEOUT_S`.

What it means by right and wrong is `verifiers/math.jsonl`, row by row; an answer there may be
`{"repeat": [before, unit, times, after]}`, so that a megabyte of brackets stays one short line.

Covered: integers, fractions, decimals (repeating ones too), percentages, mixed numbers, powers, roots, polynomials and
rational functions in any number of variables, elementary functions, complex numbers, factorials and binomials in every
notation, remainders and congruences, sets (described ones too), lists, tuples, intervals and their unions,
inequalities, equations up to a factor, definitions of functions, systems and their solutions, general solutions with
an integer parameter, piecewise functions, vectors and matrices, constants of integration, numbers in words, quantities
in convertible units, dates, times of day, words, choices. Sums, products, limits, integrals and derivatives are
compared with each other. A calculation, an equation, an inequality, an operation on sets, a sum or an integral that is
left to do is no answer where the reference is its result, nor is it inside a tuple, set or matrix.

Not covered: the form of an expression (factored, expanded), products and powers of matrices, double integrals over
regions, solution sets of equations in several unknowns.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Unpack

from llm_envs.errors import BadOption
from llm_envs.types import Part, Verdict, VerdictStatus
from llm_envs.verifiers.math import opinion
from llm_envs.verifiers.math.compare import EQUAL, Decision
from llm_envs.verifiers.math.extract import Extraction, extract
from llm_envs.verifiers.math.judge import Job, judge
from llm_envs.verifiers.math.parser import MAX_CHARS
from llm_envs.verifiers.math.reference import Reference, read_reference
from llm_envs.verifiers.math.rules import MathOptions, Rules, make_rules
from llm_envs.workers import Outcome, WorkerPool

__all__ = ["close", "math", "math_async", "math_many"]

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
_LOOSE = re.compile(r"[\s${}.]+")
_UNDECIDED = Decision(None)


def math(reply: str, reference: Any, **options: Unpack[MathOptions]) -> Verdict:
    """Whether `reply` gives the answer `reference`.

    Safe in any thread, and in an event loop for as long as nobody minds a wait of `SYMBOLIC_TIMEOUT_S`; see
    `math_async`.

    Args:
        reply: what the policy wrote; any text at all gets a verdict.
        reference: text (LaTeX or plain), an int, Fraction, Decimal or float, or a set, tuple or list of these; or
            what `math_reference` made of one.
        options: see `llm_envs.verifiers.math.rules.Rules`: percent, tolerance, units, order, degrees, restatement,
            second_opinion.

    Returns:
        One part, `correct`, 1 or 0. `details` hold what was taken from the reply and by which rule. A check that ran
        out of time is 0 with status `timeout`.

    Raises:
        BadReference: the reference cannot be read.
        BadOption: the reply is no text, which no policy did; or an option is none of those named.
        MissingExtra: a second opinion is wanted, and Math-Verify is not installed.
        WorkerLost: no process could be started for SymPy.
    """
    check = _begin(reply, reference, make_rules(options))
    return check if isinstance(check, Verdict) else check.settle()


def math_many(replies: Sequence[str], references: Sequence[Any], **options: Unpack[MathOptions]) -> list[Verdict]:
    """`math` for a batch, in order; those that need SymPy run side by side.

    Args:
        replies: N texts.
        references: N references, one for each reply; equal ones are read once.

    Raises:
        BadOption: there are not as many references as replies; and whatever `math` raises.
    """
    if isinstance(references, str) or len(replies) != len(references):
        raise BadOption(
            "replies and references do not match",
            expected=f"{len(replies)} references, one for each reply",
            received=references,
            next_step="For one reference and many replies, pass [reference] * len(replies).",
        )
    rules = make_rules(options)
    checks = [_begin(reply, reference, rules) for reply, reference in zip(replies, references, strict=True)]
    open_checks = [check for check in checks if isinstance(check, _Undecided)]
    if not open_checks:
        return [check for check in checks if isinstance(check, Verdict)]
    with ThreadPoolExecutor(min(len(open_checks), SYMBOLIC_WORKERS)) as threads:
        settled = threads.map(_Undecided.settle, open_checks)
        return [check if isinstance(check, Verdict) else next(settled) for check in checks]


def close() -> None:
    """End every process that maths checks have started; the next check that needs one starts it again."""
    _pool.close()
    opinion.close()


async def math_async(reply: str, reference: Any, **options: Unpack[MathOptions]) -> Verdict:
    """`math` in an event loop: what needs SymPy is waited for without holding up the loop.

    It has a thread of its own, lest answers that hang fill the loop's few.
    """
    check = _begin(reply, reference, make_rules(options))
    if isinstance(check, Verdict):
        return check
    thread = ThreadPoolExecutor(1)
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, check.settle)
    finally:
        thread.shutdown(wait=False)


class _Check(NamedTuple):
    """One answer against one reference."""

    found: Extraction
    wanted: Reference

    def verdict(self, decision: Decision, status: VerdictStatus = "ok") -> Verdict:
        shown = _shown(", ".join(self.found.items))
        part = Part("correct", float(decision.equal is True))
        details = {"answer": shown, "rule": self.found.rule}
        return Verdict((part,), status, _sentence(decision, shown, self.wanted), details)


class _Undecided(NamedTuple):
    """A check that another process has to settle: by SymPy, or by a second opinion."""

    check: _Check
    job: Job | None
    rules: Rules

    def settle(self) -> Verdict:
        decision, status = self._by_symbols(self.job) if self.job else (_UNDECIDED, "ok")
        if decision.equal is None and self.rules.second_opinion:
            decision, status = _second_opinion(self.check)
        return self.check.verdict(decision, status)

    def _by_symbols(self, job: Job) -> tuple[Decision, VerdictStatus]:
        return _decision_of(_pool.call(job), SYMBOLIC_TIMEOUT_S)


def _second_opinion(check: _Check) -> tuple[Decision, VerdictStatus]:
    answer = ", ".join(check.found.items)
    return _decision_of(opinion.ask(answer, check.wanted.shown), opinion.TIMEOUT_S)


def _decision_of(outcome: Outcome, timeout_s: float) -> tuple[Decision, VerdictStatus]:
    if outcome.status == "ok":
        return Decision(*outcome.value), "ok"
    if outcome.status == "timeout":
        return Decision(False, f"comparing them takes longer than {timeout_s:g} s"), "timeout"
    return Decision(False, f"comparing them failed ({outcome.detail})"), "error"


def _begin(reply: str, reference: Any, rules: Rules) -> Verdict | _Undecided:
    """The verdict, as far as it can be had in this process."""
    wanted = read_reference(reference)
    check = _Check(extract(_checked_text(reply), wanted.size, wanted.kind), wanted)
    decision = EQUAL if _repeats(reply, wanted) else _decide(check.found, wanted, rules)
    if not isinstance(decision, Decision):
        return _Undecided(check, decision, rules)
    unsure = decision.equal is None and rules.second_opinion
    return _Undecided(check, None, rules) if unsure else check.verdict(decision)


def _repeats(reply: str, wanted: Reference) -> bool:
    """The reply is nothing but a reference in words, as it stands, formulas among them and all."""
    in_words = wanted.phrase is not None and len(reply) < 2 * len(wanted.shown) + SHOWN_CHARS
    return in_words and _bare(reply) == _bare(wanted.shown)


def _bare(text: str) -> str:
    return _LOOSE.sub("", text)


def _checked_text(reply: Any) -> str:
    if isinstance(reply, str):
        return reply
    raise BadOption(
        "the reply is no text",
        expected="what a policy wrote, as str, before the reference",
        received=reply,
        next_step="Call verifiers.math(reply, reference), in this order.",
    )


def _decide(found: Extraction, wanted: Reference, rules: Rules) -> Decision | Job:
    if not found.items:
        return Decision(False, found.note)
    if (
        wanted.integer is not None
        and rules.tolerance is None
        and len(found.items) == 1
        and _INTEGER.fullmatch(found.items[0])
    ):
        return EQUAL if int(found.items[0]) == wanted.integer else Decision(False, "the values differ")
    if sum(map(len, found.items)) > MAX_CHARS:
        return Decision(False, f"it has more than {MAX_CHARS:,} characters")
    return judge(found.items, wanted, rules)


def _sentence(decision: Decision, shown: str, wanted: Reference) -> str:
    if not shown:
        return f"No answer can be judged: {decision.reason}."
    if decision.equal:
        return f"{shown} is right." if decision == EQUAL else f"{shown} is right: {decision.reason}."
    return f"{shown} is not {_shown(wanted.shown)}: {decision.reason}."


def _shown(text: str) -> str:
    text = text.strip().encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}..."
