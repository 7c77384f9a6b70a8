"""Suites: what ships can be played, what is pinned is in the plan, what is wrong in a file is told with its line."""

from __future__ import annotations

import asyncio

import pytest
from speakers import Speaker, gold

from llm_envs.errors import BadSuite, LLMEnvsError, UnknownSuite
from llm_envs.evals.engine import Engine
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.plan import Plan
from llm_envs.evals.suites import load_suite, shipped_suites

GOOD = """\
name = "mine"
version = 3
about = "Sums and puzzles."
tasks = 2
samples = 2
seed = 5
split = "validation"

[decoding]
temperature = 1
max_tokens = 100

[[env]]
id = "llm/Arithmetic-v0"
options = { difficulty = 1 }

[[env]]  # three of them
id = "llm/Maze-v0"
label = "maze"
each = { difficulty = [0, 1, 2] }

[env.options]
max_turns = 32
"""


@pytest.fixture
def write(tmp_path):
    """Writes a suite's file; its name."""

    def write(text):
        path = tmp_path / "my_suite.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize("suite", shipped_suites(), ids=lambda suite: suite.name)
def test_what_ships_can_be_loaded_by_name(suite):
    """Every env can be made, the file is named after the suite, and somebody wrote what it measures."""
    assert load_suite(suite.name) == suite
    assert suite.about.endswith((".", "?"))


def test_quick_is_played_to_its_end(tmp_path):
    """A gold player earns everything in all of its envs."""
    plan = load_suite("quick").plan("mock:gold")
    folder = RunFolder.create(tmp_path / "run", plan)
    asyncio.run(Engine(folder, Speaker(gold)).run())
    rewards = [outcome.reward for outcome in folder.outcomes()]
    assert rewards == [1.0] * plan.episodes
    assert plan.episodes <= 200


def test_reasoning_has_every_topic_and_level():
    """Ten topics and four puzzles, six levels each."""
    envs = load_suite("reasoning").envs
    assert len({env.id for env in envs}) == 14
    assert all(sum(env.id == other.id for other in envs) == 6 for env in envs)


def test_a_plan_has_everything_that_is_pinned(write):
    """Envs with labels and options, numbers, seed, split, budgets, and whose plan it is."""
    plan = load_suite(write(GOOD)).plan("mock:noop")
    assert [(env.label, dict(env.options)) for env in plan.envs] == [
        ("llm/Arithmetic-v0", {"difficulty": 1}),
        ("maze-0", {"max_turns": 32, "difficulty": 0}),
        ("maze-1", {"max_turns": 32, "difficulty": 1}),
        ("maze-2", {"max_turns": 32, "difficulty": 2}),
    ]
    assert (plan.tasks, plan.samples, plan.seed, plan.split, plan.model) == (2, 2, 5, "validation", "mock:noop")
    assert (plan.decoding.temperature, plan.decoding.max_tokens, plan.decoding.top_p) == (1, 100, None)
    assert plan.suite == "mine@3"
    assert plan.name.startswith("mine-3-mock-noop--")
    assert Plan.from_dict(plan.to_dict()) == plan


def test_another_version_is_another_run(write):
    """Two versions do not share a folder, and the difference is named."""
    old = load_suite(write(GOOD)).plan("mock:noop")
    new = load_suite(write(GOOD.replace("version = 3", "version = 4"))).plan("mock:noop")
    assert old.name != new.name
    assert old.differences(new) == ["suite: 'mine@4', not 'mine@3'"]


def test_a_plan_that_is_changed_says_so(write):
    """With other numbers, the figures are not the suite's; with the same ones they are."""
    suite = load_suite(write(GOOD))
    assert suite.plan("mock:noop", tasks=1).suite == "mine@3 changed"
    assert suite.plan("mock:noop", tasks=1).tasks == 1
    assert suite.plan("mock:noop", tasks=2, seed=5).suite == "mine@3"


