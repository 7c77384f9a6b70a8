"""The live view in a real Chromium: new episodes appear by themselves."""

from __future__ import annotations

import pytest
from runs import make_episode, make_error, make_plan, make_run, records_of
from test_view import viewing

from llm_envs.evals.journal import Journal

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(tmp_path):
    """A run of a hundred tasks of which two have been played."""
    return make_run(tmp_path / "run", make_plan(100), [make_episode(0), make_episode(1, reward=0.0)])


def outside(page, viewer):
    """Requests to anybody but the viewer."""
    return [url for url in page.watch.outside if not url.startswith(f"http://127.0.0.1:{viewer.port}/")]


def test_new_episodes_appear(folder, open_page):
    """Headline, table and an open filter follow the journal; nobody else is asked."""
    with viewing(folder.path) as viewer, Journal(folder.journal) as journal:
        page = open_page(viewer.address)
        assert "2 of 100" in page.inner_text(".headline")
        for outcome in (make_error(2), make_episode(3), make_episode(4, reward=0.0)):
            for record in records_of(outcome):
                journal.write(record)
        page.wait_for_selector(".headline dd:text-is('4 of 100')")
        page.wait_for_selector(".live:text-is('live')")
        page.evaluate("() => { location.hash = '#/episodes?filter=is:wrong'; }")
        page.wait_for_selector("#found:text-is('2 of 5')")
        for record in [*records_of(make_episode(2, reward=0.0)), *records_of(make_episode(5))]:
            journal.write(record)
        page.wait_for_selector("#found:text-is('3 of 6')")
        page.click('.row[data-i="2"]')
        page.wait_for_selector(".message.assistant")
        assert page.watch.errors == []
        assert outside(page, viewer) == []


def test_a_server_that_has_gone_is_told(folder, open_page):
    """The page stays as it is, and says so."""
    with viewing(folder.path) as viewer:
        page = open_page(viewer.address)
    page.wait_for_selector(".live.gone")
    assert "2 of 100" in page.inner_text(".headline")


def test_runs_of_a_folder_are_opened_from_a_list(folder, open_page):
    """A link leads to the run, with the token."""
    with viewing(folder.path.parent) as viewer:
        page = open_page(viewer.address)
        assert "mock:gold" in page.inner_text("table.runs")
        page.click("table.runs a")
        page.wait_for_selector(".headline")
        assert "2 of 100" in page.inner_text(".headline")
        assert page.watch.errors == []
