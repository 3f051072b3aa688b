"""Known failures of systems of this kind, with proof that each can't happen in this one."""

import importlib
import json
from collections import Counter
from decimal import Decimal

import pytest

from infra.operations import CONSUMERS
from local.invoking.queue_messages import queue_batch
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
from tests.integration.faults import TIMEOUT, failing, losing_the_answer, meanwhile
from tests.scaffolding.world import Service, User, World

NOBODYS_ORDER = "01990000-0000-7000-8000-000000000000"
NO_COUNT = ["0", "-1", "1.5", "1e9", "true", '"3"']


def test_a_create_that_is_retried_gives_one_order(world: World, ada: User) -> None:
    with losing_the_answer(world, "dynamodb", "TransactWriteItems"):
        assert create_order(world, ada, key="k").status >= 409
    first, second = create_order(world, ada, key="k"), create_order(world, ada, key="k")

    assert first.text == second.text
    assert len(world.request("GET", "/orders", ada).json["items"]) == 1


@pytest.mark.parametrize("quantity", NO_COUNT)
def test_a_quantity_that_is_no_count_is_refused(world: World, ada: User, quantity: str) -> None:
    body = f'{{"productQuantity": {quantity}}}'
    answer = world.request("POST", "/orders", ada, body=body, headers={"idempotency-key": "k"})

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "productQuantity")


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1000000.01", "true", '"5"'])
def test_an_amount_that_is_no_money_is_refused(world: World, ada: User, amount: str) -> None:
    body = f'{{"amount": {amount}}}'
    answer = world.request("POST", "/billing/account/deposit", ada, body=body, headers={"idempotency-key": "k"})

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "amount")


@pytest.mark.parametrize("body", ['{"amount":1,"amount":500}', r'{"am\u006funt":1,"amount":500}'])
def test_an_amount_that_is_there_twice_moves_no_money(world: World, ada: User, body: str) -> None:
    answer = world.request("POST", "/billing/account/deposit", ada, body=body, headers={"idempotency-key": "k"})

    assert (answer.status, answer.json["code"]) == (400, "malformed-request")
    assert '"amount"' in answer.json["detail"]
    assert "500" not in answer.json["detail"]
    assert balance(world, ada) == 0


