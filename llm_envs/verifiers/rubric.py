"""What a reply is worth besides being right: weighted parts, for reinforcement learning with verifiable rewards.

| part | kind | paid | score |
|---|---|---|---|
| `correct` | correct | | 1 where the verifier says right, else 0 |
| `format` | format | right or wrong | 1 where the reply thinks once, first, and then boxes one answer |
| `partial` | partial | right or wrong | how much of the answer is right; 1 where all of it is |
| `brevity` | quality | only right | 1 up to a quarter of `max_new_tokens`, falling to 0 at `max_new_tokens` |
| `overlong` | penalty | taken off, right or wrong | 0 up to four fifths of `max_new_tokens`, rising to 1 there |
| your own | quality | only right | what your function says |

The weights of all extras, the penalty's included, sum to less than one half, and `correct` weighs what they leave of 1.
So a right reply keeps more than one half whatever it loses, a wrong one gets less than one half whatever it gains, and
no extra is worth a right answer. A reply of blanks gets 0 whatever the verifier says.

Lengths are sampled ids, never re-encoded text: padding that decodes to nothing counts. In an env of your own:

    rubric = Rubric(brevity=0.05, overlong=0.1)
    reward_range = rubric.reward_range

    def verify(self, task, reply):
        sampled = Sampled(self.session.length_of(reply), self.session.turn_limit)
        return self.rubric.weigh(verifiers.math(reply, task.answer), task, reply, sampled)

What this deliberately does not do: it does not look at other replies of a group (relative lengths are the trainer's
business), and it does not judge: what is right is the verifier's word.

Source: format, DeepSeek-R1 (arXiv 2501.12948, section 2.2.2); overlong, DAPO's soft punishment (arXiv 2503.14476,
equation 13).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from llm_envs.errors import BadOption, did_you_mean
from llm_envs.types import Part, PartKind, Task, Verdict
from llm_envs.verifiers.format import BOX, THINK_AND_BOX, think_and_box

__all__ = ["Quality", "Rubric", "Sampled"]

BRIEF_SHARE = 0.25
"""Of `max_new_tokens`. Thinking this long costs nothing: a policy must not be paid for not thinking at all."""

OVERLONG_SHARE = 0.2
"""Of `max_new_tokens`; DAPO punishes the last 4,096 of 20,480 tokens."""

_EXTRAS_LIMIT = 0.5
"""From here on a wrong reply with every extra could be worth as much as a right one without."""

_KINDS: dict[str, PartKind] = {
    "correct": "correct",
    "format": "format",
    "partial": "partial",
    "brevity": "quality",
    "overlong": "penalty",
}


class Sampled(NamedTuple):
    """How a reply came to be.

    Args:
        tokens: ids sampled for it, the stop id included.
        max_new_tokens: how many could have been; fewer than the env's limit where the context leaves no more.
        thought_is_open: the prompt ends with `<think>`, so the reply does not write it.
    """

    tokens: int
    max_new_tokens: int
    thought_is_open: bool = False


class Quality(NamedTuple):
    """A part of your own, paid to right replies.

    Args:
        name: of the part.
        weight: what a full score adds to the reward.
        score: of a task and the reply to it, in [0, 1]; called for right replies alone.
    """

    name: str
    weight: float
    score: Callable[[Task, str], float]


@dataclass(frozen=True, slots=True)
class Rubric:
    """Weights of what a reply is paid besides being right; a part of weight 0 is left out.

    Args:
        format: for keeping the form that `think_and_box` looks for.
        partial: for the share of the answer that is right.
        brevity: for being right in few tokens.
        overlong: taken off for coming close to `max_new_tokens`.
        quality: parts of your own.

    Raises:
        BadOption: a weight is no number in [0, 0.5), they sum to one half or more, or a part of yours is unusable.
    """

    format: float = 0.0
    partial: float = 0.0
    brevity: float = 0.0
    overlong: float = 0.0
    quality: tuple[Quality, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "quality", _checked_qualities(self.quality))
        _check_weights(self._weights())

    @classmethod
    def of(cls, value: Rubric | Mapping[str, Any] | None) -> Rubric:
        """A rubric from its weights by name, as they stand in a configuration; None is a rubric without extras.

        Raises:
            BadOption: it names a part that there is not, or is no mapping.
        """
        if isinstance(value, cls):
            return value
        if value is None:
            return cls()
        known = [part.name for part in fields(cls)]
        unknown = [name for name in value if name not in known] if isinstance(value, Mapping) else [repr(value)]
        if not unknown:
            return cls(**value)  # type: ignore[arg-type]  # a mapping here: anything else is unknown
        raise BadOption(
            "this is no rubric",
            expected=f"weights by name, such as {{'format': 0.1}}; the names are {', '.join(known)}",
            received=repr(value),
            next_step=did_you_mean(str(unknown[0]), known),
        )

    @property
    def extras(self) -> dict[str, float]:
        """The weights above 0, by the parts' names; the penalty's as a positive number."""
        return {name: weight for name, weight in self._weights().items() if weight}

    @property
    def reward_range(self) -> tuple[float, float]:
        """The lowest reward, a wrong and overlong reply's, and the highest."""
        return 0.0 - self.overlong, 1.0

    @property
    def request(self) -> str:
        """What a prompt says of the form, so that nothing is paid that was not asked for."""
        return THINK_AND_BOX if self.format else BOX

    def weigh(self, verdict: Verdict, task: Task, reply: str, sampled: Sampled, *, partial: float = 0.0) -> Verdict:
        """The verdict, with its parts weighted and the extras beside them.

        Args:
            verdict: the verifier's; what is not right in full counts as wrong, a share of it is partial credit.
            partial: how much of a wrong reply is right, in [0, 1].
        """
        said = bool(reply.strip())
        right = said and verdict.correct
        scores = {
            "format": think_and_box(reply, opened=sampled.thought_is_open).score,
            "partial": 1.0 if right else said * partial,
            "brevity": right * _brevity(sampled),
            "overlong": said * _overlong(sampled),
            **{part.name: part.score(task, reply) if right else 0.0 for part in self.quality},
        }
        extras = (_part(name, scores[name], weight) for name, weight in self.extras.items())
        return replace(verdict, parts=(Part("correct", float(right), self._correct_weight()), *extras))

    def _weights(self) -> dict[str, float]:
        named = {"format": self.format, "partial": self.partial, "brevity": self.brevity, "overlong": self.overlong}
        return named | {part.name: part.weight for part in self.quality}

    def _correct_weight(self) -> float:
        """What the extras leave of 1; summed at once, so that all parts together give 1 exactly."""
        return math.fsum([1.0, *(-weight for name, weight in self.extras.items() if name != "overlong")])


