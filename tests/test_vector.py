"""Many episodes at once: the streams are Gymnasium's own, and nobody waits for the slowest row."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from hypothesis import given
from hypothesis import strategies as st
from worlds import END, PATIENCE_S, Echo, Odd

from llm_envs import InfrastructureError
from llm_envs.chat import ByteTokenizer
from llm_envs.envs.guess_number import GuessNumber
from llm_envs.errors import BadOption, BadVerdict, InvalidAction, ResetNeeded
from llm_envs.registry import row
from llm_envs.vector import AutoresetMode, LLMVectorEnv

CHAT = ByteTokenizer()
A = ord("a")
VIEWS = ("delta", "last", "padded", "text")
GYMNASIUM_MODES = list(AutoresetMode) if hasattr(gymnasium.vector, "AutoresetMode") else [AutoresetMode.NEXT_STEP]
"""Gymnasium 1.0's own vector envs know one mode alone; ours knows all three."""

SEEDS = [1, 1, 2, 3]
ROWS = len(SEEDS)
ENV_IDS = ("llm/GuessNumber-v0", "llm/Arithmetic-v0", "test/Odd-v0")


def native(env_id="test/Odd-v0", num_envs=ROWS, **options):
    """Our vector env, without `make_vec` around it."""
    return LLMVectorEnv(num_envs, env_id=env_id, **options)


def made(kind, env_id, autoreset_mode, num_envs=ROWS, **options):
    """A vector env of one of the three kinds."""
    if kind == "vector_entry_point":
        return gymnasium.make_vec(
            env_id, num_envs=num_envs, vectorization_mode=kind, autoreset_mode=autoreset_mode, **options
        )
    arguments = {} if len(GYMNASIUM_MODES) == 1 else {"autoreset_mode": autoreset_mode}
    if kind == "async":
        arguments |= {"shared_memory": False, "context": "fork"}
    return gymnasium.make_vec(env_id, num_envs=num_envs, vectorization_mode=kind, vector_kwargs=arguments, **options)


def random_actions(action, count, num_envs=ROWS):
    """Digits and stop ids, or short replies, some of which win."""
    rng = np.random.default_rng(0)
    if action == "token":
        return rng.choice([*b"012345789", A, 257, END, END], size=(count, num_envs))
    replies = np.array(["1", "2", "3", "", "x<|im_end|>", "7" * 30])
    return [tuple(map(str, row)) for row in rng.choice(replies, size=(count, num_envs))]


def stream(envs, actions):
    """All that a vector env shows while these actions are taken; over rows are reset where nobody else does it."""
    try:
        shown = [envs.reset(seed=SEEDS)]
        for number, action in enumerate(actions):
            step = envs.step(action)
            shown.append(step)
            over_N = step[2] | step[3]
            if envs.metadata.get("autoreset_mode") is AutoresetMode.DISABLED and over_N.any():
                seeds = [number + i for i in range(len(SEEDS))] if number % 3 else None
                shown.append(envs.reset(seed=seeds, options={"reset_mask": over_N}))
        return shown
    finally:
        envs.close()


def assert_equal_streams(one, other):
    """Bit for bit: observations, rewards, flags, infos."""
    for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        assert data_equivalence(mine, theirs, exact=True), f"step {number}: {mine} is not {theirs}"


# Gymnasium's contract


