"""Two rare races, found by simulation: reads from two moments, and a thaw during a transaction."""

from collections.abc import Iterator
from typing import Any

from shared.dynamodb import to_item
from tests.integration.factories import balance, create_order, deposit, execute, get_order, withdraw
from tests.integration.faults import aws_error
from tests.scaffolding.world import Item, Ok, User, World


def test_a_withdrawal_is_not_refused_because_of_itself(world: World, ada: User) -> None:
    """The record of its key is read, its twin takes the money, and then the account is read."""
    deposit(world, ada, 20)
    twin: list[str] = []

    def read_at_two_moments(_params: Item | None) -> Any:
        if twin:
            return None
        twin.append("")
        twin[0] = withdraw(world, ada, 20, key="k").text
        account = next(row for row in world.rows("billing") if row["sk"] == "ACCOUNT")
        return Ok(), {"Responses": {world.table_name("billing"): [to_item(account)]}, "UnprocessedKeys": {}}

    with world.intercepting("dynamodb", "BatchGetItem", read_at_two_moments):
        answer = withdraw(world, ada, 20, key="k")

    assert (answer.status, answer.text) == (200, twin[0])
    assert balance(world, ada) == 0


def test_a_withdrawal_that_another_has_beaten_to_the_money_is_refused(world: World, ada: User) -> None:
    deposit(world, ada, 20)
    withdraw(world, ada, 20)

    assert withdraw(world, ada, 20).status == 402


def test_an_order_is_editable_after_402_though_its_thaw_met_a_transaction(world: World, ada: User) -> None:
    order_id = create_order(world, ada, quantity=3).json["id"]
    failures: Iterator[Exception] = iter([aws_error("TransactionConflictException")])
    puts: list[str] = []

    def meet_a_transaction_once(params: Item | None) -> None:
        puts.append(str((params or {})["body"]))
        if "ORDER#" in puts[-1] and "DECLINED" not in puts[-1] and (failure := next(failures, None)):
            raise failure

    with world.intercepting("dynamodb", "PutItem", meet_a_transaction_once):
        assert execute(world, ada, order_id, "CONFIRM").status == 402

    assert next(failures, None) is None
    assert execute(world, ada, order_id, "EDIT", productQuantity=1).status == 200
    assert get_order(world, ada, order_id)["productQuantity"] == 1
