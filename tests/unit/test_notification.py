"""What users are told about each event."""

from decimal import Decimal
from typing import Any, get_args

import pytest

from notifications.notification import EventName
from notifications.wording import HEARD, Heard, notification_of
from shared.events import (
    EVENTS,
    DepositAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderPaid,
    OrderRefunded,
    ProfileCreated,
    occurrence,
)

NOW = "2026-11-24T13:07:09.123Z"
COMMON: Any = {**occurrence("profile-1", NOW), "eventId": "event-1"}
MONEY: Any = {"amount": Decimal("12.50"), "currency": "USD"}

TOLD: list[tuple[Heard, str]] = [
    (OrderPaid(**COMMON, orderId="order-1", **MONEY), "Your order was paid: 12.50 USD."),
    (
        OrderCanceled(**COMMON, orderId="order-1", reason="too slow", **MONEY),
        "Your order was canceled. Reason: too slow",
    ),
    (
        OrderCanceled(**COMMON, orderId="order-1", reason=None, amount=None, currency="USD"),
        "Your order was canceled.",
    ),
    (OrderCompleted(**COMMON, orderId="order-1"), "Your order is complete."),
    (
        DepositAccepted(**COMMON, transactionId="t-1", balance=Decimal("20.00"), **MONEY),
        "12.50 USD was added to your account; it holds 20.00 now.",
    ),
    (
        OrderRefunded(**COMMON, orderId="order-1", balance=Decimal("20.00"), **MONEY),
        "12.50 USD for your canceled order was given back; your account holds 20.00 now.",
    ),
]
every_event = pytest.mark.parametrize(("event", "text"), TOLD, ids=[text for _, text in TOLD])


@every_event
def test_each_event_has_its_text(event: Heard, text: str) -> None:
    assert notification_of(event).text == text


def test_every_event_but_profile_created_is_heard_of_and_has_a_text() -> None:
    assert {type(event) for event, _ in TOLD} == set(HEARD) == set(EVENTS) - {ProfileCreated}
    assert {event.name() for event in HEARD} == set(get_args(EventName.__value__))


@every_event
def test_a_notification_is_its_event_s_and_its_user_s(event: Heard, text: str) -> None:
    notification = notification_of(event)
    assert (notification.id, notification.profile_id, notification.created_at) == ("event-1", "profile-1", NOW)
    assert notification.type == event.name()
    assert text


def test_order_and_amount_are_there_when_the_event_says_them() -> None:
    paid, canceled, _, completed, deposit, _ = (notification_of(event) for event, _ in TOLD)
    assert (paid.order_id, paid.amount) == ("order-1", Decimal("12.50"))
    assert (canceled.order_id, canceled.amount) == ("order-1", Decimal("12.50"))
    assert (deposit.order_id, deposit.amount) == (None, Decimal("12.50"))
    assert (completed.order_id, completed.amount) == ("order-1", None)


def test_an_amount_has_its_places_again_that_the_bus_has_dropped() -> None:
    dropped = OrderPaid(**COMMON, orderId="order-1", amount=Decimal("12.5"), currency="USD")
    assert str(notification_of(dropped).amount) == "12.50"
