"""The events that services tell each other: their shapes, and how one rides in the item that it tells of.

A producer writes `outbox_entry(...)` as the attribute `event` of the item that changed, in the same write. The
table's stream hands the item to events/relay.py, which puts the event on the bus.
"""

from decimal import Decimal
from typing import Literal, TypedDict

from shared.formats import Id, Timestamp
from shared.ids import new_id
from shared.wire import write_json

OUTBOX_ATTRIBUTE = "event"
VERSION = 1
MONEY_FIELDS = {"amount", "balance"}
"""The fields that are money, in whichever event they are."""


class Event(TypedDict):
    """What every event carries. `occurredAt` is RFC 3339 UTC; `profileId` says whose it is."""

    eventId: Id
    occurredAt: Timestamp
    version: int
    profileId: Id


class ProfileCreated(Event):
    """A user has registered."""

    login: str
    email: str


class OrderPaid(Event):
    """The money for an order was taken. `amount` is in major units of `currency`."""

    orderId: Id
    amount: Decimal
    currency: str


class OrderCanceled(Event):
    """An order was canceled; `amount` is null unless it had been paid."""

    orderId: Id
    reason: str | None
    amount: Decimal | None
    currency: str


class OrderCompleted(Event):
    """An order has reached its end."""

    orderId: Id


class DepositAccepted(Event):
    """Money was added to an account; `balance` is what it came to."""

    transactionId: Id
    amount: Decimal
    balance: Decimal
    currency: str


class OrderRefunded(Event):
    """The money of a canceled order was given back; `balance` is what the account came to."""

    orderId: Id
    amount: Decimal
    balance: Decimal
    currency: str


type EventName = Literal[
    "ProfileCreated", "OrderPaid", "OrderCanceled", "OrderCompleted", "DepositAccepted", "OrderRefunded"
]

SHAPES: dict[EventName, type[Event]] = {
    "ProfileCreated": ProfileCreated,
    "OrderPaid": OrderPaid,
    "OrderCanceled": OrderCanceled,
    "OrderCompleted": OrderCompleted,
    "DepositAccepted": DepositAccepted,
    "OrderRefunded": OrderRefunded,
}

PRODUCERS: dict[EventName, str] = {
    "ProfileCreated": "profiles",
    "OrderPaid": "billing",
    "OrderCanceled": "orders",
    "OrderCompleted": "orders",
    "DepositAccepted": "billing",
    "OrderRefunded": "billing",
}


def new_event(profile_id: str, occurred_at: str) -> Event:
    """The part that every event has, with an id of its own."""
    return {"eventId": new_id(), "occurredAt": occurred_at, "version": VERSION, "profileId": profile_id}


def outbox_entry(name: EventName, event: Event) -> str:
    """The text of the attribute `event`: all that the relay needs to put `event` on the bus."""
    return write_json({"source": PRODUCERS[name], "name": name, "detail": dict(event)})
