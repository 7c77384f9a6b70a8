"""The rubric, row by row of its table, and what it promises whatever the weights."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from llm_envs import SingleTurnEnv, verifiers
from llm_envs.errors import BadOption, BadVerdict
from llm_envs.testing import GARBAGE, written_out
from llm_envs.types import Task, Verdict
from llm_envs.verifiers.rubric import Quality, Rubric, Sampled

TABLE = Path(__file__).parents[2] / "verifiers" / "rubric.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
CLASSES = {"format", "empty", "garbage", "brevity", "overlong", "partial", "together"}
FIELDS = {"answer", "reference", "rubric", "parts", "reward", "class", "why"}

TASK = Task("?", 5)


def weigh(rubric, reply, reference, sampled):
    """The weighted verdict of the maths verifier, with partial credit where the rubric pays it."""
    verdict = verifiers.math(reply, reference)
    partial = verifiers.math_partial(reply, reference)
    return rubric.weigh(verdict, Task("?", reference), reply, sampled, partial=partial)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['class']}: {row['why']}")
def test_row(row):
    """Every reply in the table gets the parts and the reward that its row promises."""
    reply = written_out(row["answer"])
    limit = row.get("max_new_tokens", 2048)
    sampled = Sampled(row.get("tokens", min(limit, len(reply) + 1)), limit, row.get("thought_is_open", False))
    verdict = weigh(Rubric.of(row["rubric"]), reply, row["reference"], sampled)
    assert {part.name: part.score for part in verdict.parts} == pytest.approx(row["parts"]), verdict.reason
    assert verdict.reward == pytest.approx(row["reward"], abs=1e-9)


def test_the_table_is_well_formed():
    """No row lacks a field, has an unknown one, or says the same as another; every class of them is there."""
    assert all(FIELDS <= row.keys() <= FIELDS | {"tokens", "max_new_tokens", "thought_is_open"} for row in ROWS)
    assert {row["class"] for row in ROWS} == CLASSES
    assert len({json.dumps([value for name, value in row.items() if name != "why"]) for row in ROWS}) == len(ROWS)


def test_wrong_rows_are_worth_less_than_right_ones():
    """In the table too: nothing wrong gets one half, nothing right less."""
    for row in ROWS:
        assert (row["reward"] > 0.5) == (row["parts"]["correct"] == 1), row


def test_wrong_rows_of_the_maths_table_are_never_right_in_full():
    """What the maths verifier's table calls wrong has less than a full share of its reference right."""
    rows = map(json.loads, (TABLE.parent / "math.jsonl").read_text(encoding="utf-8").splitlines())
    for row in rows:
        if not row["expected"]:
            share = verifiers.math_partial(written_out(row["answer"]), row["reference"], **row.get("options", {}))
            assert share < 1.0, row


# Whatever the weights

REFERENCES = ("5", "\\frac{1}{2}", "\\{1, 2, 3\\}", "(1, 2)", "x = 1, y = 2", "[0, 1)", "\\text{yes}", "B")
REFERENCES += ("\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "x^2 - 1", "\\emptyset")
PIECES = ("<think>", "</think>", "\\boxed{", "}", " ", "\n", "and", "Hm. ", "1", "2", "3", "5", ", ", "(", ")", "####")
PIECES += ("\\{", "\\}", "The answer is ", "<answer>", "</answer>", "$", "0", "=", "x", "\ud800", *REFERENCES)

rubrics = st.builds(
    lambda shares, total: Rubric(
        *(total * share / max(1.0, math.fsum(shares)) for share in shares[:4]),
        quality=(Quality("mine", total * shares[4] / max(1.0, math.fsum(shares)), lambda task, reply: 1.0),),
    ),
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
    st.floats(0, 0.4999),
)
replies = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.builds("{}\\boxed{{{}}}".format, st.sampled_from(("", "<think>Hm.</think>")), st.sampled_from(REFERENCES)),
    st.sampled_from(GARBAGE),
)
lengths = st.integers(1, 100).map(lambda tokens: Sampled(tokens, 100))


@settings(max_examples=400, deadline=None)
@given(rubrics, st.sampled_from(REFERENCES), replies, lengths)
def test_right_and_wrong_are_parted_by_one_half(rubric, reference, reply, sampled):
    """Whatever the weights, the reply and its length: right is above one half and at most 1, wrong below it."""
    verdict = weigh(rubric, reply, reference, sampled)
    right = verifiers.math(reply, reference).correct
    assert verdict.correct == right
    low, high = rubric.reward_range
    assert (0.5 < verdict.reward <= high) if right else (low <= verdict.reward < 0.5)


@settings(max_examples=200, deadline=None)
@given(rubrics, replies, lengths, st.floats(0, 1), st.sampled_from(["ok", "timeout", "error"]))
def test_any_verifier_is_parted_by_one_half(rubric, reply, sampled, partial, status):
    """The promise leans on no verifier: any verdict on any reply, with any partial credit, keeps to its side."""
    assume(reply.strip())
    for right in (True, False):
        verdict = rubric.weigh(Verdict.of(float(right)), TASK, reply, sampled, partial=partial)
        assert (verdict.reward > 0.5) == right


@settings(max_examples=200, deadline=None)
@given(rubrics, st.text(" \t\n", max_size=20), lengths, st.booleans(), st.floats(0, 1))
def test_blanks_are_worth_nothing(rubric, blanks, sampled, right, partial):
    """Not even where a verifier says right, or credit is offered."""
    verdict = rubric.weigh(Verdict.of(float(right)), TASK, blanks, sampled, partial=partial)
    assert verdict.reward == 0.0


