"""A deposit, an order, its payment and cancellation, with every event delivered."""

from tests.scaffolding.world import User, World


def test_canceling_a_paid_order_brings_the_money_back_and_two_notifications(world: World, ada: User) -> None:
    world.request("POST", "/billing/account/deposit", ada, json_body={"amount": 50}, headers={"idempotency-key": "d1"})
    order = world.request("POST", "/orders", ada, json_body={"productQuantity": 3}, headers={"idempotency-key": "o1"})
    execute = f"/orders/{order.json['id']}/execute"
    assert world.request("POST", execute, ada, json_body={"event": "CONFIRM"}).json["state"] == "PAID"
    world.settle()
    assert world.request("POST", execute, ada, json_body={"event": "CANCEL"}).json["state"] == "CANCELED"
    world.settle()

    assert world.request("GET", "/billing/account", ada).json["balance"] == 50
    told = [item["type"] for item in world.request("GET", "/notifications", ada).json["items"]]
    assert sorted(told) == ["DepositAccepted", "OrderCanceled", "OrderPaid", "OrderRefunded"]
