"""BFCL: its check of many turns, on its own help desk of as many tickets; calls come to it read, as Python text.

It keeps the desks of a task for as long as the process lives, by the task's name. So each episode of the timed ones has
a name of its own; the others are played twice by one name, as two rollouts of one task would be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import count

from bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker import multi_turn_checker
from peers.measure import Episode, Measured, Play, report

_TICKETS, _READS = 150, 8
_DESK = {
    "ticket_queue": [
        {"id": i, "title": f"printer {i}", "description": f"tried it {i} times", "status": "Open", "priority": 1}
        for i in range(1, _TICKETS + 1)
    ],
    "ticket_counter": _TICKETS + 1,
    "current_user": "Ada",
}


def _calls(index: int) -> list[str]:
    """Eight reads and two writes."""
    first = 1 + index % (_TICKETS - _READS)
    reads = [f"get_ticket(ticket_id={first + i})" for i in range(_READS)]
    return [
        *reads,
        f"close_ticket(ticket_id={first})",
        f"resolve_ticket(ticket_id={first + 1}, resolution='call back')",
    ]


def _judged(episode: Episode, name: str) -> float:
    """What it says of an episode; one that is to be worth nothing leaves out its last call."""
    wanted = _calls(episode["index"])
    made = wanted if episode["reward"] else wanted[:-1]
    entry = {"id": f"desk_{name}", "initial_config": {"TicketAPI": _DESK}, "involved_classes": ["TicketAPI"]}
    verdict = multi_turn_checker([[[call] for call in made]], [wanted], entry, "desk", "scripted")
    return float(verdict["valid"])


def prepare(_: Sequence[Episode]) -> Play:
    """Every episode is a task of its own."""
    names = count()
    return lambda batch: [_judged(episode, str(next(names))) for episode in batch]


def again(episodes: Sequence[Episode]) -> Measured:
    """How often a second rollout of a task, solved where the first was not and the other way round, is judged right."""
    swapped = [Episode(**{**episode, "reward": 1.0 - episode["reward"]}) for episode in episodes]
    for episode in episodes:
        _judged(episode, f"again{episode['index']}")
    right = sum(_judged(episode, f"again{episode['index']}") == episode["reward"] for episode in swapped)
    return Measured("second rollout of a task", None, right / len(swapped), "TicketAPI; its state outlives the first")


if __name__ == "__main__":
    EPISODES = [Episode(index=i, prompt="", answer="", reply="", reward=float(i % 2 == 0)) for i in range(64)]
    report("calls run and judged, no tokens", prepare, "multi_turn_checker on TicketAPI, calls as Python text")
    print(json.dumps(asdict(again(EPISODES))), flush=True)
