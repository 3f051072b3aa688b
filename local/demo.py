"""`make demo`: a user's whole journey over HTTP, one line per step, against any deployed stack, local or not."""

import os
import secrets
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Never

import httpx

from local.places import running_stack

EVENT_SECONDS = 5
"""How long the effect of an event may take."""

type Json = dict[str, Any]


class Journey:
    """Steps of one user against an API; the first surprise ends it."""

    def __init__(self, api: httpx.Client) -> None:
        self._api = api
        self.steps = 0

    def step(self, does: str, method: str, path: str, *, expect: int, **request: Any) -> Json:
        """Make one request, print its line, and return the body of the answer."""
        started = time.perf_counter()
        answer = self._api.request(method, path.removeprefix("/"), **request)
        self._line(does, f"{method} {path} → {answer.status_code}", started)
        if answer.status_code != expect:
            surprise(f"expected {expect}, got {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else {}

    def until(self, does: str, path: str, holds: Callable[[Json], object]) -> None:
        """Poll `path` until its answer is as expected; events take a moment."""
        started = time.perf_counter()
        while not holds(body := self._api.get(path.removeprefix("/")).json()):
            if time.perf_counter() - started > EVENT_SECONDS:
                surprise(f"{does}: not within {EVENT_SECONDS} s; the last answer was {body}")
            time.sleep(0.1)
        self._line(does, f"GET {path}", started)

    def sign_in_with(self, token: str) -> None:
        """Send the access token from here on."""
        self._api.headers["authorization"] = f"Bearer {token}"

    def _line(self, does: str, what: str, started: float) -> None:
        self.steps += 1
        print(f"{self.steps:3}  {does:<42} {what:<62} {(time.perf_counter() - started) * 1000:6.0f} ms")


def surprise(what: str) -> Never:
    """End the journey; the exit code is not 0."""
    sys.exit(f"     SURPRISE: {what}")


def key() -> dict[str, str]:
    """A fresh idempotency key, as a header."""
    return {"idempotency-key": secrets.token_hex(16)}


def types(page: Json) -> list[str]:
    """The types of the notifications on a page."""
    return [item["type"] for item in page["items"]]


def journey(api_url: str) -> int:
    """Register, top up, order, pay, cancel, complete, read notifications, sign out. Returns the number of steps."""
    with httpx.Client(base_url=api_url, timeout=30) as api:
        return _go(Journey(api))


def _go(go: Journey) -> int:
    login = f"demo-{secrets.token_hex(4)}"
    password = f"Aa1!{secrets.token_urlsafe(12)}"

    for service in ("", "/orders", "/billing", "/notifications"):
        go.step(f"is {service[1:] or 'profiles'} healthy?", "GET", f"{service}/health", expect=200)
    user = go.step(
        "register",
        "POST",
        "/register",
        expect=201,
        json={"login": login, "email": f"{login}@example.com", "password": password},
    )
    go.step("a wrong password is refused", "POST", "/login", expect=401, json={"login": login, "password": "wrong"})
    tokens = go.step("sign in", "POST", "/login", expect=200, json={"login": login, "password": password})
    go.step("without the token: nothing", "GET", "/orders", expect=401)
    go.sign_in_with(tokens["token"])

    profile = f"/profiles/{user['profileId']}"
    go.step("the profile is there", "GET", profile, expect=200)
    go.step("say one's name", "PATCH", profile, expect=200, json={"fullName": "Ada Lovelace", "age": 36})
    go.until("ProfileCreated has opened the account", "/billing/account", lambda account: account["updatedAt"])

    deposit_key = key()
    deposit: dict[str, Any] = {"json": {"amount": 100}, "headers": deposit_key}
    go.step("top up 100.00", "POST", "/billing/account/deposit", expect=200, **deposit)
    go.step("again with the same key: once only", "POST", "/billing/account/deposit", expect=200, **deposit)
    go.until("one notification of it", "/notifications", lambda page: types(page) == ["DepositAccepted"])

    order = go.step("create an order, quantity open", "POST", "/orders", expect=201, json={}, headers=key())
    execute = f"/orders/{order['id']}/execute"
    go.step("it can't be paid yet", "POST", execute, expect=409, json={"event": "CONFIRM"})
    go.step("set the quantity", "POST", execute, expect=200, json={"event": "EDIT", "productQuantity": 3})
    paid = go.step("confirm it: it is paid", "POST", execute, expect=200, json={"event": "CONFIRM"})
    go.step("its details", "GET", f"/orders/{order['id']}", expect=200)
    go.until("one notification of it", "/notifications", lambda page: types(page).count("OrderPaid") == 1)
    account = go.step("the balance is less by its price", "GET", "/billing/account", expect=200)
    if Decimal(str(account["balance"])) + Decimal(str(paid["amount"])) != 100:
        surprise(f"balance {account['balance']} after paying {paid['amount']} of 100")

    go.step("cancel it", "POST", execute, expect=200, json={"event": "CANCEL", "reason": "changed my mind"})
    go.until("the money comes back", "/billing/account", lambda account: account["balance"] == 100)
    go.until(
        "two notifications of it",
        "/notifications",
        lambda page: types(page).count("OrderCanceled") == types(page).count("OrderRefunded") == 1,
    )

    second = go.step("another order", "POST", "/orders", expect=201, json={"productQuantity": 2}, headers=key())
    execute = f"/orders/{second['id']}/execute"
    go.step("pay it", "POST", execute, expect=200, json={"event": "CONFIRM"})
    go.step("complete it", "POST", execute, expect=200, json={"event": "COMPLETE"})
    go.step("again, as if the answer got lost", "POST", execute, expect=200, json={"event": "COMPLETE"})
    go.step("it is final", "POST", execute, expect=409, json={"event": "CANCEL"})
    big = go.step(
        "an order one can't afford", "POST", "/orders", expect=201, json={"productQuantity": 99}, headers=key()
    )
    go.step("it isn't paid", "POST", f"/orders/{big['id']}/execute", expect=402, json={"event": "CONFIRM"})
    go.step("the completed orders", "GET", "/orders?state=COMPLETED", expect=200)
    go.step("take 30.00 out", "POST", "/billing/account/withdraw", expect=200, json={"amount": 30}, headers=key())
    statement = go.step("the statement", "GET", "/billing/account/transactions", expect=200)
    if [entry["kind"] for entry in statement["items"]] != ["WITHDRAWAL", "PAYMENT", "REFUND", "PAYMENT", "DEPOSIT"]:
        surprise(f"the statement has {[entry['kind'] for entry in statement['items']]}")

    fresh = go.step("a new token", "POST", "/refresh", expect=200, json={"refreshToken": tokens["refreshToken"]})
    go.sign_in_with(fresh["token"])
    go.step("sign out", "POST", "/logout", expect=204, json={"refreshToken": fresh["refreshToken"]})
    go.step("the token opens nothing any more", "GET", "/billing/account", expect=401)
    go.step("nor does its refresh token", "POST", "/refresh", expect=401, json={"refreshToken": fresh["refreshToken"]})
    return go.steps


def main() -> None:
    """Run the journey against API_URL, or against the cloud of `make local`."""
    api_url = os.environ.get("API_URL") or running_stack()["apiUrl"]
    print(f"     {api_url}")
    started = time.perf_counter()
    steps = journey(api_url.rstrip("/") + "/")
    print(f"     {steps} steps in {time.perf_counter() - started:.1f} s, no surprise")
