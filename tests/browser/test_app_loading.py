"""How much the web app loads, and how soon it shows on a slow network."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 1474.56 * 1024 / 8, "uploadThroughput": 84_375}
"""Lighthouse's: https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md"""
FIRST_PAINT_MS = 1800
""""Good" of https://web.dev/articles/fcp."""
USABLE_MS = 6000
"""Here each connection carries one file at a time; API Gateway speaks HTTP/2, which carries them all at once."""
KILOBYTES = 150


def test_on_a_slow_network_it_is_seen_at_once_and_usable_soon(
    visitor: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    network = visitor.context.new_cdp_session(visitor.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW_4G)

    visitor.open()
    expect(visitor.button("Sign in")).to_be_visible()

    usable, painted = visitor.page.evaluate(
        "[performance.now(), performance.getEntriesByName('first-contentful-paint')[0].startTime]"
    )
    sizes = visitor.page.evaluate(
        "performance.getEntries().filter((each) => 'encodedBodySize' in each)"
        ".map((each) => [new URL(each.name).pathname.split('/').slice(4).join('/'), each.encodedBodySize])"
    )
    total = sum(size for _, size in sizes) / 1000
    with capsys.disabled():
        print(f"\n  the app, before it is asked for a chart: {len(sizes)} files, {total:.1f} KB compressed")  # noqa: T201
        print(f"  first paint {painted:.0f} ms, usable {usable:.0f} ms on Lighthouse's slow 4G")  # noqa: T201
    assert painted < FIRST_PAINT_MS
    assert usable < USABLE_MS
    assert total < KILOBYTES
    assert "vendor/uplot.js" not in dict(sizes)


def test_a_second_visit_loads_the_page_and_no_file_again(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.button("Sign in")).to_be_visible()

    visitor.open("/register")
    expect(visitor.button("Create account")).to_be_visible()

    transferred = visitor.page.evaluate(
        "performance.getEntriesByType('resource').filter((each) => each.transferSize > 0).map((each) => each.name)"
    )
    assert transferred == []
