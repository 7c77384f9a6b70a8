"""The run folder: what it keeps, and that it is never half written."""

from __future__ import annotations

import pytest

from llm_envs.errors import BadCheckpoint
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import read_records
from llm_envs.policies.model import Attempt
from llm_envs.registry import row
from llm_envs.trainers.run import Run, new_folder


def write(text):
    """A checkpoint writer."""
    return lambda folder: (folder / "weights").write_text(text)


@pytest.fixture
def run(tmp_path):
    """A new run."""
    return Run.create(tmp_path / "run", "grpo", {"steps": 5})


def test_a_run_keeps_what_it_was_told(run):
    """Algorithm and settings are in run.json."""
    assert run.config() == {"algorithm": "grpo", "steps": 5}


def test_a_folder_holds_one_run(run):
    """A second run does not overwrite the first."""
    run.save(1, write("x"))
    with pytest.raises(BadCheckpoint, match="--resume"):
        Run.create(run.folder, "grpo", {})


def test_a_run_without_a_checkpoint_makes_room(run):
    """What failed before its first checkpoint cannot go on, so its folder is used again, without leftovers."""
    run.start(["reward"], 0)
    run.log(1, {"reward": 0.5}, {})
    run.record("before", {"reward": 0.1})
    run.close()
    Run.create(run.folder, "grpo", {"steps": 7})
    assert [path.name for path in run.folder.iterdir()] == ["run.json"]
    assert run.config()["steps"] == 7


@pytest.mark.parametrize("name", ["notes", "notes/page.md"], ids=["folder", "file"])
def test_what_is_no_run_is_left_alone(tmp_path, name):
    """A folder of other files, or a file, is refused and stays as it is."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "page.md").write_text("mine")
    with pytest.raises(BadCheckpoint, match="no run"):
        Run.create(tmp_path / name, "grpo", {})
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["page.md"]


def test_a_part_of_a_run_names_the_run(run):
    """A checkpoint cannot be resumed; the error says which folder can."""
    run.save(4, write("x"))
    for part in (run.folder / "checkpoint", run.checkpoint()):
        with pytest.raises(BadCheckpoint) as caught:
            Run.open(part, "grpo")
        assert caught.value.next_step == f"Pass --resume {run.folder}."


def test_the_newest_checkpoint_replaces_older_ones(run):
    """One checkpoint is kept, under the name of its step."""
    for step in (9, 10, 11):
        run.save(step, write(f"step {step}"))
    assert [path.name for path in (run.folder / "checkpoint").iterdir()] == ["step-11"]
    assert run.latest() == (11, run.folder / "checkpoint" / "step-11")
    assert (run.checkpoint() / "weights").read_text() == "step 11"


def test_a_checkpoint_that_was_not_finished_does_not_count(run):
    """When writing fails, the checkpoint before is still there, and the next one is written in its place."""
    run.save(1, write("whole"))

    def fail(folder):
        (folder / "weights").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run.save(2, fail)
    assert Run.open(run.folder, "grpo").latest()[0] == 1
    run.save(3, write("whole again"))
    assert [path.name for path in (run.folder / "checkpoint").iterdir()] == ["step-3"]


def test_metrics_after_the_checkpoint_are_dropped(run):
    """Logging goes on after the checkpoint's step, as if later steps had not been."""
    run.start(["reward"], 0)
    for step in (1, 2, 3, 4):
        run.log(step, {"reward": step / 10}, {"seconds": 1.0})
    run.close()
    run.start(["reward"], 2)
    run.log(3, {"reward": 0.7}, {})
    run.close()
    assert (run.folder / "metrics.csv").read_text() == "step,reward\n1,0.1\n2,0.2\n3,0.7\n"


def kinds(run):
    """What the journal holds, step by step."""
    return [(record["kind"], record.get("step")) for record in read_records(run.folder / "journal.log")]


