"""A browser, the app at the address that the stage names, and people who use it."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from local.app.configuration import Configuration
from local.app.server import PORT, serving
from local.deployment import StackDescription
from local.ports import free_port
from tests.browser.visitor import Visitor
from tests.programs import needed

_PATIENCE_MS = 15_000


@pytest.fixture(scope="module")
def browser(stack: StackDescription) -> Iterator[Browser]:
    """Chromium, which finds the app on a free port where it looks for it at localhost:3000."""
    program = needed(
        "chromium",
        "chromium-browser",
        "google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        install="apt-get install chromium",
    )
    port = free_port()
    options = [f"--host-resolver-rules=MAP localhost:{PORT} 127.0.0.1:{port}"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium's own sandbox doesn't work for root
    with (
        serving(Configuration.of(stack), port),
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=options) as chromium,
    ):
        yield chromium


@pytest.fixture
def new_visitor(browser: Browser) -> Iterator[Callable[[], Visitor]]:
    """Makes people at browsers of their own."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def make() -> Visitor:
        contexts.append(browser.new_context(viewport={"width": 900, "height": 800}))
        contexts[-1].set_default_timeout(_PATIENCE_MS)
        visitors.append(Visitor(contexts[-1]))
        return visitors[-1]

    yield make
    for context in contexts:
        context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def visitor(new_visitor: Callable[[], Visitor]) -> Visitor:
    """Somebody at a browser."""
    return new_visitor()
