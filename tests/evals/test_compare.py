"""Two runs side by side: what is paired, what is left out, and what may be said."""

from __future__ import annotations

import json

import pytest
from runs import make_episode, make_error, make_plan, make_reply, make_run
from scipy import stats

from llm_envs.errors import BadOption
from llm_envs.evals.compare import compare


def two_runs(tmp_path, first, second, **plan):
    """The comparison of two lists of outcomes, by models a and b."""
    plans = [make_plan(**{"tasks": 100, **plan}, model=model) for model in ("a", "b")]
    folders = [
        make_run(tmp_path / made.model, made, outcomes) for made, outcomes in zip(plans, (first, second), strict=True)
    ]
    return compare(*folders)


def of_rewards(*rewards, **more):
    """An episode of each task."""
    return [make_episode(task, reward=float(reward), **more) for task, reward in enumerate(rewards)]


def test_binary_rewards(tmp_path):
    """McNemar over the pairs, and a sentence with everything in it."""
    found = two_runs(tmp_path, of_rewards(*[0] * 20, *[1] * 80), of_rewards(*[1] * 15, *[0] * 9, *[1] * 76))
    p = stats.binomtest(4, 19, 0.5).pvalue
    assert found.overall.p == pytest.approx(p)
    assert found.sentence == (
        "b does better than a: 0.910 against 0.800 on the same 100 tasks, +0.110 [+0.022, +0.193] 95% CI, "
        f"p = {p:.2g} (McNemar, exact)."
    )
    assert not found.is_worse


def test_no_difference_is_shown(tmp_path):
    """The sentence does not say that there is none, but how large one would have been seen."""
    found = two_runs(tmp_path, of_rewards(*[1, 0] * 50), of_rewards(*[1, 0] * 48, 0, 1, 1, 1))
    assert found.sentence.startswith("No difference is shown between b and a: 0.510 against 0.500")
    assert found.sentence.endswith(f"one of {found.overall.detectable:.3f} would be seen 4 times in 5.")


def test_flips_come_with_what_was_said(tmp_path):
    """Each task that changed, the largest change first, with the last lines of both replies, thoughts left out."""
    first = of_rewards(1, 0, 1, 0.5, text="<think>hm\nhm</think>\n\nBecause of that\nit is 7\n")
    second = of_rewards(1, 1, 0, 0.25, text="")
    (env,) = two_runs(tmp_path, first, second).envs
    assert [(flip.task, flip.before, flip.after) for flip in env.fell] == [(2, 1, 0), (3, 0.5, 0.25)]
    assert [(flip.task, flip.task_id) for flip in env.rose] == [(1, "llm/Math-v0/test/0/1")]
    assert (env.fell[0].first_line, env.fell[0].second_line) == ("it is 7", "")


def test_flips_of_several_samples(tmp_path):
    """A task's means are compared; what is shown is a sample that went the same way."""
    rewards = {"a": [1, 0, 1], "b": [1, 1, 1]}
    runs = [
        [make_episode(0, k, float(reward), text=f"{name}{k}") for k, reward in enumerate(of)]
        for name, of in rewards.items()
    ]
    (flip,) = two_runs(tmp_path, *runs, samples=3).envs[0].rose
    assert (flip.sample, flip.before, flip.first_line, flip.second_line) == (1, pytest.approx(2 / 3), "a1", "b1")


def test_only_the_same_tasks_are_compared(tmp_path):
    """Another task id, or another opening, is another task; it is left out and counted."""
    first = of_rewards(1, 1, 1, 1)
    second = of_rewards(0, 1, 1, 1)
    second[1].task_id = "llm/Math-v0/test/1/1"
    second[2].said = [[{"role": "user", "content": "Another question?"}]]
    second[2].replies = [make_reply(seen="other")]
    second[3].replies = [make_reply(seen="the same in other tokens")]
    (env,) = two_runs(tmp_path, first, second).envs
    assert (env.difference.n, env.unlike, env.unpaired) == (2, 2, 0)


def test_errors_have_no_pair(tmp_path):
    """An attempt that one run did not score is left out of both."""
    first = [*of_rewards(1, 1, 1), make_error(3)]
    second = [*of_rewards(0, 1), make_error(2), make_episode(3)]
    (env,) = two_runs(tmp_path, first, second).envs
    assert (env.difference.n, env.difference.first, env.unpaired) == (2, 1.0, 2)


def test_runs_of_different_size(tmp_path):
    """What both have is compared."""
    small = make_run(tmp_path / "small", make_plan(2, 1), of_rewards(1, 0))
    large = make_run(tmp_path / "large", make_plan(3, 2), [make_episode(t, k) for t in range(3) for k in range(2)])
    found = compare(small, large)
    assert (found.overall.n, found.envs[0].unpaired) == (2, 4)
    assert (found.first, found.second) == ("small", "large")


def test_a_suite(tmp_path):
    """Each env has a p of its own, corrected for their number; overall, all their tasks count."""
    envs = ("x", "y", "only a")
    first = [make_episode(task, env=env) for env in envs for task in range(12)]
    second = [make_episode(task, reward=float(task > 7), env="x") for task in range(12)]
    second += [make_episode(task, reward=float(task > 1), env="y") for task in range(12)]
    plans = make_plan(12, envs=envs, model="a"), make_plan(12, envs=("y", "x", "only b"), model="b")
    found = compare(make_run(tmp_path / "a", plans[0], first), make_run(tmp_path / "b", plans[1], second))
    ps = {env.label: env.difference.p for env in found.envs}
    assert ps == pytest.approx({"x": 2 / 2**8, "y": 2 / 2**2})
    assert {env.label: env.p_holm for env in found.envs} == pytest.approx({"x": 4 / 2**8, "y": 2 / 2**2})
    assert found.overall.p == pytest.approx(2 / 2**10)
    assert (found.only_first, found.only_second) == (("only a",), ("only b",))
    assert found.is_worse


def test_runs_of_different_tasks_are_refused(tmp_path):
    """With nothing in common there is nothing to compare, and the error says why."""
    with pytest.raises(BadOption, match="100 pairs of different tasks"):
        two_runs(tmp_path, of_rewards(*[1] * 100), [make_episode(task, task_id=f"other/{task}") for task in range(100)])
    with pytest.raises(BadOption, match="x against llm/Math-v0"):
        compare(
            make_run(tmp_path / "x", make_plan(envs=("x",)), [make_episode(env="x")]),
            make_run(tmp_path / "y", make_plan(), [make_episode()]),
        )


def test_written_down(tmp_path):
    """JSON has the sentence, every difference and every flip."""
    plain = json.loads(json.dumps(two_runs(tmp_path, of_rewards(1, 0), of_rewards(0, 0)).to_dict(), allow_nan=False))
    assert plain["sentence"].startswith("No difference is shown")
    assert plain["envs"][0]["flips"]["fell"][0]["task_id"] == "llm/Math-v0/test/0/0"
    assert plain["overall"]["mean"] == -0.5
