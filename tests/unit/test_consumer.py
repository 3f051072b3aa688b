"""Queue consumers: each message stands for itself, and only what has an event's shape gets in."""

from decimal import Decimal
from typing import Any

import pytest

from shared.consumer import Message, UnexpectedEventError, consumer, parse
from shared.events import PRODUCERS, SHAPES, Event, EventName, OrderPaid, new_event, outbox_entry
from shared.wire import read_json, write_json

NOW = "2026-11-24T13:07:09.123Z"


def an_order_paid(**changes: object) -> dict[str, Any]:
    """The detail of an OrderPaid event, as billing writes it, with `changes`."""
    event: OrderPaid = {
        **new_event("profile-1", NOW),
        "orderId": "order-1",
        "amount": Decimal("12.50"),
        "currency": "USD",
    }
    return {**event, **changes}


def delivered(detail: object, name: str = "OrderPaid") -> str:
    """The body of a queue message: EventBridge's envelope around `detail`."""
    return write_json(
        {"version": "0", "id": "envelope-1", "source": "billing", "detail-type": name, "time": NOW, "detail": detail}
    )


def a_batch(*bodies: str) -> dict[str, object]:
    """What Lambda hands over, with messages called m0, m1 …"""
    return {"Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def without(detail: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in detail.items() if name != field}


class Ear:
    """A handler that hears messages, and fails for the orders that it is told to."""

    def __init__(self, *failing: str) -> None:
        self.heard: list[str] = []
        self._failing = failing

    def listen(self, batch: dict[str, object]) -> object:
        """Have a consumer of OrderPaid handle `batch`; what Lambda is told is the names of the failed messages."""

        @consumer("OrderPaid")
        def handler(message: Message) -> None:
            order_id = str({**message.event}["orderId"])
            if order_id in self._failing:
                raise RuntimeError(order_id)
            self.heard.append(order_id)

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
    message = parse(delivered(detail), ("OrderCompleted", "OrderPaid"))
    assert message == Message("OrderPaid", detail)  # type: ignore[arg-type] # a dict is what a TypedDict is
    assert str({**message.event}["amount"]) == "12.50"


def test_fields_that_a_later_version_added_are_ignored() -> None:
    message = parse(delivered(an_order_paid(couponId="c-1", details={"deep": [1]})), ("OrderPaid",))
    assert message.event == an_order_paid(eventId=message.event["eventId"])


@pytest.mark.parametrize("field", an_order_paid())
def test_a_missing_field_is_refused(field: str) -> None:
    with pytest.raises(UnexpectedEventError):
        parse(delivered(without(an_order_paid(), field)), ("OrderPaid",))


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
        parse(delivered(an_order_paid(**{field: value})), ("OrderPaid",))


def test_a_whole_amount_is_an_amount() -> None:
    message = parse(delivered(an_order_paid(amount=1250, currency="JPY")), ("OrderPaid",))
    assert {**message.event}["amount"] == 1250


def test_a_refusal_says_nothing_of_what_was_in_the_message() -> None:
    with pytest.raises(UnexpectedEventError) as refused:
        parse(delivered(an_order_paid(orderId=["secret"])), ("OrderPaid",))
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__


EVENTS: dict[EventName, dict[str, object]] = {
    "ProfileCreated": {"login": "ada", "email": "ada@example.com"},
    "OrderPaid": {"orderId": "order-1", "amount": Decimal("12.50"), "currency": "USD"},
    "OrderCanceled": {"orderId": "order-1", "reason": None, "amount": None, "currency": "USD"},
    "OrderCompleted": {"orderId": "order-1"},
    "DepositAccepted": {
        "transactionId": "t-1",
        "amount": Decimal("12.50"),
        "balance": Decimal("20.00"),
        "currency": "USD",
    },
    "OrderRefunded": {
        "orderId": "order-1",
        "amount": Decimal("12.50"),
        "balance": Decimal("20.00"),
        "currency": "USD",
    },
}


def test_every_event_has_a_shape_and_a_producer() -> None:
    assert set(SHAPES) == set(PRODUCERS) == set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_heard_as_it_was_written_to_the_outbox(name: EventName) -> None:
    event: Event = {**new_event("profile-1", NOW), **EVENTS[name]}  # type: ignore[typeddict-item]
    written = read_json(outbox_entry(name, event))
    assert isinstance(written, dict)
    assert (written["name"], written["source"]) == (name, PRODUCERS[name])
    assert parse(delivered(written["detail"], written["name"]), (name,)).event == event


def test_events_differ_in_their_ids() -> None:
    assert new_event("profile-1", NOW)["eventId"] != new_event("profile-1", NOW)["eventId"]
