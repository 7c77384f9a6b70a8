"""What the command line's exit codes mean; `llm-envs --help` lists them for people."""

__all__ = ["DOES_NOT_HOLD", "INFRASTRUCTURE", "INTERRUPTED", "USAGE"]

DOES_NOT_HOLD = 1
"""A check failed, or a threshold was missed."""

USAGE = 2
"""The request cannot be served; click's own errors have this code, too."""

INFRASTRUCTURE = 3
"""A sandbox, a browser or an endpoint failed: nothing is known about what was asked."""

INTERRUPTED = 130
"""Ctrl-C ended the program, by convention."""
