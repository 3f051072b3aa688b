"""The text of the notification for each event."""

from decimal import Decimal
from typing import cast

from notifications.notification import EventName, Notification
from shared.events import DepositAccepted, OrderCanceled, OrderCompleted, OrderPaid, OrderRefunded
from shared.money import Currency

type Heard = OrderPaid | OrderCanceled | OrderCompleted | DepositAccepted | OrderRefunded
"""An event that users are notified of."""

HEARD: tuple[type[Heard], ...] = (OrderPaid, OrderCanceled, OrderCompleted, DepositAccepted, OrderRefunded)


def notification_of(event: Heard) -> Notification:
    """The notification for the event's user."""
    match event:
        case OrderPaid():
            amount = _exact(event.amount, event.currency)
            return _told(event, f"Your order was paid: {amount} {event.currency}.", event.orderId, amount)
        case OrderCanceled():
            reason = f" Reason: {event.reason}" if event.reason else ""
            amount_given_back = event.amount and _exact(event.amount, event.currency)
            return _told(event, f"Your order was canceled.{reason}", event.orderId, amount_given_back)
        case OrderCompleted():
            return _told(event, "Your order is complete.", event.orderId)
        case DepositAccepted():
            amount, balance = _exact(event.amount, event.currency), _exact(event.balance, event.currency)
            text = f"{amount} {event.currency} was added to your account; it holds {balance} now."
            return _told(event, text, amount=amount)
        case OrderRefunded():
            amount, balance = _exact(event.amount, event.currency), _exact(event.balance, event.currency)
            text = (
                f"{amount} {event.currency} for your canceled order was given back; your account holds {balance} now."
            )
            return _told(event, text, event.orderId, amount)


def _exact(amount: Decimal, currency: str) -> Decimal:
    return Currency(currency).exact(amount)


def _told(event: Heard, text: str, order_id: str | None = None, amount: Decimal | None = None) -> Notification:
    return Notification(
        id=event.eventId,
        profile_id=event.profileId,
        type=cast("EventName", event.name()),
        text=text,
        order_id=order_id,
        amount=amount,
        created_at=event.occurredAt,
    )
