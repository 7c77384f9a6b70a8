"""What the doctor prints."""

from __future__ import annotations

from rich.console import Console

from llm_envs.chat import doctor


def printed(name):
    """The report as plain text."""
    console = Console(width=120)
    with console.capture() as capture:
        doctor.report(name, console)
    return capture.get()


def test_the_built_in_tokenizer_has_two_turns_to_show():
    """Token counts stand beside each part: 33 for the prompt, 2 for the reply."""
    text = printed("bytes")
    assert "259 ids" in text
    assert [line.split()[3] for line in text.splitlines() if line.startswith(("│ prompt", "│ policy"))] == [
        "33",
        "2",
        "2",
    ]


def test_a_hugging_face_tokenizer_has_its_profile_shown(chatml, tmp_path):
    """Roles, stops and the tool format are named."""
    chatml.save_pretrained(tmp_path)
    text = printed(str(tmp_path))
    for fact in ("system, user, assistant, tool", "<|im_end|>", "json", "two turns"):
        assert fact in text
