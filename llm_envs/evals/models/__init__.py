"""What can be evaluated: `make_model` turns a SPEC, as people type it, into a model that takes turns."""

from llm_envs.evals.models.spec import make_model

__all__ = ["make_model"]
