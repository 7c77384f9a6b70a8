"""`llm-envs play`: tasks solved by a person, or by a pipe."""

from __future__ import annotations

import json

from calling import run


def test_play_takes_replies_from_a_pipe():
    """One a line; they are shown, judged and counted, and the end of the pipe ends it with 0."""
    result = run(
        "play", "llm/Math-v0", "--topic", "divisibility", "--difficulty", "0", "--seed", "3", stdin="-1\n:quit\n"
    )
    assert result.exit_code == 0, result.output
    assert "> -1\n✗ -1 is not" in result.output
    assert result.output.endswith("0 of 1 right, reward 0\n")
    assert run("play", "llm/Math-v0").exit_code == 0


def test_play_can_be_repeated():
    """A seed gives the same tasks again; without one they differ, and the seed is told."""
    same, again = (run("play", "llm/Math-v0", "--seed", "5").output for _ in range(2))
    assert same == again
    assert "seed 5" in same
    assert len({run("play", "llm/Math-v0").output for _ in range(3)}) > 1


def test_play_sets_any_argument(tmp_path):
    """`--set` reads JSON where it is JSON, and text elsewhere."""
    data = tmp_path / "mine.jsonl"
    data.write_text('{"q": "What is 2 + 3?", "a": 5}\n')
    options = (f"path={data}", "question=q", "answer=a", "whole=true", 'rubric={"format": 0.1}')
    settings = [part for option in options for part in ("--set", option)]
    result = run("play", "llm/MathData-v0", *settings, stdin="5\n")
    assert "What is 2 + 3?" in result.output
    assert "correct 1 x 0.9, format 0 x 0.1" in result.output


def test_play_takes_bytes_of_any_encoding():
    """What cannot be decoded is a wrong reply, not a crash."""
    result = run("play", "llm/Arithmetic-v0", "--seed", "1", stdin=b"\xff\xfe\n")
    assert (result.exit_code, "0 of 1 right" in result.output) == (0, True)


def test_play_ends_with_a_document():
    """With `--json` stdout holds the score alone; the conversation is on stderr."""
    result = run("play", "llm/Arithmetic-v0", "--difficulty", "0", "--seed", "3", "--json", stdin="x\n:next\n")
    told = {"id": "llm/Arithmetic-v0", "seed": 3, "played": 1, "right": 0, "passed": 1, "reward": 0.0}
    assert json.loads(result.stdout) == told
    assert "> x" in result.stderr
