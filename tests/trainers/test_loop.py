"""The loop: what it logs, when it evaluates, saves and stops."""

from __future__ import annotations

import os
import signal

import pytest
from models import tiny_model

from llm_envs.trainers import loop
from llm_envs.trainers.learner import Learner
from llm_envs.trainers.run import Run


@pytest.fixture
def looped(tmp_path, grpo_config):
    """A run of steps that do nothing but say which they are."""

    def go(after_step=lambda step: None, target_reward=float("inf"), **changes):
        config = grpo_config(**changes)
        run = Run.create(tmp_path / "run", "grpo", config.to_dict())
        learner = Learner(tiny_model(), config)

        def take_step():
            after_step(learner.step + 1)
            return {"loss": float(learner.step)}

        try:
            loop.run_steps(run, learner, take_step, config=config, columns=["loss"], target_reward=target_reward)
        finally:
            go.run = run
        return run

    return go


def test_every_step_is_logged_and_some_are_evaluated(looped):
    """One row a step, numbered from 1; validation every `eval_every` steps and at the end."""
    rows = looped(steps=7, eval_every=3).metrics()
    assert [(row["step"], row["loss"]) for row in rows] == [(str(i + 1), str(float(i))) for i in range(7)]
    assert [row["step"] for row in rows if row["validation_reward"]] == ["3", "6", "7"]


def test_a_finished_run_has_everything(looped):
    """Config, metrics, tensorboard, picture, checkpoint of the last step, evaluations before and after."""
    run = looped(steps=5, save_every=100)
    assert run.latest()[0] == 5
    assert run.evaluations().keys() == {"before", "after"}
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "run.json",
        "journal.log",
        "metrics.csv",
        "tensorboard",
        "reward.png",
        "checkpoint",
        "evaluation.json",
    }


def test_it_stops_at_the_target(looped):
    """Reaching the target ends the run with a checkpoint, at the first evaluation that does."""
    run = looped(steps=6, eval_every=2, target_reward=0.0)
    assert run.latest()[0] == 2
    assert "after" in run.evaluations()


def test_it_does_not_go_on_beyond_the_target(looped, grpo_config):
    """A run that was lost after its last checkpoint, before the evaluation, only catches up on that."""
    run = looped(steps=6, eval_every=2, target_reward=0.0)
    finished = run.evaluations()
    run.record("after", {})
    learner = Learner.load(run.checkpoint(), grpo_config())
    loop.run_steps(run, learner, pytest.fail, config=grpo_config(), columns=["loss"], target_reward=0.0)
    assert run.latest()[0] == 2
    assert run.evaluations() == finished


def test_ctrl_c_in_an_evaluation_is_obeyed_after_it(looped, monkeypatch, capsys):
    """Before the first step there is nothing to go on from, and it says so."""
    evaluate_on = loop.evaluate_on
    monkeypatch.setattr(loop, "evaluate_on", lambda *a: os.kill(os.getpid(), signal.SIGINT) or evaluate_on(*a))
    with pytest.raises(KeyboardInterrupt):
        looped()
    assert looped.run.evaluations().keys() == {"before"}
    assert "nothing to go on from" in capsys.readouterr().out


def test_ctrl_c_saves_the_step_at_hand(looped, capsys):
    """The step that was running is finished, logged and saved, and the way to resume is printed."""

    def press_at_four(step):
        if step == 4:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        looped(press_at_four, steps=9, save_every=100)
    run = looped.run
    assert run.latest()[0] == 4
    assert run.metrics()[-1]["step"] == "4"
    assert f"--resume {run.folder}" in capsys.readouterr().out


def test_a_second_ctrl_c_keeps_the_last_checkpoint(looped, capsys):
    """Nothing is saved any more, and the checkpoint before is still whole."""

    def press_twice_at_four(step):
        if step == 4:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        looped(press_twice_at_four, steps=9, save_every=3)
    assert looped.run.latest()[0] == 3
    assert "from step 3" in capsys.readouterr().out
