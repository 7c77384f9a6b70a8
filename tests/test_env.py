"""The Gymnasium face: its contract to the letter, in every mode, and what bad input gets."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path
from typing import get_args

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from hypothesis import given
from hypothesis import strategies as st
from worlds import CONTROL_STRINGS, END, Echo, Odd, Scripted, episodes_digest, stream_of

from llm_envs import InfrastructureError, StopReason, Task
from llm_envs.chat import ByteTokenizer
from llm_envs.env import ActionMode, EnvOptions
from llm_envs.envs.guess_number import GuessNumber
from llm_envs.errors import (
    BadOption,
    BadTask,
    BadVerdict,
    ContextTooSmall,
    InvalidAction,
    LLMEnvsError,
    ResetNeeded,
    UnknownTokenizer,
)
from llm_envs.registry import rows
from llm_envs.views import ObsMode

IDS = [row.id for row in rows() if row.id.startswith("llm/")]
ACTIONS, VIEWS = get_args(ActionMode), get_args(ObsMode)
CHAT = ByteTokenizer()
A = ord("a")

seeds = st.integers(0, 10**6)
streams = st.lists(
    st.one_of(st.sampled_from([END, END, *b"0123456789"]), st.integers(0, CHAT.vocab_size - 1)), max_size=50
)
cuts = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=30)


def stepped(env, ids):
    """Step through `ids` until the episode ends; what each step gave."""
    given = []
    for token in ids:
        given.append(env.step(token))
        if given[-1][2] or given[-1][3]:
            break
    return given


def events(given):
    """Of each step at which a turn ended: its number, and reward, flags and info."""
    return [(number, *rest) for number, (_, *rest) in enumerate(given, start=1) if rest[3]]


def record(env):
    """The whole record of an env's episode."""
    ledger = env.session._ledger
    return [
        ledger.ids().tolist(),
        ledger.mask().tolist(),
        env.session.spans,
        env.session.messages,
        env.session.stop_reason,
    ]


# Gymnasium's contract