@pytest.mark.parametrize("env_id", ENV_IDS)
@pytest.mark.parametrize("action", ["token", "turn"])
@pytest.mark.parametrize("obs", VIEWS)
@pytest.mark.parametrize("mode", GYMNASIUM_MODES, ids=lambda mode: mode.value)
def test_the_stream_is_that_of_sync(env_id, action, obs, mode):
    """`make_vec` in Gymnasium's synchronous mode and in ours: equal to the bit, over many episodes."""
    options = {"action": action, "obs": obs, "max_new_tokens": 5, "context_length": 400}
    actions = random_actions(action, 120 if action == "token" else 50)
    sync = stream(made("sync", env_id, mode, **options), actions)
    assert_equal_streams(sync, stream(made("vector_entry_point", env_id, mode, **options), actions))
    assert sum((step[2] | step[3]).sum() for step in sync if len(step) == 5) >= 8


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("action", ["token", "turn"])
@pytest.mark.parametrize("obs", VIEWS)
@pytest.mark.parametrize("mode", GYMNASIUM_MODES, ids=lambda mode: mode.value)
def test_the_stream_is_that_of_async(action, obs, mode):
    """And in Gymnasium's asynchronous mode, one process a row."""
    options = {"action": action, "obs": obs, "max_new_tokens": 5, "context_length": 400}
    actions = random_actions(action, 40 if action == "token" else 15)
    processes = stream(made("async", "test/Odd-v0", mode, **options), actions)
    assert_equal_streams(processes, stream(made("vector_entry_point", "test/Odd-v0", mode, **options), actions))


class Model:
    """One row of a vector env, written down plainly; the modes' definition."""

    def __init__(self, env, mode, seed):
        self.env, self.mode, self.over = env, mode, False
        self.first = env.reset(seed=seed)[0]

    def step(self, token):
        """Observation, reward, flags, and the verdict's info where there is one."""
        if self.over and self.mode is AutoresetMode.NEXT_STEP:
            self.over = False
            return self.env.reset()[0], 0.0, False, False, None
        observation, reward, terminated, truncated, info = self.env.step(token)
        self.over = terminated or truncated
        if self.over and self.mode is AutoresetMode.SAME_STEP:
            self.over, observation = False, self.env.reset()[0]
        return observation, reward, terminated, truncated, info if terminated or truncated else None


@pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("env_class", [GuessNumber, Odd, Echo])
@given(
    st.lists(st.integers(0, 2**40), min_size=1, max_size=4),
    st.lists(st.lists(st.sampled_from([*b"0123459", 257, END, END]), min_size=4, max_size=4), max_size=40),
)
def test_rows_are_envs(mode, env_class, seeds, actions):
    """Each row is what a single env is, step by step, under any Gymnasium; terminal infos are kept in every mode."""
    env_id = next(r.id for r in registered() if r.load() is env_class)
    envs = native(env_id, len(seeds), autoreset_mode=mode, max_new_tokens=4)
    models = [Model(row(env_id).make(max_new_tokens=4), mode, seed) for seed in seeds]
    first, _ = envs.reset(seed=seeds)
    assert data_equivalence(first, tuple(model.first for model in models), exact=True)
    for tokens in actions:
        if mode is AutoresetMode.DISABLED and any(model.over for model in models):
            mask_N = np.array([model.over for model in models])
            envs.reset(options={"reset_mask": mask_N})
            for model in models:
                if model.over:
                    model.env.reset()
                    model.over = False
        observations, rewards_N, terminated_N, truncated_N, infos = envs.step(np.array(tokens[: len(seeds)]))
        expected = [model.step(token) for model, token in zip(models, tokens, strict=False)]
        assert data_equivalence(observations, tuple(step[0] for step in expected), exact=True)
        for got_N, place in ((rewards_N, 1), (terminated_N, 2), (truncated_N, 3)):
            assert got_N.tolist() == [step[place] for step in expected]
        final = infos.get("final_info", {}) if mode is AutoresetMode.SAME_STEP else infos
        for i, step in enumerate(expected):
            if step[4]:
                assert final["stop_reason"][i] == step[4]["stop_reason"]
                assert ("verdict" in step[4]) == bool(final.get("_verdict", np.zeros(len(seeds), bool))[i])
    contexts = envs.contexts()
    assert all(np.array_equal(context, model.env.context()) for context, model in zip(contexts, models, strict=True))


def registered():
    """Rows of the envs that these tests play."""
    return [row("llm/GuessNumber-v0"), row("test/Odd-v0"), row("test/Echo-v0")]


