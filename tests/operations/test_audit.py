"""The audit of a busy stage: never a false finding, and each way to tamper with the books found, alone, by its row."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.cloud import local_cloud
from local.ports import free_port
from ops.reconcile import reconcile
from ops.target import Target
from shared.dynamodb import from_item, to_item
from tests.e2e.api import Api, User
from tests.scaffolding.waiting import until

USERS, ORDERS_EACH, CANCELED_EACH = 10, 30, 10
LONG_AGO = "2020-01-01T00:00:00.000Z"

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Books:
    """A stage of its own, whose books have much in them and are at rest, and how many audits saw it busy."""

    api: Api
    audits: list[Row]

    def rows(self, service: str) -> list[Row]:
        """All rows of a service's table."""
        pages = self.api.aws("dynamodb").get_paginator("scan").paginate(TableName=self.api.stack["tables"][service])
        return [from_item(item) for page in pages for item in page["Items"]]

    def one(self, service: str, **fields: object) -> Row:
        """One row with these attributes, in tables of one order of keys: always the same."""
        found = [row for row in self.rows(service) if fields.items() <= row.items()]
        return min(found, key=lambda row: sorted((name, str(value)) for name, value in row.items()))

    def write(self, service: str, row: Row) -> None:
        """Write a row, as nobody but a tamperer can."""
        self.api.aws("dynamodb").put_item(TableName=self.api.stack["tables"][service], Item=to_item(row))

    def delete(self, service: str, row: Row) -> None:
        """Delete a row, likewise."""
        names = ("pk", "sk") if service == "billing" else ("profileId", "sk")
        key = to_item({name: row[name] for name in names})
        self.api.aws("dynamodb").delete_item(TableName=self.api.stack["tables"][service], Key=key)

    def findings(self) -> set[tuple[str, str]]:
        """Rows and rules that the whole audit names."""
        report = reconcile(Target.local(self.api.stack), settlingSeconds=0)
        return {(finding["row"], finding["rule"]) for finding in report["findings"]}


