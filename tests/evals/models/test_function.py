"""Functions as models: they get what they ask for, and what they do wrong is named."""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
import time

import pytest

from llm_envs import Task, types
from llm_envs.errors import BadOption, ModelUnavailable, Outage, UnknownModel
from llm_envs.evals.engine import Engine
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.models import make_model
from llm_envs.evals.models.function import Function, find_function
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.model import Attempt, Completion, Decoding, Query
from llm_envs.registry import row

PATIENCE_S = 30


def query(turn=0, sample=0, tools=()):
    """A question on a fresh episode."""
    env = row("llm/Arithmetic-v0").make(split="test")
    env.reset(seed=0)
    env.session.begin(Task(prompt="1+1=?", answer=2, tools=tools))
    return Query(env, Attempt("llm/Arithmetic-v0", 0, sample), turn, 0)


def asked(function, question=None, decoding=None, timeout_s=PATIENCE_S):
    """The completion of one question."""

    async def ask():
        model = Function("f", function, decoding or Decoding(), concurrency=4, timeout_s=timeout_s)
        await model.open()
        try:
            return await model.reply(question or query())
        finally:
            await model.close()

    return asyncio.run(ask())


def test_plain_and_async_functions_answer():
    """Either way the text comes back, and how long it took."""

    async def later(messages):
        await asyncio.sleep(0)
        return messages[-1]["content"]

    for function in (lambda messages: messages[-1]["content"], later, functools.partial(later)):
        said = asked(function)
        assert (said.text, said.finish) == ("1+1=?", "stop")
        assert said.took_s > 0


def test_objects_that_can_be_called_are_functions():
    """Bound methods, instances with a plain or an async call."""

    class Plain:
        def __call__(self, messages, seed):
            return f"plain {seed >= 0}"

    class Later:
        async def __call__(self, messages):
            return "later"

        def method(self, messages, temperature=None):
            return f"method {temperature}"

    assert [asked(f).text for f in (Plain(), Later(), Later().method)] == ["plain True", "later", "method None"]


def test_a_function_gets_the_options_that_it_names():
    """What was not decided is left to its own defaults; tools and a seed are always known."""
    heard = {}

    def wants_some(messages, temperature=0.3, max_tokens=7, tools=(), seed=None):
        heard.update(temperature=temperature, max_tokens=max_tokens, tools=tools, seed=seed)
        return ""

    tool = {"type": "function", "function": {"name": "look"}}
    asked(wants_some, query(tools=(tool,)), Decoding(temperature=0.9))
    assert (heard["temperature"], heard["max_tokens"], heard["tools"]) == (0.9, 7, [tool])
    assert 0 <= heard["seed"] < 2**31


def test_a_function_gets_all_options_if_it_takes_all():
    """`**options` holds those that were decided."""
    heard = {}

    def wants_all(messages, **options):
        heard.update(options)
        return ""

    asked(wants_all, decoding=Decoding(top_p=0.5))
    assert heard.keys() == {"top_p", "seed", "tools"}


def test_a_function_must_be_given_what_it_cannot_do_without():
    """None, where nothing was decided."""
    assert asked(lambda messages, temperature: repr(temperature)).text == "None"


def test_seeds_differ_by_turn_and_sample_and_are_the_same_again():
    """Otherwise all samples of a task would be equal."""
    questions = [query(turn, sample) for turn in range(3) for sample in range(3)]
    first, again = ([asked(lambda messages, seed: str(seed), q).text for q in questions] for _ in range(2))
    assert first == again
    assert len(set(first)) == 9


def test_a_completion_is_taken_as_it_is():
    """With whatever it says of ids and how it ended."""
    completion = Completion("cut", finish="length", sampled_tokens=3)
    assert asked(lambda messages: completion) is completion


def test_messages_are_the_functions_own():
    """What it does to them changes no episode."""
    question = query()
    asked(lambda messages: messages.clear() or "", question)
    assert question.messages == ({"role": "user", "content": "1+1=?"},)


