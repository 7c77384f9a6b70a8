"""What a run shows."""

from __future__ import annotations

from llm_envs.trainers.progress import TrainProgress


def test_lines_stay_where_there_is_no_terminal(capsys):
    """In a log there is no bar, only the lines."""
    with TrainProgress("grpo", steps=3) as progress:
        for step in (1, 2, 3):
            progress.advance("reward 0.5")
            if step == 2:
                progress.say(step, "reward 0.5  validation reward 0.4")
    assert capsys.readouterr().out == "grpo  step     2  reward 0.5  validation reward 0.4\n"


def test_a_terminal_shows_a_bar_with_the_reward(capsys, monkeypatch):
    """Steps done, steps to go, and the newest reward stand in the bar."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "150")
    with TrainProgress("grpo", steps=3, done=1) as progress:
        progress.advance("reward 0.625")
    shown = capsys.readouterr().out
    assert "2/3" in shown
    assert "reward 0.625" in shown
