"""A notification: what a user is told about one event. Pure domain."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, assert_never

from shared.events import MONEY_FIELDS, Event, EventName
from shared.money import Currency

HEARD: tuple[EventName, ...] = ("OrderPaid", "OrderCanceled", "OrderCompleted", "DepositAccepted", "OrderRefunded")
"""The events that users hear of."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification; `id` is the event's, so that one event makes one notification."""

    id: str
    profile_id: str
    type: EventName
    text: str
    order_id: str | None
    amount: Decimal | None
    created_at: str


def of_event(name: EventName, event: Event) -> Notification:
    """What the event's user is told."""
    said: dict[str, Any] = {**event}
    if "currency" in said:
        currency = Currency(said["currency"])
        said |= {name: currency.exact(said[name]) for name in MONEY_FIELDS & said.keys() if said[name] is not None}
    return Notification(
        id=event["eventId"],
        profile_id=event["profileId"],
        type=name,
        text=_text(name, said),
        order_id=said.get("orderId"),
        amount=said.get("amount"),
        created_at=event["occurredAt"],
    )


def _text(name: EventName, event: dict[str, Any]) -> str:
    match name:
        case "OrderPaid":
            return f"Your order was paid: {event['amount']} {event['currency']}."
        case "OrderCanceled":
            reason = f" Reason: {event['reason']}" if event["reason"] else ""
            return f"Your order was canceled.{reason}"
        case "OrderCompleted":
            return "Your order is complete."
        case "DepositAccepted":
            return f"{event['amount']} {event['currency']} was added to your account; it holds {event['balance']} now."
        case "OrderRefunded":
            return (
                f"{event['amount']} {event['currency']} for your canceled order was given back; "
                f"your account holds {event['balance']} now."
            )
        case "ProfileCreated":
            raise ValueError("nobody is notified of ProfileCreated")
        case _:
            assert_never(name)
