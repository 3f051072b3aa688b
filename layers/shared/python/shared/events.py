"""The events that services tell each other, as models: producers make them, consumers read them by the same ones.

What only reads tables or answers without a body must not import this: it loads pydantic (docs/decisions/0025).
"""

from typing import Annotated, ClassVar, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field

from shared import correlation
from shared.exact import Exact, Whole
from shared.ids import new_id

VERSION = 1

type Service = Literal["profiles", "orders", "billing"]

Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Event(BaseModel):
    """What every event carries. `occurredAt` is RFC 3339 UTC; `profileId` says whose it is.

    Consumers ignore fields that they don't know, and refuse an event that lacks one or has another type in it.
    """

    model_config = ConfigDict(
        strict=True, extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )  # a function needs one or two of the events; what reads an event is built when there is one

    producer: ClassVar[Service]

    eventId: Id
    occurredAt: Timestamp
    version: Whole
    profileId: Id
    correlationId: str | None = None
    """The id of the request that caused it, handed on from event to event; events of before had none."""

    @classmethod
    def name(cls) -> str:
        """What EventBridge calls the `detail-type`."""
        return cls.__name__


class ProfileCreated(Event):
    """A user has registered."""

    producer = "profiles"

    login: str
    email: str


class OrderPaid(Event):
    """The money for an order was taken. `amount` is in major units of `currency`."""

    producer = "billing"

    orderId: Id
    amount: Exact
    currency: str


class OrderCanceled(Event):
    """An order was canceled; `amount` is null unless it had been paid."""

    producer = "orders"

    orderId: Id
    reason: str | None
    amount: Exact | None
    currency: str


class OrderCompleted(Event):
    """An order has reached its end."""

    producer = "orders"

    orderId: Id


class DepositAccepted(Event):
    """Money was added to an account; `balance` is what it came to."""

    producer = "billing"

    transactionId: Id
    amount: Exact
    balance: Exact
    currency: str


class OrderRefunded(Event):
    """The money of a canceled order was given back; `balance` is what the account came to."""

    producer = "billing"

    orderId: Id
    amount: Exact
    balance: Exact
    currency: str


EVENTS: tuple[type[Event], ...] = (
    ProfileCreated,
    OrderPaid,
    OrderCanceled,
    OrderCompleted,
    DepositAccepted,
    OrderRefunded,
)


class Occurrence(TypedDict):
    """The fields that every event has."""

    eventId: str
    occurredAt: str
    version: int
    profileId: str
    correlationId: str | None


def occurrence(profile_id: str, occurred_at: str) -> Occurrence:
    """The part that every event has, with an id of its own: `OrderPaid(**occurrence(…), orderId=…)`."""
    return {
        "eventId": new_id(),
        "occurredAt": occurred_at,
        "version": VERSION,
        "profileId": profile_id,
        "correlationId": correlation.current(),
    }