@pytest.mark.parametrize("value", [None, 7, {"role": "assistant", "content": "2"}, b"2"])
def test_what_is_no_turn_stops_the_run(value):
    """It would be wrong for every task."""
    with pytest.raises(BadOption, match="no turn"):
        asked(lambda messages: value)


def test_an_exception_is_no_reward_and_its_place_is_told():
    """The cause is chained, the line named."""

    def breaks(messages):
        raise KeyError("choices")

    with pytest.raises(ModelUnavailable, match=r"KeyError: 'choices'[\s\S]*test_function.py:\d+") as caught:
        asked(breaks)
    assert isinstance(caught.value.__cause__, KeyError)


def test_errors_of_the_suite_mean_what_they_say():
    """A function may end the run by an Outage."""

    def gone(messages):
        raise Outage("the GPU has fallen off")

    with pytest.raises(Outage):
        asked(gone)


def test_a_function_that_hangs_is_given_up():
    """Sync or async; the error tells the deadline."""
    release = threading.Event()

    async def sleeps(messages):
        await asyncio.sleep(PATIENCE_S)

    for function in (lambda messages: release.wait(PATIENCE_S), sleeps):
        with pytest.raises(ModelUnavailable, match=r"within 0\.05 s"):
            asked(function, timeout_s=0.05)
    release.set()


def test_plain_functions_run_at_the_same_time():
    """Four at once, as many as there may be questions."""
    together = threading.Barrier(4, timeout=PATIENCE_S)

    async def ask():
        model = Function("f", lambda messages: str(together.wait()), Decoding(), concurrency=4, timeout_s=PATIENCE_S)
        await model.open()
        said = await asyncio.gather(*(model.reply(query()) for _ in range(4)))
        await model.close()
        return {completion.text for completion in said}

    assert asyncio.run(ask()) == set("0123")


@pytest.mark.parametrize(
    "function", [lambda: "", lambda messages, key: "", lambda *, messages: "", lambda messages, other: ""]
)
def test_a_function_that_cannot_be_called_like_that_is_refused_at_once(function):
    """Before any task is made."""
    with pytest.raises(BadOption, match="cannot be called with messages"):
        Function("f", function, Decoding(), concurrency=1, timeout_s=1)


def test_functions_of_the_current_folder_are_found(tmp_path, monkeypatch):
    """A run of them, from the SPEC to the rewards, with replies longer than the env's own limits."""
    (tmp_path / "my_guesser.py").write_text(
        "def answer(messages):\n    return 'x ' * 2000 + str(eval(messages[-1]['content'].partition('=')[0]))\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    spec = "python:my_guesser:answer"
    plan = Plan((EnvPlan("llm/Arithmetic-v0"),), spec, tasks=5)
    asyncio.run(Engine(RunFolder.create(tmp_path / "run", plan), make_model(spec)).run())
    assert [outcome.reward for outcome in RunFolder.open(tmp_path / "run").outcomes()] == [1.0] * 5


def test_missing_modules_and_functions_are_told_apart(tmp_path, monkeypatch):
    """And a module that breaks is neither."""
    (tmp_path / "half_a_model.py").write_text("def answer_all(messages): ...\nNUMBER = 7\n")
    (tmp_path / "broken_model.py").write_text("import not_installed_anywhere\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for spec, words in (
        ("python:no_such_module:f", "there is no module 'no_such_module'"),
        ("python:half_a_model:answer_al", "Did you mean 'answer_all'"),
        ("python:half_a_model:NUMBER", "there is no function 'NUMBER'"),
        ("python:half_a_model", "Name a function, too"),
        ("python:", "there is no module ''"),
    ):
        with pytest.raises(UnknownModel, match=words):
            find_function(spec)
    with pytest.raises(BadOption, match="not_installed_anywhere"):
        find_function("python:broken_model:f")


def test_installed_functions_are_found_by_dotted_module():
    """`python:llm_envs.types:is_message` is one."""
    assert find_function("python:llm_envs.types:is_message") is types.is_message
    assert find_function("python:time:time") is time.time
