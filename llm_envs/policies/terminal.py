r"""A conversation with a person in lines: what is said to them, what they say, and the few commands besides.

Replies are lines of standard input, whether somebody types them or a pipe holds them. A line of three double quotes
opens a reply of several lines, and another one closes it. Where the prompt asks for a box, an answer without words
around it is put into one: nobody types `\boxed{}` with pleasure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from rich.console import Console

from llm_envs.errors import did_you_mean
from llm_envs.render import visible
from llm_envs.types import Message, Task

__all__ = ["QUOTES", "Command", "Terminal", "asks_for_box", "boxed"]

QUOTES = '"""'
"""They open and close replies of several lines."""

_BOX = "\\boxed"
_WORD = re.compile(r"(?<![\\A-Za-z])(?!(?:sin|cos|tan|cot|sec|csc|log|exp|sqrt|and)\b)[A-Za-z]{3,}")


class Command(StrEnum):
    """What a person can say besides a reply."""

    HELP = ":help"
    NEXT = ":next"
    SOLUTION = ":solution"
    LAST = ":last"
    TOOLS = ":tools"
    QUIT = ":quit"


_HELP = {
    "a line": "your reply",
    QUOTES: f"opens a reply of several lines, and {QUOTES} closes it",
    Command.NEXT: "pass this task over",
    Command.SOLUTION: "give this task up, and see how it is solved",
    Command.LAST: "see how the task before was solved",
    Command.TOOLS: "see which tools this task has, and what they take",
    Command.QUIT: "stop, as Ctrl-D and Ctrl-C do",
}


class Terminal:
    """Where a person reads and writes.

    Args:
        console: where things are shown.
        read: gives the next line, after showing its argument; raises EOFError where there is none.
        echo: show what was read, where nobody has typed it on this terminal.
        commands: what may be said besides replies; `:help` is explained here.
    """

    def __init__(
        self,
        console: Console,
        read: Callable[[str], str] = input,
        *,
        echo: bool = False,
        commands: Sequence[Command] = tuple(Command),
    ) -> None:
        self.console = console
        self._read = read
        self._echo = echo
        self._commands = commands

    def say(self, text: str, style: str = "") -> None:
        """Show text; control characters in it are pictures."""
        self.console.print(visible(text), style=style, markup=False, highlight=False, soft_wrap=True)

    def show(self, messages: Iterable[Message]) -> None:
        """Show what was said by others than the person."""
        for message in messages:
            if message["role"] != "assistant":
                self.say(message["content"].rstrip("\n"), "dim" if message["role"] == "system" else "")

    def ask(self, prompt: str) -> str | Command:
        """A reply, or a command that there is; blank lines and unknown commands are asked again.

        Raises:
            EOFError: the lines have ended.
        """
        while True:
            line = self._line(prompt).strip()
            if line.startswith(QUOTES):
                return self._block(line.removeprefix(QUOTES))
            if line == Command.HELP:
                self._explain()
            elif line in self._commands:
                return Command(line)
            elif line.startswith(":"):
                self.say(f"There is no {line}. {did_you_mean(line, map(str, self._commands))}", "yellow")
            elif line:
                return line

    def _explain(self) -> None:
        for what, meaning in _HELP.items():
            if what in self._commands or not isinstance(what, Command):
                self.say(f"  {what:<10} {meaning}", "dim")

    def _block(self, first: str) -> str:
        """The lines up to the closing quotes, or up to the end of all lines."""
        lines = [first] if first else []
        try:
            while not (lines and lines[-1].rstrip().endswith(QUOTES)):
                lines.append(self._line("... "))
        except EOFError:
            return "\n".join(lines)
        return "\n".join(lines).rstrip().removesuffix(QUOTES).rstrip("\n")

    def _line(self, prompt: str) -> str:
        line = self._read("" if self._echo else prompt)
        if self._echo:
            self.say(f"{prompt}{line}", "bold")
        return line


def asks_for_box(task: Task) -> bool:
    """Whether the prompt wants the answer in a box."""
    return _BOX in task.messages[-1]["content"]


def boxed(text: str) -> str:
    """The reply, in a box where it is one line that is nothing but an answer."""
    in_words = _WORD.search(text) is not None and len(text.split()) > 1
    if "\n" in text or _BOX in text or in_words:
        return text
    return f"\\boxed{{{text.strip()}}}"
