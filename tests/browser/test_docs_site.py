"""The documentation as a site: `make docs-build` takes no broken link, and browsers draw each diagram by themselves."""

import re
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from local.places import PROJECT

SITE = PROJECT / ".build/site"
DOCS = PROJECT / "docs"
WITH_DIAGRAMS = [page for page in sorted(DOCS.glob("*.md")) if "```mermaid" in page.read_text()]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of the site, as it is built now."""
    done = subprocess.run(["make", "docs-build"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_there_are_diagrams() -> None:
    assert WITH_DIAGRAMS


@pytest.mark.parametrize("source", WITH_DIAGRAMS, ids=lambda page: page.stem)
def test_each_diagram_of_a_page_is_drawn_and_nothing_comes_from_elsewhere(
    source: Path, site: str, browser: Browser
) -> None:
    page = browser.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(site) else elsewhere.append(request.url))
    page.goto(f"{site}{source.stem}/")

    expect(page.locator("div.mermaid")).to_have_count(len(re.findall("^```mermaid$", source.read_text(), re.MULTILINE)))
    expect(page.locator("pre.mermaid")).to_have_count(0)
    assert elsewhere == []
    page.close()