@pytest.mark.parametrize("obs", VIEWS)
@pytest.mark.parametrize("action", ["token", "turn"])
def test_what_is_shown_is_in_the_batched_space(obs, action):
    """Observations of resets and steps alike."""
    envs = native(obs=obs, action=action)
    for shown in stream(envs, random_actions(action, 20)):
        assert shown[0] in envs.observation_space


def test_same_step_keeps_the_last_observation():
    """`final_obs` and `final_info` hold what the finished episode showed last."""
    envs = native("test/Echo-v0", 2, autoreset_mode="SameStep", max_new_tokens=4)
    envs.reset(seed=[0, 0])
    observations, _, terminated_N, _, infos = envs.step(np.array([A, END]))
    assert terminated_N.tolist() == [False, True]
    assert infos["final_obs"][1].tolist() == [END]
    assert infos["final_info"]["verdict"]["reward"][1] == 0.0
    assert infos["task_id"][1] == "test/Echo-v0/train/0/1"
    assert observations[0].tolist() == [A]
    assert CHAT.decode(observations[1]).startswith("<|im_start|>user\nSay")


@pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.value)
def test_modes_go_by_name_too(mode):
    """The enum or its value."""
    assert native(autoreset_mode=mode.value).metadata["autoreset_mode"] is mode


def test_attributes_of_rows():
    """`call`, `get_attr`, generators, seeds and renderings come one a row."""
    envs = native("test/Echo-v0", 2, render_mode="ansi")
    envs.reset(seed=[5, 9])
    envs.step(np.array([A, A]))
    assert envs.get_attr("index") == (0, 0)
    assert envs.call("demonstrate", envs.envs[0].task) == ([envs.envs[0].task.answer],) * 2
    assert envs.np_random_seed == (5, 9)
    assert [type(generator) for generator in envs.np_random] == [np.random.Generator] * 2
    assert all("Say" in text for text in envs.render())
    assert envs.render_mode == "ansi"
    assert envs.get_attr("budget") == (15, 15)


# Seeds and resets


def test_equal_seeds_make_groups():
    """Rows with one seed play one task after the other together; rows with another seed do not."""
    envs = native("test/Echo-v0", 6, difficulty=2)
    for _ in range(3):
        envs.reset(seed=[7] * 3 + [9] * 3)
        for _ in range(3):
            tasks = [task.id for task in envs.get_attr("task")]
            assert [len(set(tasks[:3])), len(set(tasks[3:])), len(set(tasks))] == [1, 1, 2]
            assert [env.task.answer for env in envs.envs[:3]] == [envs.envs[0].task.answer] * 3
            envs.reset()


def test_one_seed_is_counted_up():
    """As Gymnasium does it: row i gets seed + i; NumPy's integers and arrays are seeds as well."""
    envs = native("test/Echo-v0", 3)
    for seed in (5, np.int64(5), [5, 6, 7], (5, 6, 7), np.array([5, 6, 7])):
        envs.reset(seed=seed)
        assert envs.np_random_seed == (5, 6, 7)
    envs.reset(seed=[5, None, 5])
    assert [task.id for task in envs.get_attr("task")] == [f"test/Echo-v0/train/{i}" for i in ("5/0", "6/1", "5/0")]


def test_options_reach_every_row_and_stay_the_callers():
    """The dict given, mask included, is not changed."""
    envs = native("test/Echo-v0", 2)
    envs.reset(seed=1)
    mask_N = np.array([True, False])
    options = {"reset_mask": mask_N, "index": 4, "difficulty": 2}
    envs.reset(options=options)
    assert list(options) == ["reset_mask", "index", "difficulty"]
    assert options["reset_mask"] is mask_N
    assert mask_N.tolist() == [True, False]
    assert [task.id for task in envs.get_attr("task")] == ["test/Echo-v0/train/1/4", "test/Echo-v0/train/2/0"]


