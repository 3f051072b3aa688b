"""What users are told about each event."""

from decimal import Decimal
from typing import get_args

import pytest

from notifications.notification import HEARD, of_event
from shared.events import SHAPES, Event, EventName

NOW = "2026-11-24T13:07:09.123Z"
MONEY = {"amount": Decimal("12.50"), "currency": "USD"}


def an_event(**said: object) -> Event:
    """An event of profile-1 that says `said` too."""
    common: Event = {"eventId": "event-1", "occurredAt": NOW, "version": 1, "profileId": "profile-1"}
    return {**common, **said}  # type: ignore[typeddict-item]


TOLD: list[tuple[EventName, Event, str]] = [
    ("OrderPaid", an_event(orderId="order-1", **MONEY), "Your order was paid: 12.50 USD."),
    (
        "OrderCanceled",
        an_event(orderId="order-1", reason="too slow", **MONEY),
        "Your order was canceled. Reason: too slow",
    ),
    (
        "OrderCanceled",
        an_event(orderId="order-1", reason=None, amount=None, currency="USD"),
        "Your order was canceled.",
    ),
    ("OrderCompleted", an_event(orderId="order-1"), "Your order is complete."),
    (
        "DepositAccepted",
        an_event(transactionId="t-1", balance=Decimal("20.00"), **MONEY),
        "12.50 USD was added to your account; it holds 20.00 now.",
    ),
    (
        "OrderRefunded",
        an_event(orderId="order-1", balance=Decimal("20.00"), **MONEY),
        "12.50 USD for your canceled order was given back; your account holds 20.00 now.",
    ),
]


@pytest.mark.parametrize(("name", "event", "text"), TOLD, ids=[text for _, _, text in TOLD])
def test_each_event_has_its_text(name: EventName, event: Event, text: str) -> None:
    assert of_event(name, event).text == text


def test_every_event_but_profile_created_is_heard_of_and_has_a_text() -> None:
    assert {name for name, _, _ in TOLD} == set(HEARD) == set(SHAPES) - {"ProfileCreated"}
    assert set(SHAPES) == set(get_args(EventName.__value__))


def test_nobody_is_told_that_a_profile_was_created() -> None:
    with pytest.raises(ValueError, match="ProfileCreated"):
        of_event("ProfileCreated", an_event(login="ada", email="ada@example.com"))


@pytest.mark.parametrize(("name", "event", "text"), TOLD, ids=[text for _, _, text in TOLD])
def test_a_notification_is_its_event_s_and_its_user_s(name: EventName, event: Event, text: str) -> None:
    notification = of_event(name, event)
    assert (notification.id, notification.profile_id, notification.created_at) == ("event-1", "profile-1", NOW)
    assert notification.type == name
    assert text


def test_order_and_amount_are_there_when_the_event_says_them() -> None:
    paid = of_event("OrderPaid", an_event(orderId="order-1", **MONEY))
    assert (paid.order_id, paid.amount) == ("order-1", Decimal("12.50"))
    deposit = of_event("DepositAccepted", an_event(transactionId="t-1", balance=Decimal("20.00"), **MONEY))
    assert (deposit.order_id, deposit.amount) == (None, Decimal("12.50"))
    completed = of_event("OrderCompleted", an_event(orderId="order-1"))
    assert (completed.order_id, completed.amount) == ("order-1", None)
