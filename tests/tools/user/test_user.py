"""What `user=` may be."""

from __future__ import annotations

import pytest

from llm_envs.errors import BadOption
from llm_envs.tools.user import Agenda, AgendaUser, user_factory
from llm_envs.tools.user.model import ModelUser
from llm_envs.tools.user.person import PersonUser
from llm_envs.types import Task

TASK = Task("Hello.", metadata={"agenda": Agenda("cancel an order")})


@pytest.mark.parametrize(
    ("user", "kind"), [("agenda", AgendaUser), ("human", PersonUser), ("http://127.0.0.1:9/v1#m", ModelUser)]
)
def test_users_are_made_of_tasks(user, kind):
    """One for each conversation."""
    make = user_factory(user)
    assert type(make(TASK)) is kind
    assert make(TASK) is not make(TASK)


def test_a_function_makes_users_of_its_own():
    """And nobody is nobody."""
    assert user_factory(list) is list
    assert user_factory("none") is None


@pytest.mark.parametrize("user", ["agend", "", None, 3, "http://127.0.0.1/v1"])
def test_others_are_refused(user):
    """With what there is."""
    with pytest.raises(BadOption) as caught:
        user_factory(user)
    assert caught.value.next_step
