"""Pairs of a right and a wrong reply to the same, as TRL takes them."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import templates
from runs import make_episode, make_error, make_plan, make_reply, make_run
from small_templates import CHATML, CHATML_CONTROLS

from llm_envs.evals.export import Choice, export


def lines(path):
    """The rows of the file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def samples(task, verdicts):
    """One episode for each letter: r for right, w for wrong."""
    return [make_episode(task, n, float(v == "r"), text=f"{task}.{n}{v}") for n, v in enumerate(verdicts)]


def test_a_right_and_a_wrong_sample_of_one_task_make_a_pair(tmp_path):
    """The prompt is what both answer; chosen is right, rejected wrong."""
    done = export(make_run(tmp_path, make_plan(samples=2), samples(0, "wr")), "dpo")
    assert lines(done.path) == [
        {
            "prompt": [{"role": "user", "content": "Question 0 of llm/Math-v0?"}],
            "chosen": [{"role": "assistant", "content": "0.1r"}],
            "rejected": [{"role": "assistant", "content": "0.0w"}],
        }
    ]


def test_each_episode_stands_in_one_pair_at_most(tmp_path):
    """As many pairs as the rarer kind has; the rest is counted, errors and cut-off replies too."""
    cut = make_episode(2, 0, 0.0, replies=[make_reply(finish="length")])
    outcomes = [*samples(0, "rrrww"), *samples(1, "wwww"), cut, make_error(2, 1)]
    done = export(make_run(tmp_path, make_plan(samples=5), outcomes), "dpo")
    rows = lines(done.path)
    assert done.rows == len(rows) == 2
    used = Counter(row[side][0]["content"] for row in rows for side in ("chosen", "rejected"))
    assert set(used.values()) == {1}
    assert all(row["chosen"][0]["content"].endswith("r") for row in rows)
    assert done.left_out == {"in no pair": 5, "cut off": 1, "ended by infrastructure": 1}


def test_pairs_are_drawn_by_the_seed_alone(tmp_path):
    """The order of finishing does not matter; other seeds pair others."""
    episodes = [episode for task in range(5) for episode in samples(task, "rrrwwww")]
    plan = make_plan(tasks=5, samples=7)
    runs = [make_run(tmp_path / str(n), plan, order) for n, order in enumerate([episodes, episodes[::-1]])]

    def pairs(run, seed, **choice):
        out = tmp_path / f"{run.path.name}-{seed}-{len(choice)}"
        export(run, "dpo", out, choice=Choice(seed=seed, **choice))
        return sorted((row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in lines(out))

    assert pairs(runs[0], 0) == pairs(runs[1], 0) != pairs(runs[0], 1)
    assert [chosen[0] for chosen, _ in pairs(runs[0], 0, per_task="one")] == list("01234")


def turns(task, sample, reward, *texts):
    """An episode of several turns; the env says the same after each."""
    said = [[{"role": "user", "content": f"turn {n} of {task}"}] for n in range(len(texts))]
    replies = [make_reply(text, turn=n) for n, text in enumerate(texts)]
    return make_episode(task, sample, reward, said=said, replies=replies)


def test_conversations_are_paired_where_they_differ_in_the_last_reply_alone(tmp_path):
    """Those that parted earlier are left out, and counted: what the env said would be trained on."""
    outcomes = [turns(0, 0, 1.0, "a", "right"), turns(0, 1, 0.0, "a", "wrong"), turns(0, 2, 0.0, "b", "wrong")]
    done = export(make_run(tmp_path, make_plan(samples=3), outcomes), "dpo")
    (row,) = lines(done.path)
    assert [message["content"] for message in row["prompt"]] == ["turn 0 of 0", "a", "turn 1 of 0"]
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == ("right", "wrong")
    assert done.left_out == {"parted from the others before the last reply": 1}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_trl_trains_on_it(tmp_path):
    """DPOTrainer takes the file as it is, and sees the replies."""
    pytest.importorskip("trl")
    from datasets import Dataset
    from models import tiny_model
    from trl import DPOConfig, DPOTrainer

    run = make_run(tmp_path / "run", make_plan(samples=2), [*samples(0, "rw"), *samples(1, "wr")])
    data = Dataset.from_list(lines(export(run, "dpo").path))
    tokenizer = templates.tokenizer_with(CHATML, CHATML_CONTROLS)
    tokenizer.eos_token, tokenizer.pad_token = "<|im_end|>", "<bos>"
    model, reference = tiny_model(), tiny_model()
    for each in (model, reference):
        each.resize_token_embeddings(len(tokenizer))
    config = DPOConfig(
        str(tmp_path / "out"), max_steps=1, report_to="none", use_cpu=True, save_strategy="no", bf16=False
    )
    trainer = DPOTrainer(model, reference, args=config, train_dataset=data, processing_class=tokenizer)
    assert "0.0r" in tokenizer.decode(trainer.train_dataset[0]["chosen_ids"])
    assert trainer.train().global_step == 1
