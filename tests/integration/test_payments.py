"""Confirming and canceling: money is taken once, and returned, whatever fails in between."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from tests.integration.factories import (
    UNIT_PRICE,
    balance,
    create_order,
    deposit,
    execute,
    get_order,
    notifications,
    order_in,
    statement,
)
from tests.integration.faults import TIMEOUT, aws_error, failing, losing_the_answer, meanwhile, sending_twice
from tests.integration.problems import problem
from tests.scaffolding.world import Ok, User, World

DEPOSIT, PAYMENT, REFUND = ("DEPOSIT", 30), ("PAYMENT", -30), ("REFUND", 30)


@pytest.fixture
def order(world: World, ada: User) -> str:
    """An order for 30.00, which ada can afford."""
    deposit(world, ada, 30)
    order_id: str = create_order(world, ada, quantity=3).json["id"]
    return order_id


def pay(world: World, user: User, order_id: str, attempt: int, amount: int = 3000) -> str:
    """Billing's pay_order, as orders calls it; `amount` in minor units."""
    call = {"orderId": order_id, "profileId": user.profile_id, "amount": amount, "attempt": attempt}
    outcome: str = world.invoke("billing.pay_order", call)["outcome"]
    return outcome


def test_confirming_takes_the_money_once_and_says_so_once(world: World, ada: User, order: str) -> None:
    assert execute(world, ada, order, "CONFIRM").json["state"] == "PAID"
    assert balance(world, ada) == 0
    world.settle()
    assert execute(world, ada, order, "CONFIRM").status == 200
    world.settle()
    assert statement(world, ada) == [DEPOSIT, PAYMENT]
    assert notifications(world, ada) == ["DepositAccepted", "OrderPaid"]


def test_the_older_name_of_confirm_works(world: World, ada: User, order: str) -> None:
    assert execute(world, ada, order, "PAID").json["state"] == "PAID"


def test_without_enough_money_the_order_stays_editable_and_the_money_where_it_is(world: World, ada: User) -> None:
    deposit(world, ada, 29)
    order_id = create_order(world, ada, quantity=3).json["id"]
    problem(execute(world, ada, order_id, "CONFIRM"), 402, "insufficient-funds")
    assert (get_order(world, ada, order_id)["state"], balance(world, ada)) == ("CREATED", 29)
    assert execute(world, ada, order_id, "EDIT", productQuantity=2).status == 200
    assert execute(world, ada, order_id, "CONFIRM").json["state"] == "PAID"
    world.settle()
    assert statement(world, ada) == [("DEPOSIT", 29), ("PAYMENT", -20)]


def test_an_order_that_was_declined_can_be_paid_after_a_deposit(world: World, ada: User) -> None:
    order_id = create_order(world, ada, quantity=3).json["id"]
    for _ in range(3):
        problem(execute(world, ada, order_id, "CONFIRM"), 402, "insufficient-funds")
    deposit(world, ada, 30)
    assert execute(world, ada, order_id, "CONFIRM").json["state"] == "PAID"
    world.settle()
    assert statement(world, ada) == [DEPOSIT, PAYMENT]


