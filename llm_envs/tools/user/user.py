"""Who answers a turn without calls: the protocol, and what `user=` may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from llm_envs.errors import BadOption, did_you_mean
from llm_envs.tools.user.agenda import Agenda
from llm_envs.tools.user.model import ModelUser, model_at
from llm_envs.tools.user.person import PersonUser
from llm_envs.tools.user.scripted import AgendaUser
from llm_envs.types import StopReason, Task

__all__ = ["User", "UserFactory", "agenda_of", "user_factory"]


class User(Protocol):
    """One conversation. What it holds it holds for that one alone."""

    def open(self) -> str:
        """The first words. Asked for when the task is drawn, of a user that is asked for nothing else."""

    def answer(self, text: str) -> str | StopReason:
        """What is said to the agent's words: words, `END_OF_TURN` where the user is content, or `GAVE_UP`.

        Raises:
            InfrastructureError: whoever plays the user does not answer.
        """


UserFactory = Callable[[Task], User]
"""What the user wants and knows is in `task.metadata["agenda"]`; what must be found out is in the task as well."""


def user_factory(user: Any) -> UserFactory | None:
    """Who `user` is; None for nobody.

    Args:
        user: "none", "agenda", "human", an endpoint such as "http://127.0.0.1:8000/v1#model", or a factory.

    Raises:
        BadOption: it is nobody who is known.
    """
    if callable(user):
        return user  # type: ignore[no-any-return]  # it is the caller's word that it makes users
    if isinstance(user, str) and "://" in user:
        model = model_at(user)
        return lambda task: ModelUser(agenda_of(task), model)
    if isinstance(user, str) and user in _KNOWN:
        return _KNOWN[user]
    raise BadOption(
        "unknown user",
        expected="user='none', 'agenda', 'human', 'http://HOST/v1#model', or a function that makes a User of a task",
        received=repr(user),
        next_step=did_you_mean(str(user), _KNOWN),
    )


def agenda_of(task: Task) -> Agenda:
    """What the user of a task wants and knows."""
    agenda: Agenda = task.metadata["agenda"]
    return agenda


_KNOWN: dict[str, UserFactory | None] = {
    "none": None,
    "agenda": lambda task: AgendaUser(agenda_of(task)),
    "human": lambda task: PersonUser(agenda_of(task)),
}