def _part(name: str, score: float, weight: float) -> Part:
    kind = _KINDS.get(name, "quality")
    return Part(name, score, -weight if kind == "penalty" else weight, kind)


def _brevity(sampled: Sampled) -> float:
    left = sampled.max_new_tokens - sampled.tokens
    return _ramp(left / ((1.0 - BRIEF_SHARE) * sampled.max_new_tokens))


def _overlong(sampled: Sampled) -> float:
    """Equation 13 of DAPO, as a score: 0 within the expected length, 1 at the limit."""
    left = sampled.max_new_tokens - sampled.tokens
    return _ramp(1.0 - left / (OVERLONG_SHARE * sampled.max_new_tokens))


def _ramp(value: float) -> float:
    return min(1.0, max(0.0, value))


def _check_weights(weights: Mapping[str, Any]) -> None:
    for name, weight in weights.items():
        number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not (number and 0.0 <= weight < _EXTRAS_LIMIT):
            raise BadOption(
                f"the weight of {name!r} is out of range",
                expected=f"a number in [0, {_EXTRAS_LIMIT:g})",
                received=repr(weight),
            )
    if math.fsum(weights.values()) >= _EXTRAS_LIMIT:
        raise BadOption(
            "the extras of a rubric weigh too much",
            expected=f"weights that sum to less than {_EXTRAS_LIMIT:g}, so that no wrong reply is worth a right one",
            received=", ".join(f"{name} {weight:g}" for name, weight in weights.items() if weight),
            next_step="Lower them; what they leave of 1 is what being right is worth.",
        )


def _checked_qualities(qualities: Any) -> tuple[Quality, ...]:
    parts = tuple(qualities) if isinstance(qualities, (list, tuple)) else (qualities,)
    names = [part.name for part in parts if isinstance(part, Quality)]
    usable = len(names) == len(parts) and all(isinstance(name, str) and name for name in names)
    if usable and len({*_KINDS, *names}) == len(_KINDS) + len(names) and all(callable(part.score) for part in parts):
        return parts
    raise BadOption(
        "a rubric's quality parts are unusable",
        expected="Quality(name, weight, score) each, of names of their own, with score(task, reply) in [0, 1]",
        received=repr(qualities),
        next_step=f"Taken names: {', '.join(sorted(_KINDS))}.",
    )