def test_episodes_are_kept_token_by_token(run):
    """What was sampled, how likely, with what advantage, and what the env said around it."""
    trajectory = played("17")
    run.start(["reward"], 0)
    run.keep(1, Attempt("llm/Arithmetic-v0", 3, 1), trajectory, -0.5, [0.125] * int(trajectory.mask.sum()))
    run.log(1, {"reward": 0.5}, {})
    run.close()
    (episode,) = RunFolder.open(run.folder).outcomes()
    (reply,) = episode.replies
    assert (episode.task, episode.sample, episode.step) == (3, 1, 1)
    assert episode.ids == [trajectory.ids[: trajectory.prompt_length].tolist()]
    assert reply.ids == trajectory.ids[trajectory.mask].tolist()
    assert reply.logprobs == [-0.25] * len(reply.ids)
    assert reply.entropies == [0.125] * len(reply.ids)
    assert reply.advantages == [-0.5]
    assert reply.text == "17"
    assert episode.messages()[-1] == {"role": "assistant", "content": "17"}


def test_episodes_after_the_checkpoint_are_dropped(run):
    """They come again, and stand once."""
    run.start(["reward"], 0)
    for step in (1, 2, 3):
        run.keep(step, Attempt("llm/Arithmetic-v0", step, 0), played(), 0.0, [])
        run.log(step, {"reward": 0.5}, {})
    run.close()
    run.start(["reward"], 2)
    run.keep(3, Attempt("llm/Arithmetic-v0", 3, 0), played(), 0.0, [])
    run.log(3, {"reward": 0.5}, {})
    run.close()
    whole = [("reply", None), ("episode", 1), ("step", 1), ("reply", None), ("episode", 2), ("step", 2)]
    assert kinds(run) == [*whole, ("reply", None), ("episode", 3), ("step", 3)]


def played(said="4"):
    """A trajectory with log-probabilities."""
    env = row("llm/Arithmetic-v0").make()
    env.reset(seed=0)
    ids = env.chat.encode_reply(said)
    env.push(ids, [-0.25] * len(ids))
    return env.trajectory()


def test_metrics_that_cannot_be_read_are_not_overwritten(run):
    """A damaged file is the user's to repair; nothing of it is lost."""
    (run.folder / "metrics.csv").write_text("stap,reward\n1,0.5\n")
    with pytest.raises(BadCheckpoint, match="metrics"):
        run.start(["reward"], 1)
    assert (run.folder / "metrics.csv").read_text() == "stap,reward\n1,0.5\n"


def test_timings_are_in_tensorboard_alone(run):
    """metrics.csv holds nothing that differs between repetitions."""
    run.start(["reward"], 0)
    run.log(1, {"reward": 0.5}, {"seconds": 123.0})
    run.close()
    assert "123" not in (run.folder / "metrics.csv").read_text()
    assert list((run.folder / "tensorboard").iterdir())


def test_evaluations_add_up(run):
    """Before and after stand side by side."""
    run.record("before", {"reward": 0.1})
    run.record("after", {"reward": 0.9})
    assert run.evaluations() == {"before": {"reward": 0.1}, "after": {"reward": 0.9}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "holds no run"),
        ("{", "holds no run"),
        ('{"config": []}', "holds no settings"),
        ('{"config": {"algorithm": "sft"}}', "no grpo run"),
        ('{"config": {"algorithm": "grpo"}}', "holds no checkpoint"),
    ],
)
def test_a_bad_folder_cannot_be_resumed(tmp_path, content, message):
    """The error says what is missing."""
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(BadCheckpoint, match=message):
        Run.open(tmp_path, "grpo")


def test_new_folders_differ(tmp_path):
    """Two runs of the same second get two folders."""
    first = new_folder(tmp_path)
    first.mkdir()
    assert new_folder(tmp_path) != first


def test_an_interrupted_person_is_told_how_to_go_on(run):
    """The line names step and folder, or says that there is nothing to go on from."""
    assert "nothing" in run.how_to_resume()
    run.save(4, write("x"))
    assert f"from step 4 by: llm-envs train grpo --resume {run.folder}" in run.how_to_resume()
