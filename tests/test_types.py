"""Tasks, parts, verdicts: what may be in them, and what is said when it may not."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest

from llm_envs.errors import BadTask, BadVerdict
from llm_envs.types import Part, StopReason, Task, Verdict, as_number

SAID = {"role": "user", "content": "hello"}


def test_a_text_prompt_is_one_user_message():
    """Text is short for a conversation of one message."""
    assert Task(prompt="hello").messages == [SAID]


def test_messages_of_a_task_are_copies():
    """Whoever changes what `messages` gave changes no task."""
    task = Task(prompt=[SAID])
    task.messages[0]["content"] = "changed"
    task.messages.append(SAID)
    assert task.messages == [SAID]


@pytest.mark.parametrize(
    "prompt",
    [
        None,
        5,
        0,
        b"hello",
        [],
        (),
        {},
        SAID,
        ["hello"],
        [5],
        [{"content": "no role"}],
        [{"role": "user"}],
        [SAID, None],
        [{"role": "user", "content": None}],
        [{"role": None, "content": ""}],
        [{"role": "user", "content": 5}],
    ],
    ids=repr,
)
def test_an_unreadable_prompt_is_refused(prompt):
    """What is neither text nor messages is refused where the task is made."""
    with pytest.raises(BadTask, match="next: Return Task"):
        Task(prompt=prompt)


@pytest.mark.parametrize("prompt", ["", "hello", [SAID], (SAID, SAID)], ids=repr)
def test_readable_prompts(prompt):
    """Text and sequences of messages are prompts; the empty text too."""
    assert all(message["role"] == "user" for message in Task(prompt=prompt).messages)


def test_a_task_cannot_be_changed():
    """Tasks are immutable."""
    with pytest.raises(AttributeError):
        Task(prompt="hello").answer = 5  # type: ignore[misc]


@pytest.mark.parametrize("reason", StopReason)
def test_limits_truncate_and_tasks_terminate(reason):
    """Four reasons are limits; the other three are the task's own."""
    assert reason.truncates == (reason.value in {"max_new_tokens", "max_turns", "context_full", "infrastructure"})


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (True, 1.0),
        (False, 0.0),
        (1, 1.0),
        (0.25, 0.25),
        (-3, -3.0),
        (np.float32(0.5), 0.5),
        (np.int64(2), 2.0),
        (np.bool_(True), 1.0),
    ],
    ids=repr,
)
def test_numbers(value, number):
    """Booleans, integers and finite floats, NumPy's included, are numbers."""
    result = as_number(value, "it")
    assert type(result) is float
    assert result == number


@pytest.mark.parametrize(
    "value",
    [
        None,
        "1",
        b"1",
        "",
        [],
        [1.0],
        {},
        math.nan,
        math.inf,
        -math.inf,
        1j,
        np.float64("nan"),
        np.array(1.0),
        np.array([1.0]),
        10**400,
        -(10**400),
        Fraction(1, 2),
        object,
    ],
)
def test_no_numbers(value):
    """Anything else is refused, with what to do; nothing is converted silently."""
    with pytest.raises(BadVerdict, match="it is not a finite number"):
        as_number(value, "it")


@pytest.mark.parametrize("score", [-0.001, 1.001, math.nan, None, "1", 10**400])
def test_scores_are_in_the_unit_interval(score):
    """A part's score outside [0, 1] is refused, by name."""
    with pytest.raises(BadVerdict, match="'format'"):
        Part("format", score)


@pytest.mark.parametrize("weight", [math.inf, math.nan, None, "1"])
def test_weights_are_finite(weight):
    """A part's weight that is no number is refused, by name."""
    with pytest.raises(BadVerdict, match="'format'"):
        Part("format", 1.0, weight)


def test_the_reward_is_the_weighted_sum():
    """0.9 * 1 + 0.1 * 0.5 - 0.2 * 1."""
    parts = (Part("a", 1, 0.9), Part("b", 0.5, 0.1, "format"), Part("c", True, -0.2, "penalty"))
    assert Verdict(parts).reward == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("parts", "correct"),
    [
        ((), False),
        ((Part("a", 1.0),), True),
        ((Part("a", 0.5),), False),
        ((Part("a", 1.0), Part("b", 0.0)), False),
        ((Part("a", 1.0, 0.9), Part("b", 0.0, 0.1, "format")), True),
        ((Part("b", 1.0, 1.0, "format"),), False),
    ],
)
def test_correct_means_that_all_of_it_is(parts, correct):
    """Parts of kind `correct` decide, all of them, and there must be one."""
    assert Verdict(parts).correct is correct


def test_parts_have_names_of_their_own():
    """Two parts of one name would hide each other in `info`."""
    with pytest.raises(BadVerdict, match="one name"):
        Verdict((Part("a", 1.0, 0.5), Part("a", 0.0, 0.5)))


def test_a_verdict_reads_as_plain_data():
    """`to_dict` is JSON, with details as text."""
    verdict = Verdict.of(1, "as expected", extracted=(1, 2), by=None)
    plain = verdict.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain == {
        "reward": 1.0,
        "status": "ok",
        "reason": "as expected",
        "parts": {"correct": {"score": 1.0, "weight": 1.0, "kind": "correct"}},
        "details": {"extracted": "(1, 2)", "by": "None"},
    }


def test_verdicts_share_nothing_with_their_plain_form():
    """Changing one plain form changes neither the verdict nor the next plain form."""
    verdict = Verdict.of(1.0, extracted="5")
    plain = verdict.to_dict()
    plain["parts"]["correct"]["score"] = 0.0
    plain["details"]["extracted"] = "6"
    assert verdict.to_dict() == Verdict.of(1.0, extracted="5").to_dict()
