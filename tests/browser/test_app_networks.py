"""The web app on a network that loses answers, and before a platform that is busy or says no."""

import json
import random
import re
from collections import Counter
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.visitor import Visitor
from tests.e2e.api import Api, User, exact

COMMANDS, LOST = 100, 30
SEED = 16
API_PATHS = "**/api/v1/**"


class LossyNetwork:
    """Passes requests on, and drops the answers to those commands whose turn `lost` names."""

    def __init__(self, visitor: Visitor, lost: set[int]) -> None:
        self.commands = 0
        self._lost = lost
        self._keys: set[str] = set()
        visitor.page.route(API_PATHS, self._pass_on)

    def _pass_on(self, route: Route, request: Request) -> None:
        if request.method != "POST" or self._is_repeated(request):
            route.continue_()
            return
        self.commands += 1
        if self.commands in self._lost:
            route.fetch()  # it has its effect, and nobody hears of it
            route.abort()
        else:
            route.continue_()

    def _is_repeated(self, request: Request) -> bool:
        """Whether it is a command that was sent before; events of an order have no key, and a kind of their own."""
        key = request.headers.get("idempotency-key") or f"{urlsplit(request.url).path} {request.post_data}"
        known = key in self._keys
        self._keys.add(key)
        return known


def test_of_a_hundred_commands_with_thirty_answers_lost_each_has_its_effect_once_and_the_page_is_true(
    visitor: Visitor, api: Api
) -> None:
    user = api.new_user()
    visitor.sign_in(user.credentials)
    # Pauses before a retry are a second or two. Nobody here is so patient, and the platform needs none.
    visitor.page.add_init_script("const wait = setTimeout; window.setTimeout = (act, ms) => wait(act, ms / 20);")
    network = LossyNetwork(visitor, set(random.Random(SEED).sample(range(1, COMMANDS + 1), LOST)))  # noqa: S311
    visitor.open()
    balance = 0
    with visitor.expecting_failures():
        while network.commands < COMMANDS:
            round_ = network.commands // 5 + 1
            balance += _play_a_round(visitor, round_)
            visitor.go("Account")
            visitor.has_balance(f"${balance:,}.00")
            assert exact(user.get("/billing/account"))["balance"] == balance
    assert network.commands == COMMANDS

    entries = _all(user, "/billing/account/transactions")
    orders = _all(user, "/orders")
    rounds = COMMANDS // 5
    assert Counter(order["state"] for order in orders) == {"CANCELED": rounds}
    assert [order["orderNumber"] for order in orders] == list(range(rounds, 0, -1))
    assert Counter(entry["kind"] for entry in entries) == {"DEPOSIT": rounds, "PAYMENT": rounds, "REFUND": rounds}
    assert sum(Decimal(entry["amount"]) for entry in entries) == balance


def _play_a_round(visitor: Visitor, round_: int) -> int:
    """Five commands: top up, order, change, pay, cancel. Gives what the balance has gained in the end."""
    amount = 20 + round_
    visitor.top_up(str(amount))
    visitor.sees(f"${amount}.00 added to your account.")
    visitor.order(1)
    visitor.press("Change quantity")
    visitor.fill("Quantity", "2")
    visitor.press("Save")
    visitor.press("Pay $20.00")
    expect(visitor.button("Mark as received")).to_be_visible()
    visitor.press("Cancel order")
    visitor.press("Cancel the order")
    visitor.sees("Canceled")
    return amount


def _all(user: User, path: str) -> list[Any]:
    items, cursor = [], ""
    while True:
        page = exact(user.get(f"{path}?limit=100{cursor}"))
        items += page["items"]
        if not page["nextCursor"]:
            return items
        cursor = f"&cursor={page['nextCursor']}"


def test_two_clicks_do_it_once(visitor: Visitor, user: User) -> None:
    visitor.sign_in(user.credentials)

    visitor.page.get_by_role("button", name="Create order").dblclick()
    visitor.sees("What happened")

    assert len(exact(user.get("/orders"))["items"]) == 1
    assert len(visitor.sent("POST", "/orders")) == 1


def test_a_command_whose_answer_a_reload_has_cut_off_can_be_finished_and_happens_once(
    visitor: Visitor, user: User
) -> None:
    visitor.sign_in(user.credentials)
    visitor.page.route("**/deposit", lambda route: route.fetch() and None)  # nobody ever answers
    visitor.top_up("50")
    expect(visitor.button("Top up", within="form")).to_be_disabled()
    user.until("/billing/account", lambda account: account["balance"] == 50)
    visitor.page.reload()
    visitor.page.unroute_all(behavior="ignoreErrors")  # not before: Playwright sends on what it still holds

    visitor.sees(re.compile("We don't know whether your last request went through"))
    visitor.press("Finish it")

    visitor.sees("$50.00 added to your account.")
    visitor.has_balance("$50.00")
    assert exact(user.get("/billing/account"))["balance"] == 50
    first, again = visitor.sent("POST", "/deposit")
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]


