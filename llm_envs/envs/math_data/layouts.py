r"""What the columns of a data set mean: where the question stands, and how its answer is written.

| layout | question | answer |
|---|---|---|
| `gsm8k` | `question` | `answer` ends in `#### 42`; what stands before is the solution |
| `math` | `problem` | `answer`, or else the last `\boxed{}` of `solution` |
| `aime` | `problem` or `question` | `answer` |
| `amc` | `problem` or `question`, `choices` or `options` | `answer` is the letter of the right choice |

Columns are found in any case; `prompt` may stand for the question, `final_answer` or `expected_answer` for the answer,
and any other is named: `question=`, `answer=`, `solution=`. `level`, `subject` or `type` are kept as they are.

Source: the published files of GSM8K (arXiv 2110.14168) and MATH (arXiv 2103.03874); the common copies of AIME and AMC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from llm_envs.envs.math_data.files import Row
from llm_envs.errors import BadDataset, BadOption, BadTask, did_you_mean
from llm_envs.verifiers.math.extract import boxes_of

__all__ = ["LAYOUTS", "Columns", "Layout", "Problem", "choose"]

_LETTERS = "ABCDEFGHIJ"
_LETTER_WANTED = "Answer with the letter of the right choice."
_FINAL = "####"
_CALCULATOR_NOTE = re.compile(r"<<[^<>]*>>")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_MARKS = re.compile(r"</?think>|\\(?:boxed|fbox)(?![A-Za-z])")
_LABEL = re.compile(r"\s*(?:\([A-J]\)|[A-J][.):])\s+")
_CHOSEN = re.compile(r"\s*\(?([A-Ja-j])\)?[.:]?\s*")


class Columns(NamedTuple):
    """The columns that the user names; None leaves one to the layout."""

    question: str | None = None
    answer: str | None = None
    solution: str | None = None


class Problem(NamedTuple):
    """One question with its answer.

    Args:
        place: where it stands in the data set.
        question: as the policy sees it, choices included.
        answer: as the verifier takes it.
        solution: worked, where the data set has one; without boxes.
        split: `train`, `validation`, `test`, or "" where the data set does not say.
        notes: level and subject, where it has them.
    """

    place: str
    question: str
    answer: str
    solution: str
    split: str
    notes: dict[str, str]


class Layout(NamedTuple):
    """A way to lay out questions, with the columns of one data set.

    Args:
        question, answer, solution, choices: column names; "" for one that there is not.
        take: the answer and the solution of a row.
    """

    name: str
    question: str
    answer: str
    solution: str
    choices: str
    take: Callable[[Layout, Mapping[str, Any]], tuple[str, str]]

    def problem(self, row: Row) -> Problem:
        """The problem of a row.

        Raises:
            BadTask: the row has no question, no answer, or an answer that is none of its choices.
        """
        question = _text(row.fields, self.question)
        answer, solution = self.take(self, row.fields)
        if self.choices:
            listed = [f"({letter}) {choice}" for letter, choice in self._choices(row.fields).items()]
            question = "\n".join([question, *listed, _LETTER_WANTED])
        notes = {name: str(row.fields[name]) for name in ("level", "subject", "type") if row.fields.get(name)}
        if any(map(_HALF_CHARACTER.search, (question, answer, solution, *notes.values()))):
            raise BadTask("it holds half a character, which no tokenizer encodes")
        return Problem(row.place, question, answer, solution, _split_of(row), notes)

    def _choices(self, fields: Mapping[str, Any]) -> dict[str, str]:
        given = fields.get(self.choices)
        if isinstance(given, Mapping) and _LETTERS.startswith("".join(map(str, given))):
            given = list(given.values())
        if not isinstance(given, list) or not 2 <= len(given) <= len(_LETTERS):
            raise BadTask(f"its {self.choices!r} are no list of 2 to {len(_LETTERS)} choices, nor named A, B, ...")
        return {letter: _LABEL.sub("", str(choice), count=1) for letter, choice in zip(_LETTERS, given, strict=False)}

    def chosen(self, fields: Mapping[str, Any]) -> tuple[str, str]:
        """The letter of the right choice, and the solution."""
        answer, solution = _stated(self, fields)
        letters = list(self._choices(fields))
        match = _CHOSEN.fullmatch(answer)
        if match is None or match[1].upper() not in letters:
            raise BadTask(f"its answer {answer!r} is none of the letters {letters[0]} to {letters[-1]}")
        return match[1].upper(), solution


def _after_hashes(layout: Layout, fields: Mapping[str, Any]) -> tuple[str, str]:
    solution, hashes, answer = _text(fields, layout.answer).rpartition(_FINAL)
    if not hashes or not answer.strip():
        raise BadTask(f"its {layout.answer!r} does not end in {_FINAL} and the answer")
    return answer.strip(), _without([], _CALCULATOR_NOTE.sub("", solution))


def _stated(layout: Layout, fields: Mapping[str, Any]) -> tuple[str, str]:
    solution = str(fields.get(layout.solution) or "")
    return _text(fields, layout.answer), _without(boxes_of(solution)[0], solution)


def _boxed(layout: Layout, fields: Mapping[str, Any]) -> tuple[str, str]:
    if layout.answer:
        return _stated(layout, fields)
    solution = _text(fields, layout.solution)
    boxes, _ = boxes_of(solution)
    if not boxes or not boxes[-1].content.strip():
        raise BadTask(f"its {layout.solution!r} has no answer in \\boxed{{}}")
    return boxes[-1].content.strip(), _without(boxes, solution)


def _without(boxes: Sequence[tuple[int, int, str]], solution: str) -> str:
    """The solution with what is in its boxes, but without the boxes, and without the marks of a thought.

    The box put under it is to be the only one, and nothing above is to hide it.

    Args:
        boxes: start, end and content of each, in order.
    """
    text, end = "", 0
    for start, after, content in boxes:
        text += solution[end:start] + content
        end = after
    return _MARKS.sub("", text + solution[end:]).strip()


_QUESTION = ("question", "problem", "prompt")
_ANSWER = ("answer", "final_answer", "expected_answer")
_CHOICES = ("choices", "options")
LAYOUTS = {"gsm8k": _after_hashes, "math": _boxed, "aime": _stated, "amc": Layout.chosen}


def choose(first: Row, name: str | None, columns: Columns) -> Layout:
    """The layout of a data set, by its first row.

    Args:
        name: of a layout; None recognises it.
        columns: those that the user names.

    Raises:
        BadOption: there is no layout of that name.
        BadDataset: a column is missing, or no layout fits.
    """
    if name is not None and name not in LAYOUTS:
        raise BadOption(
            "unknown layout",
            expected=f"layout= one of {', '.join(LAYOUTS)}, or None to recognise it",
            received=repr(name),
            next_step=did_you_mean(str(name), LAYOUTS),
        )
    question = _column(first, columns.question, _QUESTION, "question")
    answer = _column(first, columns.answer, _ANSWER, "answer")
    solution = _column(first, columns.solution, ("solution",), "solution")
    choices = _column(first, None, _CHOICES, "choices")
    name = name or _recognised(first.fields, answer, solution, choices)
    needed = {"question": question, "choices": choices if name == "amc" else "-"}
    needed["answer"] = answer or (solution if name == "math" else "")
    for role, column in needed.items():
        if not column:
            raise _missing(role, role, first)
    return Layout(name, question, answer, solution, choices if name == "amc" else "", LAYOUTS[name])


def _recognised(fields: Mapping[str, Any], answer: str, solution: str, choices: str) -> str:
    if answer and _FINAL in str(fields[answer]):
        return "gsm8k"
    if solution and not answer:
        return "math"
    return "amc" if choices else "aime"


def _column(first: Row, named: str | None, usual: Iterable[str], role: str) -> str:
    """The column of a role: the one named, or the first usual one that there is, in any case; "" for none."""
    if named is not None:
        if named in first.fields:
            return named
        raise _missing(role, str(named), first)
    by_lower = {str(name).lower(): name for name in reversed(first.fields)}
    return next((str(by_lower[name]) for name in usual if name in by_lower), "")


def _missing(role: str, name: str, first: Row) -> BadDataset:
    present = [str(column) for column in first.fields]
    return BadDataset(
        f"there is no column {name!r}",
        expected=f"the {role} in a column that {role}= names, or one of the layouts {', '.join(LAYOUTS)}",
        received=f"{first.place} with the columns {', '.join(present) or 'none'}",
        next_step=did_you_mean(name, present),
    )


_SPLITS = {"train": "train", "training": "train", "test": "test", "validation": "validation"}
_SPLITS |= dict.fromkeys(("val", "valid", "dev"), "validation")


def _split_of(row: Row) -> str:
    """The split that the data set gives, or the row's column of that name; of the Hub's own names any will do."""
    if row.split:
        return _SPLITS.get(row.split.lower(), row.split)
    given = row.fields.get("split")
    if not given:
        return ""
    if str(given).lower() in _SPLITS:
        return _SPLITS[str(given).lower()]
    raise BadTask(f"its split {given!r} is none of {', '.join(_SPLITS)}")


def _text(fields: Mapping[str, Any], column: str) -> str:
    """The value of a column as text; whole floats, which readers of tables make of integers, without their point."""
    value = fields.get(column)
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value if math.isfinite(value) else None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not str(value).strip():
        raise BadTask(f"it has no text in {column!r}")
    return str(value).strip()
