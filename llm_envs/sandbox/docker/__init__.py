"""Boxes that are containers of a Docker engine: the strong default where one answers.

Made offline from this machine's own Python; no network, read-only, no capability but those to change the user and to
end its processes, held to memory, processes, processors and files by the kernel.
"""

from llm_envs.sandbox.docker.backend import Docker

__all__ = ["Docker"]
