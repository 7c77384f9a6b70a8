"""`llm-envs train` and `llm-envs demo`: what a person types, and what comes back."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from llm_envs.cli import main
from llm_envs.trainers import cli
from llm_envs.trainers.config import GRPOConfig, SFTConfig
from llm_envs.trainers.run import Run

TINY = ["--steps=2", "--eval-episodes=4", "--test-episodes=4", "--difficulty=0", "--max-new-tokens=4"]


def call(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize(("algorithm", "config_class"), [("grpo", GRPOConfig), ("sft", SFTConfig)])
def test_help_names_every_setting(algorithm, config_class):
    """Each setting has an option, with its default, and there are examples."""
    shown = call("train", algorithm, "--help").output
    for setting in dataclasses.fields(config_class):
        assert "--" + setting.name.replace("_", "-") in shown
    assert f"llm-envs train {algorithm} --resume" in shown
    assert f"[{config_class().micro_batch_tokens}]" in shown


@pytest.mark.parametrize("algorithm", ["grpo", "sft"])
def test_a_run_from_the_command_line(tmp_path, model_folder, algorithm):
    """It trains, and says where everything is."""
    sizes = ["--groups=2", "--group-size=2", "--no-divide-by-std"] if algorithm == "grpo" else ["--batch-size=2"]
    result = call("train", algorithm, "--model", model_folder, "--folder", tmp_path / "run", *TINY, *sizes)
    assert result.exit_code == 0, result.output
    assert "test reward after" in result.output
    told = json.loads((tmp_path / "run" / "run.json").read_text())["config"]
    assert told["steps"] == 2
    assert told["difficulty"] == 0
    assert told.get("divide_by_std", False) is False


def test_a_run_ends_with_a_document(tmp_path, model_folder):
    """With `--json` stdout holds the folder and the evaluations alone; progress is on stderr."""
    result = call(
        "train", "sft", "--model", model_folder, "--folder", tmp_path / "run", *TINY, "--batch-size=2", "--json"
    )
    told = json.loads(result.stdout)
    assert told["folder"] == str(tmp_path / "run")
    assert all("reward" in evaluation for evaluation in told["evaluations"].values())
    assert "step" in result.stderr


MISTAKES = {
    "no model": (["--steps=2"], "BadOption: no model was named"),
    "a model that is not there": (["--model", "{tmp}"], "BadOption: no model can be loaded"),
    "an unknown env": (["--model", "{model}", "--env=llm/Maths-v0"], "Did you mean 'llm/Math-v0'"),
    "a setting out of range": (["--model", "{model}", "--group-size=1"], "BadOption: group_size is out of range"),
    "a difficulty out of range": (["--model", "{model}", "--difficulty=7"], "BadOption: difficulty is out of range"),
    "a model and tokenizer that are not there": (["--model", "{tmp}/none"], "BadOption: no model can be loaded"),
    "an unknown tokenizer": (["--model", "{model}", "--tokenizer", "{tmp}/none"], "UnknownTokenizer"),
    "an unknown device": (["--model", "{model}", "--device=gpu"], "expected: cpu, cuda, or cuda:N"),
    "a run for a model": (["--model", "{run}"], "next: Pass --model {run}/checkpoint/step-70."),
    "resuming a checkpoint": (["--resume", "{run}/checkpoint/step-70"], "next: Pass --resume {run}."),
    "resuming nothing": (["--resume", "{tmp}"], "BadCheckpoint"),
    "resuming with other settings": (["--resume", "{tmp}", "--group-size=4"], "a resumed run keeps its settings"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_explained(tmp_path, model_folder, warm_run, mistake):
    """Exit status 2, a sentence and what to do, no traceback; and no folder that nobody can use."""
    arguments, message = MISTAKES[mistake]
    places = {"tmp": tmp_path, "model": model_folder, "run": warm_run.folder}
    filled = [argument.format(**places) for argument in arguments]
    folder = [] if mistake.startswith("resuming") else ["--folder", tmp_path / "run"]
    result = call("train", "grpo", *folder, *filled)
    assert result.exit_code == 2
    assert message.format(**places) in result.output
    assert "next: " in result.output
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "settings", [{"steps": 0}, {"stepz": 5}, {"steps": "many"}, {"group_size": None, "steps": []}], ids=str
)
def test_a_run_folder_with_bad_settings_is_no_run(tmp_path, settings):
    """Settings that no run has are a bad checkpoint, whatever is wrong with them."""
    Run.create(tmp_path, "grpo", settings).save(1, lambda folder: None)
    result = call("train", "grpo", "--resume", tmp_path)
    assert result.exit_code == 2
    assert "BadCheckpoint" in result.output
    assert result.output.count("expected:") == 1


def test_help_keeps_names_as_they_are_written():
    """The first letter is raised, the others stay."""
    shown = call("train", "grpo", "--help").output
    assert "on a GPU." in " ".join(shown.split())
    assert "AdamW" in shown


def test_ctrl_c_ends_with_130(monkeypatch, tmp_path):
    """An interrupted demo is no crash."""
    monkeypatch.setattr("llm_envs.trainers.demo.demo", interrupted)
    assert call("demo", "--folder", tmp_path).exit_code == 130


def interrupted(*_):
    """Ctrl-C."""
    raise KeyboardInterrupt


def test_a_missing_extra_is_named(monkeypatch):
    """Without torch, the message is the pip line."""
    monkeypatch.setattr(cli, "_PACKAGES", ("no_such_package",))
    result = call("demo")
    assert result.exit_code == 2
    assert 'pip install "llm-envs[train]"' in result.output


def test_help_needs_no_torch():
    """The command line starts without loading any optional package."""
    code = "import sys; from llm_envs.trainers.cli import train; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
