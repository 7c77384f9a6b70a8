"""The format part: what keeps the form, what does not, and why gaming it does not pay."""

from __future__ import annotations

import pytest

from llm_envs import verifiers
from llm_envs.types import Verdict

RIGHT_FORM = "<think>2 + 3 is 5.</think> The answer is \\boxed{5}."


@pytest.mark.parametrize(
    ("reply", "opened", "score"),
    [
        (RIGHT_FORM, False, 1),
        ("\n<think>a\nb</think>\n\\boxed{\\frac{1}{2}}\n", False, 1),
        ("2 + 3 is 5.</think>\\boxed{5}", True, 1),
        ("<think>a</think>\\boxed{\\boxed{5}}", False, 0),
        ("\\boxed{5}", False, 0),
        ("<think>a</think> 5", False, 0),
        ("<think>a</think>\\boxed{}", False, 0),
        ("<think>a</think>\\boxed{5", False, 0),
        ("<think>a</think>\\boxed{4}\\boxed{5}", False, 0),
        ("<think>a</think>\\boxed{4} or \\boxed{5", False, 0),
        ("<think></think>\\boxed{5}", False, 0),
        ("<think> </think>\\boxed{5}", False, 0),
        ("<think>a\\boxed{5}", False, 0),
        ("<think>a</think><think>b</think>\\boxed{5}", False, 0),
        ("<think><think>a</think>\\boxed{5}", False, 0),
        ("<think>a</think></think>\\boxed{5}", False, 0),
        ("</think>a<think>\\boxed{5}", False, 0),
        ("First, <think>a</think>\\boxed{5}", False, 0),
        (RIGHT_FORM, True, 0),
        ("", False, 0),
        ("\ud800", False, 0),
    ],
)
def test_the_form_is_one_thought_and_then_one_box(reply, opened, score):
    """All or nothing, so that half a form earns nothing."""
    part = verifiers.think_and_box(reply, opened=opened)
    assert (part.name, part.kind, part.score) == ("format", "format", score)


def test_a_box_inside_the_thought_is_neither_counted_nor_forbidden():
    """What is tried out while thinking is free."""
    assert verifiers.think_and_box("<think>\\boxed{4}?</think>\\boxed{5}").score == 1.0


def test_form_alone_never_beats_being_right():
    """The weight is small against that of the answer."""

    def reward(reply: str) -> float:
        verdict = verifiers.math(reply, 5)
        return Verdict((*verdict.parts, verifiers.think_and_box(reply))).reward

    assert reward("<think>hm</think>\\boxed{4}") < reward("\\boxed{5}") < reward(RIGHT_FORM)
