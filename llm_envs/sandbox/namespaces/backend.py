"""The backend that runs each worker in namespaces."""

from __future__ import annotations

import os

from llm_envs.sandbox.backend import BoxOptions
from llm_envs.sandbox.box import arguments
from llm_envs.sandbox.docker.tree import distributions
from llm_envs.sandbox.namespaces.box import WRITABLE, NamespacesBox
from llm_envs.sandbox.namespaces.layout import Layout

__all__ = ["Namespaces"]


class Namespaces:
    """Boxes made of the kernel's own means, without a daemon.

    Making one is tried at once, so that "auto" knows whether it works here.

    Raises:
        SandboxUnavailable: the kernel, or who administers it, does not let us.
        BadOption: a module to be preloaded is not installed.
    """

    name = "namespaces"

    def __init__(self, options: BoxOptions) -> None:
        self._memory_mib = options.memory_mib
        self._preload = options.preload
        self._layout = Layout.of_this_python(distributions(options.preload))
        trial = NamespacesBox(["-I", "-S", "-c", ""], self._layout, memory_mib=self._memory_mib)
        trial.kill()
        trial.close()

    def variant(self, language: str) -> str:
        """All boxes are alike: each shows all compilers that there are."""
        return ""

    def open(self, variant: str) -> NamespacesBox:
        """A running box.

        Raises:
            SandboxUnavailable: it cannot be made.
        """
        started_with = arguments(
            isolation="uid" if os.geteuid() == 0 else "namespaces",
            uid="1",
            writable=",".join(WRITABLE),
            path=self._layout.site,
            preload=",".join(self._preload),
        )
        return NamespacesBox(started_with, self._layout, memory_mib=self._memory_mib)

    def forget(self) -> None:
        """A forked child has nothing to let go of."""
