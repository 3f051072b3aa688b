"""Which rows of the books have changed, read from a stream or a message. Pure domain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciliation.books import EntryPlace, OrderKey
from shared.wire import read_json, write_json

_TABLES = {"ACCOUNT": "billing", "ENTRY": "billing", "PAYMENT": "billing", "ORDER": "orders"}
"""Where the rows of the books are, by the beginning of their sort keys."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The rows that changed: accounts by profile id, the payment and the order of a purchase by its order.

    And deleted rows, by table and key: our code never deletes a row of the books.
    """

    accounts: frozenset[str] = frozenset()
    entries: frozenset[EntryPlace] = frozenset()
    orders: frozenset[OrderKey] = frozenset()
    deleted: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of_records(cls, records: Iterable[Mapping[str, Any]]) -> "Changed":
        """The changes in the records of a stream, of billing's or orders' table. Each row once."""
        accounts, entries, orders, deleted = set(), set(), set(), set()
        for record in records:
            keys = {name: value["S"] for name, value in record["dynamodb"]["Keys"].items()}
            kind, _, number = keys["sk"].partition("#")
            if kind in _TABLES and record["eventName"] == "REMOVE":
                deleted.add((_TABLES[kind], f"{keys.get('pk') or keys['profileId']} {keys['sk']}"))
            elif kind == "ACCOUNT":
                accounts.add(keys["pk"].removeprefix("ACCOUNT#"))
            elif kind == "ENTRY":
                entries.add((keys["pk"].removeprefix("ACCOUNT#"), int(number)))
            elif kind == "PAYMENT":
                profile_id = record["dynamodb"]["NewImage"]["profileId"]["S"]
                orders.add((profile_id, keys["pk"].removeprefix("ORDER#")))
            elif kind == "ORDER":
                orders.add((keys["profileId"], number))
        return cls(frozenset(accounts), frozenset(entries), frozenset(orders), frozenset(deleted))

    @classmethod
    def of_message(cls, body: str) -> "Changed":
        """The changes in a message."""
        said: Any = read_json(body)
        return cls(
            frozenset(said["accounts"]),
            frozenset((profile_id, int(number)) for profile_id, number in said["entries"]),
            frozenset((profile_id, order_id) for profile_id, order_id in said["orders"]),
            frozenset((table, row) for table, row in said["deleted"]),
        )

    def to_message(self) -> str:
        """The message with these changes."""
        return write_json(
            {
                "accounts": sorted(self.accounts),
                "entries": sorted(map(list, self.entries)),
                "orders": sorted(map(list, self.orders)),
                "deleted": sorted(map(list, self.deleted)),
            }
        )
