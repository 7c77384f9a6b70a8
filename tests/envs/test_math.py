"""`llm/Math-v0`: what its tasks are like, and what replies are worth.

Whether the reference answers are right is seen in `test_math_answers.py`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from fractions import Fraction

import gymnasium as gym
import numpy as np
import pytest

from llm_envs import verifiers
from llm_envs.chat import ByteTokenizer
from llm_envs.envs.math import FAMILIES, Family, Math, Problem
from llm_envs.envs.math.forms import FORMS
from llm_envs.envs.math.latex import (
    added,
    bracketed,
    combination,
    decimal,
    line,
    matrix,
    number,
    polynomial,
    root,
    rooted,
    times_pi,
    vector,
)
from llm_envs.envs.math.problem import LEVELS
from llm_envs.errors import BadOption, BadReference
from llm_envs.testing import EnvTests

TASKS = 600
SHARE_OF_COMMONEST = 0.05
"""What guessing may gain."""
SHARE_OF_YES = 0.6
"""What it may gain where there are two answers."""

TOPICS = {family.topic for family in FAMILIES}
CALCULUS = {family.name for family in FAMILIES if family.topic == "calculus"}
by_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
by_level = pytest.mark.parametrize("difficulty", LEVELS)


class TestMath(EnvTests):
    env_id = "llm/Math-v0"


class TestMathWithFormat(EnvTests):
    env_id = "llm/Math-v0"
    options = {"rubric": {"format": 0.1}, "topics": ["calculus", "inequality"], "difficulty": 5}  # noqa: RUF012 (as declared)


class TestMathWithRubric(EnvTests):
    env_id = "llm/Math-v0"
    options = {"rubric": {"format": 0.1, "partial": 0.2, "overlong": 0.1}, "difficulty": 0}  # noqa: RUF012 (as declared)


def problems(family, difficulty, count=TASKS):
    """The first problems of a family at a level."""
    return [family.draw(np.random.default_rng([difficulty, i]), difficulty) for i in range(count)]


def tasks(count, seed=0, **options):
    """The first tasks of a seed."""
    env = gym.make("llm/Math-v0", **options).unwrapped
    drawn = []
    for index in range(count):
        env.reset(seed=seed, options={"index": index})
        drawn.append(env.task)
    return drawn


def neighbour(task):
    """An answer close to the right one, and wrong."""
    answer = task.answer
    if task.metadata["kind"] == "interval":
        swapped = answer.translate(str.maketrans("()[]", "[]()")).replace(r"[-\infty", r"(-\infty")
        return swapped.replace(r"\infty]", r"\infty)")
    if task.metadata["kind"] == "expression":
        return f"{answer} + 1"
    if not re.search(r"\d", answer):
        swapped = {"yes": "no", "no": "yes"}.get(answer)
        return swapped or re.sub("[A-Z]", lambda letter: "B" if letter[0] == "A" else "A", answer, count=1)
    return re.sub(r"\d+", lambda digits: str(int(digits[0]) + 1), answer, count=1)


# The families


def test_there_are_families_of_every_kind_of_answer():
    """At least forty families in at least eight topics give all kinds of answers."""
    assert len(FAMILIES) >= 40
    assert len(TOPICS) >= 8
    assert {family.kind for family in FAMILIES} == set(FORMS)


def test_names_are_not_ambiguous():
    """A word means one family or one topic."""
    names = [family.name for family in FAMILIES]
    assert len(set(names)) == len(names)
    assert not TOPICS & set(names)


@by_level
@by_family
def test_no_answer_is_common(family, difficulty):
    """A policy that always gives a family's commonest answer is paid in under 5% of its tasks, or as by a coin."""
    [(answer, times)] = Counter(problem.answer for problem in problems(family, difficulty)).most_common(1)
    assert times < (SHARE_OF_YES if family.kind == "yes_no" else SHARE_OF_COMMONEST) * TASKS, answer


@by_family
def test_levels_take_more_steps(family):
    """Solutions get longer from the first level to the last, and none of three levels further on is shorter."""
    lengths = [np.mean([len(problem.solution) for problem in problems(family, level, 50)]) for level in LEVELS]
    assert lengths[5] > 1.3 * lengths[0]
    assert all(lengths[level] < lengths[level + 3] for level in range(3))


@by_level
@by_family
def test_text_is_clean(family, difficulty):
    """Statements and solutions have no unfilled braces, no doubled signs, no factors of one, no Python left over."""
    for problem in problems(family, difficulty, 100):
        for text in (problem.question, problem.solution):
            assert text.count("$") % 2 == 0, text
            assert text.count("{") == text.count("}"), text
            assert not re.search(r"\+ -|- -|\+ \+|(?<![\d}^.])1[xyzwk(](?!\d)|\b0x|Fraction|None|  |\n\n", text), text


