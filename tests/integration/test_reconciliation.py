"""Reconciliation: sound books have no findings, and each way of tampering is found, with the row at fault."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import pytest

from reconciliation.rules import DELETED
from tests.integration.factories import create_order, deposit, execute, order_in, withdraw
from tests.integration.tampering import delete, overwrite, row
from tests.scaffolding.audits import audit, findings_of_changes
from tests.scaffolding.world import Item, User, World


def findings(world: World) -> list[tuple[str, str]]:
    """The findings of the whole audit, as rows and rules. The audit of changes finds the same, or a deleted row."""
    found = sorted((finding["row"], finding["rule"]) for finding in audit(world)["findings"])
    by_changes = [(finding.row, finding.rule) for finding in sorted(findings_of_changes(world))]
    assert DELETED in dict(by_changes).values() or sorted(by_changes) == found
    return found


@pytest.fixture
def busy(world: World, ada: User, bob: User) -> World:
    """A platform with some history, at rest."""
    for user in (ada, bob):
        deposit(world, user, 500)
        withdraw(world, user, 20)
        for state in ("CREATED", "PAID", "COMPLETED", "CANCELED"):
            order_in(world, user, state)
        execute(world, user, order_in(world, user, "PAID"), "CANCEL")
    world.settle()
    assert findings_of_changes(world) == set()
    return world


def test_sound_books_have_no_finding(busy: World) -> None:
    report = audit(busy)

    assert report["findings"] == []
    assert report["rows"] == {"accounts": 2, "entries": 18, "payments": 8, "orders": 10}


def test_an_altered_balance_is_found(busy: World, ada: User) -> None:
    account = row(busy, "billing", pk=f"ACCOUNT#{ada.profile_id}", sk="ACCOUNT")
    overwrite(busy, "billing", {**account, "balance": account["balance"] + 1})

    assert findings(busy) == [
        (f"ACCOUNT#{ada.profile_id} ACCOUNT", "the balance is not the sum of the entries"),
    ]


def test_a_deleted_entry_is_found(busy: World, ada: User) -> None:
    entry = row(busy, "billing", profileId=ada.profile_id, sequence=2, kind="WITHDRAWAL")
    delete(busy, "billing", entry, "pk", "sk")

    assert (f"ACCOUNT#{ada.profile_id} ENTRY#000000000003", "an entry is missing before this one") in findings(busy)


def test_a_deleted_last_entry_is_found(busy: World, ada: User) -> None:
    account = row(busy, "billing", pk=f"ACCOUNT#{ada.profile_id}", sk="ACCOUNT")
    entry = row(busy, "billing", profileId=ada.profile_id, sk=f"ENTRY#{account['sequence']:012d}")
    delete(busy, "billing", entry, "pk", "sk")

    assert (f"ACCOUNT#{ada.profile_id} ACCOUNT", "the last entry is not the account's last") in findings(busy)


def _more(entry: Item) -> Item:
    return {**entry, "amount": entry["amount"] + 1}


def _other_day(entry: Item) -> Item:
    return {**entry, "occurredAt": "2020-01-01T00:00:00.000Z"}


def _other_side(entry: Item) -> Item:
    return {**entry, "counterAccount": "elsewhere"}


@pytest.mark.parametrize("edit", [_more, _other_day, _other_side])
def test_an_edited_entry_is_found(busy: World, ada: User, edit: Callable[[Item], Item]) -> None:
    entry = row(busy, "billing", profileId=ada.profile_id, sequence=2, kind="WITHDRAWAL")
    overwrite(busy, "billing", edit(entry))

    place = f"ACCOUNT#{ada.profile_id} ENTRY#000000000002"
    assert (place, "the entry was edited: its hash does not fit") in findings(busy)


def test_an_orphan_payment_is_found(busy: World, ada: User) -> None:
    order = row(busy, "orders", profileId=ada.profile_id, state="PAID")
    delete(busy, "orders", order, "profileId", "sk")

    assert findings(busy) == [(f"ORDER#{order['id']} PAYMENT", "a payment without an order")]


def test_a_deleted_account_is_found(busy: World, ada: User) -> None:
    delete(busy, "billing", row(busy, "billing", pk=f"ACCOUNT#{ada.profile_id}", sk="ACCOUNT"), "pk", "sk")

    assert findings(busy) == [(f"ACCOUNT#{ada.profile_id} ACCOUNT", "there are entries without an account")]


@pytest.mark.parametrize(
    ("state", "changed", "rule"),
    [
        ("PAID", {"state": "CREATED"}, "money is held for an order that is CREATED"),
        ("PAID", {"state": "CANCELED"}, "money is held for an order that is CANCELED"),
        ("PAID", {"amount": 1}, "the order was paid with another amount"),
    ],
)
def test_an_order_that_does_not_fit_its_payment_is_found(
    busy: World, ada: User, state: str, changed: Item, rule: str
) -> None:
    order = row(busy, "orders", profileId=ada.profile_id, state=state)
    overwrite(busy, "orders", {**order, **changed})

    assert (f"ORDER#{order['id']} PAYMENT", rule) in findings(busy)


def test_a_paid_order_without_its_payment_is_found(busy: World, ada: User) -> None:
    order = row(busy, "orders", profileId=ada.profile_id, state="COMPLETED")
    delete(busy, "billing", row(busy, "billing", orderId=order["id"], sk="PAYMENT"), "pk", "sk")

    assert (f"{ada.profile_id} ORDER#{order['id']}", "COMPLETED, but no money was taken") in findings(busy)


def test_an_order_that_is_frozen_for_too_long_is_found(busy: World, ada: User) -> None:
    order = row(busy, "orders", profileId=ada.profile_id, state="CREATED")
    overwrite(busy, "orders", {**order, "paymentStartedAt": "2020-01-01T00:00:00.000Z"})

    assert findings(busy) == [(f"{ada.profile_id} ORDER#{order['id']}", "the order has been frozen for too long")]


def test_what_is_still_on_its_way_is_no_finding(world: World, ada: User) -> None:
    order_id = create_order(world, ada).json["id"]
    execute(world, ada, order_id, "CANCEL")

    assert audit(world, settlingSeconds=900)["findings"] == []
    assert findings(world) == [(f"{ada.profile_id} ORDER#{order_id}", "CANCELED, but its payment is still open")]


def test_the_number_of_findings_is_published_as_a_metric(
    busy: World, ada: User, capsys: pytest.CaptureFixture[str]
) -> None:
    order = row(busy, "orders", profileId=ada.profile_id, state="PAID")
    delete(busy, "orders", order, "profileId", "sk")
    capsys.readouterr()

    audit(busy)

    assert '"ReconciliationFindings":[1.0]' in capsys.readouterr().out


def test_an_audit_changes_nothing(busy: World) -> None:
    before = [busy.rows(service) for service in ("billing", "orders")]

    audit(busy)

    assert [busy.rows(service) for service in ("billing", "orders")] == before


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(3))
def test_money_that_moves_while_the_books_are_read_is_no_finding(busy: World, ada: User, bob: User, seed: int) -> None:
    """Between any two reads of an audit in pages of one row, somebody pays, cancels, deposits or withdraws."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    orders = [(user, create_order(busy, user).json["id"]) for user in (ada, bob) for _ in range(12)]
    moves: list[Callable[[], object]] = []
    for user, order_id in orders:
        moves += [partial(execute, busy, user, order_id, event) for event in ("CONFIRM", "CANCEL")]
        moves += [partial(deposit, busy, user, 7), partial(withdraw, busy, user, 3), busy.settle]
    chance.shuffle(moves)
    moved: list[object] = []

    def move(_params: object) -> None:
        if moves and not moved_now and chance.random() < 0.7:
            moved_now.append(True)
            moved.append(moves.pop()())
            moved_now.clear()

    moved_now: list[bool] = []
    with ExitStack() as wire:
        for operation in ("Scan", "Query", "GetItem", "BatchGetItem", "TransactGetItems"):
            wire.enter_context(busy.intercepting("dynamodb", operation, move))
        report = audit(busy, pageRows=1, settlingSeconds=900)

    assert report["findings"] == []
    assert len(moved) > 50