@pytest.mark.parametrize(("action", "obs"), list(itertools.product(ACTIONS, VIEWS)))
@pytest.mark.parametrize("env_id", [*IDS, "test/Echo-v0", "test/Odd-v0"])
def test_gymnasium_finds_no_fault(env_id, action, obs, capsys):
    """Gymnasium's own checker passes in every mode, rendering included, and making an env warns of nothing either."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with gymnasium.make(env_id, action=action, obs=obs, render_mode="ansi") as env:
            check_env(env.unwrapped)


@pytest.mark.parametrize("env_id", IDS)
def test_no_time_limit_stands_outside(env_id):
    """Episodes are never cut off by a wrapper, which would skip the verdict."""
    assert gymnasium.spec(env_id).max_episode_steps is None


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize("obs", VIEWS)
def test_observations_and_actions_are_in_their_spaces(env_id, obs):
    """A whole episode long, the last observation included; `terminated` and `truncated` are never both set."""
    with gymnasium.make(env_id, obs=obs, max_new_tokens=5) as env:
        for seed in range(5):
            assert env.reset(seed=seed)[0] in env.observation_space
            for observation, reward, terminated, truncated, _ in stepped(env, stream_of(env.unwrapped, seed, 300)):
                assert observation in env.observation_space
                assert type(reward) is float
                assert (type(terminated), type(truncated)) == (bool, bool)
                assert not (terminated and truncated)


# How ids come in makes no difference


@pytest.mark.parametrize("env_class", [GuessNumber, Odd, Echo])
@given(seeds, streams, cuts)
def test_steps_equal_pushes_however_mixed(env_class, seed, ids, cuts):
    """Single steps, one push, or any mixture of steps and pushes: the same events and the same record."""
    one, other, third = (env_class(max_new_tokens=6) for _ in range(3))
    for env in (one, other, third):
        env.reset(seed=seed)
    by_step = events(stepped(one, ids))
    one.context()
    assert by_step == _mixed(other, ids, cuts) == _mixed(third, ids, [])
    assert record(one) == record(other) == record(third)


def _mixed(env, ids, cuts):
    """Take `ids` by steps or pushes of these sizes, the rest by pushes."""
    found, position, plan = [], 0, iter(cuts)
    while position < len(ids) and not env.session.done:
        by_step, size = next(plan, (False, len(ids)))
        piece = ids[position : position + size]
        if by_step:
            for token in piece:
                _, *rest = env.step(token)
                position += 1
                if rest[3]:
                    found.append((position, *rest))
                    break
        else:
            turn = env.push(piece)
            position += turn.consumed
            if turn.ended:
                found.append((position, turn.reward, turn.terminated, turn.truncated, turn.info))
    env.context()
    return found


@pytest.mark.parametrize("env_class", [GuessNumber, Odd, Echo])
@given(seeds, streams)
def test_all_views_show_one_context(env_class, seed, ids):
    """Joined deltas are the context; text, padded and last agree with it at every step; rewards and infos are equal."""
    envs = {obs: env_class(obs=obs, max_new_tokens=6) for obs in VIEWS}
    opened = {obs: env.reset(seed=seed) for obs, env in envs.items()}
    steps = {obs: stepped(env, ids) for obs, env in envs.items()}
    assert opened["last"][1].pop("prompt_ids") == tuple(opened["delta"][0].tolist())
    assert all(opened[obs][1] == opened["delta"][1] for obs in VIEWS)
    assert all([rest for _, *rest in steps[obs]] == [rest for _, *rest in steps["delta"]] for obs in VIEWS)
    seen = {obs: [opened[obs][0], *(observation for observation, *_ in steps[obs])] for obs in VIEWS}
    for number in range(len(seen["delta"])):
        context = np.concatenate(seen["delta"][: number + 1])
        assert seen["last"][number] == context[-1]
        assert seen["text"][number] == CHAT.decode(context)
        assert seen["padded"][number]["length"] == len(context)
        assert np.array_equal(seen["padded"][number]["tokens"][: len(context)], context)
        assert (seen["padded"][number]["tokens"][len(context) :] == CHAT.pad_id).all()
    for env in envs.values():
        assert np.array_equal(env.context(), context)
        if env.session.done:
            assert np.array_equal(env.trajectory().ids, context)


@pytest.mark.parametrize("env_class", [GuessNumber, Odd, Echo])
@given(seeds, st.lists(st.one_of(st.sampled_from(["", "3", "7", CONTROL_STRINGS]), st.text(max_size=9)), max_size=6))
def test_a_text_turn_equals_a_push_of_its_ids(env_class, seed, replies):
    """`action="turn"` is `encode_reply` and one push."""
    spoken, pushed = env_class(action="turn"), env_class()
    spoken.reset(seed=seed)
    pushed.reset(seed=seed)
    for reply in replies:
        observation, *rest = spoken.step(reply)
        turn = pushed.push(CHAT.encode_reply(reply))
        assert observation.tolist() == turn.ids.tolist()
        assert rest == [turn.reward, turn.terminated, turn.truncated, turn.info]
        if turn.done:
            break
    assert record(spoken) == record(pushed)


def test_a_step_after_a_push_shows_all_of_the_context():
    """Views of the whole context know what was pushed."""
    for obs in ("padded", "text"):
        env = GuessNumber(obs=obs)
        env.reset(seed=0)
        env.push([*b"1"])
        observation = env.step(ord("2"))[0]
        context = env.context()
        shown = observation["tokens"][: observation["length"]] if obs == "padded" else observation
        assert np.array_equal(shown, context) if obs == "padded" else shown == CHAT.decode(context)
        assert context[-2:].tolist() == [*b"12"]


# What is given away


@pytest.mark.parametrize("env_class", [GuessNumber, Odd, Echo])
@pytest.mark.parametrize("obs", VIEWS)
def test_what_was_returned_belongs_to_the_caller(env_class, obs):
    """Scribbling over every observation and info changes nothing that comes later."""
    for seed in range(20):
        kept, scribbled = env_class(obs=obs, max_new_tokens=6), env_class(obs=obs, max_new_tokens=6)
        for mine, theirs in zip(_returned(kept, seed), _returned(scribbled, seed), strict=True):
            assert repr(mine) == repr(theirs)
            _scribble(theirs)
        assert record(kept) == record(scribbled)


def _returned(env, seed):
    """All that `reset`, the steps, and the env's readers give in one episode."""
    yield [*env.reset(seed=seed)]
    for token in stream_of(env, seed):
        step = env.step(token)
        yield [*step, env.context(), list(env.session.messages), env.session.task.messages]
        if step[2] or step[3]:
            return


