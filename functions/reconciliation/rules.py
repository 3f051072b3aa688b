"""The rules that the books are checked against. Pure domain.

Every rule judges a handful of rows that name each other. So the memory of an audit doesn't grow with the books, and one
consistent read of those rows can tell a broken rule from rows that were read at two moments.

The rules read the rows as stored and compute the hashes themselves: an auditor does not rely on the bookkeeper's code.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.wire import write_json

SETTLING_SECONDS = 15 * 60
"""How long events may take before two services' rows are checked against each other."""

LONGEST_FREEZE_SECONDS = 15 * 60
"""How long an order may be frozen for a payment before it is a finding."""

GENESIS = "0" * 64
COUNTER_ACCOUNTS = {"DEPOSIT": "outside", "WITHDRAWAL": "outside", "PAYMENT": "sales", "REFUND": "sales"}
ADDS_TO_THE_ACCOUNT = {"DEPOSIT", "REFUND"}
HASHED = (
    "transactionId",
    "profileId",
    "sequence",
    "kind",
    "amount",
    "balanceAfter",
    "currency",
    "counterAccount",
    "orderId",
    "occurredAt",
    "previousHash",
)

type Row = Mapping[str, Any]

BEFORE_THE_FIRST: Row = {"sequence": 0, "hash": GENESIS, "balanceAfter": 0}
"""Takes the place of the entry before an account's first."""

DELETED = "the row was deleted"
"""The rule that only a stream can check: rows of the books are never deleted."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A rule that does not hold, and the row at fault (`table`, and its key as text)."""

    rule: str
    table: str
    row: str


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Timestamps: rows changed since `settled_before` may still await an event; `frozen_before` is too long ago."""

    settled_before: str
    frozen_before: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order, its payment, and the ledger entries that the payment names; None for a missing row."""

    order_id: str
    order: Row | None
    payment: Row | None
    entries: Sequence[Row]


def check_entry(entry: Row, previous: Row) -> Iterator[Finding]:
    """Check an entry against the one before it, which may be BEFORE_THE_FIRST.

    Numbers run 1, 2, 3 … without a gap; each entry states the resulting balance, never below 0; its hash covers the
    hash of the previous entry.
    """
    broken = ["an entry is missing before this one"]
    if entry["sequence"] == previous["sequence"] + 1:
        broken = list(_broken_by(entry, previous))
    yield from (Finding(rule, "billing", f"{entry['pk']} {entry['sk']}") for rule in broken)


def check_account(profile_id: str, account: Row | None, last: Row) -> Iterator[Finding]:
    """Check that an account agrees with its last entry. Without entries, `last` is BEFORE_THE_FIRST."""
    row = f"ACCOUNT#{profile_id} ACCOUNT"
    if account is None:
        if last["sequence"]:
            yield Finding("there are entries without an account", "billing", row)
    elif account["sequence"] != last["sequence"] or account["lastHash"] != last["hash"]:
        yield Finding("the last entry is not the account's last", "billing", row)
    elif account["balance"] != last["balanceAfter"]:
        yield Finding("the balance is not the sum of the entries", "billing", row)


def check_move(entry: Row, payment: Row | None) -> Iterator[Finding]:
    """Check that the order's payment names this entry."""
    row = f"ORDER#{entry['orderId']} PAYMENT"
    if payment is None:
        yield Finding("money moved for an order without a payment", "billing", row)
    elif names_entries(payment) and entry["sequence"] not in (payment.get("entry"), payment.get("refundEntry")):
        yield Finding("the payment is not what its entries say", "billing", row)


def check_purchase(purchase: Purchase, deadlines: Deadlines) -> Iterator[Finding]:
    """Check order, payment and entries against each other."""
    yield from _check_payment(purchase, deadlines)
    yield from _check_order(purchase, deadlines)