def test_an_order_paid_after_its_account_was_read_is_no_finding(busy: World, ada: User) -> None:
    order_id = create_order(busy, ada).json["id"]
    paid: list[int] = []

    def pay(_params: object) -> None:
        if not paid:
            paid.append(execute(busy, ada, order_id, "CONFIRM").status)

    with busy.intercepting("dynamodb", "Query", pay, moment="after-call"):
        report = audit(busy, pageRows=1, settlingSeconds=900)

    assert paid == [200]
    assert report["findings"] == []


def test_an_order_canceled_after_it_was_read_is_no_finding(busy: World, ada: User) -> None:
    """It was settled long ago, so that its state is checked against its payment's."""
    long_ago = {"updatedAt": "2020-01-01T00:00:00.000Z"}
    order = row(busy, "orders", profileId=ada.profile_id, state="PAID")
    overwrite(busy, "orders", {**order, **long_ago})
    overwrite(busy, "billing", {**row(busy, "billing", orderId=order["id"], sk="PAYMENT"), **long_ago})

    pages = iter(["billing", "orders"])

    def cancel_once_orders_were_read(_params: object) -> None:
        if next(pages) == "orders":
            execute(busy, ada, order["id"], "CANCEL")
            busy.settle()

    with busy.intercepting("dynamodb", "Scan", cancel_once_orders_were_read, moment="after-call"):
        report = audit(busy, workers=1, settlingSeconds=900)

    assert row(busy, "orders", id=order["id"])["state"] == "CANCELED"
    assert report["findings"] == []