@settings(max_examples=200, deadline=None)
@given(rubrics)
def test_the_best_reply_gets_exactly_one(rubric):
    """All parts together give 1 to the last bit, so that a rubric's full reward can be tested for."""
    reply = "<think>2 + 3</think>\\boxed{5}"
    assert weigh(rubric, reply, 5, Sampled(20, 100)).reward == 1.0


@settings(max_examples=200, deadline=None)
@given(rubrics, replies, st.sampled_from(REFERENCES))
def test_more_tokens_never_pay(rubric, reply, reference):
    """The same text in more tokens is worth the same or less."""
    rewards = [weigh(rubric, reply, reference, Sampled(tokens, 100)).reward for tokens in range(1, 101, 9)]
    assert all(after <= before + 1e-12 for before, after in itertools.pairwise(rewards))


# Parts of one's own


def test_a_part_of_ones_own_is_paid_to_right_replies_alone():
    """It is not even asked of wrong ones, and sees the task and the reply."""
    seen = []

    def cites(task, reply):
        seen.append((task, reply))
        return 0.5

    rubric = Rubric(quality=(Quality("cites", 0.2, cites),))
    right = rubric.weigh(Verdict.of(1.0), TASK, "5 [1]", Sampled(3, 100))
    wrong = rubric.weigh(Verdict.of(0.0), TASK, "4 [1]", Sampled(3, 100))
    assert (right.reward, wrong.reward) == (pytest.approx(0.9), 0.0)
    assert [(part.name, part.kind) for part in right.parts] == [("correct", "correct"), ("cites", "quality")]
    assert seen == [(TASK, "5 [1]")]


def test_a_part_of_ones_own_keeps_to_its_range():
    """A score outside [0, 1] is the author's mistake, and said to be."""
    rubric = Rubric(quality=(Quality("mine", 0.2, lambda task, reply: 2.0),))
    with pytest.raises(BadVerdict, match="part 'mine' is out of range"):
        rubric.weigh(Verdict.of(1.0), TASK, "5", Sampled(2, 100))


def test_an_env_of_ones_own_takes_a_rubric():
    """As the module's docstring shows it: lengths come from the session."""

    class Add(SingleTurnEnv):
        rubric = Rubric(brevity=0.05, overlong=0.1)
        reward_range = rubric.reward_range

        def sample(self, rng):
            return TASK

        def verify(self, task, reply):
            sampled = verifiers.Sampled(self.session.length_of(reply), self.session.turn_limit)
            return self.rubric.weigh(verifiers.math(reply, task.answer), task, reply, sampled)

    rewards = []
    for reply in ("5", f"{'Well. ' * 80}\\boxed{{5}}", "Well. " * 100, "4", ""):
        env = Add(max_new_tokens=500, action="turn")
        env.reset(seed=0)
        rewards.append(env.step(reply)[1])
    assert rewards == pytest.approx([1.0, 0.95 + 0.05 * 10 / 375 - 0.1 * 0.9, -0.1, 0.0, 0.0])


def test_what_the_verifier_says_is_kept():
    """Status, reason and details stand beside the weighted parts."""
    verdict = weigh(Rubric(format=0.1), "\\boxed{4}", 5, Sampled(9, 100))
    plain = verifiers.math("\\boxed{4}", 5)
    assert (verdict.status, verdict.reason, verdict.details) == (plain.status, plain.reason, plain.details)


@pytest.mark.parametrize(
    ("rubric", "words"),
    [
        ({"format": 0.5}, r"a number in \[0, 0.5\)"),
        ({"format": -0.1}, r"a number in \[0, 0.5\)"),
        ({"brevity": float("nan")}, r"a number in \[0, 0.5\)"),
        ({"partial": True}, r"a number in \[0, 0.5\)"),
        ({"overlong": "0.1"}, r"a number in \[0, 0.5\)"),
        ({"format": 0.2, "partial": 0.2, "overlong": 0.1}, "sum to less than 0.5"),
        ({"formats": 0.1}, "Did you mean 'format'"),
        ("format", "weights by name"),
        (0.1, "weights by name"),
        ({"quality": [("mine", 0.1, len)]}, "Quality"),
        ({"quality": [Quality("mine", 0.1, len), Quality("mine", 0.1, len)]}, "names of their own"),
        ({"quality": [Quality("correct", 0.1, len)]}, "names of their own"),
        ({"quality": [Quality("mine", 0.1, "len")]}, "Quality"),
        ({"quality": [Quality("mine", 0.5, len)]}, r"weight of 'mine'.*\n.*\[0, 0.5\)"),
        ({"quality": 7}, "Quality"),
    ],
    ids=str,
)
def test_bad_rubrics_are_refused(rubric, words):
    """When they are made, with what was expected."""
    with pytest.raises(BadOption, match=words):
        Rubric.of(rubric)


def test_a_rubric_is_made_of_plain_data():
    """As it stands in a configuration file; a rubric passes through, and None is one without extras."""
    rubric = Rubric.of({"format": 0.1, "overlong": 0.2})
    assert rubric == Rubric(format=0.1, overlong=0.2) == Rubric.of(rubric)
    assert Rubric.of(None).extras == {}
    assert rubric.reward_range == (-0.2, 1.0)