def _scribble(value):
    """Overwrite everything in `value` that can be written."""
    if isinstance(value, np.ndarray):
        value[...] = 0
    elif isinstance(value, dict):
        for inner in value.values():
            _scribble(inner)
        value.clear()
    elif isinstance(value, list | tuple):
        for inner in value:
            _scribble(inner)


@pytest.mark.parametrize("env_id", [*IDS, "test/Odd-v0"])
def test_infos_are_plain_and_deterministic(env_id):
    """Infos are JSON, hold no arrays, and are the same the second time."""
    with gymnasium.make(env_id, max_new_tokens=8) as env:
        for seed in range(10):
            runs = []
            for _ in range(2):
                info = env.reset(seed=seed)[1]
                runs.append([info, *(step[4] for step in stepped(env, stream_of(env.unwrapped, seed, 60)))])
            assert runs[0] == runs[1]
            assert json.loads(json.dumps(runs[0])) == runs[0]


# Seeds


@pytest.mark.parametrize("env_id", [*IDS, "test/Odd-v0"])
def test_a_seed_replays_in_the_same_process(env_id):
    """Episodes depend on nothing that happened before."""
    once = episodes_digest(env_id)
    episodes_digest(env_id, range(50, 53))
    assert episodes_digest(env_id) == once


@pytest.mark.parametrize("hash_seed", ["0", "1234"])
def test_a_seed_replays_in_every_process(hash_seed):
    """Bit for bit, whatever PYTHONHASHSEED says."""
    code = f"import llm_envs, worlds; print(*map(worlds.episodes_digest, {IDS}))"
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(paths)}
    there = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert there.stdout.split() == [episodes_digest(env_id) for env_id in IDS]


@pytest.mark.parametrize("env_id", IDS)
def test_global_generators_are_untouched(env_id):
    """Neither read nor written: other draws before do not matter, and the state stays."""
    once = episodes_digest(env_id)
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002 (the global generator is the point)
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert episodes_digest(env_id) == once
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def tasks_of(env_id, count, seed=None, **options):
    """The first tasks of a seed's sequence, or the first task each of seeds far away, as text."""
    with gymnasium.make(env_id, **options) as env:
        found = []
        for i in range(count):
            env.reset(seed=10_000 + i) if seed is None else env.reset(seed=seed, options={"index": i})
            found.append(f"{env.unwrapped.task.messages} {env.unwrapped.task.answer}")
        return found


def shared(one, other):
    """How many pairs of tasks are equal."""
    return sum(other.count(task) for task in one)


@pytest.mark.parametrize("env_id", IDS)
def test_seeds_and_splits_share_no_more_tasks_than_chance(env_id):
    """Seeds 42 and 43, and the splits of seed 42, share as many tasks as independent draws do.

    Chance is measured: draws from seeds that have nothing to do with each other give the frequency of equal pairs,
    and with n draws a side n * n times that is expected. Half as many again and ten more is far above the spread.
    """
    n, m = 200, 400
    independent = tasks_of(env_id, m)
    chance = (shared(independent, independent) - m) / (m * (m - 1))
    mine = tasks_of(env_id, n, seed=42)
    others = [tasks_of(env_id, n, seed=43)]
    others += [tasks_of(env_id, n, seed=42, split=split) for split in ("validation", "test")]
    for other in others:
        assert shared(mine, other) <= 1.5 * n * n * chance + 10