@pytest.mark.parametrize("obs", VIEWS)
def test_a_masked_reset_leaves_the_others_alone(obs):
    """Rows outside the mask show their last observation again, even where the caller wrote over it, and go on."""
    envs = native("test/Echo-v0", 2, obs=obs, autoreset_mode="Disabled")
    envs.reset(seed=[1, 2])
    before = envs.step(np.array([END, A]))[0]
    kept = [np.copy(x) for x in before] if obs in ("delta", "last") else before
    if obs == "delta":
        before[1][:] = 0
    if obs == "last":
        before[1] = 0
    after, infos = envs.reset(options={"reset_mask": np.array([True, False])})
    if obs == "padded":
        assert after["tokens"][1].tolist() == kept["tokens"][1].tolist()
    else:
        assert np.array_equal(after[1], kept[1])
    assert infos["_task_id"].tolist() == [True, False]
    envs.step(np.array([A, A]))
    assert CHAT.decode(envs.contexts()[1]).endswith("aa")


@pytest.mark.parametrize("obs", VIEWS)
@pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.value)
def test_what_was_returned_belongs_to_the_caller(obs, mode):
    """Scribbling over observations, rewards, flags and actions changes nothing that comes later."""
    kept, scribbled = (native(obs=obs, autoreset_mode=mode, max_new_tokens=5) for _ in range(2))
    actions = random_actions("token", 80)
    mine, theirs = kept.reset(seed=SEEDS), scribbled.reset(seed=SEEDS)
    for action in actions:
        _scribble(theirs)
        again = action.copy()
        mine, theirs = kept.step(action), scribbled.step(again)
        again[:] = 0
        assert repr(mine) == repr(theirs)
        over_N = mine[2] | mine[3]
        if mode is AutoresetMode.DISABLED and over_N.any():
            _scribble(theirs)
            mine, theirs = (envs.reset(options={"reset_mask": over_N.copy()}) for envs in (kept, scribbled))
            assert repr(mine) == repr(theirs)


def _scribble(value):
    if isinstance(value, np.ndarray) and value.dtype != object:
        value[...] = 0
    elif isinstance(value, dict):
        for inner in value.values():
            _scribble(inner)
        value.clear()
    elif isinstance(value, list | tuple | np.ndarray):
        for inner in value:
            _scribble(inner)


@pytest.mark.parametrize("obs", ["delta", "last"])
def test_a_reset_drops_the_unfinished_turn(obs):
    """Tokens of a turn that nobody will finish are not carried into the next episode."""
    envs = native("test/Echo-v0", 2, obs=obs, autoreset_mode="Disabled")
    envs.reset(seed=[1, 2])
    envs.step(np.array([A, A]))
    envs.reset(options={"reset_mask": np.array([True, False])})
    envs.step(np.array([END, END]))
    assert [trajectory.messages[-1]["content"] for trajectory in envs.trajectories()] == ["", "a"]


@pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.value)
def test_an_observation_shown_again_is_a_copy(mode):
    """What a masked reset shows of the other rows shares no memory with what was shown before."""
    envs = native("test/Echo-v0", 2, autoreset_mode=mode)
    envs.reset(seed=[1, 2])
    before = envs.step(np.array([A, A]))[0]
    after, _ = envs.reset(options={"reset_mask": np.array([True, False])})
    assert after[1].tolist() == [A]
    assert not np.shares_memory(before[1], after[1])


