"""Notifications to users."""

from decimal import Decimal

import pytest

from tests.integration.factories import create_order, deposit, execute, notifications, order_in, with_profile
from tests.scaffolding.world import User, World


def told(world: World, user: User, kind: str) -> dict[str, object]:
    """The one notification of a kind."""
    items = world.request("GET", "/notifications", user).json["items"]
    [item] = [item for item in items if item["type"] == kind]
    notification: dict[str, object] = item
    return notification


@pytest.fixture
def canceled(world: World, ada: User) -> str:
    """The id of ada's order for 30.00 that was paid and canceled, with all notifications."""
    order_id = order_in(world, ada, "PAID")
    execute(world, ada, order_id, "CANCEL", reason="too late")
    world.settle()
    return order_id


def test_a_notification_says_what_happened_to_which_order(world: World, ada: User, canceled: str) -> None:
    for kind, word, amount in (
        ("OrderPaid", "paid", 30),
        ("OrderCanceled", "too late", 30),
        ("OrderRefunded", "given back", 30),
        ("DepositAccepted", "added", 30),
    ):
        item = told(world, ada, kind)
        assert item["amount"] == amount
        assert item["orderId"] == (None if kind == "DepositAccepted" else canceled)
        assert word in str(item["text"])
        assert item.keys() == {"id", "type", "text", "orderId", "amount", "createdAt"}


def test_an_order_that_is_complete_is_told_without_an_amount(world: World, ada: User) -> None:
    order_id = order_in(world, ada, "COMPLETED")
    world.settle()
    item = told(world, ada, "OrderCompleted")
    assert (item["orderId"], item["amount"]) == (order_id, None)


def test_canceling_without_reason_is_told_without_one(world: World, ada: User) -> None:
    execute(world, ada, create_order(world, ada).json["id"], "CANCEL")
    world.settle()
    item = told(world, ada, "OrderCanceled")
    assert item["amount"] is None
    assert "Reason" not in str(item["text"])


@pytest.mark.parametrize("amount", ["12.50", "30.00", "0.10", "1000000.00"])
def test_money_keeps_its_two_places_on_its_way_over_the_bus(world: World, ada: User, amount: str) -> None:
    deposit(world, ada, Decimal(amount))
    world.settle()
    answer = world.request("GET", "/notifications", ada)
    assert f'"amount":{amount},' in answer.text
    assert f"{amount} USD" in str(told(world, ada, "DepositAccepted")["text"])


@pytest.mark.usefixtures("canceled")
def test_notifications_are_each_users_own(world: World, ada: User, bob: User) -> None:
    assert notifications(world, bob) == []
    deposit(world, bob, 1)
    world.settle()
    assert notifications(world, bob) == ["DepositAccepted"]
    assert "DepositAccepted" in notifications(world, ada)


def test_registering_withdrawing_and_editing_are_no_news(world: World, ada: User) -> None:
    with_profile(world, ada)
    order_id = create_order(world, ada).json["id"]
    execute(world, ada, order_id, "EDIT", productQuantity=1)
    execute(world, ada, order_id, "CONFIRM")
    world.settle()
    assert notifications(world, ada) == []
