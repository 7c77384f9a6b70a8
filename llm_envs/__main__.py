"""`python -m llm_envs` is `llm-envs`."""

from llm_envs.cli import main

main(prog_name="llm-envs")