# Turns


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["push", "send", "step"]),
            st.lists(st.lists(st.sampled_from([*b"012", END]), max_size=6), min_size=3, max_size=3),
        ),
        max_size=12,
    )
)
def test_pushes_sends_and_steps_mix(plan):
    """A ragged turn for each row, for some rows, or a token for all: each row is what a single env is."""
    envs = native("test/Odd-v0", 3, autoreset_mode="Disabled", max_new_tokens=5)
    singles = [Odd(max_new_tokens=5, env_id="test/Odd-v0") for _ in range(3)]
    envs.reset(seed=[4, 5, 6])
    for seed, env in enumerate(singles, start=4):
        env.reset(seed=seed)
    for how, pieces in plan:
        live = [i for i, env in enumerate(singles) if not env.session.done]
        if how == "step" and len(live) == 3:
            tokens = [(piece or [END])[0] for piece in pieces]
            _, rewards_N, *_ = envs.step(np.array(tokens))
            assert rewards_N.tolist() == [env.step(token)[1] for env, token in zip(singles, tokens, strict=True)]
            continue
        ids = [pieces[i] for i in live]
        logprobs = [[-0.5] * len(piece) for piece in ids]
        if how == "push":
            turns = dict(zip(live, envs.push(ids, logprobs, live), strict=True))
        else:
            envs.send(ids, live, logprobs)
            turns = dict(envs.recv(len(live)))
        for i in live:
            expected = singles[i].push(pieces[i], [-0.5] * len(pieces[i]))
            assert turns[i].ids.tolist() == expected.ids.tolist()
            assert (turns[i].reward, turns[i].done, turns[i].info) == (expected.reward, expected.done, expected.info)
    for i, env in enumerate(singles):
        assert np.array_equal(envs.contexts()[i], env.context())
        np.testing.assert_array_equal(envs.envs[i].session._ledger.logprobs(), env.session._ledger.logprobs())
    envs.close()


def test_push_never_resets():
    """A finished row stays finished, in every mode, until it is reset; a step does what the mode says."""
    envs = native("test/Echo-v0", 2, autoreset_mode="NextStep")
    envs.reset(seed=[1, 2])
    assert [turn.done for turn in envs.push([[A, END], [A]])] == [True, False]
    with pytest.raises(ResetNeeded):
        envs.push([[A]], env_ids=[0])
    with pytest.raises(ResetNeeded, match="not over yet"):
        envs.trajectories()
    observations, *_ = envs.step(np.array([A, A]))
    assert CHAT.decode(observations[0]).startswith("<|im_start|>user")
    assert observations[1].tolist() == [A]


def test_trajectories_are_those_of_the_rows():
    """One a row, with its reward."""
    envs = native("test/Echo-v0", 2)
    envs.reset(seed=[1, 2])
    envs.push([CHAT.encode_reply(envs.envs[0].task.answer), [END]])
    assert [trajectory.reward for trajectory in envs.trajectories()] == [1.0, 0.0]


@pytest.fixture
def gated():
    """Four rows whose worlds answer when their gate is open; all gates are opened in the end."""
    envs = native("test/Gated-v0", 4, autoreset_mode="Disabled")
    envs.reset(seed=0)
    yield envs
    for env in envs.envs:
        env.gate.set()
    envs.close()


def test_a_slow_world_holds_nobody_back(gated):
    """Turns of the fast rows come while the slow one is still thinking, and fast rows go on."""
    gated.envs[0].gate.clear()
    gated.send([[A, END]] * 4, range(4))
    for _ in range(3):
        received = gated.recv(min_count=3)
        assert sorted(i for i, _ in received) == [1, 2, 3]
        gated.send([[A, END]] * 3, [i for i, _ in received])
    assert gated.envs[0].answers == 0
    gated.envs[0].gate.set()
    assert sorted(i for i, _ in gated.recv(min_count=4)) == [0, 1, 2, 3]


def test_a_slow_world_does_not_hold_back_push(gated):
    """While rows are under way, others can be pushed and stepped through."""
    gated.envs[0].gate.clear()
    gated.send([[A, END]], [0])
    assert [turn.ended for turn in gated.push([[A, END]] * 3, env_ids=[1, 2, 3])] == [True] * 3
    assert gated.envs[0].answers == 0


