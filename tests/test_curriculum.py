"""The difficulty that follows the success rate."""

from __future__ import annotations

import copy
import pickle

import gymnasium as gym
import pytest
from hypothesis import given
from hypothesis import strategies as st

import llm_envs
from llm_envs import Curriculum
from llm_envs.errors import BadOption

LEVELS = range(6)


def play(curriculum, outcomes):
    """One episode for each outcome, at the level the curriculum chooses; the levels."""
    levels = []
    for success in outcomes:
        levels.append(curriculum.choose(LEVELS))
        curriculum.record(levels[-1], success=success)
    return levels


def test_success_raises_the_level():
    """After a window of successes the next level comes, up to the last one."""
    assert play(Curriculum(window=2), [True] * 14) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 5]


def test_failure_lowers_the_level():
    """After a window of failures the previous level comes back, down to the first one."""
    assert play(Curriculum(2, window=2), [False] * 7) == [2, 2, 1, 1, 0, 0, 0]


def test_between_the_thresholds_the_level_stays():
    """Half of the episodes solved is neither too easy nor too hard, and old windows are forgotten."""
    curriculum = Curriculum(3, window=4)
    assert set(play(curriculum, [True, False] * 20)) == {3}
    assert play(curriculum, [True] * 5)[-1] == 4


@given(st.permutations([True] * 7 + [False] * 3))
def test_the_order_of_a_batch_does_not_matter(outcomes):
    """Rows that were reset together may finish in any order."""
    curriculum = Curriculum(1, window=10)
    for _ in outcomes:
        assert curriculum.choose(LEVELS) == 1
    for success in outcomes:
        curriculum.record(1, success=success)
    assert [curriculum.choose(LEVELS) for _ in outcomes] == [2] * 10


def test_stragglers_do_not_count():
    """An episode of another level says nothing about this one."""
    curriculum = Curriculum(1, window=2)
    for _ in range(5):
        curriculum.record(0, success=True)
    assert curriculum.choose(LEVELS) == 1


def test_a_level_outside_the_env_is_brought_inside():
    """An env of three levels never sees a fourth."""
    assert Curriculum(5).choose(range(3)) == 2
    assert Curriculum(0).choose(range(1, 3)) == 1


@pytest.mark.parametrize(
    "settings", [{"window": 0}, {"rise": 0.2, "fall": 0.2}, {"rise": 1.1}, {"fall": -0.1}], ids=str
)
def test_settings_out_of_range_are_refused(settings):
    """When it is made."""
    with pytest.raises(BadOption, match="out of range"):
        Curriculum(**settings)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))], ids=["deepcopy", "pickle"]
)
def test_copies_go_on_from_the_same_state(copied):
    """And then their own way."""
    curriculum = Curriculum(window=3)
    play(curriculum, [True, True])
    twin = copied(curriculum)
    assert play(twin, [True, True]) == play(curriculum, [True, True]) == [0, 1]
    play(twin, [True] * 3)
    assert curriculum.state() != twin.state()


def answer(env, *, right):
    """Play the open episode."""
    text = env.unwrapped.demonstrate(env.unwrapped.task)[0] if right else "I do not know."
    return env.step(text)


def test_an_env_follows_its_curriculum():
    """It gives the level at every reset, and learns whether the reply was right."""
    curriculum = Curriculum(window=4)
    env = gym.make("llm/Math-v0", difficulty=curriculum, action="turn")
    levels = []
    for index in range(9):
        env.reset(seed=0, options={"index": index})
        levels.append(env.unwrapped.task.metadata["difficulty"])
        answer(env, right=True)
    assert levels == [0] * 4 + [1] * 4 + [2]
    assert curriculum.level == 2


def test_a_difficulty_in_the_reset_options_goes_first():
    """And does not move the curriculum."""
    curriculum = Curriculum(window=1)
    env = gym.make("llm/Math-v0", difficulty=curriculum, action="turn")
    env.reset(seed=0, options={"difficulty": 4})
    assert env.unwrapped.task.metadata["difficulty"] == 4
    answer(env, right=True)
    assert curriculum.state() == {"level": 0, "episodes": 0, "successes": 0}


def test_rows_of_a_vector_env_share_one():
    """Rows reset together play one level, and a group with one seed plays one task."""
    curriculum = Curriculum(window=4)
    envs = gym.make_vec("llm/Math-v0", num_envs=4, difficulty=curriculum, action="turn").unwrapped
    for expected in range(3):
        envs.reset(seed=[7] * 4)
        assert {env.task.metadata["difficulty"] for env in envs.envs} == {expected}
        assert len({env.task.prompt for env in envs.envs}) == 1
        envs.step([env.demonstrate(env.task)[0] for env in envs.envs])


def test_an_env_without_levels_refuses_one():
    """When it is made."""

    class Plain(llm_envs.SingleTurnEnv):
        def sample(self, rng):
            return llm_envs.Task("?", 1)

        def verify(self, task, reply):
            return 0.0

    with pytest.raises(BadOption, match="no difficulty to set"):
        Plain(difficulty=Curriculum())