@by_level
@by_family
def test_solutions_end_in_the_answer(family, difficulty):
    """The last line of a worked solution is the boxed answer, and there is work above it."""
    for problem in problems(family, difficulty, 50):
        *steps, last = problem.solution.split("\n")
        assert last == f"\\boxed{{{problem.answer}}}"
        assert steps


@by_family
def test_families_are_pure(family):
    """The generator's state alone decides the problem."""
    first, second = (family.draw(np.random.default_rng(5), 3) for _ in range(2))
    assert first == second


@by_family
def test_references_are_in_the_form_that_is_asked_for(family):
    """No reference contains what answers of its form may not contain."""
    assert all(FORMS[family.kind].admits(problem.answer) for problem in problems(family, 5, 100))


# The mixture


def test_the_mixture_holds_every_family_at_every_level():
    """Families and levels come equally often: chi-squared over all pairs stays below its 99.99% point."""
    pairs = Counter((task.metadata["family"], task.metadata["difficulty"]) for task in tasks(10 * 6 * len(FAMILIES)))
    assert len(pairs) == 6 * len(FAMILIES)
    freedom = len(pairs) - 1
    bound = freedom * (1 - 2 / (9 * freedom) + 3.72 * (2 / (9 * freedom)) ** 0.5) ** 3  # Wilson and Hilferty
    assert sum((times - 10) ** 2 / 10 for times in pairs.values()) < bound


@by_level
def test_difficulty_is_kept(difficulty):
    """A set difficulty holds for every task."""
    assert {task.metadata["difficulty"] for task in tasks(20, difficulty=difficulty)} == {difficulty}


def test_reset_may_change_the_difficulty():
    """`options={"difficulty": d}` holds for one episode."""
    env = gym.make("llm/Math-v0", difficulty=1).unwrapped
    env.reset(seed=0, options={"difficulty": 4})
    assert env.task.metadata["difficulty"] == 4
    env.reset()
    assert env.task.metadata["difficulty"] == 1


@pytest.mark.parametrize(
    ("topics", "families"),
    [
        ("calculus", CALCULUS),
        (["urn"], {"urn"}),
        (("calculus", "urn"), {*CALCULUS, "urn"}),
        (["calculus", "derivative"], CALCULUS),
        ({"calculus": 2, "urn": 1}, {*CALCULUS, "urn"}),
        (None, {family.name for family in FAMILIES}),
    ],
)
def test_topics_choose_families(topics, families):
    """Topics and single families can be named, one or several."""
    assert {family.name for family in Math(topics=topics).families} == families


def test_weights_share_out_the_mixture():
    """A topic's weight is shared by its families; a family named besides has its own; weight 0 is left out."""
    drawn = Counter(task.metadata["family"] for task in tasks(900, topics={"calculus": 2, "urn": 1, "algebra": 0}))
    siblings = [family.name for family in FAMILIES if family.topic == "calculus"]
    assert drawn.keys() == {*siblings, "urn"}
    assert abs(drawn["urn"] - 300) < 60
    assert all(abs(drawn[name] - 600 / len(siblings)) < 60 for name in siblings)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_topic_has_an_id_of_its_own(topic):
    """`llm/MathNumberTheory-v0` asks number theory alone."""
    env = gym.make(f"llm/Math{topic.title().replace('_', '')}-v0").unwrapped
    assert {family.topic for family in env.families} == {topic}


def test_the_order_of_topics_does_not_matter():
    """The same topics give the same tasks."""
    assert tasks(5, topics=["urn", "calculus"]) == tasks(5, topics=["calculus", "urn"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"topics": "calculos"}, "Did you mean 'calculus'"),
        ({"topics": ["calculus", "integrals"]}, "Did you mean 'integral'"),
        ({"topics": []}, "one or more names"),
        ({"topics": 7}, "one or more names"),
        ({"topics": [7]}, "unknown topic"),
        ({"topics": {"calculus": -1}}, "a finite number >= 0"),
        ({"topics": {"calculus": 0}}, "one or more names"),
        ({"topics": {"calculus": "much"}}, "a finite number >= 0"),
        ({"rubric": {"format": 0.5}}, r"a number in \[0, 0.5\)"),
        ({"rubric": {"format": -0.1}}, r"a number in \[0, 0.5\)"),
        ({"rubric": {"format": "much"}}, r"a number in \[0, 0.5\)"),
        ({"rubric": {"format": float("nan")}}, r"a number in \[0, 0.5\)"),
        ({"difficulty": 6}, "from 0 to 5"),
        ({"topic": "calculus"}, "topic"),
    ],
    ids=str,
)
def test_bad_options_are_refused(options, words):
    """At `make` time, with what was expected."""
    with pytest.raises(BadOption, match=words):
        gym.make("llm/Math-v0", **options)


