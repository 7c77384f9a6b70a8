"""A person at a terminal plays an env: reads the task, types replies, sees the verdict, keeps a score.

What this deliberately does not do: it is no `Policy` with a `generate`, because a person passes tasks over, asks for
solutions and goes home, and knows no log-probabilities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from llm_envs.env import LLMEnv
from llm_envs.policies.terminal import QUOTES, Command, Terminal, asks_for_box, boxed
from llm_envs.policies.typed_calls import as_call, explained, signatures
from llm_envs.types import Task, Turn

__all__ = ["Human", "Score"]


@dataclass(slots=True)
class Score:
    """How it went so far.

    Args:
        played: tasks with a verdict.
        right: those judged right.
        passed: tasks passed over or given up.
        reward: the sum of all rewards.
    """

    played: int = 0
    right: int = 0
    passed: int = 0
    reward: float = 0.0

    def __str__(self) -> str:
        passed = f", {self.passed} passed over" if self.passed else ""
        return f"{self.right} of {self.played} right{passed}, reward {self.reward:g}"


class Human:
    """A person who plays.

    Args:
        env: an env whose episodes nobody else plays meanwhile.
        console: where tasks and verdicts are shown.
        read: gives the next line, after showing its argument; raises EOFError where there is none.
        echo: show what was read, where nobody has typed it on this terminal.
    """

    def __init__(
        self, env: LLMEnv, console: Console, read: Callable[[str], str] = input, *, echo: bool = False
    ) -> None:
        self.score = Score()
        self._env = env
        self._terminal = Terminal(console, read, echo=echo)
        self._shown = 0
        self._last = "There was no task before."

    def play(self, seed: int) -> None:
        """Task after task of this seed, until the lines end or the person quits.

        Raises:
            KeyboardInterrupt: the person has pressed Ctrl-C; the score is kept.
        """
        self._env.reset(seed=seed)
        self._welcome(seed)
        try:
            while self._play_task():
                self._env.reset()
        except EOFError:
            self._terminal.console.print()

    def _play_task(self) -> bool:
        """False where the person has had enough."""
        self._terminal.console.rule(Text(self._env.task.id, "bold"), align="left", style="dim")
        self._shown = 0
        self._show_messages()
        self._show_tools()
        while not self._env.session.done:
            said = self._terminal.ask(self._prompt())
            if said == Command.QUIT:
                return False
            if said in (Command.NEXT, Command.SOLUTION):
                self._pass(show=said == Command.SOLUTION)
                return True
            if said == Command.LAST:
                self._terminal.say(self._last, "cyan")
            elif said == Command.TOOLS:
                self._terminal.say(explained(self._env.task.tools), "cyan")
            else:
                self._reply(said)
        return True

    def _reply(self, text: str) -> None:
        """Take one turn."""
        task, chat = self._env.task, self._env.chat
        try:
            said = as_call(text, task.tools, chat.calling.write)
        except ValueError as error:
            self._terminal.say(str(error), "yellow")
            return
        turn = self._env.push(chat.encode_reply(boxed(said) if said == text and asks_for_box(task) else said))
        if not turn.done:
            self._show_messages()
            return
        self._last = self._solution(task)
        self._judge(turn)

    def _judge(self, turn: Turn) -> None:
        verdict = self._env.session.verdict
        if verdict is None:
            self._terminal.say(f"Not judged, and not counted: {turn.info['infrastructure_error']}", "bold yellow")
            return
        self.score.played += 1
        self.score.right += verdict.correct
        self.score.reward += turn.reward
        cut = f" Your reply was cut off: {turn.info['stop_reason']}." if turn.truncated else ""
        mark, style = ("\N{CHECK MARK}", "bold green") if verdict.correct else ("\N{BALLOT X}", "bold red")
        self._terminal.say(f"{mark} {verdict.reason}{cut}".rstrip(), style)
        parts = "".join(f", {part.name} {part.score:g} x {part.weight:g}" for part in verdict.parts)
        of_parts = f" = {parts[2:]}" if len(verdict.parts) > 1 else ""
        self._terminal.say(f"reward {turn.reward:g}{of_parts}; so far {self.score}", "dim")

    def _pass(self, *, show: bool) -> None:
        self.score.passed += 1
        self._last = self._solution(self._env.task)
        if show:
            self._terminal.say(self._last, "cyan")

    def _solution(self, task: Task) -> str:
        try:
            return "\n".join(self._env.demonstrate(task))
        except NotImplementedError:
            return "This env has no solutions to show."

    def _welcome(self, seed: int) -> None:
        self._terminal.say(
            f"{self._env.env_id}, split {self._env.split}, seed {seed}. "
            f"Reply in one line, or in several between {QUOTES} and {QUOTES}; :help tells more.",
            "dim",
        )
        if asks_for_box(self._env.task):
            self._terminal.say("A bare answer, such as 3/4, counts as if it were boxed.", "dim")

    def _show_tools(self) -> None:
        tools = self._env.task.tools
        if tools:
            self._terminal.say(f"Tools, which a line calls; :tools tells more: {signatures(tools)}", "dim")

    def _show_messages(self) -> None:
        """What was said since the last time, the person's own words left out."""
        messages = self._env.session.messages
        self._terminal.show(messages[self._shown :])
        self._shown = len(messages)

    def _prompt(self) -> str:
        turns = sum(message["role"] == "assistant" for message in self._env.session.messages)
        return f"{turns + 1}> " if self._env.limits.max_turns > 1 else "> "