def test_disjoint_splits_share_no_prompt():
    """An env whose splits are dealt by hash never shows a test task in training."""

    class Small(Echo):
        disjoint_splits = True

    prompts = {}
    for split in ("train", "validation", "test"):
        env = Small(split=split, difficulty=1)
        prompts[split] = {CHAT.decode(env.reset(seed=seed)[0]) for seed in range(200)}
    assert all(one.isdisjoint(other) for one, other in itertools.combinations(prompts.values(), 2))
    assert len(prompts["train"]) > len(prompts["test"]) > 3


def test_a_family_without_a_task_for_a_split_is_an_error():
    """Looking for one ends, and says why."""

    class Single(Scripted):
        disjoint_splits = True

    outcomes = []
    for split in ("train", "validation", "test"):
        try:
            Single(split=split).reset(seed=0)
            outcomes.append("found")
        except BadTask as error:
            outcomes.append("too small" if "too small for splits" in str(error) else str(error))
    assert sorted(outcomes) == ["found", "too small", "too small"]


@pytest.mark.parametrize("env_id", IDS)
def test_index_pins_the_task(env_id):
    """Task i is the i-th reset, and going on from there continues the sequence."""
    with gymnasium.make(env_id) as env:
        in_order = [env.reset(seed=3), *(env.reset() for _ in range(4))]
        pinned = [env.reset(seed=3, options={"index": i}) for i in range(5)]
        assert data_equivalence(in_order, pinned, exact=True)
        env.reset(seed=3, options={"index": 2})
        assert data_equivalence(env.reset(), in_order[3], exact=True)
        assert data_equivalence(env.reset(options={"index": 1}), in_order[1], exact=True)
        assert env.unwrapped.index == 1


def test_without_a_seed_sequences_differ():
    """Two envs that were never seeded play different tasks; each goes on with its own."""
    env, other = Echo(difficulty=2), Echo(difficulty=2)
    mine = [env.reset()[1]["task_id"] for _ in range(3)]
    theirs = [other.reset()[1]["task_id"] for _ in range(3)]
    assert [task_id.rpartition("/")[2] for task_id in mine] == ["0", "1", "2"]
    assert set(mine).isdisjoint(theirs)
    assert env.np_random_seed != other.np_random_seed


def test_options_are_the_callers():
    """`reset` does not change the dict it is given."""
    options = {"index": 2, "difficulty": 1}
    Echo().reset(seed=0, options=options)
    assert options == {"index": 2, "difficulty": 1}


def test_the_difficulty_of_one_episode_does_not_stick():
    """An option holds for its episode; the next has the env's own difficulty again."""
    env = Echo(difficulty=0)
    env.reset(seed=0, options={"difficulty": 2})
    assert env.task.metadata["difficulty"] == 2
    env.reset()
    assert env.task.metadata["difficulty"] == 0
    env.reset(options={"difficulty": None})
    assert env.task.metadata["difficulty"] is None


def test_a_refused_reset_changes_nothing():
    """The open episode, the sequence and the difficulty are as they were."""
    env = Echo()
    env.reset(seed=5)
    env.step(A)
    for wrong in ({"index": -1}, {"difficulty": 9}, {"idnex": 1}):
        with pytest.raises(BadOption):
            env.reset(seed=6, options=wrong)
    with pytest.raises(BadOption):
        env.reset(seed=-1, options={"difficulty": 1})
    assert env.step(END)[2]
    assert env.difficulty is None
    assert env.reset()[1]["task_id"].endswith("train/5/1")


def test_every_task_has_an_id_that_finds_it():
    """Env, split, seed and index; a task's own id is kept."""
    env = Echo(split="test", env_id="me/Echo-v3")
    assert env.reset(seed=7, options={"index": 3})[1]["task_id"] == "me/Echo-v3/test/7/3"
    env.sample = lambda rng: Task(prompt="go", id="mine")
    assert env.reset()[1]["task_id"] == "mine"


