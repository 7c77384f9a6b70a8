"""The demo: its model, its path from nothing to the end, and the run that is kept."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path

import pytest

from llm_envs.errors import BadCheckpoint, BadOption
from llm_envs.trainers import demo, grpo, sft
from llm_envs.trainers.config import GRPOConfig, SFTConfig

KEPT = Path(__file__).parents[2] / "trainers"


def test_the_model_is_small_and_reproducible():
    """A million parameters, the same for the same seed, and the global generator is left alone."""
    import torch

    before = torch.get_rng_state()
    one, again, other = demo.small_model(0), demo.small_model(0), demo.small_model(1)
    assert one.num_parameters() == 1_017_600
    assert torch.equal(one.lm_head.weight, again.lm_head.weight)
    assert torch.equal(one.lm_head.weight, demo.small_model(0, max_position_embeddings=1024).lm_head.weight)
    assert not torch.equal(one.lm_head.weight, other.lm_head.weight)
    assert torch.equal(before, torch.get_rng_state())


@pytest.fixture
def hasty(monkeypatch):
    """Both stages with two steps."""
    few = {"steps": 2, "eval_every": 1, "eval_episodes": 8, "test_episodes": 16, "warmup_steps": 1}
    monkeypatch.setattr(demo, "SFTConfig", lambda **given: SFTConfig(**{**given, **few, "batch_size": 4}))
    monkeypatch.setattr(demo, "GRPOConfig", lambda **given: GRPOConfig(**{**given, **few, "groups": 2}))


def test_the_whole_path(tmp_path, hasty, capsys):
    """From random weights through both stages; the folder has everything, and replies are shown side by side."""
    evaluations = demo.demo(tmp_path / "run")
    shown, warned = capsys.readouterr()
    assert evaluations.keys() == {"before", "after"}
    assert shown.count("before: ") == 8 + 1
    assert warned == ""
    assert "reward after: 0.0%" in shown
    assert f"to look at: {tmp_path / 'run' / 'report.html'}" in shown
    for name in ("run.json", "metrics.csv", "reward.png", "report.html", "evaluation.json", "cold_start/metrics.csv"):
        assert (tmp_path / "run" / name).is_file()


def outcome(folder):
    """All that two equal demos have in common."""
    files = (
        "metrics.csv",
        "journal.log",
        "evaluation.json",
        "cold_start/metrics.csv",
        "checkpoint/step-2/model.safetensors",
    )
    return [(folder / name).read_bytes() for name in files]


def press_ctrl_c(monkeypatch, module, name):
    """Press Ctrl-C when this function is called first."""
    inner = getattr(module, name)

    def pressing(*arguments):
        monkeypatch.setattr(module, name, inner)
        os.kill(os.getpid(), signal.SIGINT)
        return inner(*arguments)

    monkeypatch.setattr(module, name, pressing)


def test_a_stopped_demo_goes_on_where_it_was(tmp_path, hasty, monkeypatch, capsys):
    """Stopped in each stage and started again by the command it names, it ends as the demo in one go, bit for bit."""
    demo.demo(tmp_path / "straight")
    folder = tmp_path / "stopped"
    for module, name in ((sft, "_backward"), (grpo, "_update")):
        press_ctrl_c(monkeypatch, module, name)
        capsys.readouterr()
        with pytest.raises(KeyboardInterrupt):
            demo.demo(folder)
        assert f"go on by: llm-envs demo --folder {folder}\n" in capsys.readouterr().out
    demo.demo(folder)
    assert "done before" in capsys.readouterr().out
    assert outcome(folder) == outcome(tmp_path / "straight")


def test_a_complete_demo_is_left_alone(tmp_path, hasty):
    """Running it again says so, and where to look."""
    demo.demo(tmp_path)
    before = outcome(tmp_path)
    with pytest.raises(BadCheckpoint, match="is complete") as caught:
        demo.demo(tmp_path)
    assert "reward.png" in caught.value.next_step
    assert outcome(tmp_path) == before


def test_a_stopped_demo_keeps_its_settings(tmp_path, hasty, monkeypatch, capsys):
    """Another seed is refused; the command that was printed has the right one."""
    press_ctrl_c(monkeypatch, sft, "_backward")
    with pytest.raises(KeyboardInterrupt):
        demo.demo(tmp_path, seed=3)
    assert f"llm-envs demo --folder {tmp_path} --seed 3" in capsys.readouterr().out
    with pytest.raises(BadCheckpoint, match="--seed 3 --device cpu"):
        demo.demo(tmp_path)


def test_the_whole_path_with_a_tool(tmp_path, hasty, capsys):
    """The same two stages on an env whose tasks take a call and an answer; no other env will do in its place."""
    evaluations = demo.demo(tmp_path / "run", env="llm/Calc-v0")
    shown, _ = capsys.readouterr()
    assert shown.count("What is in cell") == 8
    assert evaluations["misled"]["episodes"] == 16
    assert "shown other digits than the tool gave: 0.0%" in shown
    assert {row["task_id"].split("/")[1] for row in evaluations["after"]["examples"]} == {"Calc-v0"}
    assert demo._command(tmp_path, {"env": "llm/Calc-v0", "seed": 1, "device": "cpu"}).startswith(
        "llm-envs demo llm/Calc-v0 --folder "
    )


def test_another_env_has_no_demo(tmp_path):
    """It is named, with those that have one, before anything is written; a stopped demo keeps its env."""
    with pytest.raises(BadOption, match="there is no demo of 'llm/Math-v0'") as caught:
        demo.demo(tmp_path / "new", env="llm/Math-v0")
    assert "llm/Calc-v0" in caught.value.expected
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_where_the_demo_cannot_run(tmp_path):
    """A folder of other files and a device that is none are refused at once."""
    (tmp_path / "page.md").write_text("mine")
    with pytest.raises(BadCheckpoint, match="no run"):
        demo.demo(tmp_path)
    with pytest.raises(BadOption, match="unknown device"):
        demo.demo(tmp_path / "new", device="gpu")
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


@pytest.mark.parametrize("name", ["demo", "calc"])
def test_the_run_that_is_kept_holds_what_its_page_says(name):
    """Curve and final numbers are there, the reward rose from about 30% to above 80%, and the page says so."""
    kept = KEPT / name
    evaluation = json.loads((kept / "evaluation.json").read_text())
    with (kept / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    before, after = evaluation["before"]["reward"], evaluation["after"]["reward"]
    assert 0.2 < before < 0.5
    assert after > 0.8
    page = (kept / "README.md").read_text(encoding="utf-8")
    assert f"{before:.1%}" in page
    assert f"{after:.1%}" in page
    assert f"{len(rows)} steps" in page
    assert (kept / "reward.png").read_bytes().startswith(b"\x89PNG")


def test_the_kept_run_with_a_tool_reads_what_the_tool_said():
    """Shown other digits it says those, in a turn after the call; the page says how often."""
    evaluation = json.loads((KEPT / "calc" / "evaluation.json").read_text())
    page = (KEPT / "calc" / "README.md").read_text(encoding="utf-8")
    misled = evaluation["misled"]
    assert misled["reward"] == 0
    assert misled["share_misled"] > 0.8
    assert f"{misled['share_misled']:.1%}" in page
    roles = [message["role"] for message in evaluation["after"]["examples"][0]["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant"]