def test_an_account_that_forgot_its_last_entry_is_found(busy: World, ada: User) -> None:
    before = row(busy, "billing", pk=f"ACCOUNT#{ada.profile_id}", sk="ACCOUNT")
    deposit(busy, ada, 10)
    overwrite(busy, "billing", before)

    assert findings(busy) == [(f"ACCOUNT#{ada.profile_id} ACCOUNT", "the last entry is not the account's last")]


def test_a_second_entry_for_a_payment_is_found(busy: World, ada: User) -> None:
    """The books add up: the money was just taken twice."""
    order = row(busy, "orders", profileId=ada.profile_id, state="PAID")
    payment = row(busy, "billing", orderId=order["id"], sk="PAYMENT")
    delete(busy, "billing", payment, "pk", "sk")
    busy.invoke(
        "billing.pay_order",
        {"orderId": order["id"], "profileId": ada.profile_id, "amount": payment["amount"], "attempt": 99},
    )

    assert findings(busy) == [(f"ORDER#{order['id']} PAYMENT", "the payment is not what its entries say")]


@pytest.fixture
def nameless(busy: World) -> World:
    """Payments as they were written before they named their entries."""
    for payment in [item for item in busy.rows("billing") if item["sk"] == "PAYMENT"]:
        overwrite(busy, "billing", {**payment, "entry": None, "refundEntry": None})
    return busy


def test_payments_that_name_no_entries_are_sound_too(nameless: World) -> None:
    assert audit(nameless)["findings"] == []


def test_a_payment_that_names_no_entries_and_has_none_is_found(nameless: World, ada: User) -> None:
    order = row(nameless, "orders", profileId=ada.profile_id, state="PAID")
    payment = row(nameless, "billing", orderId=order["id"], sk="PAYMENT")
    overwrite(nameless, "billing", {**payment, "amount": payment["amount"] + 1})

    assert (f"ORDER#{order['id']} PAYMENT", "the payment is not what its entries say") in findings(nameless)
