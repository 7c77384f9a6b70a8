"""What counts as the same answer, where people differ: named options with their defaults.

A task's author sets them once, `verifiers.math(reply, reference, tolerance=0.01)`; the defaults are what a careful
examiner would do who knows nothing but the reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypedDict

from llm_envs.errors import BadOption, did_you_mean
from llm_envs.verifiers.math import opinion
from llm_envs.verifiers.math.trees import Node

__all__ = ["DEFAULT", "MathOptions", "Rules", "make_rules"]

Fallback = Callable[[Node, Node], bool | None]


class MathOptions(TypedDict, total=False):
    """Named options of `verifiers.math`; see `Rules`."""

    percent: Literal["either", "exact"]
    tolerance: float | None
    units: Literal["optional", "required", "ignored"]
    order: bool
    degrees: Literal["either", "exact"]
    restatement: bool
    second_opinion: bool


def _give_up(_answer: Node, _reference: Node) -> None:
    """The fallback of a caller that has none."""


class Rules(NamedTuple):
    """What the comparison of two answers goes by.

    Args:
        percent: `either`: 50% may be written 50 or 1/2 where the other side has no sign; `exact`: 50% is 1/2 alone.
        tolerance: None: an exact reference needs an exact answer or a decimal that round-trips, a decimal reference
            goes by its own digits. A number r: real values v also equal the reference w where |v - w| <= r |w|.
        units: `optional`: a unit may be left out, but a wrong one is wrong, and one of the same kind is converted;
            `required`: it must be there where the reference has one; `ignored`: what unit there is does not matter.
        order: members of lists and sets must stand in the reference's order.
        degrees: `either`: a degree sign may be left out between plain numbers; `exact`: 180 degrees are pi, never 180.
        restatement: accept what is right in value but left to do: `17 + 25` for 42, an integral for its value.
        second_opinion: ask Math-Verify where an answer cannot be read or decided here; needs the extra `math-verify`.
        fallback: asked for two scalars that neither exact arithmetic nor many digits decide.
    """

    percent: Literal["either", "exact"] = "either"
    tolerance: float | None = None
    units: Literal["optional", "required", "ignored"] = "optional"
    order: bool = False
    degrees: Literal["either", "exact"] = "either"
    restatement: bool = False
    second_opinion: bool = False
    fallback: Fallback = _give_up


DEFAULT = Rules()

_CHOICES: dict[str, tuple[Any, ...]] = {
    "percent": ("either", "exact"),
    "units": ("optional", "required", "ignored"),
    "order": (False, True),
    "degrees": ("either", "exact"),
    "restatement": (False, True),
    "second_opinion": (False, True),
}


def make_rules(options: MathOptions) -> Rules:
    """Rules from named options.

    Raises:
        BadOption: an option that does not exist, or a value it cannot have.
        MissingExtra: a second opinion is wanted, and Math-Verify is not installed.
    """
    if not options:
        return DEFAULT
    for name, value in options.items():
        _check(name, value)
    if options.get("second_opinion"):
        opinion.require()
    return Rules(**options)


def _check(name: str, value: Any) -> None:
    if name == "tolerance":
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1):
            return
        raise BadOption("tolerance is out of range", expected="None, or a relative one in (0, 1)", received=repr(value))
    known = MathOptions.__annotations__
    if name not in known:
        raise BadOption(
            f"unknown option {name!r} of the maths verifier",
            expected=", ".join(sorted(known)),
            received=f"{name}={value!r}",
            next_step=did_you_mean(name, known),
        )
    if not any(value is choice or (isinstance(value, str) and value == choice) for choice in _CHOICES[name]):
        raise BadOption(f"unknown {name}", expected=" or ".join(map(repr, _CHOICES[name])), received=repr(value))
