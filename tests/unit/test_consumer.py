"""Queue consumers: each message stands for itself, and only what has an event's shape gets in."""

from decimal import Decimal
from typing import Any

import pytest

from local.invoking.queue_messages import queue_batch
from shared.consumer import UnexpectedEventError, consumer, event_in
from shared.events import (
    EVENTS,
    DepositAccepted,
    Event,
    OrderCanceled,
    OrderCompleted,
    OrderPaid,
    OrderRefunded,
    ProfileCreated,
    occurrence,
)
from shared.outbox import outbox_entry
from shared.wire import read_json, write_json

NOW = "2026-11-24T13:07:09.123Z"


def an_order_paid(**changes: object) -> dict[str, Any]:
    """The detail of an OrderPaid event, as billing writes it, with `changes`."""
    event = OrderPaid(**occurrence("profile-1", NOW), orderId="order-1", amount=Decimal("12.50"), currency="USD")
    return {**event.model_dump(), **changes}


def delivered(detail: object, name: str = "OrderPaid") -> str:
    """The body of a queue message: EventBridge's envelope around `detail`."""
    return write_json(
        {"version": "0", "id": "envelope-1", "source": "billing", "detail-type": name, "time": NOW, "detail": detail}
    )


def a_batch(*bodies: str) -> dict[str, Any]:
    """What Lambda hands over, with messages called m0, m1 …"""
    batch = queue_batch(*bodies)
    for number, record in enumerate(batch["Records"]):
        record["messageId"] = f"m{number}"
    return batch


def without(detail: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in detail.items() if name != field}


class Ear:
    """A handler that hears messages, and fails for the orders that it is told to."""

    def __init__(self, *failing: str) -> None:
        self.heard: list[str] = []
        self._failing = failing

    def listen(self, batch: dict[str, object]) -> object:
        """Have a consumer of OrderPaid handle `batch`; what Lambda is told is the names of the failed messages."""

        @consumer(OrderPaid)
        def handler(event: OrderPaid) -> None:
            if event.orderId in self._failing:
                raise RuntimeError(event.orderId)
            self.heard.append(event.orderId)

        return handler(batch, None)


def failed(*message_ids: str) -> dict[str, object]:
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}


def paid(*order_ids: str) -> list[str]:
    return [delivered(an_order_paid(orderId=order_id)) for order_id in order_ids]


def test_a_batch_that_was_handled_has_no_failures() -> None:
    ear = Ear()
    assert ear.listen(a_batch(*paid("a", "b"))) == failed()
    assert ear.heard == ["a", "b"]


def test_a_message_that_fails_goes_back_alone() -> None:
    ear = Ear("b")
    assert ear.listen(a_batch(*paid("a", "b", "c"))) == failed("m1")
    assert ear.heard == ["a", "c"]


def test_a_message_that_is_not_as_sqs_makes_them_goes_back_alone() -> None:
    batch = a_batch(delivered(an_order_paid()), delivered(an_order_paid()))
    del batch["Records"][0]["attributes"]
    ear = Ear()
    assert ear.listen(batch) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert len(ear.heard) == 1


def test_a_batch_may_fail_as_a_whole() -> None:
    assert Ear("a", "b").listen(a_batch(*paid("a", "b"))) == failed("m0", "m1")


@pytest.mark.parametrize(
    "poison",
    [
        "",
        "not json",
        "null",
        "[]",
        "12",
        "{}",
        '{"detail-type":"OrderPaid"}',
        '{"detail-type":["OrderPaid"],"detail":{}}',
        "[" * 5000,
        '{"detail-type":"OrderPaid","detail":{"amount":1e99999999999999999999}}',
        delivered(an_order_paid(), "OrderCompleted"),
        delivered(an_order_paid(), "orderpaid"),
        delivered(None),
        delivered([an_order_paid()]),
        delivered("text"),
    ],
    ids=lambda body: body[:40],
)
def test_a_poison_message_fails_alone_and_is_not_handled(poison: str) -> None:
    ear = Ear()
    assert ear.listen(a_batch(poison, *paid("a"))) == failed("m0")
    assert ear.heard == ["a"]


