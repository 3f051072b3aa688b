"""The web app as a customer uses it: from a new account to the money that comes back; and each of its pages.

Pictures of all pages are kept in .artifacts/browser.
"""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from local.synthesis import PROJECT
from tests.browser.visitor import DESKTOP, PHONE, Device, Visitor
from tests.e2e.api import Api, Credentials, User

JOURNEY_SECONDS = 60
AXE = PROJECT / "node_modules/axe-core/axe.min.js"
"""Checks pages against the Web Content Accessibility Guidelines: https://github.com/dequelabs/axe-core"""
RULES = {"light": "", "dark": "{ runOnly: ['color-contrast'] }"}
"""What axe checks: everything, and what the theme can change."""
LAYOUT_SHIFT = 0.1
"""How much of a page may move while it loads: "good" of https://web.dev/articles/cls."""


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=lambda device: device.name)
def test_a_customer_registers_tops_up_orders_pays_cancels_and_has_the_money_back(
    new_visitor: Callable[..., Visitor], device: Device
) -> None:
    visitor, credentials = new_visitor(device), Credentials()
    began = time.monotonic()

    visitor.open()
    visitor.register(credentials)
    visitor.press("Create account")
    visitor.sees("Your account is ready. Sign in with your new login.")
    visitor.go_to_the_login_page()
    visitor.shoot(f"journey-{device.name}-1-login")
    visitor.log_in(credentials)
    visitor.has_balance("$0.00")

    visitor.top_up("100")
    visitor.sees("$100.00 added to your account.")
    visitor.has_balance("$100.00")
    visitor.shoot(f"journey-{device.name}-2-account")

    visitor.order(3)
    visitor.press("Change quantity")
    visitor.fill("Quantity", "4")
    visitor.press("Save")
    visitor.press("Pay $40.00")
    expect(visitor.button("Mark as received")).to_be_visible()
    visitor.sees("Paid")
    expect(visitor.page.get_by_text(re.compile("^[1-9] new$"))).to_be_attached()
    visitor.shoot(f"journey-{device.name}-3-paid")

    visitor.press("Cancel order")
    visitor.fill("Why do you cancel?", "Changed my mind")
    visitor.press("Cancel the order")
    visitor.sees("Changed my mind")
    visitor.sees("Money given back")
    visitor.shoot(f"journey-{device.name}-4-canceled")

    visitor.go("Account")
    visitor.has_balance("$100.00")
    visitor.press("Withdraw")
    visitor.fill("Amount", "25.50")
    visitor.press("Withdraw", within="form")
    visitor.has_balance("$74.50")

    visitor.go("Notifications")
    for text in ("given back", "Changed my mind", "was paid", "100.00"):
        visitor.sees(re.compile(re.escape(text)))
    expect(visitor.page.get_by_text(re.compile("new$"))).not_to_be_attached()
    visitor.go("Statement")
    for kind in ("Withdrawal", "Refund", "Payment", "Top-up"):
        visitor.sees(kind)
    visitor.go("Profile")
    visitor.fill("Full name", "Ann Example")
    visitor.fill("Age", "41")
    visitor.press("Save")
    visitor.sees("Your profile is saved.")
    assert time.monotonic() - began < JOURNEY_SECONDS

    visitor.press("Sign out")
    expect(visitor.button("Sign in")).to_be_visible()
    visitor.page.wait_for_function("() => sessionStorage.length === 0")


PLACES: dict[str, tuple[str, str | re.Pattern[str]]] = {
    "account": ("", "Order 3"),
    "orders": ("/orders", "Completed"),
    "orders-filtered": ("/orders?state=PAID", "Order 2"),
    "orders-none": ("/orders?state=CANCELED", "No orders here yet."),
    "statement": ("/statement", "Top-up"),
    "notifications": ("/notifications", re.compile("was added")),
    "profile": ("/profile", "Member since"),
    "nowhere": ("/nowhere", "There is nothing here."),
    "garbled": ("/%E0%A4%A", "There is nothing here."),
}
"""Every place by its name: its address, and a text that is there when it has loaded."""


