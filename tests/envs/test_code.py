"""`llm/Code-v0`: its templates, their tests, and what programs are worth."""

from __future__ import annotations

import copy
import functools
import json
import os
import random
import re
import subprocess
import sys

import gymnasium as gym
import pytest

from llm_envs import verifiers
from llm_envs.envs.code import TEMPLATES
from llm_envs.envs.code.cases import drawn_cases, fails
from llm_envs.envs.code.exercise import Exercise
from llm_envs.envs.code.forms import FORMS, described
from llm_envs.envs.code.problem import LEVELS, solver_of
from llm_envs.errors import BadOption
from llm_envs.sandbox import shared
from llm_envs.testing import EnvTests

DRAWN_INPUTS = 15
SEEDS = 2
KILLED_BY_TEMPLATE, KILLED_IN_ALL = 0.90, 0.95
by_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
SLOW = [one for one in TEMPLATES if one.draw(random.Random(1), 5).brute_is_slow]


@pytest.mark.sandbox
class TestConformance(EnvTests):
    env_id = "llm/Code-v0"
    options = {"difficulty": 0}  # noqa: RUF012 (as declared)


@functools.cache
def drawn(template, level, seed):
    """A problem with its tests; the next seed where these vary too little."""
    rng = random.Random(f"{template.name} {level} {seed}")
    problem = template.draw(rng, level)
    cases = drawn_cases(problem, rng, level)
    return (problem, cases) if cases else drawn(template, level, seed + 1000)


def problems(template):
    """Some of each level."""
    return [drawn(template, level, seed) for level in LEVELS for seed in range(SEEDS)]


def opened(index=0, **options):
    """The env at one task."""
    env = gym.make("llm/Code-v0", **options).unwrapped
    env.reset(seed=5, options={"index": index})
    return env


def reward(env, program):
    """What a program is paid."""
    return env.verify(env.task, f"```python\n{program}\n```").reward


# Templates


def test_there_are_many_templates():
    """At least forty, of eight topics, with names that mean one thing."""
    names, topics = [one.name for one in TEMPLATES], {one.topic for one in TEMPLATES}
    assert len(names) >= 40
    assert len(topics) >= 7
    assert len({*names, *topics}) == len(names) + len(topics)


@by_template
def test_reference_and_brute_force_agree(template):
    """On edge cases, examples and drawn inputs, of equal types; neither changes what it is given."""
    for problem, cases in problems(template):
        reference, brute = solver_of(problem.gold), solver_of(problem.trusted)
        rng = random.Random(problem.words)
        drawn_args = [problem.case(rng, 1 + number % problem.small) for number in range(DRAWN_INPUTS)]
        for args in [*problem.edges, *(case.args for case in cases.examples), *drawn_args]:
            before = copy.deepcopy(args)
            assert repr(reference(*args)) == repr(brute(*args)), (problem.words, args)
            assert args == before


@functools.cache
def killed(template):
    """How many mutants there are, and how many fail a test."""
    wrong = [(solver_of(source), cases) for problem, cases in problems(template) for source in problem.wrong.values()]
    return len(wrong), sum(any(fails(solve, case) for case in cases.hidden) for solve, cases in wrong)


@by_template
def test_wrong_programs_fail(template):
    """Each problem has at least four mutants, and nine of ten fail one of its tests."""
    assert all(len(problem.wrong) >= 4 for problem, _ in problems(template))
    mutants, dead = killed(template)
    assert dead >= KILLED_BY_TEMPLATE * mutants


def test_hardly_any_wrong_program_passes():
    """Over all templates nineteen of twenty mutants fail."""
    mutants, dead = map(sum, zip(*map(killed, TEMPLATES), strict=True))
    assert dead >= KILLED_IN_ALL * mutants


@by_template
def test_tests_are_of_use(template):
    """8 to 20, no two alike, none shown, at most half with one answer, and inputs are no answers."""
    for _problem, cases in problems(template):
        keys = [case.key for case in cases.hidden]
        answers = [repr(case.answer) for case in cases.hidden]
        assert 8 <= len(keys) == len(set(keys)) <= 20
        assert not {case.key for case in cases.examples} & set(keys)
        assert cases.examples[0].answer != cases.examples[1].answer
        assert max(map(answers.count, answers)) <= len(answers) / 2
        assert sum(case.answer not in case.args for case in cases.hidden) >= 2


