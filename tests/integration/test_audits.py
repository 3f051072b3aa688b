"""How the audits run: the whole one in repeatable steps, one audit at a time; that of changes from a queue."""

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from functools import partial
from typing import Any

import pytest

from infra.operations import AUDIT_PART, CHECK_CHANGES, NOTE_CHANGES
from local.invoking.queue_messages import queue_batch
from reconciliation.changes import Changed
from reconciliation.plan_audit import AnotherAuditError
from tests.integration.factories import deposit, execute, order_in
from tests.integration.tampering import delete, overwrite, row
from tests.scaffolding.audits import audit, note_changes, take
from tests.scaffolding.world import Item, User, World

EARLIER, LATER = 1_764_158_000.0, 1_764_159_000.0


@pytest.fixture
def busy(world: World, ada: User, bob: User) -> World:
    """A platform with some history, at rest."""
    for user in (ada, bob):
        for _ in range(7):
            deposit(world, user, 100)
        for state in ("CREATED", "PAID", "COMPLETED", "CANCELED"):
            order_in(world, user, state)
    world.settle()
    return world


def freeze(world: World, state: str = "CREATED") -> int:
    """Make all orders in a state frozen long ago; returns their number."""
    orders = [each for each in world.rows("orders") if each.get("state") == state]
    for order in orders:
        overwrite(world, "orders", {**order, "paymentStartedAt": "2020-01-01T00:00:00.000Z"})
    return len(orders)


def without_time(report: Item) -> Item:
    """A report without its duration."""
    return {name: value for name, value in report.items() if name != "seconds"}


def test_steps_of_a_page_each_by_many_workers_say_what_one_step_of_one_worker_says(busy: World) -> None:
    freeze(busy)
    steps: list[str] = []

    def counted(module: str, payload: Mapping[str, Any]) -> Any:
        steps.append(module)
        return take(busy, module, payload)

    at_once = audit(busy, workers=1)
    in_pages = audit(busy, counted, workers=3, pageRows=1, stepSeconds=0)

    assert at_once["total"] == 2
    assert without_time(in_pages) == without_time(at_once)
    assert steps.count(AUDIT_PART.module) > 20


def test_a_step_that_is_taken_twice_counts_once(busy: World) -> None:
    freeze(busy)

    def twice(module: str, payload: Mapping[str, Any]) -> Any:
        take(busy, module, payload)
        return take(busy, module, payload)

    assert without_time(audit(busy, twice, stepSeconds=0)) == without_time(audit(busy))


def test_an_audit_gives_way_to_one_that_began_before(busy: World) -> None:
    busy.audits_that_run.append({"executionArn": "another", "startDate": EARLIER})

    with pytest.raises(AnotherAuditError):
        audit(busy)


def test_an_audit_does_not_give_way_to_one_that_began_later(busy: World) -> None:
    busy.audits_that_run.append({"executionArn": "another", "startDate": LATER})

    assert audit(busy)["findings"] == []