def test_what_is_paid_is_the_price_at_which_the_order_was_created(
    world: World, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = create_order(world, ada, quantity=3).json["id"]
    from orders import create_order as create_order_function  # noqa: PLC0415 - reads its environment when imported

    monkeypatch.setattr(create_order_function, "unit_price", 2 * 100 * UNIT_PRICE)  # deployed anew, with another price
    deposit(world, ada, 1000)
    assert create_order(world, ada, quantity=3).json["amount"] == 60
    assert execute(world, ada, order_id, "EDIT", productQuantity=4).json["amount"] == 40
    assert execute(world, ada, order_id, "CONFIRM").json["unitPrice"] == 10
    assert balance(world, ada) == 960


def function_error(_params: object) -> Any:
    """Lambda's answer when the called function raised."""
    payload = json.dumps({"errorType": "KeyError", "errorMessage": "inside"}).encode()
    return Ok(), {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(payload)}


BILLING_FAILURES = {
    "time-out": TIMEOUT,
    "no connection": ConnectTimeoutError(endpoint_url="https://lambda"),
    "throttled": aws_error("TooManyRequestsException"),
    "broken": aws_error("ServiceException"),
    "not allowed": aws_error("AccessDeniedException"),
}


class TestBillingFails:
    """Billing did not take the money, as far as orders knows."""

    @pytest.mark.parametrize("failure", BILLING_FAILURES)
    def test_the_order_stays_frozen_and_confirming_again_pays_it_once(
        self, world: World, ada: User, order: str, failure: str
    ) -> None:
        with failing(world, "lambda", "Invoke", BILLING_FAILURES[failure]):
            answer = execute(world, ada, order, "CONFIRM")
        self._pays_once_when_confirmed_again(world, ada, order, problem(answer, 503, "dependency-unavailable"))
        assert answer.headers["retry-after"] == "1"

    def test_a_function_error_is_such_a_failure(self, world: World, ada: User, order: str) -> None:
        with world.intercepting("lambda", "Invoke", function_error):
            answer = execute(world, ada, order, "CONFIRM")
        self._pays_once_when_confirmed_again(world, ada, order, problem(answer, 503, "dependency-unavailable"))

    @staticmethod
    def _pays_once_when_confirmed_again(world: World, ada: User, order: str, document: dict[str, object]) -> None:
        assert "inside" not in str(document)
        world.settle()
        assert get_order(world, ada, order)["state"] == "CREATED"
        refused = execute(world, ada, order, "EDIT", productQuantity=1)
        problem(refused, 409, "payment-in-progress")
        assert refused.headers["retry-after"] == "1"
        assert execute(world, ada, order, "CONFIRM").json["state"] == "PAID"
        world.settle()
        assert statement(world, ada) == [DEPOSIT, PAYMENT]
        assert notifications(world, ada) == ["DepositAccepted", "OrderPaid"]


class TestAnswersAreLost:
    """Billing took the money, but its answer was lost."""

    def test_the_event_brings_the_order_to_paid(self, world: World, ada: User, order: str) -> None:
        with losing_the_answer(world, "lambda", "Invoke"):
            problem(execute(world, ada, order, "CONFIRM"), 503, "dependency-unavailable")
        assert (get_order(world, ada, order)["state"], balance(world, ada)) == ("CREATED", 0)
        world.settle()
        assert get_order(world, ada, order)["state"] == "PAID"
        assert notifications(world, ada) == ["DepositAccepted", "OrderPaid"]

    def test_confirming_again_brings_the_order_to_paid_and_pays_nothing(
        self, world: World, ada: User, order: str
    ) -> None:
        with failing(world, "dynamodb", "PutItem", TIMEOUT):
            problem(execute(world, ada, order, "CONFIRM"), 503, "dependency-unavailable")
        assert (get_order(world, ada, order)["state"], balance(world, ada)) == ("CREATED", 0)
        assert execute(world, ada, order, "CONFIRM").json["state"] == "PAID"
        world.settle()
        assert statement(world, ada) == [DEPOSIT, PAYMENT]

    def test_canceling_instead_brings_the_money_back(self, world: World, ada: User, order: str) -> None:
        with failing(world, "dynamodb", "PutItem", TIMEOUT):
            execute(world, ada, order, "CONFIRM")
        assert execute(world, ada, order, "CANCEL").json["state"] == "CANCELED"
        world.settle()
        assert get_order(world, ada, order)["state"] == "CANCELED"
        assert statement(world, ada) == [DEPOSIT, PAYMENT, REFUND]
        assert notifications(world, ada) == ["DepositAccepted", "OrderCanceled", "OrderPaid", "OrderRefunded"]

    @pytest.mark.parametrize("operation", ["UpdateItem", "PutItem", "TransactWriteItems"])
    def test_a_write_that_the_sdk_sent_twice_pays_once(
        self, world: World, ada: User, order: str, operation: str
    ) -> None:
        with sending_twice(world, "dynamodb", operation):
            assert execute(world, ada, order, "CONFIRM").json["state"] == "PAID"
        world.settle()
        assert statement(world, ada) == [DEPOSIT, PAYMENT]
        assert notifications(world, ada) == ["DepositAccepted", "OrderPaid"]

    @pytest.mark.parametrize(("state", "event"), [("CREATED", "CANCEL"), ("PAID", "CANCEL"), ("PAID", "COMPLETE")])
    def test_an_event_that_the_sdk_wrote_twice_is_told_as_done(
        self, world: World, ada: User, state: str, event: str
    ) -> None:
        order_id = order_in(world, ada, state)
        with sending_twice(world, "dynamodb", "PutItem"):
            answer = execute(world, ada, order_id, event)
        assert answer.status == 200


class TestAtOnce:
    """Confirm, cancel and payments in flight, in every order."""

    def test_two_confirms_pay_once(self, world: World, ada: User, order: str) -> None:
        with meanwhile(world, "lambda", "Invoke", lambda: execute(world, ada, order, "CONFIRM")):
            assert execute(world, ada, order, "CONFIRM").json["state"] == "PAID"
        world.settle()
        assert statement(world, ada) == [DEPOSIT, PAYMENT]
        assert notifications(world, ada) == ["DepositAccepted", "OrderPaid"]

    def test_a_frozen_order_can_not_be_edited(self, world: World, ada: User, order: str) -> None:
        def edit() -> None:
            problem(execute(world, ada, order, "EDIT", productQuantity=1), 409, "payment-in-progress")

        with meanwhile(world, "lambda", "Invoke", edit):
            assert execute(world, ada, order, "CONFIRM").json["productQuantity"] == 3

    def test_a_cancel_before_the_payment_wins_when_its_event_is_faster(
        self, world: World, ada: User, order: str
    ) -> None:
        def cancel() -> None:
            assert execute(world, ada, order, "CANCEL").status == 200
            world.settle()

        with meanwhile(world, "lambda", "Invoke", cancel):
            document = problem(execute(world, ada, order, "CONFIRM"), 409, "order-state-conflict")
        assert document["state"] == "CANCELED"
        world.settle()
        assert statement(world, ada) == [DEPOSIT]

    def test_a_cancel_before_the_payment_wins_when_its_event_is_slower(
        self, world: World, ada: User, order: str
    ) -> None:
        with meanwhile(world, "lambda", "Invoke", lambda: execute(world, ada, order, "CANCEL")):
            document = problem(execute(world, ada, order, "CONFIRM"), 409, "order-state-conflict")
        assert document["state"] == "CANCELED"
        world.settle()
        assert get_order(world, ada, order)["state"] == "CANCELED"
        assert statement(world, ada) == [DEPOSIT, PAYMENT, REFUND]

    def test_a_cancel_between_payment_and_mark_wins_the_money_back(self, world: World, ada: User, order: str) -> None:
        with meanwhile(world, "dynamodb", "PutItem", lambda: execute(world, ada, order, "CANCEL")):
            problem(execute(world, ada, order, "CONFIRM"), 409, "order-state-conflict")
        world.settle()
        assert statement(world, ada) == [DEPOSIT, PAYMENT, REFUND]
        assert get_order(world, ada, order)["state"] == "CANCELED"

    def test_the_money_is_withdrawn_while_the_order_is_paid(self, world: World, ada: User, order: str) -> None:
        def spend() -> None:
            create = create_order(world, ada, quantity=3).json["id"]
            assert execute(world, ada, create, "CONFIRM").status == 200

        with meanwhile(world, "dynamodb", "TransactWriteItems", spend):
            problem(execute(world, ada, order, "CONFIRM"), 402, "insufficient-funds")
        assert statement(world, ada) == [DEPOSIT, PAYMENT]

    def test_a_payment_at_once_with_a_void_leaves_the_order_unpaid(self, world: World, ada: User, order: str) -> None:
        execute(world, ada, order, "CANCEL")
        with meanwhile(world, "dynamodb", "TransactWriteItems", world.settle):
            assert pay(world, ada, order, attempt=2) == "CANCELED"
        assert statement(world, ada) == [DEPOSIT]

    def test_a_void_at_once_with_a_payment_gives_the_money_back(self, world: World, ada: User, order: str) -> None:
        execute(world, ada, order, "CANCEL")
        world.relay()
        [canceled] = [delivery for delivery in world.queued if delivery.consumer == "billing.return_payment"]
        with meanwhile(world, "dynamodb", "PutItem", lambda: pay(world, ada, order, attempt=2)):
            world.deliver(canceled)
        assert statement(world, ada) == [DEPOSIT, PAYMENT, REFUND]


class TestLatePayments:
    """Calls of pay_order that arrive after their time-out."""

    def test_after_a_cancel_was_heard_no_payment_can_take_money(self, world: World, ada: User, order: str) -> None:
        execute(world, ada, order, "CANCEL")
        world.settle()
        for attempt in (1, 2, 99):
            assert pay(world, ada, order, attempt) == "CANCELED"
        assert statement(world, ada) == [DEPOSIT]

    def test_a_void_holds_after_a_decline_too(self, world: World, ada: User) -> None:
        order_id = create_order(world, ada).json["id"]
        problem(execute(world, ada, order_id, "CONFIRM"), 402, "insufficient-funds")
        execute(world, ada, order_id, "CANCEL")
        world.settle()
        deposit(world, ada, 30)
        assert pay(world, ada, order_id, attempt=99) == "CANCELED"
        assert balance(world, ada) == 30

    def test_an_attempt_no_later_than_a_declined_one_is_superseded(self, world: World, ada: User) -> None:
        order_id = create_order(world, ada).json["id"]
        assert pay(world, ada, order_id, attempt=5) == "INSUFFICIENT_FUNDS"
        deposit(world, ada, 100)
        assert [pay(world, ada, order_id, attempt) for attempt in (1, 4, 5)] == ["SUPERSEDED"] * 3
        assert balance(world, ada) == 100
        assert pay(world, ada, order_id, attempt=6) == "TAKEN"
        assert balance(world, ada) == 70

    def test_a_superseded_confirm_may_be_tried_again(self, world: World, ada: User) -> None:
        order_id = create_order(world, ada).json["id"]

        def declined_first() -> None:
            problem(execute(world, ada, order_id, "CONFIRM"), 402, "insufficient-funds")
            deposit(world, ada, 30)

        with meanwhile(world, "lambda", "Invoke", declined_first):
            answer = execute(world, ada, order_id, "CONFIRM")
        problem(answer, 409, "concurrent-request")
        assert answer.headers["retry-after"] == "1"
        assert execute(world, ada, order_id, "CONFIRM").json["state"] == "PAID"
        assert statement(world, ada) == [DEPOSIT, PAYMENT]

    def test_a_payment_that_was_taken_is_taken_for_every_attempt(self, world: World, ada: User, order: str) -> None:
        deposit(world, ada, 100)
        assert [pay(world, ada, order, attempt) for attempt in (2, 1, 2, 3)] == ["TAKEN"] * 4
        assert statement(world, ada) == [DEPOSIT, ("DEPOSIT", 100), PAYMENT]

    def test_a_payment_that_was_given_back_is_not_taken_again(self, world: World, ada: User, order: str) -> None:
        execute(world, ada, order, "CONFIRM")
        execute(world, ada, order, "CANCEL")
        world.settle()
        assert pay(world, ada, order, attempt=99) == "CANCELED"
        assert statement(world, ada) == [DEPOSIT, PAYMENT, REFUND]


def payment(world: World, user: User, order_id: str) -> Any:
    """What its owner sees of a payment."""
    return world.request("GET", f"/billing/payments/{order_id}", user).json


def test_its_owner_sees_where_the_money_of_an_order_is(world: World, ada: User, order: str) -> None:
    problem(world.request("GET", f"/billing/payments/{order}", ada), 404, "not-found")

    execute(world, ada, order, "CONFIRM")
    taken = payment(world, ada, order)
    assert taken == {
        "orderId": order,
        "state": "TAKEN",
        "amount": 30,
        "currency": "USD",
        "takenAt": taken["takenAt"],
        "returnedAt": None,
    }
    assert get_order(world, ada, order)["createdAt"] < taken["takenAt"] < get_order(world, ada, order)["paidAt"]

    execute(world, ada, order, "CANCEL")
    world.settle()
    returned = payment(world, ada, order)
    assert (returned["state"], returned["takenAt"]) == ("RETURNED", taken["takenAt"])
    assert returned["returnedAt"] > taken["takenAt"]


def test_a_payment_that_was_refused_is_seen_too(world: World, ada: User) -> None:
    order_id = create_order(world, ada).json["id"]
    problem(execute(world, ada, order_id, "CONFIRM"), 402, "insufficient-funds")
    declined = payment(world, ada, order_id)
    assert (declined["state"], declined["takenAt"], declined["returnedAt"]) == ("DECLINED", None, None)


@pytest.mark.parametrize("order_id", ["01936a4e-5b1c-7f3e-8d2a-6c4b9e0f1a23", "x" * 3000])
def test_nobody_sees_another_ones_payment_nor_one_that_is_not_there(
    world: World, ada: User, bob: User, order: str, order_id: str
) -> None:
    execute(world, ada, order, "CONFIRM")
    problem(world.request("GET", f"/billing/payments/{order}", bob), 404, "not-found")
    problem(world.request("GET", f"/billing/payments/{order_id}", ada), 404, "not-found")
