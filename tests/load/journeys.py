"""What the clients do: each its own seeded journey, driven by locust. Runs in locust's own environment (.tools/load).

A client does what a user's program would: it deposits before it pays, edits what can still be edited, sends an
idempotency key where one is asked for, and, when it is told to come back later (`Retry-After`), does so with the same
key. It knows what each answer must be; another one is an error. LOAD_SCENE names a file with who the clients are, and
LOAD_TOLD the one that it writes what happened into.
"""

from locust import HttpUser, constant, task  # isort: skip - before all else: it changes the standard library
from locust.env import Environment  # isort: skip

import json
import os
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import gevent

UNIT_PRICE = 10
"""In major units: what the stage `local` takes for one piece."""
LARGEST_QUANTITY = 5
REPEATS = 10
"""How often a request is made again before that counts as an error."""
HEALTH = ("/health", "/orders/health", "/billing/health", "/notifications/health")

type Body = dict[str, Any]


@dataclass(slots=True)
class Order:
    """An order as its client knows it."""

    id: str
    quantity: int | None
    state: str = "CREATED"

    @property
    def price(self) -> int:
        """In major units."""
        return (self.quantity or 0) * UNIT_PRICE


class Told:
    """What happened, of all clients."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}
        """Milliseconds of every request, by route."""
        self.errors: Counter[tuple[str, str]] = Counter()
        """Answers that were not those to be expected, by route and kind."""
        self.repeats: Counter[tuple[str, str]] = Counter()
        """Requests made again as they were told to, by route and what told them."""
        self.notices: dict[str, Counter[str]] = {}
        """What each profile must have been told of in the end."""
        self.balances: Counter[str] = Counter()
        """What each profile's account must hold in the end, in major units."""
        self.seconds = 0.0

    def hear(self, *, name: str, response_time: float, exception: Exception | None, **_: object) -> None:
        """Note a request, as locust tells of it."""
        self.times.setdefault(name, []).append(response_time)
        if exception:
            self.errors[name, str(exception)] += 1

    def to_json(self) -> Body:
        """All of it."""
        return {
            "times": self.times,
            "errors": [[*what, count] for what, count in self.errors.items()],
            "repeats": [[*what, count] for what, count in self.repeats.items()],
            "notices": self.notices,
            "balances": self.balances,
            "seconds": self.seconds,
        }


SCENE: Body = json.loads(Path(os.environ["LOAD_SCENE"]).read_text())
TOLD = Told()


