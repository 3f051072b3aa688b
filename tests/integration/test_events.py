"""Events: producers' real events, delivered to every consumer twice, late and out of order."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from infra.operations import CONSUMERS
from local.invoking.queue_messages import queue_batch
from shared.events import EVENTS
from tests.integration.factories import (
    balance,
    create_order,
    deposit,
    execute,
    get_order,
    notifications,
    order_in,
    statement,
    with_profile,
)
from tests.integration.faults import TIMEOUT, failing
from tests.scaffolding.world import Delivery, User, World

PAIRS = [(consumer.function.module, name) for consumer in CONSUMERS for name in consumer.event_names]
TOLD = [
    "DepositAccepted",
    "DepositAccepted",
    "OrderCanceled",
    "OrderCompleted",
    "OrderPaid",
    "OrderPaid",
    "OrderRefunded",
]


def live(world: World, user: User) -> str:
    """Cause every kind of event for a user; returns the id of the canceled order."""
    with_profile(world, user)
    order_in(world, user, "COMPLETED")
    return _paid_and_canceled(world, user)


def _paid_and_canceled(world: World, user: User) -> str:
    order_id = order_in(world, user, "PAID")
    execute(world, user, order_id, "CANCEL", reason="too late")
    return order_id


def delivered(world: World) -> list[Delivery]:
    """Deliver all events, and return the deliveries."""
    seen: list[Delivery] = []

    def watch(deliveries: list[Delivery]) -> list[Delivery]:
        seen.extend(deliveries)
        return deliveries

    world.settle(order=watch)
    return seen


def everything(world: World) -> dict[str, list[Any]]:
    """All rows of all services."""
    services = ("profiles", "orders", "billing", "notifications")
    return {service: sorted(world.rows(service), key=str) for service in services}


def test_every_event_is_published_by_its_producer_in_its_shape(world: World, ada: User) -> None:
    live(world, ada)
    world.settle()
    events = {event.name(): event for event in EVENTS}
    assert {entry["DetailType"] for entry in world.published} == set(events)
    for entry in world.published:
        event, detail = events[entry["DetailType"]], json.loads(entry["Detail"])
        assert entry["Source"] == event.producer
        assert detail.keys() == event.model_fields.keys()
        assert (detail["profileId"], detail["version"]) == (ada.profile_id, 1)
    assert len({json.loads(entry["Detail"])["eventId"] for entry in world.published}) == len(world.published)


def test_every_event_that_is_published_is_heard_by_somebody() -> None:
    assert {name for _, name in PAIRS} == {event.name() for event in EVENTS}


@pytest.mark.parametrize(("consumer", "name"), PAIRS)
def test_an_event_delivered_again_changes_nothing(world: World, ada: User, consumer: str, name: str) -> None:
    live(world, ada)
    mine = [delivery for delivery in delivered(world) if (delivery.consumer, delivery.name) == (consumer, name)]
    assert mine
    before, published = everything(world), len(world.published)
    for delivery in mine * 2:
        world.deliver(delivery)
    assert everything(world) == before
    assert world.relay() == 0
    assert len(world.published) == published


def _shuffled(seed: int) -> Callable[[list[Delivery]], list[Delivery]]:
    def shuffle(deliveries: list[Delivery]) -> list[Delivery]:
        return random.Random(seed).sample(deliveries, len(deliveries))  # noqa: S311 - not a secret

    return shuffle


ORDERS: dict[str, Callable[[list[Delivery]], list[Delivery]]] = {
    "in order": list,
    "newest first": lambda deliveries: deliveries[::-1],
    **{f"shuffled {seed}": _shuffled(seed) for seed in range(6)},
}


@pytest.mark.parametrize("order", ORDERS)
def test_events_delivered_twice_and_in_any_order_have_one_effect_each(world: World, ada: User, order: str) -> None:
    order_id = live(world, ada)
    world.settle(times=2, order=ORDERS[order])
    assert balance(world, ada) == 30
    assert statement(world, ada) == [
        ("DEPOSIT", 30),
        ("PAYMENT", -30),
        ("DEPOSIT", 30),
        ("PAYMENT", -30),
        ("REFUND", 30),
    ]
    assert get_order(world, ada, order_id)["state"] == "CANCELED"
    assert notifications(world, ada) == TOLD


def test_a_redelivered_cancellation_refunds_once_even_after_the_money_was_spent(world: World, ada: User) -> None:
    _paid_and_canceled(world, ada)
    heard = delivered(world)
    order_in(world, ada, "PAID")
    for delivery in heard:
        world.deliver(delivery)
    world.settle()
    assert [kind for kind, _ in statement(world, ada)].count("REFUND") == 1


def test_an_event_of_an_order_that_does_not_exist_fails_alone_and_changes_nothing(world: World, ada: User) -> None:
    deposit(world, ada, 30)
    world.settle()
    call = {"orderId": "00000000-0000-7000-8000-000000000000", "profileId": ada.profile_id, "amount": 10, "attempt": 1}
    world.invoke("billing.pay_order", call)
    real = order_in(world, ada, "CREATED", quantity=1)
    deposit(world, ada, 10)
    with failing(world, "dynamodb", "PutItem", TIMEOUT):
        execute(world, ada, real, "CONFIRM")
    world.relay()
    unknown, known = (delivery for delivery in world.queued if delivery.consumer == "orders.settle_order")
    batch = queue_batch(unknown.body, known.body)
    answer = world.invoke("orders.settle_order", batch)
    assert answer == {"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]}
    assert get_order(world, ada, real)["state"] == "PAID"


def test_a_canceled_order_that_billing_never_heard_of_is_voided_without_money(world: World, ada: User) -> None:
    execute(world, ada, create_order(world, ada).json["id"], "CANCEL")
    world.settle(times=2)
    assert statement(world, ada) == []
    assert [row["state"] for row in world.rows("billing")] == ["VOID"]


def test_the_cancellation_of_an_unpaid_order_names_no_amount(world: World, ada: User) -> None:
    execute(world, ada, create_order(world, ada).json["id"], "CANCEL", reason="no")
    execute(world, ada, order_in(world, ada, "PAID"), "CANCEL")
    world.settle()
    canceled = [json.loads(entry["Detail"]) for entry in world.published if entry["DetailType"] == "OrderCanceled"]
    assert [(event["reason"], event["amount"]) for event in canceled] == [("no", None), (None, 30)]


def _without(member: str) -> Callable[[dict[str, Any]], object]:
    return lambda envelope: {**envelope, "detail": {k: v for k, v in envelope["detail"].items() if k != member}}


POISON: dict[str, Callable[[dict[str, Any]], object]] = {
    "no JSON": lambda _envelope: None,
    "no envelope": lambda envelope: envelope["detail"],
    "a list": lambda envelope: [envelope],
    "another event": lambda envelope: {**envelope, "detail-type": "OrderShipped"},
    "an event without id": _without("eventId"),
    "an event of nobody": _without("profileId"),
    "an id of another type": lambda envelope: {**envelope, "detail": {**envelope["detail"], "profileId": 7}},
    "no detail": lambda envelope: {**envelope, "detail": None},
}


@pytest.mark.parametrize("poison", POISON)
@pytest.mark.parametrize("consumer", [consumer.function.module for consumer in CONSUMERS])
def test_a_message_that_can_not_be_understood_fails_alone(
    world: World, ada: User, bob: User, consumer: str, poison: str
) -> None:
    for user in (ada, bob):
        with_profile(world, user)
        _paid_and_canceled(world, user)
    world.relay()
    first, last = [delivery.body for delivery in world.queued if delivery.consumer == consumer][::-1][:2]
    made = POISON[poison](json.loads(first))
    bad = "{" if made is None else json.dumps(made)
    batch = queue_batch(first, bad, last)
    answer = world.invoke(consumer, batch)
    assert answer == {"batchItemFailures": [{"itemIdentifier": batch["Records"][1]["messageId"]}]}


def test_fields_that_a_consumer_does_not_know_are_ignored(world: World, ada: User) -> None:
    deposit(world, ada, 5)
    world.relay()
    [delivery] = world.queued
    envelope = json.loads(delivery.body)
    envelope["detail"]["surprise"] = 1
    world.deliver(Delivery(delivery.consumer, json.dumps(envelope)))
    assert notifications(world, ada) == ["DepositAccepted"]


@pytest.mark.parametrize(("consumer", "name"), PAIRS)
def test_a_message_whose_write_failed_goes_back_and_succeeds_later(
    world: World, ada: User, consumer: str, name: str
) -> None:
    order_id = live(world, ada)
    deliveries = delivered(world)
    [delivery, *_] = [each for each in deliveries if (each.consumer, each.name) == (consumer, name)]
    fresh = User()
    body = delivery.body.replace(ada.profile_id, fresh.profile_id).replace(order_id, fresh.session_id)
    batch = queue_batch(body)
    failed = {"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]}
    with failing(world, "dynamodb", "PutItem", TIMEOUT), failing(world, "dynamodb", "GetItem", TIMEOUT):
        assert world.invoke(consumer, batch) == failed
    if consumer != "orders.settle_order":  # which has no such order
        assert world.invoke(consumer, batch) == {"batchItemFailures": []}
