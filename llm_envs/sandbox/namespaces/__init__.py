"""Boxes without a daemon: Linux namespaces and control groups, made by whoever runs this, root or not."""

from llm_envs.sandbox.namespaces.backend import Namespaces

__all__ = ["Namespaces"]