def names_entries(payment: Row) -> bool:
    """Whether it names the entries that moved its money. Payments from before 1.2 don't."""
    return payment["state"] in {"DECLINED", "VOID"} or "entry" in payment


def hash_of(entry: Row) -> str:
    """The hash that an entry must have: SHA-256 over its fields, including the hash of the previous entry."""
    said = {name: entry.get(name) for name in HASHED}
    return hashlib.sha256(write_json(said).encode()).hexdigest()


def _check_payment(purchase: Purchase, deadlines: Deadlines) -> Iterator[Finding]:
    order, payment = purchase.order, purchase.payment
    if payment is None:
        return
    row = f"ORDER#{purchase.order_id} PAYMENT"
    if not _entries_fit(payment, purchase.entries):
        yield Finding("the payment is not what its entries say", "billing", row)
    if _changed_since(deadlines.settled_before, order, payment):
        return
    if order is None:
        yield Finding("a payment without an order", "billing", row)
    elif payment["state"] == "TAKEN" and order["state"] not in {"PAID", "COMPLETED"}:
        yield Finding(f"money is held for an order that is {order['state']}", "billing", row)
    elif payment["state"] == "TAKEN" and order.get("amount") != payment["amount"]:
        yield Finding("the order was paid with another amount", "billing", row)
    elif payment["state"] in {"RETURNED", "VOID"} and order["state"] != "CANCELED":
        yield Finding(f"the money was given back for an order that is {order['state']}", "billing", row)


def _check_order(purchase: Purchase, deadlines: Deadlines) -> Iterator[Finding]:
    order, payment = purchase.order, purchase.payment
    if order is None:
        return
    row = f"{order['profileId']} ORDER#{purchase.order_id}"
    never = deadlines.frozen_before
    if order["state"] == "CREATED" and (order.get("paymentStartedAt") or never) < deadlines.frozen_before:
        yield Finding("the order has been frozen for too long", "orders", row)
    if _changed_since(deadlines.settled_before, order):
        return
    state = payment["state"] if payment else None
    if order["state"] in {"PAID", "COMPLETED"} and state != "TAKEN":
        yield Finding(f"{order['state']}, but no money was taken", "orders", row)
    if order["state"] == "CANCELED" and state not in {"RETURNED", "VOID"}:
        yield Finding("CANCELED, but its payment is still open", "orders", row)


def _changed_since(moment: str, *rows: Row | None) -> bool:
    return any(row is not None and row["updatedAt"] >= moment for row in rows)


def _entries_fit(payment: Row, entries: Sequence[Row]) -> bool:
    amount = payment["amount"]
    expected = {
        "TAKEN": [("PAYMENT", -amount)],
        "RETURNED": [("PAYMENT", -amount), ("REFUND", amount)],
    }.get(payment["state"], [])
    found = sorted((entry["kind"], entry["amount"]) for entry in entries)
    return found == expected and all(entry.get("orderId") == payment["orderId"] for entry in entries)


def _broken_by(entry: Row, previous: Row) -> Iterator[str]:
    """The rules that `entry` breaks; `previous` is the entry with the number before."""
    if entry["hash"] != hash_of(entry):
        yield "the entry was edited: its hash does not fit"
    if entry["previousHash"] != previous["hash"]:
        yield "the chain is broken before this entry"
    if entry["balanceAfter"] != previous["balanceAfter"] + entry["amount"]:
        yield "balanceAfter is not the sum of the entries so far"
    if entry["balanceAfter"] < 0:
        yield "the balance was below 0"
    if not _sides_fit(entry):
        yield "the entry's two sides don't sum to 0"


def _sides_fit(entry: Row) -> bool:
    kind: str = entry["kind"]
    amount: int = entry["amount"]
    goes_the_right_way = amount > 0 if kind in ADDS_TO_THE_ACCOUNT else amount < 0
    return goes_the_right_way and bool(entry["counterAccount"] == COUNTER_ACCOUNTS.get(kind))
