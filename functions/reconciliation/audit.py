"""The rules that the books are held to. Pure domain.

It judges rows as they lie in the tables, and works the hashes out by itself: an auditor does not ask the bookkeeper.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.wire import write_json

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


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold, and the row at fault (`table`, and its key as text)."""

    rule: str
    table: str
    row: str


def audit_account(profile_id: str, account: Row | None, entries: Sequence[Row]) -> Iterator[Finding]:
    """Hold an account to its entries, which are in order of their numbers.

    Numbers run 1, 2, 3 … without a gap; each entry says the balance that it led to, never below 0; each is hashed, the
    hash of the one before it included; the account says what its last entry says.
    """
    key = f"ACCOUNT#{profile_id}"
    balance, previous_hash = 0, GENESIS
    for number, entry in enumerate(entries, start=1):
        balance += entry["amount"]
        for rule in _broken_by(entry, number, balance, previous_hash):
            yield Finding(rule, "billing", f"{key} {entry['sk']}")
        if entry["sequence"] != number:
            return
        previous_hash = entry["hash"]
    if account is None:
        yield Finding("there are entries without an account", "billing", f"{key} ACCOUNT")
        return
    if account["sequence"] != len(entries) or account["lastHash"] != previous_hash:
        yield Finding("the last entry is not the account's last", "billing", f"{key} ACCOUNT")
    if account["balance"] != balance:
        yield Finding("the balance is not the sum of the entries", "billing", f"{key} ACCOUNT")


@dataclass(slots=True)
class Books:
    """What the rules between payments, entries and orders need to know: gathered row by row, then judged at once."""

    payments: dict[str, Row] = field(default_factory=dict)
    orders: dict[str, Row] = field(default_factory=dict)
    moved: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))

    def add_entries(self, entries: Iterable[Row]) -> None:
        """Remember which entries belong to orders."""
        for entry in entries:
            if order_id := entry.get("orderId"):
                self.moved[order_id].append((entry["kind"], entry["amount"]))

    def audit(self, *, settled_before: str, frozen_before: str) -> Iterator[Finding]:
        """Hold payments, entries and orders to each other.

        Events take a moment: a rule between two services judges only rows unchanged since `settled_before`. An order
        that is frozen for a payment since before `frozen_before` is a finding. Both are timestamps.
        """
        for order_id, payment in self.payments.items():
            yield from self._audit_entries(order_id, payment)
            yield from self._audit_payment(order_id, payment, settled_before)
        for order_id in self.moved.keys() - self.payments.keys():
            yield Finding("money moved for an order without a payment", "billing", f"ORDER#{order_id} PAYMENT")
        for order_id, order in self.orders.items():
            yield from self._audit_order(order_id, order, settled_before, frozen_before)

    def _audit_entries(self, order_id: str, payment: Row) -> Iterator[Finding]:
        amount = payment["amount"]
        expected = {
            "TAKEN": [("PAYMENT", -amount)],
            "RETURNED": [("PAYMENT", -amount), ("REFUND", amount)],
        }.get(payment["state"], [])
        if sorted(self.moved.get(order_id, [])) != expected:
            yield Finding("the payment is not what its entries say", "billing", f"ORDER#{order_id} PAYMENT")

    def _audit_payment(self, order_id: str, payment: Row, settled_before: str) -> Iterator[Finding]:
        order = self.orders.get(order_id)
        if payment["updatedAt"] >= settled_before or (order and order["updatedAt"] >= settled_before):
            return
        row = f"ORDER#{order_id} PAYMENT"
        if order is None:
            yield Finding("a payment without an order", "billing", row)
        elif payment["state"] == "TAKEN" and order["state"] not in {"PAID", "COMPLETED"}:
            yield Finding(f"money is held for an order that is {order['state']}", "billing", row)
        elif payment["state"] == "TAKEN" and order.get("amount") != payment["amount"]:
            yield Finding("the order was paid with another amount", "billing", row)
        elif payment["state"] in {"RETURNED", "VOID"} and order["state"] != "CANCELED":
            yield Finding(f"the money was given back for an order that is {order['state']}", "billing", row)

    def _audit_order(self, order_id: str, order: Row, settled_before: str, frozen_before: str) -> Iterator[Finding]:
        row = f"{order['profileId']} ORDER#{order_id}"
        if order["state"] == "CREATED" and (order.get("paymentStartedAt") or frozen_before) < frozen_before:
            yield Finding("the order has been frozen for too long", "orders", row)
        if order["updatedAt"] >= settled_before:
            return
        payment = self.payments.get(order_id)
        if order["state"] in {"PAID", "COMPLETED"} and (payment is None or payment["state"] != "TAKEN"):
            yield Finding(f"{order['state']}, but no money was taken", "orders", row)
        if order["state"] == "CANCELED" and (payment is None or payment["state"] not in {"RETURNED", "VOID"}):
            yield Finding("CANCELED, but its payment is still open", "orders", row)


def _broken_by(entry: Row, number: int, balance: int, previous_hash: str) -> Iterator[str]:
    """The rules that the entry at place `number` breaks, when `balance` is the sum up to it."""
    if entry["sequence"] != number:
        yield "an entry is missing before this one"
        return
    if entry["hash"] != _hash(entry):
        yield "the entry was edited: its hash does not fit"
    if entry["previousHash"] != previous_hash:
        yield "the chain is broken before this entry"
    if entry["balanceAfter"] != balance:
        yield "balanceAfter is not the sum of the entries so far"
    if balance < 0:
        yield "the balance was below 0"
    if not _sides_fit(entry):
        yield "the entry's two sides don't sum to 0"


def _hash(entry: Row) -> str:
    said = {name: entry.get(name) for name in HASHED}
    return hashlib.sha256(write_json(said).encode()).hexdigest()


def _sides_fit(entry: Row) -> bool:
    kind: str = entry["kind"]
    amount: int = entry["amount"]
    goes_the_right_way = amount > 0 if kind in ADDS_TO_THE_ACCOUNT else amount < 0
    return goes_the_right_way and bool(entry["counterAccount"] == COUNTER_ACCOUNTS.get(kind))