def _uses(user: User) -> None:
    """Somebody pays 30 orders, and cancels every third of them."""
    user.with_money(ORDERS_EACH * 10)
    for number in range(ORDERS_EACH):
        order = user.new_order(1)
        assert user.execute(order, "CONFIRM").status_code == 200
        if number % (ORDERS_EACH // CANCELED_EACH) == 0:
            assert user.execute(order, "CANCEL").status_code == 200


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """300 payments and 100 cancellations over HTTP, while one audit after the other reads pages of five rows."""
    directory: Path = tmp_path_factory.mktemp("audited")
    with local_cloud(free_port(), directory) as (stack, _), httpx.Client(timeout=30) as http:
        api = Api(stack, http)
        users = [api.new_user() for _ in range(USERS)]
        audits: list[Row] = []
        with ThreadPoolExecutor(USERS) as pool:
            busy = [pool.submit(_uses, user) for user in users]
            while not all(each.done() for each in busy):
                audits.append(reconcile(Target.local(stack), pageRows=5))
            for each in busy:
                each.result()
        for user in users:
            user.until("/billing/account", lambda account: account["balance"] == CANCELED_EACH * 10)
            user.with_money(1)
        yield Books(api, audits)


def test_an_audit_of_a_busy_stage_has_no_false_finding(books: Books) -> None:
    assert len(books.audits) > 3
    assert [audit["findings"] for audit in books.audits] == [[] for _ in books.audits]
    assert books.audits[-1]["rows"]["payments"] > books.audits[0]["rows"]["payments"]
    assert len([row for row in books.rows("billing") if row["sk"] == "PAYMENT"]) == USERS * ORDERS_EACH
    assert books.findings() == set()


def _account(user_row: Row) -> str:
    return f"ACCOUNT#{user_row['profileId']} ACCOUNT"


def _entry(row: Row, behind: int = 0) -> str:
    return f"ACCOUNT#{row['profileId']} ENTRY#{row['sequence'] + behind:012d}"


def _payment(row: Row) -> str:
    return f"ORDER#{row.get('orderId') or row['id']} PAYMENT"


def _order(row: Row) -> str:
    return f"{row['profileId']} ORDER#{row.get('orderId') or row['id']}"


type Named = Callable[[Row], str]
type Tampering = tuple[str, Row, Row | None, list[tuple[Named, str]]]
"""The table, which row, its changes (None: deleted), and what must be found."""

FOREIGN = "the payment is not what its entries say"

TAMPERINGS: dict[str, Tampering] = {
    "an entry is edited": (
        "billing",
        {"kind": "DEPOSIT", "sequence": 1},
        {"occurredAt": LONG_AGO},
        [(_entry, "the entry was edited: its hash does not fit")],
    ),
    "an entry is deleted": (
        "billing",
        {"kind": "DEPOSIT", "sequence": 1},
        None,
        [(lambda row: _entry(row, behind=1), "an entry is missing before this one")],
    ),
    "the chain is cut": (
        "billing",
        {"kind": "DEPOSIT", "sequence": 1},
        {"hash": "f" * 64},
        [
            (_entry, "the entry was edited: its hash does not fit"),
            (lambda row: _entry(row, behind=1), "the chain is broken before this entry"),
        ],
    ),
    "the last entry is deleted": (
        "billing",
        {"kind": "DEPOSIT", "amount": 100},
        None,
        [(_account, "the last entry is not the account's last")],
    ),
    "a balance is edited": (
        "billing",
        {"sk": "ACCOUNT"},
        {"balance": 10**9},
        [(lambda row: f"{row['pk']} ACCOUNT", "the balance is not the sum of the entries")],
    ),
    "an account is deleted": (
        "billing",
        {"sk": "ACCOUNT"},
        None,
        [(lambda row: f"{row['pk']} ACCOUNT", "there are entries without an account")],
    ),
    "a payment is deleted": (
        "billing",
        {"sk": "PAYMENT", "state": "TAKEN"},
        None,
        [
            (_payment, "money moved for an order without a payment"),
            (_order, "PAID, but no money was taken"),
        ],
    ),
    "a payment is edited": (
        "billing",
        {"sk": "PAYMENT", "state": "TAKEN"},
        {"amount": 1},
        [(_payment, FOREIGN), (_payment, "the order was paid with another amount")],
    ),
    "an order is deleted": (
        "orders",
        {"state": "PAID"},
        None,
        [(_payment, "a payment without an order")],
    ),
    "an order is reopened": (
        "orders",
        {"state": "PAID"},
        {"state": "CREATED"},
        [(_payment, "money is held for an order that is CREATED")],
    ),
    "an order's amount is edited": (
        "orders",
        {"state": "PAID"},
        {"amount": 1},
        [(_payment, "the order was paid with another amount")],
    ),
    "an order is frozen for too long": (
        "orders",
        {"state": "PAID"},
        {"state": "CREATED", "paymentStartedAt": LONG_AGO},
        [
            (_order, "the order has been frozen for too long"),
            (_payment, "money is held for an order that is CREATED"),
        ],
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_alone_by_its_row(books: Books, name: str) -> None:
    service, which, changes, expected = TAMPERINGS[name]
    row = books.one(service, **which)
    if changes is None:
        books.delete(service, row)
    else:
        books.write(service, row | changes)
    try:
        found = books.findings()
    finally:
        books.write(service, row)

    assert found == {(named(row), rule) for named, rule in expected}


def test_a_row_changed_behind_the_services_back_is_found_without_anybody_asking(books: Books) -> None:
    """The queue's quarter of an hour is taken off: a change is checked at once."""
    queue = books.api.stack["queues"]["reconciliation-check-changes"]
    books.api.aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"DelaySeconds": "0"})
    log = Path(books.api.stack["logs"])
    account = books.one("billing", sk="ACCOUNT")
    books.write("billing", account | {"balance": 10**9})

    try:
        until(log.read_text, lambda text: "the balance is not the sum of the entries" in text)
    finally:
        books.write("billing", account)