def test_metadata_is_plain():
    """Topic, family, kind, difficulty and solution survive JSON."""
    for task in tasks(20):
        assert json.loads(json.dumps(task.metadata)) == task.metadata
        assert task.metadata.keys() == {"topic", "family", "kind", "difficulty", "solution"}


def test_no_task_gives_its_answer_away():
    """The prompt never holds the box, and the instruction names it."""
    for task in tasks(100):
        assert task.prompt.endswith("Put the final answer in \\boxed{}.")
        assert f"\\boxed{{{task.answer}}}" not in task.prompt


@pytest.mark.parametrize("other", [{"seed": 43}, {"split": "test"}, {"split": "validation"}], ids=str)
def test_sequences_share_no_more_than_chance(other):
    """Another seed or split has as few tasks in common as two draws from the same seed have."""
    mine, theirs = [
        [task.prompt for task in tasks(TASKS, **options)] for options in ({"seed": 42}, {"seed": 42, **other})
    ]
    assert len(set(mine) & set(theirs)) <= 6


@by_level
@by_family
def test_problems_hardly_repeat(family, difficulty):
    """A family has at least five thousand problems at each level: of 400, about eight pairs could be equal."""
    texts = [problem.question for problem in problems(family, difficulty, 400)]
    assert len(texts) - len(set(texts)) <= 28


def test_an_unreadable_reference_is_an_error_of_the_task(monkeypatch):
    """A family that gives an answer nobody could be judged by fails at reset, not at the end of the episode."""
    broken = Family("arithmetic", "broken", "integer", lambda rng, difficulty: Problem("What?", r"\frac{1}{", []))
    env = Math()
    monkeypatch.setattr(env, "families", (broken,) * len(env.families))
    with pytest.raises(BadReference, match="cannot be read"):
        env.reset(seed=0)


# The verdict


def test_gold_is_right_and_neighbours_are_wrong():
    """The worked solution scores 1; nothing, garbage and an answer close by score 0."""
    env = Math()
    for task in tasks(TASKS, seed=1):
        assert env.verify(task, *env.demonstrate(task)).reward == 1.0
        assert env.verify(task, f"\\boxed{{{neighbour(task)}}}").reward == 0.0, (task.answer, neighbour(task))
        assert env.verify(task, "").reward == env.verify(task, "I do not know.").reward == 0.0


def test_oracles_fit_into_a_turn():
    """The longest worked solution is shorter than the default turn, in bytes."""
    longest = max(len(p.solution) for family in FAMILIES for level in LEVELS for p in problems(family, level, 50))
    assert longest + 100 < Math.max_new_tokens