class Client(HttpUser):  # type: ignore[misc] # not installed where types are checked
    """One client: a session of a user, who may have another one at the same time."""

    host = SCENE["api"]
    wait_time = constant(0)
    started = 0

    def on_start(self) -> None:
        """Become the next of the clients."""
        number, Client.started = Client.started, Client.started + 1
        who = SCENE["clients"][number]
        self.profile_id, self.token, self.refresh_token = who["profileId"], who["token"], who["refreshToken"]
        self.random = Random(f"{SCENE['seed']}/{number}")  # noqa: S311 - not a secret
        self.requests = SCENE["requests"] // len(SCENE["clients"]) + (
            number < SCENE["requests"] % len(SCENE["clients"])
        )
        self.orders: list[Order] = []
        self.money = 0
        """What this client alone has put in and not spent: at least that much is there, whatever others do."""
        self.cursors: dict[str, str | None] = {}
        self.notices = TOLD.notices.setdefault(self.profile_id, Counter())
        TOLD.balances[self.profile_id] += 0

    @task  # type: ignore[untyped-decorator] # for the same reason
    def journey(self) -> None:
        """All that this client does."""
        mix: dict[Callable[[], None], int] = {
            self.deposit: 6,
            self.withdraw: 2,
            self.create: 12,
            self.edit: 8,
            self.see_order: 12,
            self.list_orders: 8,
            self.list_orders_by_state: 5,
            self.confirm: 8,
            self.cancel: 5,
            self.complete: 4,
            self.account: 8,
            self.statement: 6,
            self.notifications: 7,
            self.profile: 4,
            self.change_profile: 2,
            self.refresh: 2,
            self.health: 3,
        }
        while self.requests:
            [act] = self.random.choices([*mix], weights=[*mix.values()])
            act()
        self.stop()

    # Money

    def deposit(self) -> None:
        amount = self.random.randint(1, 20) * UNIT_PRICE
        if self._ask("POST /billing/account/deposit", body={"amount": amount}, keyed=True):
            self._moved(amount)
            self.notices["DepositAccepted"] += 1

    def withdraw(self) -> None:
        if self.money >= UNIT_PRICE and self._ask(
            "POST /billing/account/withdraw", body={"amount": UNIT_PRICE}, keyed=True
        ):
            self._moved(-UNIT_PRICE)

    def account(self) -> None:
        self._ask("GET /billing/account", holds=lambda said: said["balance"] >= self.money)

    def statement(self) -> None:
        self._page("GET /billing/account/transactions")

    # Orders

    def create(self) -> None:
        quantity = self.random.choice([None, *range(1, LARGEST_QUANTITY + 1)])
        body = {} if quantity is None else {"productQuantity": quantity}
        if order := self._ask("POST /orders", body=body, keyed=True, expected=201, holds=_has(state="CREATED")):
            self.orders.append(Order(order["id"], quantity))

    def edit(self) -> None:
        quantity = self.random.randint(1, LARGEST_QUANTITY)
        holds = _has(state="CREATED", productQuantity=quantity)
        if (order := self._one_in("CREATED")) and self._execute(order, "EDIT", holds, productQuantity=quantity):
            order.quantity = quantity

    def confirm(self) -> None:
        order = self._one_in("CREATED", lambda order: 0 < order.price <= self.money)
        if order and self._execute(order, "CONFIRM", _has(state="PAID")):
            order.state = "PAID"
            self._moved(-order.price)
            self.notices["OrderPaid"] += 1

    def cancel(self) -> None:
        order = self._one_in("CREATED") or self._one_in("PAID")
        if order and self._execute(order, "CANCEL", _has(state="CANCELED"), reason="changed my mind"):
            self.notices["OrderCanceled"] += 1
            if order.state == "PAID":
                # It comes back by an event, some time later: not to be spent here.
                TOLD.balances[self.profile_id] += order.price
                self.notices["OrderRefunded"] += 1
            order.state = "CANCELED"

    def complete(self) -> None:
        if (order := self._one_in("PAID")) and self._execute(order, "COMPLETE", _has(state="COMPLETED")):
            order.state = "COMPLETED"
            self.notices["OrderCompleted"] += 1

    def see_order(self) -> None:
        if self.orders:
            order = self.random.choice(self.orders)
            self._ask("GET /orders/{id}", f"/orders/{order.id}", holds=_has(id=order.id, state=order.state))

    def list_orders(self) -> None:
        self._page("GET /orders")

    def list_orders_by_state(self) -> None:
        state = self.random.choice(["CREATED", "PAID", "COMPLETED", "CANCELED"])
        self._ask(
            "GET /orders?state",
            f"/orders?state={state}",
            holds=lambda said: all(order["state"] == state for order in said["items"]),
        )

    # The rest

    def notifications(self) -> None:
        self._page("GET /notifications")

    def profile(self) -> None:
        self._ask("GET /profiles/{id}", f"/profiles/{self.profile_id}", holds=_has(id=self.profile_id))

    def change_profile(self) -> None:
        name = f"Ada {self.random.randint(1, 99)}"
        path = f"/profiles/{self.profile_id}"
        self._ask("PATCH /profiles/{id}", path, body={"fullName": name}, holds=_has(fullName=name))

    def refresh(self) -> None:
        if tokens := self._ask("POST /refresh", body={"refreshToken": self.refresh_token}):
            self.token, self.refresh_token = tokens["token"], tokens["refreshToken"]

    def health(self) -> None:
        path = self.random.choice(HEALTH)
        self._ask(f"GET {path}", holds=_has(status="OK"))

    # How

    def _one_in(self, state: str, fits: Callable[[Order], bool] = lambda _: True) -> Order | None:
        fitting = [order for order in self.orders if order.state == state and fits(order)]
        return self.random.choice(fitting) if fitting else None

    def _moved(self, amount: int) -> None:
        self.money += amount
        TOLD.balances[self.profile_id] += amount

    def _execute(self, order: Order, event: str, holds: Callable[[Body], bool], **fields: object) -> Body | None:
        answer = self._ask(
            f"POST /orders/{{id}}/execute {event}",
            f"/orders/{order.id}/execute",
            body={"event": event, **fields},
            holds=holds,
        )
        if answer is None:
            # Nobody knows now in which state it is.
            self.orders.remove(order)
        return answer

    def _page(self, route: str) -> None:
        """The next page of a list, or the first one when there is no next."""
        path, cursor = route.removeprefix("GET "), self.cursors.get(route)
        said = self._ask(route, f"{path}?limit=10&cursor={cursor}" if cursor else f"{path}?limit=10")
        self.cursors[route] = said["nextCursor"] if said else None

    def _ask(
        self,
        name: str,
        path: str | None = None,
        *,
        body: Body | None = None,
        keyed: bool = False,
        expected: int = 200,
        holds: Callable[[Body], bool] = lambda _: True,
    ) -> Body | None:
        """Make a request, and again as long as it is told to; gives the body of its answer, None after an error."""
        self.requests -= 1
        method, _, route = name.partition(" ")
        headers = {"authorization": f"Bearer {self.token}"}
        if keyed:
            headers["idempotency-key"] = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        for number in range(REPEATS + 1):
            with self.client.request(
                method, path or route, name=name, json=body, headers=headers, timeout=60, catch_response=True
            ) as answer:
                if answer.error or answer.status_code == 0:
                    answer.failure(f"no answer: {type(answer.error).__name__} {answer.error}")
                    return None
                said = _json(answer.text)
                if answer.status_code == expected:
                    if not holds(said):
                        answer.failure(f"{expected}, but not what it must say")
                        return None
                    answer.success()
                    return said
                kind = f"{answer.status_code} {said.get('code') or answer.text[:200]}"
                wait = answer.headers.get("retry-after")
                if wait is None or number == REPEATS:
                    answer.failure(kind)
                    return None
                answer.success()
            TOLD.repeats[name, kind] += 1
            gevent.sleep(float(wait))
        raise AssertionError("the last repeat returns")


def _has(**fields: object) -> Callable[[Body], bool]:
    return lambda said: {**said, **fields} == said


def _json(text: str) -> Body:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def main() -> None:
    """Have all clients go their way, at once, and tell of it."""
    environment = Environment(user_classes=[Client])
    environment.events.request.add_listener(TOLD.hear)
    runner = environment.create_local_runner()
    everybody = len(SCENE["clients"])
    runner.start(everybody, spawn_rate=everybody)
    runner.spawning_greenlet.join()
    runner.user_greenlets.join()
    for crash in runner.exceptions.values():
        TOLD.errors["the journey itself", crash["msg"]] += crash["count"]
    TOLD.seconds = environment.stats.total.last_request_timestamp - environment.stats.total.start_time
    Path(os.environ["LOAD_TOLD"]).write_text(json.dumps(TOLD.to_json()))


if __name__ == "__main__":
    main()
