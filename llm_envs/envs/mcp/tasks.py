"""Rows of a file as tasks for a server's tools: `prompt`, `answer`, and, where there are such, `split` and `calls`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from llm_envs import verifiers
from llm_envs.chat.calls import Call
from llm_envs.envs.math_data import files
from llm_envs.errors import BadDataset, BadOption, BadReference, UnknownDataset, did_you_mean
from llm_envs.types import Verdict

__all__ = ["Judge", "Question", "judge_of", "load"]

Judge = Callable[[str, Any], Verdict | float]


class Question(NamedTuple):
    """One row.

    Args:
        place: where it stands in the file.
        calls: that lead to the answer, where the row tells them.
    """

    prompt: str
    answer: Any
    place: str
    calls: tuple[Call, ...]


def judge_of(verifier: str | Judge) -> Judge:
    """The verifier of that name, or a function as it is.

    Raises:
        BadOption: there is none.
    """
    if callable(verifier):
        return verifier
    found = _JUDGES.get(verifier)
    if found is None:
        raise BadOption(
            "there is no such verifier for answers of tools",
            expected=f"one of {', '.join(_JUDGES)}, or a function of reply and answer",
            received=repr(verifier),
            next_step=did_you_mean(str(verifier), _JUDGES),
        )
    return found


def load(path: str, split: str, judge: Judge) -> tuple[Question, ...]:
    """The questions of a split, in order; those of rows that name no split are everybody's.

    Raises:
        UnknownDataset: there is no such file.
        BadDataset: a row is broken, has no prompt, or an answer that the verifier cannot read; or none is left.
    """
    file = files.find(path)
    if file is None:
        raise UnknownDataset(f"there is no file {path!r}", expected="a file of tasks, such as tasks.jsonl")
    try:
        with file.open("rb") as opened:
            rows = list(files.read(opened, file.suffix))
    except OSError as error:
        raise BadDataset(f"{path} cannot be read", received=str(error)) from error
    questions = [_question(row.place, row.fields, judge) for row in rows if (row.fields.get("split") or split) == split]
    if not questions:
        raise BadDataset(f"{path} has no task of split {split!r}", expected="one row or more", received=f"{len(rows)}")
    return tuple(questions)


def _question(place: str, row: Mapping[str, Any], judge: Judge) -> Question:
    prompt, answer = row.get("prompt"), row.get("answer")
    if not isinstance(prompt, str) or not prompt.strip() or answer is None:
        raise BadDataset(
            f"{place} is no task", expected='{"prompt": "...", "answer": ...}', received=f"keys {', '.join(row)}"
        )
    try:
        judge("", answer)
        calls = tuple(Call(str(call["name"]), dict(call["arguments"])) for call in row.get("calls") or ())
    except BadReference as error:
        raise BadDataset(f"{place} has an answer that cannot be judged: {error.message}", received=answer) from error
    except (TypeError, KeyError, ValueError) as error:
        raise BadDataset(
            f"{place} has calls that are none", expected='[{"name": "...", "arguments": {...}}]', received=repr(error)
        ) from error
    return Question(prompt, answer, place, calls)


def _entity(reply: str, answer: Any) -> Verdict:
    """One spelling, or a list of all that count."""
    aliases: Sequence[Any] = answer if isinstance(answer, list) else [answer]
    return verifiers.entity(reply, [str(alias) for alias in aliases])


def _math(reply: str, answer: Any) -> Verdict:
    return verifiers.math(reply, str(answer))


_JUDGES: dict[str, Judge] = {"entity": _entity, "math": _math}