# What bad input gets


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"obs": "dleta"}, "'delta'"),
        ({"obs": ""}, "delta, last, padded, text"),
        ({"obs": None}, "delta, last, padded, text"),
        ({"obs": ["delta"]}, "delta, last, padded, text"),
        ({"action": "tokens"}, "'token'"),
        ({"action": 1}, "'token', 'turn'"),
        ({"split": "tset"}, "'test'"),
        ({"split": None}, "'train', 'validation', 'test'"),
        ({"render_mode": "rgb_array"}, "'ansi', 'human'"),
        ({"render_mode": "ANSI"}, "'ansi', 'human'"),
        ({"difficulty": 3}, "from 0 to 2"),
        ({"difficulty": -1}, "from 0 to 2"),
        ({"difficulty": 1.0}, "from 0 to 2"),
        ({"difficulty": "1"}, "from 0 to 2"),
        ({"difficulty": 10**30}, "from 0 to 2"),
        ({"difficulty": [1]}, "from 0 to 2"),
        ({"max_new_tokens": 0}, "positive integer"),
        ({"max_new_tokens": -5}, "positive integer"),
        ({"max_turns": 1.5}, "positive integer"),
        ({"context_length": "4096"}, "positive integer"),
        ({"max_new_token": 5}, "'max_new_tokens'"),
        ({"dificulty": 1}, "'difficulty'"),
        ({"obs": "x" * 10_000_000}, "10,000,000 characters"),
        ({"split": "x" * 10_000_000}, "10,000,002 characters"),
        ({"max_new_tokens": "x" * 10_000_000}, "10,000,002 characters"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_arguments_are_checked_when_the_env_is_made(options, said):
    """Each wrong argument is refused at once, and the message says what would be right."""
    with pytest.raises(BadOption) as caught:
        Echo(**options)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 500


def test_every_option_is_documented():
    """The table of arguments names each of them."""
    assert all(f"`{name}`" in EnvOptions.__doc__ for name in EnvOptions.__annotations__)


def test_an_env_without_difficulty_takes_none():
    """Setting it is refused rather than ignored, at `make` and at `reset`."""
    with pytest.raises(BadOption, match="Scripted has no difficulty"):
        Scripted(difficulty=1)
    with pytest.raises(BadOption, match="Scripted has no difficulty"):
        Scripted().reset(options={"difficulty": 1})


@pytest.mark.parametrize("number", [np.int64(2), np.uint8(2), 2], ids=repr)
def test_integers_of_any_type_are_taken(number):
    """NumPy's integers are integers."""
    env = Echo(difficulty=number, max_new_tokens=number, max_turns=number)
    env.reset(seed=number, options={"index": number, "difficulty": number})
    assert json.dumps([env.index, env.task.metadata["difficulty"], env.limits.max_new_tokens]) == "[2, 2, 2]"


@pytest.mark.parametrize("tokenizer", [None, 5, object(), {"vocab": 5}, b"bytes"])
def test_what_is_no_tokenizer_is_refused(tokenizer):
    """The message says what can be passed."""
    with pytest.raises(UnknownTokenizer, match="bytes"):
        Echo(tokenizer=tokenizer)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 1.0}, "seed"),
        ({"seed": "1"}, "seed"),
        ({"seed": [1]}, "seed"),
        ({"options": {"index": -1}}, "index"),
        ({"options": {"index": 1.5}}, "index"),
        ({"options": {"index": "1"}}, "index"),
        ({"options": {"difficulty": 3}}, "difficulty"),
        ({"options": {"difficulty": 1.0}}, "difficulty"),
        ({"options": {"dificulty": 1}}, "index, difficulty"),
        ({"options": {1: 1}}, "index, difficulty"),
    ],
    ids=str,
)
def test_reset_checks_its_arguments(arguments, said):
    """A seed, index or difficulty that cannot be, and an unknown option, are refused by name."""
    with pytest.raises(BadOption) as caught:
        Echo().reset(**arguments)
    assert said in str(caught.value)


@pytest.mark.parametrize("seed", [0, 2**31, 2**64, 2**128, 10**60])
def test_any_natural_number_is_a_seed(seed):
    """Huge seeds are seeds of their own."""
    first = Echo(difficulty=2).reset(seed=seed)[0].tolist()
    assert first == Echo(difficulty=2).reset(seed=seed)[0].tolist()
    assert Echo().reset(seed=seed)[1]["task_id"].endswith(f"/{seed}/0")