def test_an_unknown_name_is_told_from_a_known_one():
    """Mistyped names of shipped suites, and files that are not there."""
    with pytest.raises(UnknownSuite, match="Did you mean 'quick'"):
        load_suite("quik")
    with pytest.raises(UnknownSuite, match=r"my_suite\.toml"):
        load_suite("nowhere/mine.toml")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tasks = 2", "task = 2", "line 4: unknown field 'task'.*Did you mean 'tasks'"),
        ("tasks = 2", 'tasks = "2"', "line 4: 'tasks' is not a whole number"),
        ("tasks = 2", "tasks = true", "line 4: 'tasks' is not a whole number"),
        ("tasks = 2", "tasks = 0", "line 4: 'tasks' is out of range"),
        ("samples = 2", "samples = -1", "line 5: 'samples' is out of range"),
        ("version = 3\n", "", "line 1: 'version' is missing"),
        ('"validation"', '"tests"', "line 7: unknown split.*Did you mean 'test'"),
        ('name = "mine"', 'name = "../mine"', "line 1: the name"),
        ("temperature = 1", "temprature = 1", "line 10, decoding: unknown field 'temprature'.*temperature"),
        ("max_tokens = 100", "max_tokens = 0", "line 11, decoding: max_tokens is out of range"),
        ("llm/Arithmetic-v0", "llm/Aritmetic-v0", "line 14, env 1: there is no env.*Did you mean"),
        ("difficulty = 1", "dificulty = 1", "line 15, env 1: unknown argument 'dificulty'.*Did you mean 'difficulty'"),
        ("difficulty = 1", "difficulty = 9", "line 15, env 1: difficulty is out of range"),
        ("label =", "lable =", "line 19, env 2: unknown field 'lable'.*Did you mean 'label'"),
        ("[0, 1, 2]", "2", "line 20, env 2: 'difficulty' of 'each' is no list"),
        ("[0, 1, 2]", "[0, 1, 7]", "line 20, env 2: difficulty is out of range"),
        ("max_turns = 32", "max_turn = 32", "line 23, env 2: unknown argument 'max_turn'"),
        ("turns = 32", 'turns = 32\n\n[[env]]\nid = "llm/Arithmetic-v0"', "line 26, env 3: the label .* twice"),
        ("seed = 5", "seed = = 5", "line 6"),
        ('id = "llm/Maze-v0"\n', "", "line 17, env 2: 'id' is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(write, old, new, told):
    """File, line and part stand in front; the closest known word follows."""
    assert GOOD.count(old) >= 1
    with pytest.raises(BadSuite, match=f"(?s){told}") as caught:
        load_suite(write(GOOD.replace(old, new, 1)))
    assert "my_suite.toml" in str(caught.value)


def test_envs_as_one_line_are_read_as_well(write):
    """TOML has other ways to write tables; a mistake in them is told without an exact line."""
    text = 'name = "a"\nversion = 1\ntasks = 1\nenv = [{ id = "llm/Arithmetic-v0" }, { id = "llm/Nothing-v0" }]\n'
    with pytest.raises(BadSuite, match="env 2: there is no env"):
        load_suite(write(text))


def test_a_file_that_is_no_text_is_told(tmp_path):
    """Bytes that are no UTF-8."""
    (tmp_path / "my.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadSuite, match="UTF-8"):
        load_suite(str(tmp_path / "my.toml"))


def test_an_env_of_ones_own_is_imported(write, tmp_path, monkeypatch):
    """`module:id` finds the module, as everywhere."""
    (tmp_path / "suite_riddles.py").write_text(
        "import llm_envs\n\n@llm_envs.register('me/Riddle-v0')\nclass Riddle(llm_envs.SingleTurnEnv):\n"
        "    '''One riddle.'''\n    def sample(self, rng):\n        return llm_envs.Task(prompt='?', answer='!')\n"
        "    def verify(self, task, reply):\n        return float(reply == task.answer)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    text = GOOD.replace("llm/Arithmetic-v0", "suite_riddles:me/Riddle-v0").replace("options = { difficulty = 1 }\n", "")
    assert load_suite(write(text)).envs[0].label == "me/Riddle-v0"


def test_errors_are_the_librarys():
    """They are shown as text by the command line."""
    assert issubclass(BadSuite, LLMEnvsError)
    assert issubclass(UnknownSuite, LLMEnvsError)
