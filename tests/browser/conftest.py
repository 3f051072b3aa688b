"""A browser, and people who use it."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from local.deployment import StackDescription
from tests.browser.visitor import DESKTOP, Device, Visitor
from tests.scaffolding.programs import needed

_PATIENCE_MS = 15_000
expect.set_options(timeout=_PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    program = needed(
        "chromium",
        "chromium-browser",
        "google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        install="apt-get install chromium",
    )
    # Chromium's own sandbox doesn't work for root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=options) as chromium,
    ):
        yield chromium


@pytest.fixture
def new_visitor(browser: Browser, stack: StackDescription) -> Iterator[Callable[..., Visitor]]:
    """Makes people at browsers of their own; at the end of the test none of them may have seen an error."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def make(device: Device = DESKTOP, *, tab_of: Visitor | None = None) -> Visitor:
        if tab_of is None:
            contexts.append(
                browser.new_context(
                    viewport=device.viewport,
                    locale="en-US",
                    timezone_id="UTC",
                    has_touch=device.touches,
                    reduced_motion="reduce",
                    permissions=["clipboard-read", "clipboard-write"],
                )
            )
            contexts[-1].set_default_timeout(_PATIENCE_MS)
        context = tab_of.context if tab_of else contexts[-1]
        visitors.append(Visitor(context, stack["appUrl"]))
        return visitors[-1]

    yield make
    for context in contexts:
        context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Somebody at a desktop browser."""
    return new_visitor()
