"""`python -m llm_envs` is `llm-envs`."""

from llm_envs.cli import main

if __name__ == "__main__":  # processes that are spawned import this file, too
    main(prog_name="llm-envs")
