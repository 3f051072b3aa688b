"""The AWS calls of an operation: exactly these, in this order. Each is billed at every request."""

from collections.abc import Callable

import pytest

from tests.integration.factories import create_order, deposit, execute
from tests.scaffolding.billed_calls import billed_calls
from tests.scaffolding.world import User, World

READ_BOTH, WRITE_ALL = "BatchGetItem", "TransactWriteItems"


def a_paid_order(world: World, user: User) -> str:
    """An order of the user's, with its money taken."""
    deposit(world, user, 100)
    order_id: str = create_order(world, user).json["id"]
    assert execute(world, user, order_id, "CONFIRM").status == 200
    return order_id


def get(path: str, **query: str) -> Callable[[World, User, str], object]:
    return lambda world, user, order_id: world.request("GET", path.format(id=order_id), user, query=query)


def event(name: str, **fields: object) -> Callable[[World, User, str], object]:
    return lambda world, user, order_id: execute(world, user, order_id, name, **fields)


@pytest.mark.parametrize(
    ("request_it", "calls"),
    [
        pytest.param(get("/orders/{id}"), ["GetItem"], id="an order"),
        pytest.param(get("/orders"), ["Query"], id="the orders"),
        pytest.param(get("/orders", state="PAID"), ["Query"], id="the orders in a state"),
        pytest.param(get("/billing/account"), ["GetItem"], id="the account"),
        pytest.param(get("/billing/account/transactions"), ["Query"], id="the statement"),
        pytest.param(get("/billing/payments/{id}"), ["GetItem"], id="a payment"),
        pytest.param(get("/notifications"), ["Query"], id="the notifications"),
        pytest.param(event("CANCEL"), ["GetItem", "PutItem"], id="canceling"),
        pytest.param(event("COMPLETE"), ["GetItem", "PutItem"], id="completing"),
        pytest.param(lambda world, user, _: create_order(world, user), [READ_BOTH, WRITE_ALL], id="creating"),
        pytest.param(lambda world, user, _: deposit(world, user, 5), [READ_BOTH, WRITE_ALL], id="depositing"),
    ],
)
def test_an_operation_makes_these_calls_and_no_others(
    world: World, ada: User, request_it: Callable[[World, User, str], object], calls: list[str]
) -> None:
    order_id = a_paid_order(world, ada)
    with billed_calls(world) as made:
        request_it(world, ada, order_id)
    assert [call.operation for call in made] == calls


def test_editing_reads_and_writes_once(world: World, ada: User) -> None:
    order_id = create_order(world, ada).json["id"]
    with billed_calls(world) as made:
        assert execute(world, ada, order_id, "EDIT", productQuantity=7).status == 200
    assert [call.operation for call in made] == ["GetItem", "PutItem"]


def test_confirming_takes_five_calls_in_all_services_together(world: World, ada: User) -> None:
    deposit(world, ada, 100)
    order_id = create_order(world, ada).json["id"]
    with billed_calls(world) as made:
        assert execute(world, ada, order_id, "CONFIRM").status == 200
    assert [call.operation for call in made] == ["UpdateItem", "Invoke", READ_BOTH, WRITE_ALL, "PutItem"]


@pytest.mark.parametrize(
    ("events", "calls"),
    [(["CONFIRM"], ["UpdateItem"]), (["CONFIRM", "COMPLETE"], ["GetItem"]), (["CANCEL"], ["GetItem"])],
    ids=" ".join,
)
def test_a_repeated_event_writes_nothing(world: World, ada: User, events: list[str], calls: list[str]) -> None:
    deposit(world, ada, 100)
    order_id = create_order(world, ada).json["id"]
    for event_name in events:
        execute(world, ada, order_id, event_name)
    rows = world.rows("orders")
    with billed_calls(world) as made:
        assert execute(world, ada, order_id, events[-1]).status == 200
    assert [call.operation for call in made] == calls
    assert world.rows("orders") == rows
