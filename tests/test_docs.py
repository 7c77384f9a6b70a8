"""What the documents show, runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def python_blocks(document: Path) -> list[str]:
    """The fenced Python code of a document."""
    return re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_python_blocks_run(document, monkeypatch, tmp_path):
    """The Python blocks of a document run top to bottom, in one namespace."""
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "readme"}
    for block in python_blocks(document):
        exec(compile(block, document.name, "exec"), namespace)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    """Relative links name files that exist."""
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert not [target for target in targets if not (document.parent / target).exists()]
