"""Test data, one small factory per service: created by requests, as users would."""

import uuid
from collections.abc import Sequence
from typing import Any

from tests.scaffolding.world import Answer, User, World

PASSWORD = "Correct-Horse-7-Battery"  # noqa: S105
UNIT_PRICE = 10
"""In major units: what the stage `local` takes for one piece."""


def keyed(key: str | None = None) -> dict[str, str]:
    """The header of an idempotency key; a new one unless given."""
    return {"idempotency-key": key or str(uuid.uuid4())}


# auth


def register(world: World, login: str = "ada", **fields: object) -> Answer:
    """Register a user, who has not confirmed yet."""
    world.open_user_pool()
    body = {"login": login, "email": f"{login}@example.com", "password": PASSWORD, **fields}
    return world.request("POST", "/register", json_body=body)


def registered(world: World, login: str = "ada") -> User:
    """A user who has registered and confirmed, and whose profile Cognito's trigger has created."""
    profile_id = register(world, login).json["userId"]
    assert world.request("POST", "/register/confirm", json_body={"login": login, "code": "123456"}).status == 204
    with_profile(world, User(profile_id=profile_id, login=login))
    return User(profile_id=profile_id, login=login)


def sign_in(world: World, login: str = "ada", password: str = PASSWORD) -> Answer:
    """Sign in."""
    return world.request("POST", "/login", json_body={"login": login, "password": password})


# profiles


def sign_up_trigger(user: User, source: str = "PostConfirmation_ConfirmSignUp") -> dict[str, Any]:
    """The event with which Cognito calls a trigger."""
    return {
        "version": "1",
        "triggerSource": source,
        "userName": user.login,
        "request": {"userAttributes": {"sub": user.profile_id, "email": f"{user.login}@example.com"}},
        "response": {},
    }


def with_profile(world: World, user: User) -> User:
    """A user with a profile."""
    world.invoke("profiles.create_profile_at_sign_up", sign_up_trigger(user))
    return user


# billing


def deposit(world: World, user: User, amount: object, key: str | None = None) -> Answer:
    """Add money to a user's account."""
    return world.request("POST", "/billing/account/deposit", user, json_body={"amount": amount}, headers=keyed(key))


def withdraw(world: World, user: User, amount: object, key: str | None = None) -> Answer:
    """Withdraw money from a user's account."""
    return world.request("POST", "/billing/account/withdraw", user, json_body={"amount": amount}, headers=keyed(key))


def balance(world: World, user: User) -> object:
    """The balance of a user's account."""
    return world.request("GET", "/billing/account", user).json["balance"]


def statement(world: World, user: User) -> list[tuple[str, object]]:
    """A user's statement, oldest first, as kinds and signed amounts."""
    items = world.request("GET", "/billing/account/transactions", user, query={"limit": "100"}).json["items"]
    return [(item["kind"], item["amount"]) for item in reversed(items)]


# orders


def create_order(world: World, user: User, quantity: int | None = 3, key: str | None = None) -> Answer:
    """Create an order; without a quantity it is incomplete."""
    body = {} if quantity is None else {"productQuantity": quantity}
    return world.request("POST", "/orders", user, json_body=body, headers=keyed(key))


def execute(world: World, user: User, order_id: str, event: str, **fields: object) -> Answer:
    """Apply an event to an order."""
    return world.request("POST", f"/orders/{order_id}/execute", user, json_body={"event": event, **fields})


def get_order(world: World, user: User, order_id: str) -> Any:
    """An order as its owner sees it."""
    return world.request("GET", f"/orders/{order_id}", user).json


WAYS: dict[str, Sequence[str]] = {
    "CREATED": (),
    "PAID": ("CONFIRM",),
    "COMPLETED": ("CONFIRM", "COMPLETE"),
    "CANCELED": ("CANCEL",),
}
"""The events that bring a new order to each state."""


def order_in(world: World, user: User, state: str, quantity: int = 3) -> str:
    """The id of an order in `state`; the user gets the money for it."""
    if "CONFIRM" in WAYS[state]:
        deposit(world, user, quantity * UNIT_PRICE)
    order_id: str = create_order(world, user, quantity).json["id"]
    for event in WAYS[state]:
        assert execute(world, user, order_id, event).status == 200
    assert get_order(world, user, order_id)["state"] == state
    return order_id


# notifications


def notifications(world: World, user: User) -> list[str]:
    """The texts of a user's notifications, sorted."""
    items = world.request("GET", "/notifications", user, query={"limit": "100"}).json["items"]
    return sorted(item["type"] for item in items)
