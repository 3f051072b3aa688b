"""Money and events, over HTTP: every effect, exactly once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest

from tests.e2e.api import Api, User, exact, new_key

ALLOWED = {
    ("CREATED", "EDIT"): "CREATED",
    ("CREATED", "CONFIRM"): "PAID",
    ("CREATED", "CANCEL"): "CANCELED",
    ("PAID", "CANCEL"): "CANCELED",
    ("PAID", "COMPLETE"): "COMPLETED",
}
REPEATS = {("PAID", "CONFIRM"), ("COMPLETED", "COMPLETE"), ("CANCELED", "CANCEL")}
STATES = ("CREATED", "PAID", "COMPLETED", "CANCELED")
EVENTS = ("EDIT", "CONFIRM", "CANCEL", "COMPLETE")


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_every_state_allows_just_its_own_events(user: User, state: str, event: str) -> None:
    order = user.with_money(100).order_in(state)
    fields = {"productQuantity": 2} if event == "EDIT" else {}
    before = user.get(f"/orders/{order['id']}").text

    answer = user.execute(order, event, **fields)

    after = exact(user.get(f"/orders/{order['id']}"))["state"]
    if (state, event) in ALLOWED:
        assert (answer.status_code, after) == (200, ALLOWED[state, event])
    elif (state, event) in REPEATS:
        assert (answer.status_code, answer.text) == (200, before)
    else:
        assert (answer.status_code, answer.json()["state"], after) == (409, state, state)


def test_a_registered_user_has_a_profile_and_soon_an_account(user: User) -> None:
    profile = user.get(f"/profiles/{user.profile_id}").json()

    assert (profile["login"], profile["email"]) == (user.credentials.login, user.credentials.email)
    account = user.until("/billing/account", lambda account: account["updatedAt"])
    assert (account["id"], account["balance"]) == (user.profile_id, 0)


def test_a_paid_order_brings_one_notification(user: User) -> None:
    user.with_money(100).order_in("PAID")

    user.until("/notifications", lambda page: len(page["items"]) == 2)
    assert sorted(user.notification_types()) == ["DepositAccepted", "OrderPaid"]


def test_canceling_a_paid_order_brings_the_money_back_and_two_notifications(user: User) -> None:
    order = user.with_money(100).order_in("PAID")

    assert user.execute(order, "CANCEL", reason="too late").json()["cancelReason"] == "too late"

    user.until("/billing/account", lambda account: account["balance"] == 100)
    user.until("/notifications", lambda page: len(page["items"]) == 4)
    assert Counter(user.notification_types()) == Counter(
        ["DepositAccepted", "OrderPaid", "OrderCanceled", "OrderRefunded"]
    )


def test_completing_an_order_brings_a_notification(user: User) -> None:
    user.with_money(100).order_in("COMPLETED")

    user.until("/notifications", lambda page: "OrderCompleted" in [item["type"] for item in page["items"]])


def test_amounts_keep_the_currencys_places(user: User) -> None:
    answer = user.post("/billing/account/deposit", {"amount": 12.5}, headers=new_key())

    assert '"amount":12.50' in answer.text
    assert '"balance":12.50' in answer.text


def test_the_statement_adds_up_to_the_balance(user: User) -> None:
    user.with_money(100).order_in("PAID")
    user.post("/billing/account/withdraw", {"amount": 12.34}, headers=new_key())

    entries = exact(user.get("/billing/account/transactions"))["items"]

    assert [entry["kind"] for entry in entries] == ["WITHDRAWAL", "PAYMENT", "DEPOSIT"]
    balance = exact(user.get("/billing/account"))["balance"]
    assert sum(entry["amount"] for entry in entries) == balance == entries[0]["balanceAfter"] == Decimal("77.66")


MONEY_OPERATIONS = ("/billing/account/deposit", "/billing/account/withdraw", "/orders")


def _body(path: str, number: int) -> dict[str, int]:
    return {"productQuantity": number} if path == "/orders" else {"amount": number}


def _effects(user: User, path: str) -> int:
    items = exact(user.get("/orders" if path == "/orders" else "/billing/account/transactions"))["items"]
    return len(items) if path == "/orders" else len(items) - 1


@pytest.mark.parametrize("path", MONEY_OPERATIONS)
def test_the_same_key_twice_has_one_effect_and_the_same_answer(user: User, path: str) -> None:
    user.with_money(100)
    key = new_key()

    first, second = (user.post(path, _body(path, 3), headers=key) for _ in range(2))

    assert first.text == second.text
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert _effects(user, path) == 1


@pytest.mark.parametrize("path", MONEY_OPERATIONS)
def test_the_same_key_with_another_body_is_refused(user: User, path: str) -> None:
    user.with_money(100)
    key = new_key()
    user.post(path, _body(path, 3), headers=key)

    answer = user.post(path, _body(path, 4), headers=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert _effects(user, path) == 1


@pytest.mark.parametrize("path", MONEY_OPERATIONS)
def test_twenty_at_once_with_one_key_have_one_effect(user: User, path: str) -> None:
    user.with_money(100)
    key = new_key()

    def ask(_: int) -> httpx.Response:
        return user.post(path, _body(path, 3), headers=key)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))

    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 409)
    assert len({answer.text for answer in answers if answer.status_code != 409}) == 1
    assert _effects(user, path) == 1


def test_twenty_confirmations_at_once_pay_once(user: User) -> None:
    order = user.with_money(100).new_order(quantity=2)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: user.execute(order, "CONFIRM"), range(20)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert exact(user.get(f"/orders/{order['id']}"))["state"] == "PAID"
    assert exact(user.get("/billing/account"))["balance"] == 80


@pytest.mark.parametrize(
    ("state", "event", "told"),
    [
        ("PAID", "CANCEL", ["DepositAccepted", "OrderPaid", "OrderCanceled", "OrderRefunded"]),
        ("CREATED", "CANCEL", ["DepositAccepted", "OrderCanceled"]),
        ("PAID", "COMPLETE", ["DepositAccepted", "OrderPaid", "OrderCompleted"]),
    ],
)
def test_eight_at_once_are_all_told_the_same_and_the_user_once(
    user: User, state: str, event: str, told: list[str]
) -> None:
    order = user.with_money(100).order_in(state)
    reasons = [{"reason": f"reason {number}"} if event == "CANCEL" else {} for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda fields: user.execute(order, event, **fields), reasons))

    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].text == user.get(f"/orders/{order['id']}").text
    balance = 90 if event == "COMPLETE" else 100
    assert list(user.disagreements(Counter(told), balance, seconds=5)) == []
    assert user.execute(order, event).text == answers[0].text
    assert list(user.disagreements(Counter(told), balance, seconds=5)) == []


def test_a_confirmation_is_repeated_by_its_older_name_too(user: User) -> None:
    order = user.with_money(100).new_order()

    answers = [user.execute(order, event) for event in ("CONFIRM", "PAID", "CONFIRM")]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.text for answer in answers}) == 1
    assert exact(user.get("/billing/account"))["balance"] == 90


def test_of_cancels_and_completes_at_once_one_kind_wins(user: User) -> None:
    order = user.with_money(100).order_in("PAID")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda event: user.execute(order, event), ["CANCEL", "COMPLETE"] * 4))

    state = exact(user.get(f"/orders/{order['id']}"))["state"]
    won = {"CANCELED": 0, "COMPLETED": 1}[state]
    assert [answer.status_code for answer in answers[won::2]] == [200] * 4
    refused = [(answer.status_code, answer.json()["state"]) for answer in answers[1 - won :: 2]]
    assert refused == [(409, state)] * 4


def test_orders_created_at_once_are_numbered_without_gaps_or_repeats(user: User) -> None:
    with ThreadPoolExecutor(8) as pool:
        orders = list(pool.map(lambda _: user.post("/orders", {}, headers=new_key()), range(8)))

    numbers = sorted(order.json()["orderNumber"] for order in orders if order.status_code == 201)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) + sum(order.status_code == 409 for order in orders) == 8


def test_pages_of_a_list_give_each_row_once_newest_first(user: User) -> None:
    created = [user.new_order()["orderNumber"] for _ in range(5)]

    seen, query = [], "limit=2"
    while query:
        page = exact(user.get(f"/orders?{query}"))
        seen += [order["orderNumber"] for order in page["items"]]
        query = f"limit=2&cursor={page['nextCursor']}" if page["nextCursor"] else ""

    assert seen == created[::-1]


@pytest.mark.parametrize("query", ["", "limit=1&", "limit=5&", "limit=20&"])
def test_a_full_last_page_says_that_it_is_the_last(user: User, query: str) -> None:
    for _ in range(20):
        user.new_order()
    for order in exact(user.get("/orders?limit=5"))["items"]:
        assert user.execute(order, "CANCEL").status_code == 200
    for path, rows in (("/orders?", 20), ("/orders?state=CANCELED&", 5), ("/orders?state=CREATED&", 15)):
        assert sum(_walk(user, f"{path}{query}")) == rows


@pytest.mark.parametrize("path", ["/billing/account/transactions", "/notifications"])
def test_a_full_last_page_of_the_other_lists_says_so_too(user: User, path: str) -> None:
    for _ in range(4):
        user.with_money(1)
    user.until("/notifications", lambda page: len(page["items"]) == 4)
    assert _walk(user, f"{path}?limit=2&") == [2, 2]
    assert _walk(user, f"{path}?limit=4&") == [4]
    assert _walk(user, f"{path}?limit=1&") == [1] * 4


def _walk(user: User, path: str) -> list[int]:
    """The number of rows of each page; none is empty."""
    sizes, cursor = [], ""
    while True:
        page = exact(user.get(f"{path}{cursor}"))
        sizes.append(len(page["items"]))
        assert sizes[-1]
        if page["nextCursor"] is None:
            return sizes
        cursor = f"cursor={page['nextCursor']}"


def test_another_users_cursor_reads_only_ones_own_rows(api: Api, user: User) -> None:
    other = api.new_user()
    for _ in range(3):
        user.new_order()
        other.new_order()
    cursor = exact(other.get("/orders?limit=1"))["nextCursor"]

    page = exact(user.get(f"/orders?cursor={cursor}"))

    assert {order["profileId"] for order in page["items"]} <= {user.profile_id}
