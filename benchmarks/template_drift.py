"""How many chat templates keep what a policy has sampled, when a conversation goes on: ours and full re-rendering.

    python tests/chat/templates.py         # once: fetch the templates of llama.cpp into .cache/
    python benchmarks/template_drift.py

Each template gets a real byte-level tokenizer with its control tokens. A policy's turn is put behind the prompt; the
world answers; the context that the next turn is sampled from must begin with every id that is in it already, and go on
as the template itself writes. *Re-rendering* encodes the whole conversation anew at each turn, from messages, as chat
APIs do. *Ours* appends the sentinel delta. Truth is string comparison on what transformers renders.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "chat"))

import templates
from oracle import CASES, MARKER, Case, Oracle, Rejected

from llm_envs.chat import ChatTokenizer, load_tokenizer
from llm_envs.errors import TemplateRefused

REASONING = "<think>\nIt may be a door.\n</think>\n\nIt is a door."
"""What thinking models say; templates like to drop the first part later on."""


@dataclass
class Score:
    """Cases of one method: how many came out right, and how many wrong by template.

    Refused are cases that the template itself cannot render; to refuse any other is wrong.
    """

    right: int = 0
    refused: int = 0
    wrong: Counter = field(default_factory=Counter)

    def add(self, name: str, ids: list[int] | None, truth: list[int] | None) -> None:
        """Count one case of template `name`; None stands for a refusal."""
        if ids != truth:
            self.wrong[name] += 1
        elif truth is None:
            self.refused += 1
        else:
            self.right += 1


@dataclass
class Judge:
    """Both methods' scores, and what was refused for which reason."""

    ours: Score = field(default_factory=Score)
    rerendering: Score = field(default_factory=Score)
    refusals: dict[str, str] = field(default_factory=dict)

    def template(self, name: str, source: str) -> None:
        """Judge all cases of one template."""
        oracle = Oracle(source)
        try:
            chat = load_tokenizer(oracle.tokenizer)
        except TemplateRefused as error:
            self.refusals[name] = error.received
            return
        for case in filter(oracle.takes, CASES):
            if chat.carries_results and any(message["role"] == "tool" for message in [*case.history, *case.new]):
                continue  # nothing that the template itself could be compared with
            for stop in chat.profile.stops:
                self._delta(name, oracle, chat, case, stop)
            self.rerendering.add(name, *rerendered_and_sampled(oracle, case))

    def _delta(self, name: str, oracle: Oracle, chat: ChatTokenizer, case: Case, stop: str) -> None:
        said = [said_by(message) for message in [*case.history, case.turn]]
        stop_id = oracle.tokenizer.convert_tokens_to_ids(stop)
        try:
            ids = chat.encode_delta(said, case.new, stop_id, oracle.tools(case))
        except TemplateRefused as error:
            ids = None
            self.refusals[f"{name}, {case.name}"] = f"{error.message}: {error.received}"
        try:
            truth = oracle.ids_behind(stop, oracle.expected(case, stop, chat.profile.stops))
        except Rejected:
            truth = None
        self.ours.add(name, ids, truth)


def said_by(message: dict) -> dict:
    """The message as an env keeps it: a sampled turn is text, whatever calls it makes."""
    return {"role": "assistant", "content": "as sampled"} if message["role"] == "assistant" else message


def rerendered_and_sampled(oracle: Oracle, case: Case) -> tuple[list[int] | None, list[int] | None]:
    """What the conversation rendered anew begins with, and what it should begin with: the prompt and the turn.

    The last id is not compared: what follows may merge into it.
    """
    try:
        prompt = oracle.render(case.history, oracle.tools(case), open_turn=True)
        reply = REASONING.removeprefix("<think>\n" if prompt.rstrip().endswith("<think>") else "")
        turn = {**case.turn, "content": case.turn["content"] and reply}
        closed = oracle.render([*case.history, turn], oracle.tools(case), open_turn=False)
        again = oracle.render([*case.history, turn, *case.new], oracle.tools(case), open_turn=True)
    except Rejected:
        return None, None
    if "tool_calls" in turn:  # sampled as the template writes it, up to the last argument
        reply = closed.removeprefix(prompt).partition(MARKER)[0] if closed.startswith(prompt) else ""
    sampled = oracle.tokenizer(prompt + reply, add_special_tokens=False).input_ids[:-1]
    return oracle.tokenizer(again, add_special_tokens=False).input_ids[: len(sampled)], sampled


def main() -> None:
    """Judge every template at hand and print the table."""
    corpus = templates.distinct({**templates.installed(), **templates.fetched()})
    if not templates.fetched():
        sys.stderr.write(f"only the installed templates: run `{templates.FETCH_COMMAND}` for those of llama.cpp\n")
    judge = Judge()
    for name, source in corpus.items():
        judge.template(name, source)
    report(len(corpus), judge)


def report(judged: int, judge: Judge) -> None:
    """Print both methods side by side, and what was refused."""
    console = Console(width=150)
    table = Table(
        "method", "right", "wrong", "rightly refused", "templates that it breaks", title=f"{judged} chat templates"
    )
    for method, score in (("sentinel delta (ours)", judge.ours), ("re-rendering", judge.rerendering)):
        table.add_row(method, f"{score.right:,}", f"{score.wrong.total():,}", f"{score.refused}", f"{len(score.wrong)}")
    console.print(table)
    for what, reason in sorted(judge.refusals.items()):
        console.print(f"refused: {what}: {reason}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
