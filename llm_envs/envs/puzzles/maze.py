"""`llm/Maze-v0`: walk to the goal of a maze, the classic grid world with one reward at its end.

How mazes are carved and what the best moves are is in `labyrinth`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Unpack

import numpy as np

from llm_envs.env import EnvOptions, MultiTurnEnv
from llm_envs.envs.puzzles.labyrinth import DISCOUNT, Position, carve, distances, plan, route, step, veered
from llm_envs.envs.puzzles.puzzle import LEVELS, drawn_level
from llm_envs.types import Message, StopReason, Task, Verdict
from llm_envs.verifiers.rubric import Quality, Rubric, Sampled

__all__ = ["Maze"]


class _Level(NamedTuple):
    """What a maze is like.

    Args:
        side: rooms in a row.
        opened: share of the walls between rooms that are opened beyond those that connect them.
        slip: probability that a move goes aside.
        pace: moves there are, as a multiple of the fewest.
        spare: moves there are beyond these.
    """

    side: int
    opened: float
    slip: float
    pace: float
    spare: int


_LEVELS = (
    _Level(5, 0.0, 0.0, 2.0, 0),
    _Level(6, 0.0, 0.0, 1.5, 0),
    _Level(7, 0.0, 0.0, 1.25, 0),
    _Level(8, 0.1, 0.0, 1.0, 2),
    _Level(7, 0.1, 0.2, 2.0, 20),
    _Level(9, 0.1, 0.2, 2.0, 20),
)
"""On a slippery floor the optimal policy takes 1.3 times the fewest moves on average: with these limits it arrives."""

_PATIENCE = 10
"""Replies without a move that end an episode; a policy that has nothing to say need not say it two hundred times."""

_BETWEEN = r"[\s,.;>*`-]*+"
_MOVES = re.compile(rf"{_BETWEEN}(?:moves?\s*+:)?{_BETWEEN}(?:(?:up|down|left|right)\b{_BETWEEN})++", re.IGNORECASE)
"""Possessive throughout: a reply of nothing but blanks is read in linear time."""

_MOVE = re.compile("up|down|left|right", re.IGNORECASE)
_REASONING_END = "</think>"
_SLIPS = {"<": -1, ".": 0, ">": 1}
"""How a move is veered off, as `task.metadata` writes it down."""


_SLIPPERY = (
    "The floor is slippery: one move in five goes to the left or to the right of where it should, seen in its own "
    "direction, each as often. "
)


class Maze(MultiTurnEnv):
    """Find the way from S to G through walls, and on the upper levels over a slippery floor.

    ## Description
    The prompt shows the whole maze as text, seen from above, with S and G marked and named by row and column. It does
    not change, so afterwards the world only says where the walker stands and how many moves are left.

    A turn is one move or several. Several are made in order until one does not go where it should: a wall is met, or
    the floor is slippery and the move goes to the left or the right of where it should. So planning well costs few
    turns, and nothing is done after a surprise. The goal is the position farthest from S.

    ## Action space
    `Discrete(vocab_size)`, one token a step; a turn should read as moves, `up`, `down`, `left` and `right`. Anything
    before `</think>` is not read. A reply with anything else in it moves nothing, is answered with what was expected,
    and costs a move; the tenth such reply ends the episode.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the goal is reached, else 0. The classic maze pays 10 for entering the goal, nothing for a move, and discounts
    by 0.95 a move: reached after k moves, the goal is worth 10 * 0.95 ** (k - 1) at the start. Two options add named
    parts beside `correct`, whose weights sum to less than one half:

    - `pace`, for having reached the goal: that worth, as a share of what it is after the fewest moves possible, which
      is 0.95 ** (k - fewest). On a slippery floor the fewest counts moves that do not slip.
    - `partial`, for not having reached it: the share of the way that was left behind, by the shortest way from where
      the walker stands.

    ## Episode end
    Terminated when the goal is reached (`solved`), or when the moves are used up or ten replies had none (`gave_up`).
    Truncated when a turn exceeds `max_new_tokens`, after `max_turns`, or when the context is full.

    ## Arguments
    - `difficulty` 0 to 5, by default drawn for each task: how many rooms there are, and how many moves for the fewest.
      0: 5x5, twice as many. 1: 6x6, half as many again. 2: 7x7, a quarter again. Up to here there is one way only.
      3: 8x8, several ways, and two moves more than the shortest takes. 4 and 5: 7x7 and 9x9, several ways, twice as
      many moves and 20, and one move in five slips.
    - `pace_weight`, `partial_weight`: in [0, 0.5), and together too; 0 by default.

    ## Verifier
    The episode's own state: nothing that the policy writes is trusted but the moves.

    `task.answer` is the fewest moves possible; `task.metadata` holds the maze, where one starts and where the goal is,
    and for each move whether it slips: drawn beforehand, so that an episode replays exactly.

    ## Version history
    - v0: first release.
    """

    max_new_tokens: ClassVar[int] = 1024
    max_turns: ClassVar[int] = 256
    context_length: ClassVar[int] = 16384
    difficulties: ClassVar[range | None] = LEVELS

    def __init__(self, *, partial_weight: float = 0.0, pace_weight: float = 0.0, **options: Unpack[EnvOptions]) -> None:
        pace = Quality("pace", pace_weight, lambda task, _: DISCOUNT ** (self._walker.made - task.answer))
        self.rubric = Rubric(partial=partial_weight, quality=(pace,))
        super().__init__(**options)

    def sample(self, rng: np.random.Generator) -> Task:
        """Carve a maze, start anywhere, and go as far as one can."""
        difficulty = drawn_level(rng, self.difficulty)
        level = _LEVELS[difficulty]
        maze = carve(rng, level.side, level.opened)
        row, column = (2 * rng.integers(level.side, size=2) + 1).tolist()
        away = distances(maze, (row, column))
        goal = next(reversed(away))
        moves = int(level.pace * away[goal]) + level.spare
        slips = rng.choice([*_SLIPS], moves, p=[level.slip / 2, 1 - level.slip, level.slip / 2])
        return Task(
            prompt=_introduced(maze, (row, column), goal, moves, slippery=level.slip > 0),
            answer=away[goal],
            metadata={
                "difficulty": difficulty,
                "maze": maze,
                "start": [row, column],
                "goal": [*goal],
                "slip": level.slip,
                "slips": "".join(slips),
            },
        )

    def begin(self, task: Task) -> None:
        """Stand at the start."""
        self._walker = _Walker(task)

    def respond(self, task: Task, reply: str) -> Sequence[Message] | StopReason:
        """Make the moves, as far as they go where they should."""
        walker = self._walker
        said = walker.walk(_read(reply))
        if walker.arrived:
            return StopReason.SOLVED
        if not walker.left or walker.unread == _PATIENCE:
            return StopReason.GAVE_UP
        return [{"role": "user", "content": f"{said}You are at {_named(walker.at)}. {_counted(walker.left)} left."}]

    def verify(self, task: Task, reply: str) -> Verdict:
        """1 if the walker stands at the goal."""
        walker = self._walker
        verdict = Verdict.of(float(walker.arrived), f"at {_named(walker.at)} after {_counted(walker.made)}")
        if not self.rubric.extras:
            return verdict
        sampled = Sampled(self.session.length_of(reply), self.limits.max_new_tokens)
        return self.rubric.weigh(verdict, task, reply, sampled, partial=self._progress(task))

    def demonstrate(self, task: Task) -> list[str]:
        """The moves of the optimal policy: all that lead to the goal, and anew after each slip."""
        walker = _Walker(task)
        best = plan(walker.maze, walker.goal, task.metadata["slip"])
        replies = []
        while walker.left and not walker.arrived:
            ahead = route(walker.maze, best, walker.at, walker.goal)
            walker.walk(ahead)
            replies.append(" ".join(ahead))
        return replies

    def _progress(self, task: Task) -> float:
        """The share of the way to the goal that is behind the walker; 0 when it has become longer."""
        fewest: int = task.answer
        left = distances(self._walker.maze, self._walker.goal)[self._walker.at]
        return max(0.0, 1 - left / fewest)


class _Walker:
    """Somebody in the maze of a task: where, after how many moves, and how often a reply had none."""

    def __init__(self, task: Task) -> None:
        facts = task.metadata
        self.maze: Sequence[str] = facts["maze"]
        self.goal = _position(facts["goal"])
        self.at = _position(facts["start"])
        self.made = 0
        self.unread = 0
        self._slips: str = facts["slips"]

    @property
    def arrived(self) -> bool:
        """At the goal."""
        return self.at == self.goal

    @property
    def left(self) -> int:
        """How many moves there are still."""
        return len(self._slips) - self.made

    def walk(self, moves: Sequence[str]) -> str:
        """Make the moves, up to one that does not go where it should; what is to be said of that one."""
        if not moves:
            self.made += 1
            self.unread += 1
            return "Reply with moves alone, such as up up left. "
        for move in moves[: self.left]:
            before, slip = self.at, _SLIPS[self._slips[self.made]]
            self.at = step(self.maze, before, veered(move, slip))
            self.made += 1
            if self.arrived:
                break
            if slip:
                return f"Going {move} you slipped. "
            if self.at == before:
                return f"Going {move} you met a wall. "
        return ""


def _position(written: Sequence[int]) -> Position:
    row, column = written
    return row, column


def _read(reply: str) -> list[str]:
    """The moves of a reply, none where anything else stands in it."""
    text = reply.rpartition(_REASONING_END)[2]
    return [move.lower() for move in _MOVE.findall(text)] if _MOVES.fullmatch(text) else []


def _introduced(maze: Sequence[str], start: Position, goal: Position, moves: int, *, slippery: bool) -> str:
    return (
        "Walk through this maze from S to G; # is a wall. Rows count from 1 at the top, columns from 1 at the left: "
        f"S is at {_named(start)}, G at {_named(goal)}.\n\n{_drawn(maze, start, goal)}\n\n"
        "Reply with one or more of the moves up, down, left and right, separated by blanks. They are made in order "
        "until one does not go where it should, and I say where you are. "
        f"{_SLIPPERY if slippery else ''}You have {_counted(moves)}."
    )


def _drawn(maze: Sequence[str], start: Position, goal: Position) -> str:
    marks = {start: "S", goal: "G"}
    return "\n".join(
        "".join(marks.get((row, column), cell) for column, cell in enumerate(cells)) for row, cells in enumerate(maze)
    )


def _named(position: Position) -> str:
    row, column = position
    return f"row {row + 1}, column {column + 1}"


def _counted(moves: int) -> str:
    return "1 move" if moves == 1 else f"{moves} moves"
