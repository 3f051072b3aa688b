"""`make republish`: events again, straight from the items; and an event that can't be published until it is fixed."""

import json
from typing import Any

import pytest

from ops.republish import Choice, Items, republish
from ops.target import Target
from tests.e2e.api import Api, User, exact
from tests.scaffolding.waiting import until

TOLD = ["DepositAccepted", "OrderPaid", "OrderCanceled", "OrderRefunded"]


@pytest.fixture
def canceled(user: User) -> dict[str, Any]:
    """A paid and canceled order of the user's, after all of its events took effect."""
    order: dict[str, Any] = user.with_money(100).new_order()
    assert user.execute(order, "CONFIRM").status_code == 200
    assert user.execute(order, "CANCEL").status_code == 200
    user.until("/notifications", lambda page: len(page["items"]) == len(TOLD))
    return order


def everything(user: User) -> list[Any]:
    """All that a user sees."""
    paths = ("/billing/account", "/billing/account/transactions", "/orders", "/notifications")
    return [exact(user.get(path)) for path in paths]


def names(api: Api, choice: Choice) -> list[str]:
    """What would be republished."""
    return sorted(json.loads(text)["name"] for text in Items(Target.local(api.stack)).events(choice))


def test_the_events_of_an_account_or_an_order_come_again_and_change_nothing(
    api: Api, user: User, canceled: dict[str, Any]
) -> None:
    before, target = everything(user), Target.local(api.stack)
    account, order = Choice(account=user.profile_id), Choice(order=canceled["id"])
    assert names(api, account) == sorted([*TOLD, "ProfileCreated"])
    assert names(api, order) == ["OrderCanceled", "OrderPaid", "OrderRefunded"]

    done = [republish(target, choice) for choice in (account, order)]

    assert [(each.found, each.taken) for each in done] == [(5, 5), (3, 3)]
    # Events take their way in order: when one that is new has arrived, these have been handled.
    user.with_money(1).until("/notifications", lambda page: len(page["items"]) == len(TOLD) + 1)
    after = everything(user)
    assert after[0]["balance"] == before[0]["balance"] + 1
    assert after[1]["items"][1:] == before[1]["items"]
    assert after[2] == before[2]
    assert after[3]["items"][1:] == before[3]["items"]


def test_a_service_since_a_time_is_counted_dry(api: Api, canceled: dict[str, Any]) -> None:
    target = Target.local(api.stack)
    since = Choice(service="orders", since=exact(api.get("/health")) and canceled["createdAt"])
    dry = republish(target, since, dry=True)
    assert dry.found >= 1
    assert dry.taken == 0
    assert republish(target, Choice(service="orders", since="2999-01-01T00:00:00.000Z")).found == 0


def test_one_event_of_a_hundred_that_can_never_be_published_holds_nothing_up_and_comes_after_the_mend(
    api: Api, user: User
) -> None:
    dynamodb, table = api.aws("dynamodb"), api.stack["tables"]["orders"]
    order = user.new_order()
    key = {"profileId": {"S": user.profile_id}, "sk": {"S": f"ORDER#{order['id']}"}}

    def write(event: str) -> None:
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET #event = :event",
            ExpressionAttributeNames={"#event": "event"},
            ExpressionAttributeValues={":event": {"S": event}},
        )

    def cancel(orders: list[dict[str, Any]]) -> None:
        for each in orders:
            assert user.execute(each, "CANCEL").status_code == 200

    others = [user.new_order() for _ in range(99)]
    cancel(others[:50])
    write("no entry of the outbox")
    cancel(others[50:])
    until(lambda: len([*user.all_notification_types()]), lambda count: count == 99)

    sqs, letters = api.aws("sqs"), api.stack["queues"]["relay-dead-letters"]

    def received() -> list[Any]:
        return [*sqs.receive_message(QueueUrl=letters, MessageAttributeNames=["All"]).get("Messages", [])]

    [found] = until(received)
    assert found["Body"] == "no entry of the outbox"
    assert "not an entry of the outbox" in found["MessageAttributes"]["reason"]["StringValue"]
    assert received() == []
    sqs.purge_queue(QueueUrl=letters)

    detail = {
        "eventId": "01990000-0000-7000-8000-00000000beef",
        "occurredAt": "2026-11-24T12:00:00.000Z",
        "version": 1,
        "profileId": user.profile_id,
        "orderId": order["id"],
    }
    write(json.dumps({"source": "orders", "name": "OrderCompleted", "detail": detail}))
    done = republish(Target.local(api.stack), Choice(order=order["id"]))
    assert (done.found, done.taken) == (1, 1)
    until(user.all_notification_types, lambda types: "OrderCompleted" in types)
