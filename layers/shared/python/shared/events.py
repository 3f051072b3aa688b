"""The events between services, as models: producers and consumers use the same ones.

Functions that only read tables or answer without a body must not import this: it loads pydantic (docs/decisions/0025).
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
    """The fields of every event. `occurredAt` is RFC 3339 UTC; `profileId` is the profile that it concerns.

    Consumers ignore unknown fields, and reject an event with a missing or wrongly typed field.
    """

    model_config = ConfigDict(
        strict=True, extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )  # a function needs one or two of the events; a model is built when its first event arrives

    producer: ClassVar[Service]

    eventId: Id
    occurredAt: Timestamp
    version: Whole
    profileId: Id
    correlationId: str | None = None
    """The id of the request that caused it, passed on from event to event; older events have none."""

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
    """Money was added to an account; `balance` is the resulting balance."""

    producer = "billing"

    transactionId: Id
    amount: Exact
    balance: Exact
    currency: str


class OrderRefunded(Event):
    """The money of a canceled order was returned; `balance` is the account's resulting balance."""

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
    """The common fields of an event, with a new id: `OrderPaid(**occurrence(…), orderId=…)`."""
    return {
        "eventId": new_id(),
        "occurredAt": occurred_at,
        "version": VERSION,
        "profileId": profile_id,
        "correlationId": correlation.current(),
    }