@pytest.mark.parametrize(
    ("kind", "answer", "admitted"),
    [
        ("integer", "120", True),
        ("integer", "1,200", True),
        ("integer", "x = 120", True),
        ("integer", r"\binom{10}{3}", False),
        ("integer", "5!", False),
        ("integer", "10^2", False),
        ("integer", r"12 \times 10", False),
        ("fraction", r"-\frac{3}{4}", True),
        ("fraction", "0.75", True),
        ("fraction", r"1\frac{1}{2}", True),
        ("fraction", r"\frac{\binom{3}{2}}{4}", False),
        ("interval", r"\left(-\infty, 3\right]", True),
        ("interval", r"x \in (1, 2) \cup [3, \infty)", True),
        ("interval", "x < 3", False),
        ("interval", r"x \leq 3", False),
        ("interval", r"x \ne 3", False),
        ("matrix", r"\frac{1}{3} \begin{pmatrix} 1 & -2 \\ -\frac{3}{4} & 0.5 \end{pmatrix}", True),
        ("matrix", r"\begin{pmatrix} 1 \cdot 2 & 3 \end{pmatrix}", False),
        ("matrix", r"\begin{pmatrix} 7 - 2 & 3 \end{pmatrix}", False),
        ("matrix", r"\begin{pmatrix} 4 + 1 & 3 \end{pmatrix}", False),
        ("exact", r"\frac{3}{4}\sqrt{5} - 2 \cdot \sqrt{3} + 12\pi", True),
        ("exact", r"\sqrt{2 + \sqrt{3}}", True),
        ("exact", r"\sqrt{36 + 9}", False),
        ("exact", r"\sqrt{(3 - 9)^2 + (4 - 7)^2}", False),
        ("exact", r"√(36 + 9)", False),
        ("exact", r"\sqrt{6^{2} - 2 \cdot 5}", False),
        ("exact", r"2 \cdot 3 \pi", False),
        ("exact", r"\frac{268}{360} \cdot 25\pi", False),
        ("exact", r"\frac{1}{3}(36)(61)\pi", False),
        ("exact", r"3e^{2} - (1 + \sqrt{2})e^{-1}", True),
        ("expression", r"3x^2 \cdot 5", True),
        ("set", r"\{1 \pm \sqrt{2}\}", True),
        ("set", r"\{-3 - 2\sqrt{5}, \frac{-3}{4}\}", True),
        ("set", r"\{1 + 1, 5\}", False),
        ("set", r"\{5, 2 \cdot 3\}", False),
        ("set", r"\{\frac{-5 - \sqrt{25-24}}{2}\}", False),
        ("set", r"\{\frac{6-\sqrt{36-4\cdot 7}}{2}\}", False),
        ("tuple", r"(-2, 5)", True),
        ("tuple", r"(\frac{1}{2}, -\sqrt{3})", True),
        ("tuple", r"(9 + 4, 15)", False),
        ("tuple", r"(13, (2)(4) - 3)", False),
    ],
)
def test_forms(kind, answer, admitted):
    """Numbers are written out and intervals are intervals; calculations and relations are neither."""
    assert FORMS[kind].admits(answer) is admitted


def test_right_value_in_another_form_is_no_answer():
    """What the verifier counts as equal, but leaves to be worked out, gets 0 and a reason."""
    env = Math(topics="committee", difficulty=0)
    env.reset(seed=0)
    chosen_1, chosen_2, size_1, size_2 = map(int, re.findall(r"\d+", env.task.prompt))
    reply = f"\\boxed{{\\binom{{{size_1}}}{{{chosen_1}}}\\binom{{{size_2}}}{{{chosen_2}}}}}"
    assert verifiers.math(reply, env.task.answer).correct
    verdict = env.verify(env.task, reply)
    assert verdict.reward == 0.0
    assert "not in form" in verdict.reason
    assert verdict.details["rule"] == "box"


@pytest.mark.parametrize(
    ("reply", "reward"),
    [
        ("<think>{steps}</think>\n\\boxed{{{answer}}}", 1.0),
        ("{steps}\n\\boxed{{{answer}}}", 0.75),
        ("<think>{steps}</think>\n\\boxed{{0}}, no: \\boxed{{{answer}}}", 0.75),
        ("<think>{steps}</think>\n\\boxed{{-1}}", 0.25),
        ("\\boxed{{-1}}", 0.0),
        ("<think>{steps}</think>\n\\boxed{{-1}} \\boxed{{-1}}", 0.0),
        ("<think>\\boxed{{{answer}}}</think>", 0.0),
        ("<think>{steps}", 0.0),
    ],
)
def test_format_is_a_part(reply, reward):
    """With a weight of one quarter, being right is worth three quarters and the format the last one."""
    env = Math(topics="divisibility", rubric={"format": 0.25})
    env.reset(seed=0)
    text = reply.format(steps="Two steps.", answer=env.task.answer)
    verdict = env.verify(env.task, text)
    assert verdict.reward == pytest.approx(reward)
    assert [(part.name, part.weight) for part in verdict.parts] == [("correct", 0.75), ("format", 0.25)]


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.25, 0.499])
def test_format_alone_never_beats_being_right(weight):
    """The best reply without a right answer is worth less than the worst with one."""
    env = Math(topics="divisibility", rubric={"format": weight})
    env.reset(seed=0)
    formed = env.verify(env.task, "<think>a</think>\\boxed{-1}").reward
    right = env.verify(env.task, f"\\boxed{{{env.task.answer}}}").reward
    assert 0 < formed < right < 1


def test_a_calculation_left_to_do_earns_no_partial_credit():
    """What is right in value but not in form is not partly right either."""
    env = Math(topics="committee", difficulty=0, rubric={"partial": 0.4})
    env.reset(seed=0)
    chosen_1, chosen_2, size_1, size_2 = map(int, re.findall(r"\d+", env.task.prompt))
    reply = f"\\boxed{{\\binom{{{size_1}}}{{{chosen_1}}}\\binom{{{size_2}}}{{{chosen_2}}}}}"
    assert verifiers.math(reply, env.task.answer).correct
    assert env.verify(env.task, reply).reward == 0.0


