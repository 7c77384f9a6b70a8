"""The form of a reply: `<think>...</think>` once, then exactly one `\\boxed{}`; the request and the check.

Says nothing about whether the answer is right, and its weight must stay below that of being right: a reply that games
the form alone then never beats a correct one.

Source: the format reward of DeepSeek-R1 (arXiv 2501.12948, section 2.2.2), with a box in place of answer tags.
"""

from __future__ import annotations

from llm_envs.chat.tokenizer import ChatTokenizer
from llm_envs.types import Part
from llm_envs.verifiers.math.extract import boxes_of

__all__ = ["BOX", "FORMAT_WEIGHT", "THINK_AND_BOX", "opens_thought", "think_and_box", "thought_and_box"]

FORMAT_WEIGHT = 0.1
"""Enough to learn the form by, too little to live on."""

BOX = "Put the final answer in \\boxed{}."
"""Asks for an answer that can be found."""

THINK_AND_BOX = (
    "Reason between <think> and </think> first, then put the final answer in \\boxed{}, once, after </think>."
)
"""Asks for the form that is checked here."""


def think_and_box(reply: str, *, weight: float = FORMAT_WEIGHT, opened: bool = False) -> Part:
    """The part `format`: 1 where the reply thinks once, first, and then boxes exactly one answer; else 0.

    Args:
        weight: what a full score adds to the reward.
        opened: the prompt ends with `<think>`, as some chat templates have it, so the reply must not repeat it.
    """
    text = "<think>" + reply if opened else reply
    return Part("format", float(_keeps_form(text.strip())), weight, "format")


def thought_and_box(steps: str, boxed: str, *, opened: bool = False) -> str:
    """A reply in that form."""
    return f"{'' if opened else '<think>'}\n{steps}\n</think>\n{boxed}"


def opens_thought(chat: ChatTokenizer) -> bool:
    """Whether the chat template itself writes the `<think>` that a reply would begin with."""
    return chat.decode(chat.encode_prompt([{"role": "user", "content": "?"}])).rstrip().endswith("<think>")


def _keeps_form(text: str) -> bool:
    if not text.startswith("<think>") or text.count("<think>") != 1 or text.count("</think>") != 1:
        return False
    thought, _, visible = text.removeprefix("<think>").partition("</think>")
    boxes, unclosed = boxes_of(visible)
    one_box = len(boxes) == 1 and not unclosed and visible.count("\\boxed") == 1
    return bool(thought.strip()) and one_box and bool(boxes[0].content.strip())
