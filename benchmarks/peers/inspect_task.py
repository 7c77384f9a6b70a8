"""The quiz as Inspect has it: a data set, one question, and a comparison of how the reply ends.

Its own Python runs it: `inspect eval peers/inspect_task.py -T tasks=/path/to/tasks.jsonl`.
"""

from __future__ import annotations

from inspect_ai import Task, task
from inspect_ai.dataset import json_dataset
from inspect_ai.scorer import match
from inspect_ai.solver import generate


@task
def quiz(tasks: str) -> Task:
    """Tasks from a file of `id`, `input` and `target`."""
    return Task(dataset=json_dataset(tasks), solver=generate(), scorer=match(location="end"))
