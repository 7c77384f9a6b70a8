"""Find the program in a reply.

The program is the last fenced block that is not part of the reasoning: the last one tagged with the language's name,
else the last one without a tag, else the last one. A fence that is never closed runs to the end of the reply. Where
nothing is fenced, the whole reply is the program, and the sandbox will say whether it compiles: nothing that a policy
wrote is parsed here.

Reasoning is what stands between `<think>` and `</think>`, and everything before a `</think>` that nothing opened. Marks
within a fenced block belong to the program, unless a line begins or ends with `</think>`.

Linear in the reply. Source of the rules of fences: CommonMark 0.31, section 4.5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["MOST_CHARS", "program_of"]

MOST_CHARS = 1_000_000
"""Of a program; longer ones are none."""

_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*")
_TAGS = {
    "python": {"python", "py", "python3", "py3"},
    "c": {"c"},
    "cpp": {"cpp", "c++", "cc", "cxx"},
    "javascript": {"javascript", "js", "node", "nodejs"},
}


@dataclass(slots=True)
class _Block:
    """A fenced block; `indent` is that of its fence, and taken from its lines where they have it."""

    indent: str
    fence: str
    tag: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(line.removeprefix(self.indent) for line in self.lines) + "\n"

    def is_closed_by(self, line: str) -> bool:
        mark = line.strip()
        return len(mark) >= len(self.fence) and not mark.strip(self.fence[0])


def program_of(reply: str, language: str = "python") -> str:
    """The source of the program in `reply`; "" where there is none."""
    blocks, outside = _read(reply)
    if not blocks:
        source = outside if outside.strip() else ""
    else:
        source = _chosen(blocks, _TAGS.get(language, {language})).text
    return source if source.strip() and len(source) <= MOST_CHARS else ""


def _chosen(blocks: list[_Block], tags: set[str]) -> _Block:
    tagged = [block for block in blocks if block.tag in tags]
    untagged = [block for block in blocks if not block.tag]
    return (tagged or untagged or blocks)[-1]


def _read(reply: str) -> tuple[list[_Block], str]:
    """The blocks outside of reasoning, and the text outside of both."""
    blocks: list[_Block] = []
    outside: list[str] = []
    block: _Block | None = None
    thinking = False
    for full_line in reply.replace("\r\n", "\n").split("\n"):
        line = full_line
        if _ends_thought(line, fenced=block is not None):
            thought, _, line = line.rpartition("</think>")
            if not thinking and "<think>" not in thought:
                blocks, outside = [], []
            block, thinking = None, False
        if block is not None:
            block = _continued(block, line)
            continue
        thinking = thinking or "<think>" in line
        fence = None if thinking else _FENCE.fullmatch(line)
        if fence:
            block = _Block(fence[1], fence[2], fence[3].lower().strip("{}."))
            blocks.append(block)
        elif not thinking:
            outside.append(line)
    return blocks, "\n".join(outside)


def _ends_thought(line: str, *, fenced: bool) -> bool:
    if "</think>" not in line:
        return False
    mark = line.strip()
    return not fenced or mark.startswith("</think>") or mark.endswith("</think>")


def _continued(block: _Block, line: str) -> _Block | None:
    """The block with one line more; None where the line closes it."""
    if block.is_closed_by(line):
        return None
    block.lines.append(line)
    return block