@pytest.mark.parametrize(
    "action",
    [
        "a",
        "",
        b"a",
        None,
        1.0,
        np.float32(1),
        -1,
        259,
        2**63,
        10**40,
        [65],
        (65,),
        {},
        np.array([65]),
        np.array([65, 66]),
        np.array(1.5),
        np.array(-1),
        np.array([], int),
        object(),
    ],
)
def test_a_token_outside_the_space_is_refused(action):
    """A typed error that names the range; the episode is as it was, pending tokens included."""
    env = Echo()
    prompt = env.reset(seed=0)[0].tolist()
    env.step(A)
    with pytest.raises(InvalidAction, match=r"\[0, 259\)") as caught:
        env.step(action)
    assert ('action="turn"' in str(caught.value)) == isinstance(action, str)
    assert env.context().tolist() == [*prompt, A]
    assert env.step(END)[2]


@pytest.mark.parametrize("action", [65, np.int64(65), np.uint8(65), np.array(65), True, np.int32(65)], ids=repr)
def test_a_token_of_any_integer_type_is_taken(action):
    """Integers of Python and NumPy, 0-d arrays, and `True`, which Gymnasium's Discrete takes for 1."""
    env = Echo()
    env.reset(seed=0)
    assert env.step(action)[0].tolist() == [int(action)]


@pytest.mark.parametrize("action", [65, b"a", None, ["a"], np.array(["a"]), 1.0], ids=repr)
def test_a_turn_that_is_no_text_is_refused(action):
    """A typed error; the episode is as it was."""
    env = Echo(action="turn")
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match='action="token"'):
        env.step(action)
    assert env.step(env.task.answer)[1] == 1.0


@pytest.mark.parametrize("action", ["token", "turn"])
@pytest.mark.parametrize(
    "use", [lambda env: env.step({"token": A, "turn": "a"}[env.action_mode]), lambda env: env.push([A])]
)
def test_an_action_needs_an_open_episode(action, use):
    """Before the first reset and after the end: a typed error that is Gymnasium's own, too."""
    env = Echo(action=action)
    for _ in range(2):
        with pytest.raises(ResetNeeded, match="next: Call reset") as caught:
            use(env)
        assert isinstance(caught.value, gymnasium.error.ResetNeeded)
        env.reset(seed=0)
        env.push([END])


def test_reading_before_the_first_reset():
    """Nothing is there, and asking is no crash."""
    env = Echo(render_mode="ansi")
    assert (env.budget, env.context().tolist(), env.render().strip()) == (0, [], "")
    for read in (lambda: env.task, env.trajectory):
        with pytest.raises(ResetNeeded):
            read()


def test_a_prompt_that_fills_the_context_is_refused():
    """The message says which length would do."""
    with pytest.raises(ContextTooSmall, match="next: Pass context_length="):
        Echo(context_length=10).reset(seed=0)


@pytest.mark.parametrize(
    ("prompt", "begin"),
    [
        ("x" * 600, None),
        (RuntimeError("no task"), None),
        ("go", InfrastructureError("no sandbox")),
        ("go", KeyError("bug")),
    ],
    ids=["context too small", "sample", "infrastructure", "begin"],
)
def test_a_reset_that_fails_leaves_no_episode(prompt, begin):
    """The error is raised as it is, and the episode before is over: steps do not go on in it."""
    env = Scripted()
    env.reset(seed=0)
    env.step(A)
    env.prompt, env.beginning = prompt, begin
    with pytest.raises((ContextTooSmall, RuntimeError, KeyError)):
        env.reset()
    for use in (lambda: env.step(A), lambda: env.push([A]), env.trajectory):
        with pytest.raises(ResetNeeded):
            use()
    env.prompt, env.beginning = "go", None
    env.reset()
    assert env.step(A)[0].tolist() == [A]


@pytest.mark.parametrize("sampled", [None, "What is 2 + 3?", {"prompt": "a"}, 5])
def test_sample_must_give_a_task(sampled):
    """Anything else is a typed error."""
    env = Echo()
    env.sample = lambda rng: sampled
    with pytest.raises(BadTask, match=r"expected: a llm_envs\.Task"):
        env.reset(seed=0)


