"""Puzzles: hard to solve, easy to check. Each module is one env; `board`, `labyrinth` and `clues` are what they draw on."""

from llm_envs.envs.puzzles.countdown import Countdown
from llm_envs.envs.puzzles.sudoku import Sudoku

__all__ = ["Countdown", "Sudoku"]