def test_many_slow_worlds_hold_nobody_back():
    """A hundred rows may wait at once, on a machine of any size."""
    envs = native("test/Gated-v0", 101)
    envs.reset(seed=0)
    for env in envs.envs[:100]:
        env.gate.clear()
    envs.send([[A, END]] * 101, range(101))
    try:
        assert [i for i, _ in envs.recv()] == [100]
    finally:
        for env in envs.envs:
            env.gate.set()
        envs.close()


def test_recv_takes_all_that_is_there(gated):
    """`min_count` is what it waits for, not what it gives at most."""
    gated.send([[A, END]] * 4, range(4))
    first = gated.recv(min_count=4)
    assert len(first) == 4
    assert gated.recv() == []


def test_recv_gives_up_after_its_timeout(gated):
    """Fewer turns, or none, when nothing came in time; the turn is there later."""
    gated.envs[2].gate.clear()
    gated.send([[A, END]], [2])
    assert gated.recv(timeout_s=0.0) == []
    assert gated.recv(timeout_s=0.01) == []
    gated.envs[2].gate.set()
    ((i, turn),) = gated.recv(timeout_s=PATIENCE_S)
    assert (i, turn.ended) == (2, True)


def test_a_row_that_raises_takes_no_other_turn_along(gated):
    """Turns received before the error are given first; then it is raised, with its row; the rest comes after it."""
    gated.envs[1].respond = lambda task, reply: 5
    for i in range(3):
        gated.send([[A, END]], [i])
    gated.send([[A, END]], [3])
    seen, raised, notes = [], 0, []
    while len(seen) + raised < 4:
        try:
            seen += [i for i, _ in gated.recv(min_count=4)]
        except Exception as error:  # noqa: BLE001 (what is raised is looked at)
            raised += 1
            notes = error.__notes__
    assert (sorted(seen), raised, "raised in row 1" in notes) == ([0, 2, 3], 1, True)
    assert gated.recv() == []


def test_a_row_that_exits_is_heard_of(gated):
    """Even SystemExit in a world reaches the caller; `recv` never waits for ever."""
    gated.envs[1].respond = lambda task, reply: exit_now()
    gated.send([[A, END]], [1])
    with pytest.raises(SystemExit):
        gated.recv(timeout_s=PATIENCE_S)


def exit_now():
    """What a world should not do."""
    raise SystemExit(3)


def test_wrong_ids_are_refused_where_they_are_received(gated):
    """The row's episode is as it was, and can go on."""
    gated.send([[999]], [0])
    with pytest.raises(InvalidAction):
        gated.recv()
    gated.send([[A, END]], [0])
    assert gated.recv()[0][1].ended


@pytest.mark.parametrize(
    "use",
    [
        lambda envs: envs.send([[A]], [0]),
        lambda envs: envs.push([[A]], env_ids=[0]),
        lambda envs: envs.push([[A]] * 4),
        lambda envs: envs.reset(),
        lambda envs: envs.reset(options={"reset_mask": np.array([True, False, False, False])}),
        lambda envs: envs.step(np.array([A] * 4)),
        lambda envs: envs.contexts(),
    ],
    ids=["send", "push", "push all", "reset", "reset one", "step", "contexts"],
)
def test_a_row_under_way_is_left_alone(gated, use):
    """Whatever would touch a row whose turn has not been received is refused; other rows are free."""
    gated.envs[0].gate.clear()
    gated.send([[A, END]], [0])
    with pytest.raises(BadOption, match=r"rows \[0\] are under way"):
        use(gated)
    gated.reset(options={"reset_mask": np.array([False, True, True, True])})


def test_closing_with_rows_under_way(gated):
    """Running work finishes, the rest is dropped, nothing is left to receive; closing again is nothing."""
    gated.send([[A, END]] * 4, range(4))
    gated.close()
    gated.close()
    assert gated.recv() == []