@pytest.mark.parametrize("how", ["step", "push", "turn"])
@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"verdict": float("nan")}, BadVerdict),
        ({"verdict": "1"}, BadVerdict),
        ({"verdict": None}, BadVerdict),
        ({"verdict": 2}, BadVerdict),
        ({"verdict": ZeroDivisionError("bug")}, ZeroDivisionError),
        ({"answer": None}, BadTask),
        ({"answer": "higher"}, BadTask),
        ({"answer": KeyError("bug")}, KeyError),
    ],
    ids=str,
)
def test_an_authors_mistake_is_an_error_and_ends_the_episode(how, script, error):
    """It is raised, never turned into a reward; what follows needs a reset, however one plays."""
    env = Scripted(**script, action="turn" if how == "turn" else "token")
    act = {"step": lambda: env.step(END), "push": lambda: env.push([END]), "turn": lambda: env.step("a")}[how]
    env.reset(seed=0)
    with pytest.raises(error):
        act()
    assert env.budget == 0
    with pytest.raises(ResetNeeded):
        act()
    if how == "step":
        with pytest.raises(ResetNeeded):
            env.step(A)
    env.answer, env.verdict = StopReason.SOLVED, 1.0
    env.reset()
    act()
    assert env.trajectory().reward == 1.0


REPLIES = {
    "empty": "",
    "ten megabytes": "9" * 10_000_000,
    "ten megabytes of blanks": " " * 10_000_000,
    "control strings": CONTROL_STRINGS,
    "half a surrogate pair": "\ud800",
    "zero bytes": "\0" * 20,
    "right to left": "\u202e5\u202c",
}


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_any_text_gets_a_verdict(env_id, reply):
    """Whatever a policy says is judged; nothing of it is paid."""
    with gymnasium.make(env_id, action="turn") as env:
        env.reset(seed=0)
        for _ in range(env.unwrapped.limits.max_turns):
            _, reward, terminated, truncated, info = env.step(reply)
            if terminated or truncated:
                break
        assert (reward, info["verdict"]["reward"]) == (0.0, 0.0)


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize(
    "ids",
    [[0xFF] * 20 + [END], [0xC3, END], [256, 257, END], [257] * 5 + [END], [END]],
    ids=["invalid", "cut", "control", "start", "empty"],
)
def test_any_ids_get_a_verdict(env_id, ids):
    """Invalid UTF-8, control ids, and nothing at all."""
    with gymnasium.make(env_id) as env:
        env.reset(seed=0)
        while not (turn := env.unwrapped.push(ids)).done:
            pass
        assert (turn.reward, turn.info["verdict"]["reward"]) == (0.0, 0.0)


@pytest.mark.parametrize("env_class", [GuessNumber, Echo])
def test_a_long_reply_is_read_in_linear_time(env_class):
    """A megabyte that fits the turn is read to its end; a verifier that backtracks would take hours."""
    for text in ("1" + " " * 1_000_000 + "x", "guess" + " " * 1_000_000 + "x", "<think>" * 150_000):
        env = env_class(max_new_tokens=2_000_000, context_length=4_000_000, max_turns=1)
        env.reset(seed=0)
        assert env.push(CHAT.encode_reply(text)).reward == 0.0


def test_an_unknown_id_is_answered_with_the_closest():
    """Gymnasium's own error, with its suggestion."""
    with pytest.raises(gymnasium.error.UnregisteredEnv, match=r"Did you mean: `GuessNumber`\?"):
        gymnasium.make("llm/GuesNumber-v0")


def test_an_oracle_is_optional():
    """An env without one says how to give it one."""
    with pytest.raises(NotImplementedError, match="Scripted has no oracle"):
        Scripted().demonstrate(Task(prompt="go"))


def test_all_errors_here_are_of_one_family():
    """One `except` catches whatever the suite raises on purpose."""
    for wrong in (lambda: Echo(obs="x"), lambda: Echo().step(1), lambda: Echo(tokenizer=5)):
        with pytest.raises(LLMEnvsError):
            wrong()
