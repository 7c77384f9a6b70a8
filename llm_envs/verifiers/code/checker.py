"""Which comparison judges a program, by name and with its options.

| name | of what is printed | of what is returned |
|---|---|---|
| `tokens` | the same words; the default | |
| `exact` | the same text, but for one newline at the end | the same value of the same types; the default |
| `float` | the same words, but floats may be a little off | `exact`, but floats may be a little off |
| `unordered` | the same lines in any order | the items of the outermost list or tuple in any order |
| `json` | | tuples are lists, 1.0 is 1; within a tolerance where one is given |
| `custom` | a program of the task's author decides; see `custom` | |
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from llm_envs.errors import BadReference, did_you_mean
from llm_envs.verifiers.code import outputs, values

__all__ = ["Checker"]

TOLERANCE = 1e-6
"""Absolute or relative, whichever allows more; what contests ask for most often."""

_OF_OUTPUTS = ("tokens", "exact", "float", "unordered", "custom")
_OF_VALUES = ("exact", "float", "unordered", "json")
_NAMES = (*_OF_OUTPUTS, "json")


@dataclass(frozen=True, slots=True)
class Checker:
    """How what a program did is compared with what it was to do.

    Args:
        name: of a row of the table above; "" for the default.
        absolute, relative: the tolerance of `float` and `json`; None for 1e-6 each (`float`), or none at all (`json`).
        source, language: the program of `custom`.

    Raises:
        BadReference: there is no such checker, or a tolerance is no number from 0 on.
    """

    name: str = ""
    absolute: float | None = None
    relative: float | None = None
    source: str = ""
    language: str = "python"

    def __post_init__(self) -> None:
        if self.name and self.name not in _NAMES:
            raise BadReference(
                "there is no such checker",
                expected="one of " + ", ".join(_NAMES),
                received=repr(self.name),
                next_step=did_you_mean(str(self.name), _NAMES),
            )
        for tolerance in (self.absolute, self.relative):
            if tolerance is not None and not _is_tolerance(tolerance):
                raise BadReference("a tolerance is out of range", expected="a number from 0 on", received=tolerance)
        if (self.name == "custom") != bool(self.source):
            raise BadReference("a custom checker has a source, and no other has", received=repr(self.name))

    @classmethod
    def of(cls, said: Checker | Mapping[str, Any] | str | None) -> Checker:
        """A checker by its name, or by a mapping of the arguments.

        Raises:
            BadReference: it cannot be read.
        """
        if isinstance(said, cls):
            return said
        known = {field.name for field in fields(cls)}
        arguments = said if isinstance(said, Mapping) else {"name": said or ""}
        if unknown := sorted(map(str, set(arguments) - known)):
            raise BadReference(
                "a checker has no such option",
                expected="some of " + ", ".join(sorted(known)),
                received=", ".join(unknown),
                next_step=did_you_mean(unknown[0], known),
            )
        return cls(**arguments)

    def require(self, kind: type) -> None:
        """Refuse what this checker cannot compare: a text that is printed, or a value of another type.

        Raises:
            BadReference: it is of the other column of the table.
        """
        names = _OF_OUTPUTS if kind is str else _OF_VALUES
        if self.name and self.name not in names:
            raise BadReference(
                f"the checker {self.name!r} does not compare what is {'printed' if kind is str else 'returned'}",
                expected="one of " + ", ".join(names),
                received=repr(self.name),
            )

    def accepts_output(self, output: str, expected: str) -> bool:
        """Whether a program may print this; never asked of `custom`."""
        if self.name == "float":
            return outputs.floats(output, expected, absolute=self._margin(0), relative=self._margin(1))
        compare = {"exact": outputs.exact, "unordered": outputs.unordered}.get(self.name, outputs.tokens)
        return compare(output, expected)

    def accepts_value(self, value: Any, expected: Any) -> bool:
        """Whether a function may return this, or leave it behind."""
        if self.name == "float":
            rule = values.Rule(self._margin(0), self._margin(1))
        else:
            is_json = self.name == "json"
            rule = values.Rule(self.absolute, self.relative, json=is_json, unordered=self.name == "unordered")
        return values.same(value, expected, rule)

    def _margin(self, which: int) -> float:
        given = (self.absolute, self.relative)
        if given == (None, None):
            return TOLERANCE
        return given[which] or 0.0


def _is_tolerance(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 and math.isfinite(value)