@pytest.fixture(scope="module")
def customer(api: Api) -> User:
    """Somebody with an order to pay, one paid and one completed."""
    user = api.new_user().with_money(100)
    for state in ("CREATED", "PAID", "COMPLETED"):
        user.order_in(state)
    user.until("/notifications", lambda page: len(page["items"]) >= 3)
    return user


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=lambda device: device.name)
def test_every_page_is_there_after_a_reload_for_everyone_in_both_themes(
    new_visitor: Callable[..., Visitor], customer: User, device: Device
) -> None:
    visitor = new_visitor(device)
    visitor.open()
    _look_at(visitor, device, "welcome")
    visitor.open("/register")
    _look_at(visitor, device, "register")
    visitor.sign_in(customer.credentials)
    visitor.press("Top up")
    _look_at(visitor, device, "top-up")
    for name, (address, text) in PLACES.items():
        visitor.open(address)
        visitor.sees(text)
        _look_at(visitor, device, name)
    for number in (1, 2, 3):
        visitor.open("/orders")
        visitor.page.get_by_text(f"Order {number}").click()
        visitor.sees("What happened")
        visitor.page.reload()
        visitor.sees("What happened")
        _look_at(visitor, device, f"order-{number}")
    with visitor.expecting_failures():
        visitor.open("/orders/00000000-0000-7000-8000-000000000000")
        visitor.sees(re.compile("^Reference"))
        _look_at(visitor, device, "order-missing")


def _look_at(visitor: Visitor, device: Device, name: str) -> None:
    """Check the page that is open by axe-core in both themes, and keep pictures."""
    page = visitor.page
    expect(page.locator("h1")).to_be_visible()
    page.evaluate(f"() => {{ {AXE.read_text()} }}")  # through the debugger, which the page's policy doesn't bind
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of these two
        page.screenshot(path=PROJECT / f".artifacts/browser/{name}-{device.name}-{theme}.png", full_page=True)
        found = page.evaluate(f"async () => (await axe.run({rules})).violations")
        told = [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
        assert told == [], f"{name}, {theme}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is too wide"
    shift = page.evaluate(
        """() => new Promise((done) => {
            let sum = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => done(sum), 0);
        })"""
    )
    assert shift < LAYOUT_SHIFT, f"{name} moves while it loads: {shift}"


def test_back_and_forward_lead_where_one_was(visitor: Visitor, customer: User) -> None:
    visitor.sign_in(customer.credentials)
    visitor.go("Orders")
    visitor.page.get_by_role("link", name="Paid", exact=True).click()
    visitor.page.get_by_text("Order 2").click()
    visitor.sees("What happened")

    visitor.page.go_back()
    expect(visitor.page).to_have_url(re.compile(r"/app/orders\?state=PAID$"))
    visitor.sees("Order 2")
    visitor.page.go_back()
    visitor.page.go_back()
    expect(visitor.heading("Account")).to_be_visible()
    visitor.page.go_forward()
    expect(visitor.heading("Orders")).to_be_visible()
    visitor.sees("Order 3")
    assert len(visitor.sent("GET", "/app")) == 1, "the page itself is loaded once"


def test_all_of_it_can_be_done_by_keyboard(visitor: Visitor, customer: User) -> None:
    visitor.sign_in(customer.credentials)
    visitor.open()
    expect(visitor.heading("Account")).to_be_visible()
    seen = []
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        seen.append(visitor.page.evaluate("document.activeElement.textContent || document.activeElement.name"))
        outline = visitor.page.evaluate(
            "getComputedStyle(document.activeElement).boxShadow + getComputedStyle(document.activeElement).outlineStyle"
        )
        assert outline != "nonenone", f"no focus is seen on {seen[-1]}"
    assert seen[0] == "Skip to content"
    assert [each for each in seen if each in {"Top up", "Withdraw", "quantity", "Create order"}] == [
        "Top up",
        "Withdraw",
        "quantity",
        "Create order",
    ]


def test_a_list_goes_on_where_its_first_page_ends(visitor: Visitor, api: Api) -> None:
    user = api.new_user()
    for _ in range(22):
        user.new_order()
    visitor.sign_in(user.credentials, "/orders")

    visitor.sees("Order 22")
    expect(visitor.page.locator(".list > li")).to_have_count(20)
    visitor.press("Show more")

    expect(visitor.page.locator(".list > li")).to_have_count(22)
    expect(visitor.button("Show more")).not_to_be_attached()
