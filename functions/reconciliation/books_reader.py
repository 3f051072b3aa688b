"""Reads all of the books out of the tables of billing and orders. It knows their keys, and may only read."""

from collections.abc import Iterator
from typing import Any

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from reconciliation.audit import Books, Finding, audit_account
from shared import environment
from shared.dynamodb import Table

_FIRST_ENTRY = "ENTRY#000000000001"


class BooksReader:
    """The books of one stage."""

    def __init__(self, billing: Table, orders: Table) -> None:
        self._billing = billing
        self._orders = orders

    @classmethod
    def of_stage(cls) -> "BooksReader":
        """The tables that this function is deployed with."""
        return cls(Table(environment.required("BILLING_TABLE")), Table(environment.required("ORDERS_TABLE")))

    def audit(self, *, settled_before: str, frozen_before: str) -> tuple[list[Finding], dict[str, int]]:
        """All findings, and how many rows of each kind were read.

        Each account is read before its entries, so that no entry of its balance can be missed.
        """
        books = Books()
        findings: list[Finding] = []
        counts = {"accounts": 0, "entries": 0, "payments": 0, "orders": 0}
        accounts = self._accounts_and_payments(books)
        for profile_id, account in accounts.items():
            entries = self._entries(profile_id, account)
            findings += audit_account(profile_id, account, entries)
            books.add_entries(entries)
            counts["accounts"] += 1
            counts["entries"] += len(entries)
        for order in self._orders.scan(Attr("sk").begins_with("ORDER#")):
            books.orders[order["id"]] = order
        findings += books.audit(settled_before=settled_before, frozen_before=frozen_before)
        counts |= {"payments": len(books.payments), "orders": len(books.orders)}
        return findings, counts

    def _accounts_and_payments(self, books: Books) -> dict[str, dict[str, Any] | None]:
        accounts: dict[str, dict[str, Any] | None] = {}
        wanted = Attr("sk").is_in(["ACCOUNT", "PAYMENT", _FIRST_ENTRY])
        for item in self._billing.scan(wanted):
            match item["sk"]:
                case "PAYMENT":
                    books.payments[item["orderId"]] = item
                case "ACCOUNT":
                    accounts[item["pk"].removeprefix("ACCOUNT#")] = item
                case _:
                    accounts.setdefault(item["pk"].removeprefix("ACCOUNT#"), None)
        return accounts

    def _entries(self, profile_id: str, account: dict[str, Any] | None) -> list[dict[str, Any]]:
        """The account's entries up to the one that it names as its last: later ones are another moment's."""
        condition = KeyCondition("pk").eq(f"ACCOUNT#{profile_id}") & KeyCondition("sk").begins_with("ENTRY#")
        entries: Iterator[dict[str, Any]] = self._billing.query_all(condition)
        return [entry for entry in entries if account is None or entry["sequence"] <= account["sequence"]]
