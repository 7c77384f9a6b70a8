"""`llm-envs doctor`: can a tokenizer be served?"""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("doctor")
@click.argument("tokenizer")
def command(tokenizer: str) -> None:
    """Examine a tokenizer's chat template, and show how turns are cut.

    TOKENIZER is `bytes`, a local folder, or a Hub name.

    \b
    llm-envs doctor bytes
    llm-envs doctor Qwen/Qwen3-0.6B
    """
    from rich.console import Console

    from llm_envs.chat.doctor import report

    report(tokenizer, Console())
