"""The kinds of boxes, strongest first, and which of them works here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llm_envs.errors import BadOption, LLMEnvsError, MissingExtra, SandboxUnavailable, did_you_mean
from llm_envs.sandbox.backend import Backend, BoxOptions

__all__ = ["AUTOMATIC", "BACKENDS", "check_backend", "open_backend", "survey"]


def _docker(options: BoxOptions) -> Backend:
    from llm_envs.sandbox.docker import Docker

    return Docker(options)


def _namespaces(options: BoxOptions) -> Backend:
    from llm_envs.sandbox.namespaces import Namespaces

    return Namespaces(options)


def _unsafe(options: BoxOptions) -> Backend:
    from llm_envs.sandbox.unsafe import Unsafe

    return Unsafe(options)


BACKENDS: Mapping[str, Callable[[BoxOptions], Backend]] = {
    "docker": _docker,
    "namespaces": _namespaces,
    "unsafe": _unsafe,
}
"""What makes each; strongest first."""

AUTOMATIC = tuple(name for name in BACKENDS if name != "unsafe")
"""Those that "auto" tries, in this order."""


def open_backend(name: str, options: BoxOptions) -> Backend:
    """The backend of this name, or for "auto" the first that works.

    Raises:
        BadOption: there is none of this name, or it cannot take these options.
        MissingExtra: the one asked for needs a package that is not installed.
        SandboxUnavailable: it does not work here.
    """
    check_backend(name)
    if options.runtime and name != "docker":
        raise BadOption(
            "only containers have a runtime",
            expected='backend="docker"',
            received=f"backend={name!r}, runtime={options.runtime!r}",
            next_step='Name the backend, or leave "runtime" out.',
        )
    return _first_that_works(options) if name == "auto" else BACKENDS[name](options)


def check_backend(name: str) -> None:
    """Raise BadOption where no backend is called so."""
    known = ("auto", *BACKENDS)
    if name not in known:
        raise BadOption(
            "no sandbox is of this kind",
            expected=", ".join(known),
            received=repr(name),
            next_step=did_you_mean(str(name), known),
        )


def survey() -> dict[str, LLMEnvsError | None]:
    """Of each backend that "auto" tries, strongest first: why it does not work here, None where it does."""
    found: dict[str, LLMEnvsError | None] = {}
    for name in AUTOMATIC:
        try:
            BACKENDS[name](BoxOptions())
            found[name] = None
        except (SandboxUnavailable, MissingExtra) as error:
            found[name] = error
    return found


def _first_that_works(options: BoxOptions) -> Backend:
    refusals: dict[str, LLMEnvsError] = {}
    for name in AUTOMATIC:
        try:
            return BACKENDS[name](options)
        except (SandboxUnavailable, MissingExtra) as error:
            refusals[name] = error
    raise _none_works(refusals)


def _none_works(refusals: Mapping[str, LLMEnvsError]) -> SandboxUnavailable:
    """The error that says of each backend why it does not work here, and what to do."""
    return SandboxUnavailable(
        "there is no sandbox here for untrusted programs",
        expected=" or ".join(refusals),
        received="; ".join(f"{name}: {error.message}" for name, error in refusals.items()),
        next_step="\n        ".join(f"{name}: {error.next_step}" for name, error in refusals.items()),
    )
