"""Pages that can be searched and opened: what the tools of an episode share, and what it has looked at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from llm_envs.tools import ToolError

__all__ = ["Desk", "Heading", "Index", "Library"]

_LEAD_CHARS = 120
"""Of a page's text, in the list of what a search has found."""

_MOST_RESULTS = 50


class Heading(NamedTuple):
    """What stands above a page; the date is "" where pages have none."""

    id: str
    title: str
    date: str


class Index(Protocol):
    """What finds texts by words."""

    def search(self, query: str, k: int) -> list[int]:
        """Places of the k best texts, best first."""


class Library:
    """Pages by number, and an index over them, which is made when it is first needed.

    Args:
        headings: of all pages.
        text: of the page of that number.
        index_of: makes the index of all texts, titles included.
    """

    def __init__(
        self, headings: Sequence[Heading], text: Callable[[int], str], index_of: Callable[[list[str]], Index]
    ) -> None:
        self.headings = headings
        self.text = text
        self.numbers = {heading.id: number for number, heading in enumerate(headings)}
        self._index_of = index_of
        self._index: Index | None = None
        self._indexing = threading.Lock()

    @property
    def index(self) -> Index:
        """Over title and text of each page."""
        with self._indexing:
            if self._index is None:
                self._index = self._index_of([self.whole(number) for number in range(len(self.headings))])
            return self._index

    def whole(self, number: int) -> str:
        """Title and text of a page."""
        return f"{self.headings[number].title}\n{self.text(number)}"


class Desk:
    """Where one episode reads.

    Attributes:
        searches: how many there were.
        opened: numbers of the pages that were opened, in order.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.searches = 0
        self.opened: list[int] = []

    def search(self, query: str, k: int) -> list[dict[str, str]]:
        """The pages that fit best.

        Raises:
            ToolError: E_ARGS, k is out of range.
        """
        if not 1 <= k <= _MOST_RESULTS:
            raise ToolError("E_ARGS", f"k is a number from 1 to {_MOST_RESULTS}")
        self.searches += 1
        return [self._entry(number) for number in self.library.index.search(query, k)]

    def open(self, page: str) -> str:
        """The page, its heading first.

        Raises:
            ToolError: E_NOT_FOUND, there is no such page.
        """
        number = self.library.numbers.get(page.strip())
        if number is None:
            message = f"there is no page {page[:40]!r}: a search tells what pages are called, such as {self._example}"
            raise ToolError("E_NOT_FOUND", message)
        self.opened.append(number)
        heading = self.library.headings[number]
        dated = f", dated {heading.date}" if heading.date else ""
        return f"{heading.title}\nPage {heading.id}{dated}\n\n{self.library.text(number)}"

    @property
    def _example(self) -> str:
        return repr(self.library.headings[0].id)

    def _entry(self, number: int) -> dict[str, str]:
        heading = self.library.headings[number]
        dated = {"date": heading.date} if heading.date else {}
        text = self.library.text(number)
        lead = text if len(text) <= _LEAD_CHARS else f"{text[:_LEAD_CHARS]}..."
        return {"page": heading.id, "title": heading.title, **dated, "begins": lead}