@pytest.mark.parametrize("env_ids", [[0, 0], [4], [-1], ["0"], [None], [0.5], [0, 1, 2, 3, 0]], ids=str)
def test_rows_are_checked(gated, env_ids):
    """Unknown rows, and rows named twice, are refused before anything is pushed."""
    with pytest.raises(BadOption, match="integers in"):
        gated.push([[A]] * len(env_ids), env_ids=env_ids)
    with pytest.raises(BadOption, match="integers in"):
        gated.send([[A]] * len(env_ids), env_ids)
    assert gated.recv() == []


def test_turns_match_their_rows(gated):
    """As many id sequences as rows, and as many logprobs."""
    for ids, logprobs, env_ids in (([[A]], None, [0, 1]), ([[A]], [], [0]), ([[A]] * 5, None, None)):
        with pytest.raises(InvalidAction, match="turns do not match the rows"):
            gated.push(ids, logprobs, env_ids)


# What bad input gets


@pytest.mark.parametrize("action", ["token", "turn"])
def test_a_step_needs_a_reset(action):
    """Before the first one, a typed error."""
    with pytest.raises(ResetNeeded, match="before the first reset"):
        native(action=action).step(np.array([A] * 4) if action == "token" else ("a",) * 4)


@pytest.mark.parametrize("obs", VIEWS)
def test_the_first_reset_is_of_all_rows(obs):
    """A mask cannot leave out a row that has nothing to show yet."""
    envs = native(obs=obs, autoreset_mode="Disabled")
    with pytest.raises(ResetNeeded, match="never opened"):
        envs.reset(options={"reset_mask": np.array([True, False, True, True])})
    envs.reset()
    envs.reset(options={"reset_mask": np.array([True, False, True, True])})


def test_disabled_rows_are_reset_by_the_caller():
    """A step with a finished row names the row and what to do."""
    envs = native("test/Echo-v0", 3, autoreset_mode="Disabled")
    envs.reset(seed=0)
    envs.step(np.array([A, END, A]))
    with pytest.raises(ResetNeeded, match=r"rows \[1\]") as caught:
        envs.step(np.array([A, A, A]))
    assert "reset_mask" in str(caught.value)


@pytest.mark.parametrize("obs", ["delta", "padded"])
@pytest.mark.parametrize(
    "actions",
    [
        [A] * 3,
        [A] * 5,
        [],
        A,
        None,
        "aaaa",
        ["a"] * 4,
        [A, A, A, 259],
        [A, A, A, -1],
        [1.0] * 4,
        [True] * 4,
        [[A]] * 4,
        [A, A, A, [A]],
        [A, A, A, None],
        np.zeros((4, 1), int),
        [A, A, A, 2**70],
    ],
    ids=repr,
)
def test_actions_outside_the_space_are_refused(obs, actions):
    """A typed error, and no row has moved."""
    envs = native(obs=obs)
    envs.reset(seed=SEEDS)
    before = envs.contexts()
    with pytest.raises(InvalidAction, match=r"4 token ids in \[0, 259\)"):
        envs.step(actions)
    assert data_equivalence(envs.contexts(), before, exact=True)