def test_a_message_is_the_event_with_exact_amounts() -> None:
    detail = an_order_paid()
    event = event_in(delivered(detail), (OrderCompleted, OrderPaid))
    assert event == OrderPaid(**detail)
    assert isinstance(event, OrderPaid)
    assert str(event.amount) == "12.50"


def test_fields_that_a_later_version_added_are_ignored() -> None:
    event = event_in(delivered(an_order_paid(couponId="c-1", details={"deep": [1]})), (OrderPaid,))
    assert event.model_dump() == an_order_paid(eventId=event.eventId)


def test_an_event_of_before_correlation_ids_is_taken() -> None:
    assert event_in(delivered(without(an_order_paid(), "correlationId")), (OrderPaid,)).correlationId is None


@pytest.mark.parametrize("field", sorted(an_order_paid().keys() - {"correlationId"}))
def test_a_missing_field_is_refused(field: str) -> None:
    with pytest.raises(UnexpectedEventError):
        event_in(delivered(without(an_order_paid(), field)), (OrderPaid,))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("orderId", 5),
        ("orderId", None),
        ("orderId", ["order-1"]),
        ("profileId", {"id": "profile-1"}),
        ("version", Decimal("1.5")),
        ("version", "one"),
        ("amount", None),
        ("amount", "a lot"),
        ("amount", True),
        ("amount", {"value": 12}),
        ("currency", 840),
        ("version", "1"),
        ("version", True),
        ("amount", "12.50"),
    ],
)
def test_a_field_of_another_type_is_refused(field: str, value: object) -> None:
    with pytest.raises(UnexpectedEventError):
        event_in(delivered(an_order_paid(**{field: value})), (OrderPaid,))


def test_a_whole_amount_is_an_amount() -> None:
    event = event_in(delivered(an_order_paid(amount=1250, currency="JPY")), (OrderPaid,))
    assert (type(event.amount), event.amount) == (Decimal, Decimal(1250))


def test_a_refusal_says_nothing_of_what_was_in_the_message() -> None:
    with pytest.raises(UnexpectedEventError) as refused:
        event_in(delivered(an_order_paid(orderId=["secret"])), (OrderPaid,))
    assert str(refused.value) == "not an event that this queue is for: orderId string_type"
    assert refused.value.__context__ is None


MONEY: dict[str, Any] = {"amount": Decimal("12.50"), "currency": "USD"}
SAID: list[Event] = [
    ProfileCreated(**occurrence("profile-1", NOW), login="ada", email="ada@example.com"),
    OrderPaid(**occurrence("profile-1", NOW), orderId="order-1", **MONEY),
    OrderCanceled(**occurrence("profile-1", NOW), orderId="order-1", reason=None, amount=None, currency="USD"),
    OrderCompleted(**occurrence("profile-1", NOW), orderId="order-1"),
    DepositAccepted(**occurrence("profile-1", NOW), transactionId="t-1", balance=Decimal("20.00"), **MONEY),
    OrderRefunded(**occurrence("profile-1", NOW), orderId="order-1", balance=Decimal("20.00"), **MONEY),
]


def test_every_event_is_tried() -> None:
    assert tuple(type(event) for event in SAID) == EVENTS


@pytest.mark.parametrize("event", SAID, ids=lambda event: event.name())
def test_an_event_is_heard_as_it_was_written_to_the_outbox(event: Event) -> None:
    written = read_json(outbox_entry(event))
    assert isinstance(written, dict)
    assert (written["name"], written["source"]) == (event.name(), event.producer)
    assert event_in(delivered(written["detail"], written["name"]), (type(event),)) == event


def test_events_differ_in_their_ids() -> None:
    assert occurrence("profile-1", NOW)["eventId"] != occurrence("profile-1", NOW)["eventId"]
