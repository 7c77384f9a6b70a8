"""A real Chromium for the tests that carry the marker `browser`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_PLACES = ("/usr/lib/chromium/chromium-headless-shell", "/usr/lib/chromium/chromium", "/usr/bin/chromium")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
"""Nothing but this machine can be reached: everything else goes to a proxy that is not there."""


@pytest.fixture(scope="module")
def chromium():
    """A browser for the tests of a module; missing, it is a reason to skip, except in continuous integration."""
    place = next((path for path in _PLACES if Path(path).exists()), None)
    if place is None and not os.environ.get("CI"):
        pytest.skip("no Chromium: apt-get install chromium-headless-shell, as .ci/run does")
    assert place, "continuous integration installs Chromium: see .ci/run"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=_ARGUMENTS)
        yield browser
        browser.close()


class Watch:
    """What a page must never do, as far as it has done it."""

    def __init__(self, page):
        self.requests, self.dialogs, self.errors = [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._dismiss)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)

    def _dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _hear(self, message):
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    @property
    def outside(self):
        """Addresses that were asked for, other than files and what is in the page."""
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]


@pytest.fixture
def open_page(chromium):
    """Opens an address in a window of its own, waits until the page is ready, and watches it."""
    contexts = []

    def opened(url, *, width=1280, height=800, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.watch = Watch(page)
        page.goto(url)
        page.wait_for_selector("html[data-ready=true]", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
