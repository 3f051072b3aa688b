"""`make trace` on the local cloud: the whole story of an order, and where a story has stopped."""

import json
import re
import time

import pytest

from ops.command import CommandError
from ops.story import Step
from ops.target import Target
from ops.trace import Choice, trace
from tests.e2e.api import Api, User
from tests.operations.test_runbook import CONSUMER, Operator, unhurried
from tests.scaffolding.waiting import until

type Shape = dict[str, "Shape"]

PAID: Shape = {
    "POST /api/v1/orders/{id}/execute → 200": {
        "billing.pay_order: OrdersPaid 1, MoneyPaid 10.00 USD": {
            "OrderPaid published": {"notifications.notify: handled": {}, "orders.settle_order: handled": {}}
        }
    }
}
CANCELED: Shape = {
    "POST /api/v1/orders/{id}/execute → 200": {
        "orders.execute_order: OrdersCanceled 1": {
            "OrderCanceled published": {
                "billing.return_payment: handled": {
                    "billing.return_payment: MoneyRefunded 10.00 USD": {
                        "OrderRefunded published": {"notifications.notify: handled": {}}
                    }
                },
                "notifications.notify: handled": {},
            }
        }
    }
}


@pytest.fixture
def target(api: Api) -> Target:
    """The local cloud of the tests, as an operator's tool sees it."""
    return Target.local(api.stack)


@pytest.fixture
def operator(api: Api) -> Operator:
    """Who takes grants away."""
    return Operator(api)


def shape(step: Step) -> Shape:
    """A story without its ids and times; what follows by its words, since consumers finish in any order."""
    said = re.split(r" in [\d.]+ ms| orderId |, \d+ ms after", step.text)[0]
    if ": published by" in said:
        said = f"{said.split()[0]} published"
    return {said: dict(sorted(pair for then in step.then for pair in shape(then).items()))}


def told(target: Target, named: str) -> list[Shape]:
    """The stories that the order, request or event called `named` is in."""
    return [shape(story) for story in trace(target, Choice.of_environment({"ORDER": named}))]


def test_a_paid_and_canceled_order_is_told_whole_in_less_than_five_seconds(target: Target, user: User) -> None:
    order = user.with_money(10).order_in("PAID")
    assert user.execute(order, "CANCEL").status_code == 200
    user.until("/notifications", lambda page: len(page["items"]) == 4)  # a deposit, paid, canceled, refunded
    created: Shape = {"POST /api/v1/orders → 201": {"orders.create_order: OrdersCreated 1": {}}}

    until(lambda: told(target, order["id"]) == [created, PAID, CANCELED])
    started = time.perf_counter()
    assert told(target, order["id"]) == [created, PAID, CANCELED]
    assert time.perf_counter() - started < 5


def test_a_request_is_found_by_the_id_that_its_client_got_and_an_event_by_its_own(target: Target, user: User) -> None:
    order = user.with_money(10).new_order()
    answer = user.execute(order, "CONFIRM")
    request_id = answer.headers["x-request-id"]

    until(lambda: told(target, request_id) == [PAID])
    [story] = trace(target, Choice.of_environment({"REQUEST": request_id}))
    [event_id] = [step.text.split()[1].rstrip(":") for step in story.walk() if "published by" in step.text]
    assert told(target, event_id) == [PAID]


def test_a_refused_request_is_a_story_too(target: Target, user: User) -> None:
    order = user.new_order()
    answer = user.execute(order, "CONFIRM")
    assert answer.status_code == 402

    until(
        lambda: (
            told(target, answer.json()["requestId"])
            == [{"POST /api/v1/orders/{id}/execute → 402": {"billing.pay_order: PaymentsDeclined 1": {}}}]
        )
    )


