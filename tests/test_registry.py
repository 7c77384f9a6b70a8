"""One row an id: found by Gymnasium, by us, and by plug-ins; unknown ids are answered with the closest."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import warnings
from importlib.metadata import EntryPoint

import gymnasium
import pytest
from worlds import Echo, Odd

import llm_envs
from llm_envs import registry
from llm_envs.env import LLMEnv, SingleTurnEnv
from llm_envs.errors import BadOption, UnknownEnv
from llm_envs.registry import EnvRow, load_plugins, register, row, rows


@pytest.fixture(autouse=True)
def _rows_as_before(monkeypatch):
    """What a test registers is gone afterwards, here and in Gymnasium."""
    monkeypatch.setattr(registry, "_ROWS", dict(registry._ROWS))
    monkeypatch.setattr(gymnasium.envs.registration, "registry", dict(gymnasium.registry))


def test_rows_are_sorted_and_ours_are_there():
    """Listing gives every row once, by id."""
    ids = [row.id for row in rows()]
    assert ids == sorted(set(ids))
    assert {"llm/Math-v0", "llm/Arithmetic-v0", "llm/GuessNumber-v0"} <= set(ids)


@pytest.mark.parametrize("env_row", rows(), ids=lambda row: row.id)
def test_every_row_can_be_made(env_row):
    """By itself, by Gymnasium, and as a vector env; tasks are named after the id."""
    assert issubclass(env_row.load(), LLMEnv)
    with gymnasium.make(env_row.id) as env:
        assert type(env.unwrapped) is env_row.load()
        assert env.reset(seed=0)[1]["task_id"].startswith(f"{env_row.id}/train/")
    assert env_row.make().reset(seed=0)[1]["task_id"].startswith(f"{env_row.id}/train/")
    envs = gymnasium.make_vec(env_row.id, num_envs=2)
    assert type(envs).__name__ == "LLMVectorEnv"
    envs.close()


def test_a_class_is_registered_by_decorating_it():
    """The decorator gives the class back, and the env can be made."""
    decorated = register("me/Echo-v0", max_new_tokens=5)(Echo)
    assert decorated is Echo
    assert gymnasium.make("me/Echo-v0").unwrapped.limits.max_new_tokens == 5
    assert row("me/Echo-v0") == EnvRow("me/Echo-v0", Echo, {"max_new_tokens": 5})


def test_an_env_is_registered_by_its_entry_point():
    """The module is imported when the env is made, not before."""
    register("me/Echo-v1", "worlds:Echo", extras=("web",), max_new_tokens=5)
    assert row("me/Echo-v1").load() is Echo
    assert row("me/Echo-v1").extras == ("web",)
    register("me/Nowhere-v0", "no_such_module:Nowhere")
    assert row("me/Nowhere-v0").id == "me/Nowhere-v0"
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        gymnasium.make("me/Nowhere-v0")


def test_defaults_can_be_overridden():
    """An argument of `make` wins, in every way to make."""
    register("me/Echo-v0", "worlds:Echo", max_new_tokens=5, difficulty=1)
    assert row("me/Echo-v0").make(max_new_tokens=7).limits.max_new_tokens == 7
    assert gymnasium.make("me/Echo-v0", max_new_tokens=7).unwrapped.limits.max_new_tokens == 7
    envs = gymnasium.make_vec("me/Echo-v0", num_envs=1, max_new_tokens=7)
    assert (envs.envs[0].limits.max_new_tokens, envs.envs[0].difficulty) == (7, 1)
    envs.close()


@pytest.mark.parametrize("env_id", ["me/Add", "Add", "", "me/Add-v", "me/Add-vx", "a/b/c-v0", "me/Add v0"])
def test_an_id_has_a_version(env_id):
    """An id without one is refused: rewards that change must not change silently."""
    with pytest.raises(BadOption, match="namespace/Name-vN"):
        register(env_id, "worlds:Echo")
    with pytest.raises(BadOption):
        register(env_id)(Odd)


@pytest.mark.parametrize(
    ("env_id", "hint"),
    [("llm/Mth-v0", "'llm/Math-v0'"), ("llm/math-v0", "'llm/Math-v0'"), ("GuessNumber-v0", "'llm/GuessNumber-v0'")],
)
def test_an_unknown_id_is_answered_with_the_closest(env_id, hint):
    """A typed error that is a LookupError, too."""
    with pytest.raises(UnknownEnv, match=re.escape(hint)) as caught:
        row(env_id)
    assert isinstance(caught.value, LookupError)


def test_gymnasium_and_we_know_the_same_ids():
    """Each row is a spec of Gymnasium's, with our vector entry point and no time limit."""
    for env_row in rows():
        spec = gymnasium.spec(env_row.id)
        assert spec.vector_entry_point == "llm_envs.vector:LLMVectorEnv"
        assert spec.kwargs == {**env_row.defaults, "env_id": env_row.id}


