"""Conversations to learn from: those that earned enough, whole, as TRL takes them."""

from __future__ import annotations

import json

import pytest
import templates
from runs import make_episode, make_error, make_plan, make_reply, make_run
from small_templates import CHATML, CHATML_CONTROLS

from llm_envs.evals.export import Choice, export


def lines(path):
    """The rows of the file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_only_what_earned_enough_is_taken(tmp_path):
    """Lower rewards and errors are left out, and counted."""
    run = make_run(tmp_path, make_plan(), [make_episode(n, reward=n / 2) for n in range(3)] + [make_error(3)])
    done = export(run, "sft")
    assert lines(done.path) == [
        {
            "messages": [
                {"role": "user", "content": "Question 2 of llm/Math-v0?"},
                {"role": "assistant", "content": "\\boxed{7}"},
            ]
        }
    ]
    assert done.left_out == {"reward below 1": 2, "ended by infrastructure": 1}
    assert export(run, "sft", tmp_path / "more", choice=Choice(min_reward=0.5)).rows == 2


def test_rewards_that_sum_to_one_but_for_rounding_count(tmp_path):
    """0.9 + 0.1 of a rubric may miss 1 by a hair."""
    run = make_run(tmp_path, make_plan(), [make_episode(0, reward=0.7 + 0.2 + 0.1)])
    assert export(run, "sft").rows == 1


@pytest.mark.parametrize("finish", ["length", "context", "filter"])
def test_replies_without_an_end_are_left_out(tmp_path, finish):
    """A trainer would put an end where none was sampled."""
    cut = make_episode(1, replies=[make_reply(finish=finish)])
    done = export(make_run(tmp_path, make_plan(), [make_episode(0), cut]), "sft")
    assert done.rows == 1
    assert done.left_out.total() == 1


def test_one_of_each_task_is_drawn_by_the_seed_alone(tmp_path):
    """The order of finishing does not matter; other seeds take others."""
    episodes = [make_episode(task, sample, text=f"{task}.{sample}") for task in range(8) for sample in range(6)]
    plan = make_plan(tasks=8, samples=6)
    runs = [make_run(tmp_path / str(n), plan, order) for n, order in enumerate([episodes, episodes[::-1]])]

    def taken(run, seed):
        out = tmp_path / f"{run.path.name}-{seed}"
        done = export(run, "sft", out, choice=Choice(per_task="one", seed=seed))
        assert done.rows == 8
        assert done.left_out == {"not the one of its task": 40}
        return sorted(line["messages"][-1]["content"] for line in lines(out))

    assert taken(runs[0], 0) == taken(runs[1], 0) != taken(runs[0], 1)
    assert [text[0] for text in taken(runs[1], 1)] == list("01234567")


def test_turns_stand_in_their_order(tmp_path):
    """What the env said stands between the replies."""
    said = [[{"role": "system", "content": "s"}, {"role": "user", "content": "a"}], [{"role": "user", "content": "c"}]]
    episode = make_episode(said=said, replies=[make_reply("b"), make_reply("d", turn=1)])
    messages = lines(export(make_run(tmp_path, make_plan(), [episode]), "sft").path)[0]["messages"]
    assert [(message["role"], message["content"]) for message in messages] == [
        ("system", "s"),
        ("user", "a"),
        ("assistant", "b"),
        ("user", "c"),
        ("assistant", "d"),
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_trl_trains_on_it(tmp_path):
    """SFTTrainer takes the file as it is, and sees the replies."""
    pytest.importorskip("trl")
    from datasets import Dataset
    from models import tiny_model
    from trl import SFTConfig, SFTTrainer

    run = make_run(tmp_path / "run", make_plan(), [make_episode(n, text=f"seven {n}") for n in range(4)])
    data = Dataset.from_list(lines(export(run, "sft").path))
    tokenizer = templates.tokenizer_with(CHATML, CHATML_CONTROLS)
    model = tiny_model()
    model.resize_token_embeddings(len(tokenizer))
    config = SFTConfig(str(tmp_path / "out"), max_steps=1, report_to="none", use_cpu=True, save_strategy="no")
    trainer = SFTTrainer(model, config, train_dataset=data, processing_class=tokenizer)
    assert "seven 0" in tokenizer.decode(trainer.train_dataset[0]["input_ids"])
    assert trainer.train().global_step == 1