def test_findings_beyond_those_that_a_state_has_room_for_are_counted(
    busy: World, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciliation.plan_audit.MOST_NAMED", 4)
    for _ in range(9):
        order_in(busy, ada, "CREATED")
    frozen = freeze(busy)

    report = audit(busy, workers=1)

    assert len(report["findings"]) == 2  # of 4 in two parts, all in the part of orders
    assert report["total"] == frozen == 11


def test_a_finding_of_two_parts_is_told_once(busy: World, ada: User) -> None:
    order = row(busy, "orders", state="PAID", profileId=ada.profile_id)
    payment = row(busy, "billing", orderId=order["id"], sk="PAYMENT")
    overwrite(busy, "billing", {**payment, "amount": payment["amount"] + 1})

    report = audit(busy)

    rules = sorted(finding["rule"] for finding in report["findings"])
    assert rules == ["the order was paid with another amount", "the payment is not what its entries say"]
    assert report["total"] == 2


def test_a_batch_of_changes_is_one_message_that_names_each_row_once(busy: World, ada: User) -> None:
    note_changes(busy)
    busy.noted_changes.clear()
    deposit(busy, ada, 1)
    deposit(busy, ada, 1)
    order_id = order_in(busy, ada, "PAID")
    execute(busy, ada, order_id, "CANCEL")
    busy.settle()

    note_changes(busy)

    billing, orders = map(Changed.of_message, busy.noted_changes)
    assert billing.accounts == {ada.profile_id}
    assert len(billing.entries) == 5
    assert billing.orders == orders.orders == {(ada.profile_id, order_id)}
    assert orders == Changed(orders=orders.orders)


@pytest.mark.parametrize(
    ("service", "beginning"),
    [("billing", "ACCOUNT"), ("billing", "ENTRY"), ("billing", "PAYMENT"), ("orders", "ORDER")],
)
def test_a_row_of_the_books_that_was_deleted_is_a_finding_by_itself(
    busy: World, log: io.StringIO, service: str, beginning: str
) -> None:
    note_changes(busy)
    busy.noted_changes.clear()
    gone = next(each for each in busy.rows(service) if each["sk"].startswith(beginning))
    partition_key = "pk" if service == "billing" else "profileId"
    delete(busy, service, gone, partition_key, "sk")

    note_changes(busy)

    assert checked(busy, log) == (["the row was deleted"], [1])


def test_what_is_no_row_of_the_books_is_not_noted(world: World) -> None:
    keys = {"pk": {"S": "IDEMPOTENCY#ada#key"}, "sk": {"S": "IDEMPOTENCY"}}
    world.invoke(NOTE_CHANGES.module, {"Records": [{"eventName": "REMOVE", "dynamodb": {"Keys": keys}}]})

    assert world.noted_changes == []


def test_a_message_says_what_was_noted() -> None:
    changed = Changed(
        frozenset({"ada"}), frozenset({("ada", 12)}), frozenset({("ada", "7")}), frozenset({("billing", "a b")})
    )
    assert Changed.of_message(changed.to_message()) == changed


def checked(world: World, log: io.StringIO) -> tuple[list[str], list[float]]:
    """The rules that check_changes finds broken, by its log, and the counts of findings that it publishes."""
    log.truncate(0)
    waiting, world.noted_changes = world.noted_changes, []
    with redirect_stdout(io.StringIO()) as printed:
        for body in waiting:
            world.invoke(CHECK_CHANGES.module, queue_batch(body))
    logged = [json.loads(line.strip("\0")) for line in log.getvalue().splitlines()]
    metrics = [json.loads(line) for line in printed.getvalue().splitlines()]
    return (
        [line["rule"] for line in logged if line["message"] == "finding"],
        [count for metric in metrics for count in metric["ReconciliationFindings"]],
    )


def test_a_finding_among_changes_is_logged_and_counted(busy: World, log: io.StringIO) -> None:
    note_changes(busy)
    assert checked(busy, log) == ([], [0, 0])
    freeze(busy)

    note_changes(busy)

    assert checked(busy, log) == (["the order has been frozen for too long"] * 2, [2])


def test_what_may_still_await_its_event_is_not_judged_across_services(busy: World, ada: User, log: io.StringIO) -> None:
    """Messages wait for a quarter of an hour; what changed in the last 14 minutes has a message of its own."""
    execute(busy, ada, order_in(busy, ada, "CREATED"), "CANCEL")
    note_changes(busy)

    assert checked(busy, log) == ([], [0, 0])


def test_a_check_that_fails_leaves_its_message_in_the_queue(busy: World) -> None:
    note_changes(busy)

    def fail(_params: object) -> None:
        raise ConnectionError

    with busy.intercepting("dynamodb", "BatchGetItem", fail), pytest.raises(ConnectionError):
        take(busy, CHECK_CHANGES.module, queue_batch(busy.noted_changes[0]))


def test_an_audit_changes_nothing(busy: World) -> None:
    before = [busy.rows(service) for service in ("billing", "orders")]

    audit(busy, partial(take, busy), pageRows=2)

    assert [busy.rows(service) for service in ("billing", "orders")] == before