def test_a_busy_platform_is_asked_again_after_the_time_that_it_says(visitor: Visitor, user: User) -> None:
    visitor.sign_in(user.credentials)
    answers = [429, 503]

    def busy(route: Route) -> None:
        if answers:
            body = json.dumps({"status": answers[0], "code": "busy", "requestId": "request-1"})
            route.fulfill(status=answers.pop(0), headers={"retry-after": "1"}, body=body)
        else:
            route.continue_()

    visitor.page.route("**/deposit", busy)
    with visitor.expecting_failures():
        visitor.top_up("5")
        visitor.sees(re.compile("No answer yet. Trying again"))
        visitor.shoot("network-retrying")
        visitor.has_balance("$5.00")
    assert answers == []


@pytest.mark.parametrize("status", [429, 503, 500])
def test_a_platform_that_stays_busy_or_fails_is_told_of_with_a_reference_to_copy(
    visitor: Visitor, user: User, status: int
) -> None:
    visitor.sign_in(user.credentials)
    told = {"status": status, "title": "At db-7.internal", "detail": "Traceback", "requestId": "request-1"}

    with visitor.expecting_failures():
        visitor.page.route("**/orders?*", lambda route: route.fulfill(status=status, body=json.dumps(told)))
        visitor.open("/orders")
        visitor.sees(
            "Something went wrong on our side. Trying again is safe."
            if status == 500
            else "The platform is busy. Please try again in a moment."
        )
        visitor.shoot(f"network-{status}")
        assert "Traceback" not in visitor.page.locator("main").inner_text()
        visitor.press("Copy")
        visitor.sees("Copied")
        assert visitor.page.evaluate("navigator.clipboard.readText()") == "request-1"
        visitor.page.unroute_all()
        visitor.press("Try again")
    visitor.sees("No orders here yet.")


def test_not_enough_money_leads_to_topping_up_and_back_to_the_order(visitor: Visitor, user: User) -> None:
    visitor.sign_in(user.credentials)
    visitor.order(2)

    with visitor.expecting_failures():
        visitor.press("Pay $20.00")
        visitor.sees("There is not enough money in your account.")
        visitor.shoot("network-402")
    visitor.page.get_by_role("button", name="Top up").click()
    visitor.fill("Amount", "20")
    visitor.press("Top up", within="form")

    visitor.press("Pay $20.00")
    expect(visitor.button("Mark as received")).to_be_visible()
    expect(visitor.button("Change quantity")).not_to_be_attached()
    visitor.press("Mark as received")
    visitor.sees("Completed")
    expect(visitor.button("Cancel order")).not_to_be_attached()


def test_an_order_that_has_changed_elsewhere_is_shown_as_it_is_now(visitor: Visitor, user: User) -> None:
    user.with_money(10)
    order = user.new_order()
    visitor.sign_in(user.credentials, f"/orders/{order['id']}")
    visitor.sees("What happened")
    assert user.execute(order, "CANCEL", reason="not needed").status_code == 200

    with visitor.expecting_failures():
        visitor.press("Pay $10.00")
        visitor.sees("not needed")
        visitor.sees("This order was changed elsewhere. Here it is as it is now.")
        visitor.shoot("network-409")
    expect(visitor.button(re.compile("^Pay"))).not_to_be_attached()
    assert exact(user.get("/billing/account"))["balance"] == 10


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an amount above zero, such as 25."),
        ("12.345", "Enter an amount above zero, such as 25."),
        ("a lot", "Enter an amount above zero, such as 25."),
        ("$1,250.5", "$1,250.50 added to your account."),
        ("0,30", "$0.30 added to your account."),
    ],
)
def test_money_is_taken_as_people_type_it(visitor: Visitor, user: User, typed: str, said: str) -> None:
    visitor.sign_in(user.credentials)
    visitor.top_up(typed)
    visitor.sees(said)


def test_a_field_that_the_api_refuses_is_named(visitor: Visitor, user: User) -> None:
    visitor.sign_in(user.credentials, "/profile")
    with visitor.expecting_failures():
        visitor.fill("Age", "forty")
        visitor.press("Save")
        visitor.sees(re.compile("^age: "))
        visitor.shoot("network-422")


def test_without_a_network_it_says_so_and_goes_on_when_there_is_one(visitor: Visitor, user: User) -> None:
    visitor.sign_in(user.credentials)
    visitor.has_balance("$0.00")
    with visitor.expecting_failures():
        visitor.context.set_offline(offline=True)
        visitor.sees("You are offline. Nothing is sent until you are back.")
        visitor.top_up("7")
        expect(visitor.page.get_by_role("alert")).to_have_text(re.compile("offline"))
        visitor.shoot("network-offline")
        visitor.context.set_offline(offline=False)
        expect(visitor.page.get_by_text("You are offline")).to_have_count(1)  # that of the form
        visitor.press("Top up", within="form")
        visitor.has_balance("$7.00")
