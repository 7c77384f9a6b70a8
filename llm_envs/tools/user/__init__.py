"""Who the policy talks to, where a task is a conversation: told facts one by one, asked, corrected, lost patience.

user      the protocol, and what `user=` may be
agenda    what a user wants and knows
hearing   what a turn asks, proposes and reports
scripted  the deterministic user
model     a user played by a language model
person    a user played by a person at a terminal

Source: J. Schatzmann et al., Agenda-Based User Simulation for Bootstrapping a POMDP Dialogue System (2007): a goal of
constraints and requests, and an agenda of what is still to be said. Ours pops what was asked for, where theirs samples.
"""

from llm_envs.tools.user.agenda import Agenda, Fact, Plan
from llm_envs.tools.user.scripted import AgendaUser
from llm_envs.tools.user.user import User, UserFactory, user_factory

__all__ = ["Agenda", "AgendaUser", "Fact", "Plan", "User", "UserFactory", "user_factory"]