def test_a_price_that_changes_between_create_and_confirm_is_not_charged(
    world: World, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit(world, ada, 100)
    order_id = create_order(world, ada, quantity=3).json["id"]
    monkeypatch.setattr(importlib.import_module("orders.create_order"), "unit_price", 9999)  # deployed anew

    assert execute(world, ada, order_id, "CONFIRM").json["amount"] == 30
    assert balance(world, ada) == 70


def test_events_of_a_put_events_that_partly_fails_all_arrive(world: World, ada: User) -> None:
    for _ in range(5):
        deposit(world, ada, 1)
    refusals = [True, False, True, False, False]
    world.bus_refuses = lambda _entry: bool(refusals) and refusals.pop()
    world.settle()

    assert notifications(world, ada) == ["DepositAccepted"] * 5


@pytest.mark.parametrize("moment", ["before", "after", "without"])
def test_order_paid_may_come_before_after_or_without_the_orders_own_write(world: World, ada: User, moment: str) -> None:
    deposit(world, ada, 100)
    order_id = create_order(world, ada, quantity=3).json["id"]
    if moment == "before":
        with meanwhile(world, "dynamodb", "PutItem", world.settle):
            assert execute(world, ada, order_id, "CONFIRM").status == 200
    elif moment == "without":
        with failing(world, "dynamodb", "PutItem", TIMEOUT):
            assert execute(world, ada, order_id, "CONFIRM").status == 503
    else:
        assert execute(world, ada, order_id, "CONFIRM").status == 200
    world.settle()

    assert get_order(world, ada, order_id)["state"] == "PAID"
    assert Counter(notifications(world, ada))["OrderPaid"] == 1
    assert balance(world, ada) == 70


def test_money_captured_just_before_a_crash_is_not_captured_again(world: World, ada: User) -> None:
    deposit(world, ada, 100)
    order_id = create_order(world, ada, quantity=3).json["id"]
    with losing_the_answer(world, "lambda", "Invoke"):
        assert execute(world, ada, order_id, "CONFIRM").status == 503

    assert execute(world, ada, order_id, "CONFIRM").json["state"] == "PAID"
    assert statement(world, ada) == [("DEPOSIT", 100), ("PAYMENT", -30)]


def test_every_consumer_bears_what_the_producers_really_say(world: World, ada: User) -> None:
    with_profile(world, ada)
    for state in ("PAID", "COMPLETED", "CANCELED"):
        order_in(world, ada, state)
    execute(world, ada, order_in(world, ada, "PAID"), "CANCEL")
    heard = set()
    while world.relay() or world.queued:
        for delivery in world.queued:
            world.deliver(delivery)
            heard.add((delivery.consumer, delivery.name))
        world.queued = []

    assert heard == {(consumer.function.module, name) for consumer in CONSUMERS for name in consumer.event_names}


@pytest.mark.parametrize(
    ("service", "operation"),
    [("lambda", "Invoke"), ("dynamodb", "BatchGetItem"), ("dynamodb", "TransactWriteItems"), ("dynamodb", "PutItem")],
)
@pytest.mark.parametrize("with_events", [True, False], ids=["its event is faster", "its event comes later"])
def test_canceling_at_any_point_of_a_confirm_brings_the_money_back(
    world: World, ada: User, service: Service, operation: str, with_events: bool
) -> None:
    deposit(world, ada, 100)
    order_id = create_order(world, ada, quantity=3).json["id"]

    def cancel() -> None:
        assert execute(world, ada, order_id, "CANCEL").status == 200
        if with_events:
            world.settle()

    with meanwhile(world, service, operation, cancel):
        assert execute(world, ada, order_id, "CONFIRM").status in {200, 409}
    world.settle()

    assert get_order(world, ada, order_id)["state"] == "CANCELED"
    assert balance(world, ada) == 100


@pytest.mark.parametrize("state", ["COMPLETED", "CANCELED"])
def test_a_final_order_never_changes(world: World, ada: User, state: str) -> None:
    order_id = order_in(world, ada, state)
    world.settle()
    final = get_order(world, ada, order_id)
    repeat = {"COMPLETED": "COMPLETE", "CANCELED": "CANCEL"}[state]
    for event in ("EDIT", "CONFIRM", "CANCEL", "COMPLETE"):
        fields = {"productQuantity": 1} if event == "EDIT" else {}
        assert execute(world, ada, order_id, event, **fields).status == (200 if event == repeat else 409)
    world.settle(times=2)

    assert get_order(world, ada, order_id) == final


@pytest.mark.parametrize("consumer", ["orders.settle_order", "billing.return_payment", "notifications.notify"])
def test_an_event_of_an_order_or_account_that_does_not_exist_moves_no_money(
    world: World, ada: User, consumer: str
) -> None:
    name = "OrderPaid" if consumer == "orders.settle_order" else "OrderCanceled"
    detail = {
        "eventId": NOBODYS_ORDER,
        "occurredAt": "2026-11-24T12:00:00.000Z",
        "version": 1,
        "profileId": ada.profile_id,
        "orderId": NOBODYS_ORDER,
        "reason": None,
        "amount": 30.5,
        "currency": "USD",
    }
    body = json.dumps({"detail-type": name, "detail": detail})
    answer = world.invoke(consumer, queue_batch(body))

    # An order that nobody knows was paid is for a human to see; canceled, it can't be paid any more.
    assert len(answer["batchItemFailures"]) == (1 if consumer == "orders.settle_order" else 0)
    assert balance(world, ada) == Decimal(0)
    assert [row for row in world.rows("billing") if row["sk"].startswith("ENTRY#")] == []
