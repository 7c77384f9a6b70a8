"""The demo: its model, its path from nothing to the end, and the run that is kept."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from llm_envs.trainers import demo
from llm_envs.trainers.config import GRPOConfig, SFTConfig

KEPT = Path(__file__).parents[2] / "trainers" / "demo"


def test_the_model_is_small_and_reproducible():
    """A million parameters, the same for the same seed, and the global generator is left alone."""
    import torch

    before = torch.get_rng_state()
    one, again, other = demo.small_model(0), demo.small_model(0), demo.small_model(1)
    assert one.num_parameters() == 1_017_600
    assert torch.equal(one.lm_head.weight, again.lm_head.weight)
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
    shown = capsys.readouterr().out
    assert evaluations.keys() == {"before", "after"}
    assert shown.count("before: ") == 8 + 1
    assert "shards" not in shown
    assert "reward after: 0.0%" in shown
    for name in ("config.json", "metrics.csv", "reward.png", "evaluation.json", "cold_start/metrics.csv"):
        assert (tmp_path / "run" / name).is_file()


def test_the_run_that_is_kept_holds_what_its_page_says():
    """Curve and final numbers are there, the reward rose from about 30% to above 80%, and the page says so."""
    evaluation = json.loads((KEPT / "evaluation.json").read_text())
    with (KEPT / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    before, after = evaluation["before"]["reward"], evaluation["after"]["reward"]
    assert 0.2 < before < 0.5
    assert after > 0.8
    page = (KEPT / "README.md").read_text(encoding="utf-8")
    assert f"{before:.1%}" in page
    assert f"{after:.1%}" in page
    assert f"{len(rows)} steps" in page
    assert (KEPT / "reward.png").read_bytes().startswith(b"\x89PNG")