def test_a_module_can_be_named_in_the_id():
    """`gym.make("llm_envs:llm/...")` works in a process that has imported nothing of ours."""
    code = "import gymnasium; print(gymnasium.make('llm_envs:llm/GuessNumber-v0').reset(seed=0)[1]['task_id'])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "llm/GuessNumber-v0/train/0/0"


def test_listing_imports_no_env():
    """Rows hold strings: neither importing the package nor listing loads an env."""
    code = (
        "import sys, llm_envs; from llm_envs.registry import rows; rows();"
        "print([m for m in sys.modules if m.startswith(('llm_envs.envs', 'llm_envs.verifiers'))])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_public_name_is_there():
    """`__all__` is what one imports."""
    assert all(hasattr(llm_envs, name) for name in llm_envs.__all__)
    assert all(inspect.getdoc(getattr(llm_envs, name)) for name in llm_envs.__all__)


def plugged_in(monkeypatch, **values):
    """Installed plug-ins: name to entry point value."""
    points = [EntryPoint(name, value, registry.PLUGIN_GROUP) for name, value in values.items()]
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: points if group == registry.PLUGIN_GROUP else []
    )


def plug_in():
    """A plug-in that is a function."""
    register("other/Echo-v0", "worlds:Echo")


def test_plugins_are_modules_or_functions(monkeypatch):
    """A module is imported, a function is called; both may register envs."""
    plugged_in(monkeypatch, function=f"{__name__}:plug_in", module="worlds")
    assert load_plugins() == ["function", "module"]
    assert row("other/Echo-v0").load() is Echo


def test_a_broken_plugin_is_reported_and_passed_over(monkeypatch):
    """Its neighbours are loaded all the same."""
    plugged_in(monkeypatch, broken="no_such_module", function=f"{__name__}:plug_in")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert load_plugins() == ["function"]
    assert ["broken" in str(warning.message) for warning in said] == [True]


def test_an_id_belongs_to_one_env():
    """Another class cannot take an id; the same one may register again, as a notebook's cell does."""
    with pytest.raises(BadOption, match="is taken"):
        llm_envs.register("llm/Math-v0")(Echo)
    llm_envs.register("test/Echo-v0")(Echo)


@pytest.mark.parametrize("thing", [int, len, "Echo", 7], ids=repr)
def test_only_env_classes_are_registered(thing):
    """What is no env class is refused where it is registered, not when it is made."""
    with pytest.raises(BadOption, match="no env class"):
        llm_envs.register("test/Thing-v0")(thing)


@pytest.mark.parametrize("env_id", ["T-v0", "test/T", 3, "", Echo], ids=repr)
def test_an_id_has_a_namespace_and_a_version(env_id):
    """Anything else is refused, a class decorated without parentheses included."""
    with pytest.raises(BadOption, match=r"namespace/Name-vN"):
        llm_envs.register(env_id)


def test_a_constructor_hands_options_on():
    """One that takes no `**options` is refused, with the line that mends it."""

    class Closed(SingleTurnEnv):
        def __init__(self, mine=1):
            super().__init__()

    with pytest.raises(BadOption, match=r"\*\*options"):
        llm_envs.register("test/Closed-v0")(Closed)


def test_an_id_may_name_its_module(tmp_path, monkeypatch):
    """`module:id` imports the module first, as in `gym.make`; a module that is not there is named."""
    source = "import llm_envs, worlds\n@llm_envs.register('own/Own-v0')\nclass Own(worlds.Echo):\n    pass\n"
    (tmp_path / "own_module.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert row("own_module:own/Own-v0").id == "own/Own-v0"
    with pytest.raises(UnknownEnv, match="no_such_module"):
        row("no_such_module:own/Own-v0")


def test_unfinished_classes_cannot_be_made():
    """Python itself names the methods that are missing."""

    class Unfinished(SingleTurnEnv):
        """An env."""

    with pytest.raises(TypeError, match="sample"):
        Unfinished()