def test_length_is_what_was_sampled():
    """Ids are counted, not characters: 46 of 50, though their text would be encoded as several hundred."""
    env = Math(rubric={"overlong": 0.2}, max_new_tokens=50)
    env.reset(seed=0)
    turn = env.push([*b"\\boxed{-1", *[env.chat.pad_id] * 36, *env.chat.stop_ids])
    assert turn.reward == pytest.approx(-0.2 * 0.6)


def test_a_full_context_is_as_long_as_can_be():
    """What the context leaves is the limit that overlong goes by."""
    env = Math(rubric={"overlong": 0.2}, context_length=300)
    _, info = env.reset(seed=0)
    turn = env.push([ord("a")] * (300 - info["prompt_length"]))
    assert (turn.info["stop_reason"], turn.reward) == ("context_full", -0.2)


def test_demonstrations_follow_the_prompt():
    """Thoughts are marked where the prompt asks for it, and not where it does not."""
    for weight, opening in ((0.0, ""), (0.2, "<think>\n")):
        env = Math(rubric={"format": weight})
        env.reset(seed=0)
        assert ("<think>" in env.task.prompt) == bool(weight)
        (reply,) = env.demonstrate(env.task)
        assert reply.startswith(opening)
        assert ("<think>" in reply) == bool(weight)


class Thinker(ByteTokenizer):
    """A template that opens the thought for the policy, as those of some reasoning models do."""

    name = "thinker"

    def encode_prompt(self, messages, tools=()):
        """The opening context, and `<think>`."""
        return [*super().encode_prompt(messages, tools), *b"<think>\n"]


def test_a_thought_that_the_template_opens_counts():
    """Then the reply need not open it, the oracle does not, and one that does breaks the format."""
    env = Math(rubric={"format": 0.2}, tokenizer=Thinker())
    env.reset(seed=0)
    (reply,) = env.demonstrate(env.task)
    assert "<think>" not in reply
    assert env.verify(env.task, reply).reward == 1.0
    assert env.verify(env.task, "<think>" + reply).reward == 0.8


# Type-setting


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (number(-7), "-7"),
        (number(Fraction(4, 2)), "2"),
        (number(Fraction(-2, 3)), r"-\frac{2}{3}"),
        (bracketed(-2), "(-2)"),
        (bracketed(2), "2"),
        (decimal(Fraction(-3, 40)), "-0.075"),
        (decimal(12), "12"),
        (added(["x", "-y", "3"]), "x - y + 3"),
        (combination([(1, "x"), (-1, "y"), (0, "z"), (-3, "")]), "x - y - 3"),
        (combination([(Fraction(1, 2), "x"), (1, "")]), r"\frac{1}{2}x + 1"),
        (combination([(0, "x")]), "0"),
        (polynomial([1, 0, -1, 2]), "x^3 - x + 2"),
        (polynomial([-1, 0]), "-x"),
        (polynomial([2, 5], "k"), "2k + 5"),
        (root(49), "7"),
        (root(98), r"7\sqrt{2}"),
        (root(Fraction(3, 8)), r"\frac{1}{4}\sqrt{6}"),
        (root(1000007, -2), r"-2\sqrt{1000007}"),
        (rooted(12), r"\sqrt{12} = 2\sqrt{3}"),
        (rooted(6), r"\sqrt{6}"),
        (times_pi(-1), r"-\pi"),
        (vector([1, Fraction(-2, 3)]), r"(1, -\frac{2}{3})"),
        (line(-2, Fraction(4, 3), 0), "3x - 2y = 0"),
        (line(0, -3, 6), "y = -2"),
        (matrix([[1, Fraction(-1, 2)], ["k", 0]]), r"\begin{pmatrix} 1 & -\frac{1}{2} \\ k & 0 \end{pmatrix}"),
    ],
)
def test_latex(written, text):
    """Numbers and polynomials look as in a textbook."""
    assert written == text


def test_making_tasks_needs_no_sympy():
    """Drawing and judging a thousand tasks of all families never loads SymPy."""
    code = (
        "import sys, gymnasium, llm_envs\n"
        "env = gymnasium.make('llm/Math-v0').unwrapped\n"
        "env.reset(seed=0)\n"
        "for _ in range(1000):\n"
        "    env.reset(); env.verify(env.task, *env.demonstrate(env.task))\n"
        "print('sympy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False"]
