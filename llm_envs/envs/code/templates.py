"""The table of templates: everything that `llm/Code-v0` can ask, topic by topic.

The order of rows is part of the env's version: a mixture draws rows by their place.
"""

from __future__ import annotations

from collections.abc import Collection

from llm_envs.envs.code.problem import Template
from llm_envs.envs.code.topics import arrays, dynamic, geometry, graphs, parsing, simulation, strings, structures
from llm_envs.tasks import weights_of

__all__ = ["TEMPLATES", "chosen"]

TEMPLATES: tuple[Template, ...] = (
    *strings.TEMPLATES,
    *arrays.TEMPLATES,
    *dynamic.TEMPLATES,
    *graphs.TEMPLATES,
    *simulation.TEMPLATES,
    *geometry.TEMPLATES,
    *structures.TEMPLATES,
    *parsing.TEMPLATES,
)


def chosen(names: str | Collection[str] | None) -> tuple[Template, ...]:
    """The templates of these topics, or of these names, in the table's order; all of them for None.

    Raises:
        BadOption: a name that no row has, or none at all.
    """
    if names is None:
        return TEMPLATES
    known = {template.topic: None for template in TEMPLATES} | {template.name: None for template in TEMPLATES}
    weights = weights_of(names, known, "template")
    return tuple(row for row in TEMPLATES if row.topic in weights or row.name in weights)