def test_an_event_that_its_consumer_fails_on_is_named_with_its_dead_letter_and_reason(
    target: Target, user: User, operator: Operator
) -> None:
    order = user.with_money(10).new_order()
    user.until("/notifications", lambda page: len(page["items"]) == 1)
    with unhurried(operator.api, CONSUMER, VisibilityTimeout="1"):
        with operator.without("notifications.notify", "dynamodb:PutItem"):
            assert user.execute(order, "CONFIRM").status_code == 200
            until(lambda: operator.rings(f"dead-letters-{CONSUMER}"))
        stories = trace(target, Choice.of_environment({"ORDER": order["id"]}))
        operator.empties(f"{CONSUMER}-dead-letters")

    steps = [step for story in stories for step in story.walk()]
    [missing] = [step.text for step in steps if step.missing]
    assert missing.startswith(
        "notifications.notify: published, not yet handled: in notifications-notify-dead-letters: ClientError: "
    )
    assert "AccessDenied" in missing
    attempts = [step.text for step in steps if "failed: " in step.text]
    assert [text.partition(" failed")[0] for text in attempts] == [
        f"notifications.notify: attempt {attempt}" for attempt in range(1, 6)
    ]
    assert [step.text for step in steps if step.text.startswith("orders.settle_order: handled")]


def test_an_event_that_waits_in_its_queue_is_named_with_how_many_wait(
    target: Target, user: User, operator: Operator
) -> None:
    lambda_ = operator.api.aws("lambda")
    name = f"{operator.api.stack['stackName']}-{CONSUMER}"
    [mapping] = lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    order = user.with_money(10).order_in("PAID")
    try:
        until(lambda: missing(target, order["id"]))
        [said] = missing(target, order["id"])
    finally:
        lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    # The notice of the deposit waits before it.
    assert said == (
        "notifications.notify: published, not yet handled: in no dead-letter queue; "
        "2 wait in notifications-notify, 0 are being tried"
    )
    user.until("/notifications", lambda page: len(page["items"]) == 2)


def missing(target: Target, order_id: str) -> list[str]:
    """What an order's stories lack, but for what was only just published."""
    stories = trace(target, Choice.of_environment({"ORDER": order_id}))
    steps = [step for story in stories for step in story.walk()]
    if any(step.text.startswith("orders.settle_order: handled") for step in steps):
        return [step.text for step in steps if step.missing]
    return []


def test_an_event_that_the_relay_could_not_publish_is_named_with_its_dead_letter(
    target: Target, user: User, operator: Operator
) -> None:
    order = user.with_money(10).new_order()
    sqs, url = operator.api.aws("sqs"), operator.queue("relay-dead-letters")
    with operator.without("events.relay", "events:PutEvents"):
        assert user.execute(order, "CONFIRM").status_code == 200
        until(lambda: any("not yet published" in text for text in waits(target, order["id"])))
        [before] = waits(target, order["id"])
        outbox = json.dumps({"source": "billing", "name": "OrderPaid", "detail": {"orderId": order["id"]}})
        why = {"reason": {"DataType": "String", "StringValue": "UnpublishableEventError: refused by the bus"}}
        sqs.send_message(QueueUrl=url, MessageBody=outbox, MessageAttributes=why)
        [after] = waits(target, order["id"])
    operator.empties("relay-dead-letters")

    assert before == "OrderPaid: written, not yet published: the table's stream has it, for a day"
    assert after == (
        "OrderPaid: written, not yet published: in relay-dead-letters: UnpublishableEventError: refused by the bus"
    )


def waits(target: Target, order_id: str) -> list[str]:
    """What an order's stories lack."""
    stories = trace(target, Choice.of_environment({"ORDER": order_id}))
    return [step.text for story in stories for step in story.walk() if step.missing]


def test_an_id_that_no_line_names(target: Target) -> None:
    with pytest.raises(CommandError, match=r"^no line names nobody-knows-it since .*; SINCE=… looks further$"):
        trace(target, Choice.of_environment({"REQUEST": "nobody-knows-it"}))