@by_template
def test_a_template_is_many_tasks(template):
    """Not only the inputs differ: most statements of a level say another rule."""
    for level in (1, 5):
        words = {rules(statement(template, level, seed)) for seed in range(30)}
        assert len(words) >= 15


def statement(template, level, seed):
    """A problem without tests."""
    return template.draw(random.Random(f"words {seed}"), level)


def rules(problem):
    """All that is said without the tests."""
    return problem.words, problem.gives.words, *(argument.words for argument in problem.takes)


@by_template
def test_levels_differ(template):
    """The rules, the sizes or both."""
    words = {len(statement(template, level, 3).words) for level in LEVELS}
    assert len(words) >= 2 or statement(template, 0, 3).most > 20


@by_template
def test_what_is_given_has_the_form_that_is_said(template):
    """So that it can be written on standard input, and plain data comes back."""
    kinds = {"int": int, "text": str, "ints": list, "words": list, "lines": list, "rows": list}
    for problem, cases in problems(template):
        for case in cases.hidden:
            values = [*zip(case.args, problem.takes, strict=True), (case.answer, problem.gives)]
            assert all(type(value) is kinds[said.form] for value, said in values), case
            assert json.loads(json.dumps([case.args, case.answer])) == [list(case.args), case.answer]


@by_template
def test_names_of_arguments_are_free(template):
    """The program around `solve` has names of its own."""
    for problem, _cases in problems(template):
        names = [argument.name for argument in problem.takes]
        assert len({*names, "given", "result", "solve", "sys"}) == len(names) + 4


def test_a_mutant_of_nothing_is_refused():
    """A replacement that is not there would be no mutant."""
    problem = TEMPLATES[0].draw(random.Random(0), 0)._replace(mutants={"is none": ("nowhere", "else")})
    with pytest.raises(ValueError, match="nowhere"):
        _ = problem.wrong


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_read_back(form):
    """What is written for an argument, the reader of the reference reads."""
    values = {
        "int": [0, -7],
        "text": ["", "a b"],
        "ints": [[], [3], [-1, 2]],
        "words": [[], ["a", "bc"]],
        "lines": [[], ["", "x y"]],
        "rows": [[], [[1, -2], [3, 4]]],
    }[form]
    problem, cases = drawn(TEMPLATES[0], 0, 0)
    for seed, value in enumerate(values):
        exercise = Exercise.drawn(problem, cases, random.Random(seed))
        reader = FORMS[form].reader
        text = FORMS[form].written(value, exercise.layout.mark)
        assert eval(described(reader, exercise.layout), {"given": iter(text.split("\n"))}) == value


# Tasks


def test_no_two_tasks_are_alike():
    """A thousand tasks from level 1 on have a thousand prompts."""
    env = gym.make("llm/Code-v0").unwrapped
    prompts = set()
    for index in range(1000):
        env.reset(seed=1, options={"index": index, "difficulty": 1 + index % 5})
        prompts.add(env.task.prompt)
    assert len(prompts) == 1000


DIGEST = """
import hashlib, json
import gymnasium as gym
import llm_envs
env = gym.make("llm/Code-v0").unwrapped
found = hashlib.sha256()
for index in range(20):
    env.reset(seed=3, options={"index": index})
    found.update(json.dumps([env.task.prompt, env.task.answer, env.task.metadata]).encode())
print(found.hexdigest())
"""


