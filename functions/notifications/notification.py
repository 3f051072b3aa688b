"""A notification: the message to a user about one event. Pure domain."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

type EventName = Literal["OrderPaid", "OrderCanceled", "OrderCompleted", "DepositAccepted", "OrderRefunded"]
"""The events that users are notified of, by name."""


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
