"""How an argument stands on standard input, and a result on standard output: said, written and read.

Text goes line by line. Numbers and words of a line are separated by a mark that is drawn for each task.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

__all__ = ["FORMS", "Form", "FormName", "Layout", "described"]

FormName = Literal["int", "text", "ints", "words", "lines", "rows"]

_MARKS = {" ": "a space", ",": "a comma", ";": "a semicolon", "|": "a vertical bar", "/": "a slash"}
_NOTHING = ("NONE", "none", "-", "EMPTY", "nothing", "[]")


class Layout(NamedTuple):
    """What is drawn about the text of one task.

    Args:
        mark: between numbers or words of a line of the input.
        out: the same, of the output.
        nothing: is printed for an empty list.
    """

    mark: str
    out: str
    nothing: str

    @classmethod
    def drawn(cls, rng: random.Random) -> Layout:
        """Any combination."""
        marks = list(_MARKS)
        return cls(rng.choice(marks), rng.choice(marks), rng.choice(_NOTHING))

    @property
    def marked(self) -> str:
        """How the input's numbers or words are separated, in words."""
        return _MARKS[self.mark]

    @property
    def marked_out(self) -> str:
        """The same, of the output."""
        return _MARKS[self.out]

    @property
    def split(self) -> str:
        """The method call, in Python, that takes a line apart; an empty line has no parts."""
        return ".split()" if self.mark == " " else f'.replace("{self.mark}", " ").split()'


class Form(NamedTuple):
    """One form. Templates of text may name the properties of a layout.

    Args:
        given: where it stands in the input, in words.
        written: its text, line by line.
        reader: an expression in Python; `given` is the iterator of the input's lines.
        asked: how it is to be printed, in words.
        printer: a statement in Python that prints `result`.
        kind: of the argument or result in Python, in words.
    """

    given: str
    written: Callable[[Any, str], str]
    reader: str
    asked: str
    printer: str
    kind: str


def _line(value: Any, _mark: str) -> str:
    return str(value)


def _joined(value: Any, mark: str) -> str:
    return mark.join(map(str, value))


def _lines(value: Any, _mark: str) -> str:
    return "\n".join([str(len(value)), *value])


def _rows(value: Any, mark: str) -> str:
    return "\n".join([str(len(value)), *(mark.join(map(str, row)) for row in value)])


_PRINT_JOINED = 'print("{out}".join(map(str, result)) if result else "{nothing}")'
_ASK_JOINED = "on one line, separated by {marked_out}; print {nothing} if there are none"
_COUNTED = "one line with their number, then one line for each"

FORMS: dict[FormName, Form] = {
    "int": Form("one line", _line, "int(next(given))", "as an integer", "print(result)", "int"),
    "text": Form("one line, as it is", _line, "next(given)", "on one line", "print(result)", "str"),
    "ints": Form(
        "one line, separated by {marked}; an empty line if there are none",
        _joined,
        "[int(item) for item in next(given){split}]",
        _ASK_JOINED,
        _PRINT_JOINED,
        "list of int",
    ),
    "words": Form(
        "one line, separated by {marked}; an empty line if there are none",
        _joined,
        "next(given){split}",
        _ASK_JOINED,
        _PRINT_JOINED,
        "list of str",
    ),
    "lines": Form(
        _COUNTED,
        _lines,
        "[next(given) for _ in range(int(next(given)))]",
        _COUNTED,
        'print(len(result), *result, sep="\\n")',
        "list of str",
    ),
    "rows": Form(
        f"{_COUNTED}, its numbers separated by {{marked}}",
        _rows,
        "[[int(item) for item in next(given){split}] for _ in range(int(next(given)))]",
        f"{_COUNTED}, its numbers separated by {{marked_out}}",
        'print(len(result), *("{out}".join(map(str, row)) for row in result), sep="\\n")',
        "list of lists of int",
    ),
}


def described(words: str, layout: Layout) -> str:
    """Words of a form, for a layout."""
    return words.format(
        marked=layout.marked,
        marked_out=layout.marked_out,
        split=layout.split,
        out=layout.out,
        nothing=layout.nothing,
    )