def test_tasks_are_the_same_in_every_process():
    """Whatever the hash seed."""
    command = [sys.executable, "-c", DIGEST]
    runs = [
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout


def test_templates_can_be_chosen():
    """By topic, by name, and not by a word that means nothing."""
    assert {opened(index, templates="strings").task.metadata["topic"] for index in range(9)} == {"strings"}
    assert opened(templates=["islands"]).task.metadata["template"] == "islands"
    with pytest.raises(BadOption, match="template"):
        gym.make("llm/Code-v0", templates="island")


@pytest.mark.parametrize("options", [{"backend": "dokcer"}, {"partial": 0.5}, {"partial": "much"}])
def test_wrong_options_are_refused_at_once(options):
    """When the env is made, not at the first program."""
    with pytest.raises(BadOption):
        gym.make("llm/Code-v0", **options)


def test_a_reply_without_a_program_opens_no_sandbox(monkeypatch):
    """It is worth nothing, wherever there is no sandbox at all."""
    monkeypatch.setattr("llm_envs.envs.code.env.shared", lambda backend: pytest.fail("a sandbox was opened"))
    env = opened()
    assert [env.verify(env.task, reply).reward for reply in ("", "print(5)", "I do not know.")] == [0, 0, 0]


def test_the_prompt_shows_no_hidden_test():
    """Neither the policy's prompt nor its metadata of the mode give an input away."""
    for index in range(30):
        task = opened(index).task
        for test in task.answer["tests"]:
            shown = test["stdin"] if "stdin" in test else ", ".join(map(repr, test["args"]))
            assert f"input:\n```\n{shown}```" not in task.prompt
            assert f"({shown})`" not in task.prompt


# Programs, in the sandbox


@pytest.mark.sandbox
@by_template
def test_the_reference_is_paid(template):
    """As a program and as a function."""
    modes = {}
    for index in range(12):
        env = opened(index, templates=template.name, difficulty=1)
        if env.task.metadata["mode"] not in modes:
            modes[env.task.metadata["mode"]] = reward(env, env.task.metadata["solution"])
    assert modes == {"stdin": 1.0, "function": 1.0}


@pytest.mark.sandbox
@pytest.mark.parametrize("template", SLOW, ids=lambda template: template.name)
def test_slow_programs_run_out_of_time(template):
    """At the upper levels the brute force is right, and too late."""
    problem, cases = drawn(template, 5, 0)
    rng = random.Random(0)
    exercise = Exercise.drawn(problem, cases, rng)
    reply = f"```python\n{exercise.program(problem.trusted)}```"
    verdict = verifiers.code(reply, exercise.reference, sandbox=shared())
    assert (verdict.reward, verdict.status) == (0.0, "timeout")


def cheats(task):
    """Programs that know nothing but the statement."""
    if task.metadata["mode"] == "function":
        name = task.answer["function"]
        shown = re.findall(rf"`{name}\((.*)\)` returns `(.*)`\.", task.prompt)
        table = ", ".join(f"repr(({args},)): {value}" for args, value in shown)
        yield f"def {name}(*args):\n    return {{{table}}}.get(repr(args))"
        yield f"def {name}(*args):\n    return args[0]"
        yield f"def {name}(*args):\n    return {shown[0][1]}"
        yield f"def {name}(*args):\n    pass"
        return
    shown = re.findall(r"input:\n```\n(.*?)```\noutput:\n```\n(.*?)```", task.prompt, re.DOTALL)
    yield f"import sys\nprint({dict(shown)!r}.get(sys.stdin.read(), ''), end='')"
    yield "import sys\nprint(sys.stdin.read(), end='')"
    yield f"print({shown[0][1]!r}, end='')"
    yield "pass"


@pytest.mark.sandbox
@by_template
def test_knowing_nothing_is_not_paid(template):
    """The examples by heart, an echo, a constant, an empty program: all worth nothing."""
    env = opened(1, templates=template.name, difficulty=0)
    assert [reward(env, program) for program in cheats(env.task)] == [0.0] * 4


@pytest.mark.sandbox
def test_partial_credit_stays_below_a_right_program():
    """The share of tests passed, by its weight."""
    env = opened(templates="best_window", difficulty=2, partial=0.4)
    wrong = env.task.metadata["solution"].replace("best = None", "best = 0", 1)
    assert 0.0 < reward(env, wrong) < 0.4
    assert reward(env, env.task.metadata["solution"]) == 1.0