@pytest.mark.parametrize(
    "actions", [("a",) * 3, "aaaa", None, 5, ("a", "a", "a", 5), ("a", "a", "a", None), [A] * 4, (b"a",) * 4], ids=repr
)
def test_texts_outside_the_space_are_refused(actions):
    """The same for text turns; a single string is no row of replies."""
    envs = native(action="turn")
    envs.reset(seed=SEEDS)
    before = envs.contexts()
    with pytest.raises(InvalidAction, match="4 replies as text"):
        envs.step(actions)
    assert data_equivalence(envs.contexts(), before, exact=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"seed": [1, 2]}, "or 4 of them"),
        ({"seed": 1.5}, "or 4 of them"),
        ({"seed": "1234"}, "seed"),
        ({"seed": -5}, "non-negative"),
        ({"seed": [1, 2, 3, -4]}, "non-negative"),
        ({"options": {"reset_mask": [True] * 4}}, "reset_mask"),
        ({"options": {"reset_mask": np.ones(3, bool)}}, "reset_mask"),
        ({"options": {"reset_mask": np.zeros(4, bool)}}, "reset_mask"),
        ({"options": {"reset_mask": np.ones(4, int)}}, "reset_mask"),
        ({"options": {"index": -1}}, "index"),
        ({"options": {"idnex": 1}}, "index"),
    ],
    ids=str,
)
def test_reset_checks_its_arguments(arguments, said):
    """Seeds and masks match the rows, options are known."""
    with pytest.raises(BadOption) as caught:
        native().reset(**arguments)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"num_envs": 0}, "num_envs of 1 or more"),
        ({"num_envs": -3}, "num_envs of 1 or more"),
        ({"autoreset_mode": "next_step"}, "NextStep"),
        ({"autoreset_mode": None}, "NextStep"),
        ({"obs": "dleta"}, "'delta'"),
        ({"dificulty": 1}, "'difficulty'"),
    ],
    ids=str,
)
def test_arguments_are_checked_when_it_is_made(arguments, said):
    """Each wrong argument is refused at once."""
    with pytest.raises(BadOption) as caught:
        native(**arguments)
    assert said in str(caught.value)


@pytest.mark.parametrize("arguments", [{"num_envs": 0}, {"obs": "dleta"}, {"autoreset_mode": ""}], ids=str)
def test_what_could_not_be_made_can_be_closed(arguments):
    """Gymnasium closes half-made vector envs when they are collected."""
    half = object.__new__(LLMVectorEnv)
    with pytest.raises(BadOption):
        half.__init__(**{"env_id": "test/Odd-v0", **arguments})
    half.close()


@pytest.mark.parametrize("obs", ["delta", "padded"])
def test_an_authors_mistake_ends_the_rows_episode(obs):
    """It is raised; the row cannot go on; after a reset everything is well."""
    envs = native("test/Echo-v0", 3, obs=obs)
    envs.reset(seed=0)
    verify = envs.envs[1].verify
    envs.envs[1].verify = lambda task, reply: float("nan")
    with pytest.raises(BadVerdict):
        envs.step(np.array([A, END, A]))
    with pytest.raises(ResetNeeded):
        envs.step(np.array([A, A, A]))
    envs.envs[1].verify = verify
    envs.reset(seed=0)
    assert envs.step(np.array([A, END, A]))[2].tolist() == [False, True, False]


def test_infrastructure_errors_stay_with_their_row():
    """The row is truncated and says why; the others are not disturbed."""
    envs = native("test/Echo-v0", 3)
    envs.reset(seed=0)

    def broken(task, reply):
        raise InfrastructureError("the verifier is gone")

    envs.envs[1].verify = broken
    _, _rewards_N, terminated_N, truncated_N, infos = envs.step(np.array([A, END, END]))
    assert (terminated_N.tolist(), truncated_N.tolist()) == ([False, False, True], [False, True, False])
    assert infos["infrastructure_error"][1] == "InfrastructureError: the verifier is gone"
    assert infos["_verdict"].tolist() == [False, False, True]


def test_long_turns_grow_the_buffer():
    """A turn longer than the first buffer is kept whole."""
    envs = native("test/Echo-v0", 2, max_new_tokens=2000)
    envs.reset(seed=0)
    for number in range(1000):
        envs.step(np.array([48 + number % 10, 49]))
    assert [CHAT.decode(ids[-1000:]) for ids in envs.contexts()] == ["0123456789" * 100, "1" * 1000]


def test_gymnasiums_vector_wrappers_work():
    """Statistics of episodes are what they should be."""
    envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(native("test/Echo-v0", 2))
    envs.reset(seed=0)
    envs.step(np.array([A, A]))
    infos = envs.step(np.array([END, A]))[4]
    assert infos["episode"]["l"].tolist() == [2, 0]
