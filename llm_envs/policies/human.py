r"""A person at a terminal plays an env: reads the task, types replies, sees the verdict, keeps a score.

Replies are lines of standard input, whether somebody types them or a pipe holds them. A line of three double quotes
opens a reply of several lines, and another one closes it. Where the prompt asks for a box, an answer without words
around it is put into one: nobody types `\boxed{}` with pleasure.

What this deliberately does not do: it is no `Policy` with a `generate`, because a person passes tasks over, asks for
solutions and goes home, and knows no log-probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Console
from rich.text import Text

from llm_envs.env import LLMEnv
from llm_envs.errors import did_you_mean
from llm_envs.render import visible
from llm_envs.types import Task, Turn

__all__ = ["Command", "Human", "Score", "boxed"]

_QUOTES = '"""'
_BOX = "\\boxed"
_WORD = re.compile(r"(?<![\\A-Za-z])(?!(?:sin|cos|tan|cot|sec|csc|log|exp|sqrt|and)\b)[A-Za-z]{3,}")


class Command(StrEnum):
    """What a person can say besides a reply."""

    HELP = ":help"
    NEXT = ":next"
    SOLUTION = ":solution"
    LAST = ":last"
    QUIT = ":quit"


_HELP = {
    "a line": "your reply",
    _QUOTES: f"opens a reply of several lines, and {_QUOTES} closes it",
    Command.NEXT: "pass this task over",
    Command.SOLUTION: "give this task up, and see how it is solved",
    Command.LAST: "see how the task before was solved",
    Command.QUIT: "stop, as Ctrl-D and Ctrl-C do",
}


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
        self._console = console
        self._read = read
        self._echo = echo
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
            self._console.print()

    def _play_task(self) -> bool:
        """False where the person has had enough."""
        self._console.rule(Text(self._env.task.id, "bold"), align="left", style="dim")
        self._shown = 0
        self._show_messages()
        while not self._env.session.done:
            said = self._ask()
            if said == Command.QUIT:
                return False
            if said in (Command.NEXT, Command.SOLUTION):
                self._pass(show=said == Command.SOLUTION)
                return True
            if isinstance(said, Command):
                self._explain(said)
            else:
                self._reply(said)
        return True

    def _reply(self, text: str) -> None:
        """Take one turn."""
        task, chat = self._env.task, self._env.chat
        turn = self._env.push(chat.encode_reply(boxed(text) if _asks_for_box(task) else text))
        if not turn.done:
            self._show_messages()
            return
        self._last = self._solution(task)
        self._judge(turn)

    def _judge(self, turn: Turn) -> None:
        verdict = self._env.session.verdict
        if verdict is None:
            self._say(f"Not judged, and not counted: {turn.info['infrastructure_error']}", "bold yellow")
            return
        self.score.played += 1
        self.score.right += verdict.correct
        self.score.reward += turn.reward
        cut = f" Your reply was cut off: {turn.info['stop_reason']}." if turn.truncated else ""
        mark, style = ("\N{CHECK MARK}", "bold green") if verdict.correct else ("\N{BALLOT X}", "bold red")
        self._say(f"{mark} {verdict.reason}{cut}".rstrip(), style)
        parts = "".join(f", {part.name} {part.score:g} x {part.weight:g}" for part in verdict.parts)
        of_parts = f" = {parts[2:]}" if len(verdict.parts) > 1 else ""
        self._say(f"reward {turn.reward:g}{of_parts}; so far {self.score}", "dim")

    def _pass(self, *, show: bool) -> None:
        self.score.passed += 1
        self._last = self._solution(self._env.task)
        if show:
            self._say(self._last, "cyan")

    def _solution(self, task: Task) -> str:
        try:
            return "\n".join(self._env.demonstrate(task))
        except NotImplementedError:
            return "This env has no solutions to show."

    def _explain(self, command: Command) -> None:
        if command is Command.LAST:
            self._say(self._last, "cyan")
            return
        for what, meaning in _HELP.items():
            self._say(f"  {what:<10} {meaning}", "dim")

    def _welcome(self, seed: int) -> None:
        self._say(
            f"{self._env.env_id}, split {self._env.split}, seed {seed}. "
            f"Reply in one line, or in several between {_QUOTES} and {_QUOTES}; :help tells more.",
            "dim",
        )
        if _asks_for_box(self._env.task):
            self._say("A bare answer, such as 3/4, counts as if it were boxed.", "dim")

    def _show_messages(self) -> None:
        """What was said since the last time, the person's own words left out."""
        for message in self._env.session.messages[self._shown :]:
            if message["role"] != "assistant":
                self._say(message["content"].rstrip("\n"), "dim" if message["role"] == "system" else "")
        self._shown = len(self._env.session.messages)

    def _say(self, text: str, style: str) -> None:
        self._console.print(visible(text), style=style, markup=False, highlight=False, soft_wrap=True)

    # Reading

    def _ask(self) -> str | Command:
        """A reply, or a command that there is; blank lines and unknown commands are asked again."""
        turns = sum(message["role"] == "assistant" for message in self._env.session.messages)
        while True:
            line = self._line(f"{turns + 1}> " if self._env.limits.max_turns > 1 else "> ").strip()
            if line.startswith(_QUOTES):
                return self._block(line.removeprefix(_QUOTES))
            if line in list(Command):
                return Command(line)
            if line.startswith(":"):
                self._say(f"There is no {line}. {did_you_mean(line, [command.value for command in Command])}", "yellow")
            elif line:
                return line

    def _block(self, first: str) -> str:
        """The lines up to the closing quotes, or up to the end of all lines."""
        lines = [first] if first else []
        try:
            while not (lines and lines[-1].rstrip().endswith(_QUOTES)):
                lines.append(self._line("... "))
        except EOFError:
            return "\n".join(lines)
        return "\n".join(lines).rstrip().removesuffix(_QUOTES).rstrip("\n")

    def _line(self, prompt: str) -> str:
        line = self._read("" if self._echo else prompt)
        if self._echo:
            self._say(f"{prompt}{line}", "bold")
        return line


def boxed(text: str) -> str:
    """The reply, in a box where it is one line that is nothing but an answer."""
    in_words = _WORD.search(text) is not None and len(text.split()) > 1
    if "\n" in text or _BOX in text or in_words:
        return text
    return f"\\boxed{{{text.strip()}}}"


def _asks_for_box(task: Task) -> bool:
    return _BOX in task.messages[-1]["content"]
