"""The books as stored in the tables of billing and orders. It knows their keys, and may only read.

Pages and batches are eventually consistent, at half the price: at worst they raise a suspicion. `look_at…` decides: it
reads all rows that a rule names at one moment (TransactGetItems).
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import batched
from typing import Any

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from reconciliation.rules import BEFORE_THE_FIRST, Purchase, Row
from shared import environment
from shared.dynamodb import Key, Table, look
from shared.retry import ConflictError, on_conflict

_MOST_KEYS = 100
_FIRST_ENTRY = "ENTRY#000000000001"
_JUDGED = {
    "billing": Attr("sk").is_in(["ACCOUNT", "PAYMENT", _FIRST_ENTRY]),
    "orders": Attr("sk").begins_with("ORDER#"),
}
"""The rows that a scan returns; an account's entries are read separately, in order."""

type OrderKey = tuple[str, str]
"""Profile id and order id."""

type EntryPlace = tuple[str, int]
"""Profile id, and the entry's number."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Part `number` (0, 1, …) of the `of` parts of a table; `table` is the service's name."""

    table: str
    number: int
    of: int


class Books:
    """The books of one stage."""

    def __init__(self, billing: Table, orders: Table) -> None:
        self._billing = billing
        self._orders = orders

    @classmethod
    def of_stage(cls) -> "Books":
        """The tables that this function is deployed with."""
        return cls(Table(environment.required("BILLING_TABLE")), Table(environment.required("ORDERS_TABLE")))

    def rows(self, segment: Segment, *, limit: int, start_key: Key | None) -> tuple[list[Row], int, Key | None]:
        """The accounts, first entries, payments or orders among the next `limit` rows.

        Also how many rows were read, and where to continue, if at all. One request.
        """
        table = self._billing if segment.table == "billing" else self._orders
        rows, count, last_key = table.scan(
            _JUDGED[segment.table], limit=limit, start_key=start_key, segment=segment.number, segments=segment.of
        )
        return [*rows], count, last_key

    def entries(self, profile_id: str, *, after: int, limit: int) -> tuple[list[dict[str, Any]], bool]:
        """The next entries of an account after the number `after`, and whether more follow. One request."""
        after_it = KeyCondition("sk").between(f"ENTRY#{after + 1:012d}", "ENTRY#~")
        return self._billing.query_forward(KeyCondition("pk").eq(f"ACCOUNT#{profile_id}") & after_it, limit=limit)

    def entries_at(self, places: Sequence[EntryPlace]) -> list[Row | None]:
        """The entries at these places, in order. One request for 100."""
        return self._several(self._billing, [_entry_key(*place) for place in places])

    def account(self, profile_id: str) -> Row | None:
        """The account. One request."""
        return self._billing.get(_account_key(profile_id))

    def accounts(self, profile_ids: Sequence[str]) -> list[Row | None]:
        """The accounts in the order of the ids. One request for 100."""
        return self._several(self._billing, [_account_key(profile_id) for profile_id in profile_ids])

    def payments(self, order_ids: Sequence[str]) -> list[Row | None]:
        """The payments of orders in the order of the ids. One request for 100."""
        return self._several(self._billing, [_payment_key(order_id) for order_id in order_ids])

    def orders(self, keys: Sequence[OrderKey]) -> list[Row | None]:
        """The orders with these keys, in order. One request for 100."""
        return self._several(self._orders, [_order_key(*key) for key in keys])

    def purchases(self, keys: Sequence[OrderKey], orders: Sequence[Row | None]) -> Iterator[Purchase]:
        """The purchases of these orders; their rows may be from different moments. Two requests for 50."""
        payments = self.payments([order_id for _, order_id in keys])
        places = [self._entry_keys(payment) for payment in payments]
        entries = iter(self._several(self._billing, [key for keys_of_one in places for key in keys_of_one]))
        for (_, order_id), order, payment, keys_of_one in zip(keys, orders, payments, places, strict=True):
            found = [next(entries) for _ in keys_of_one]
            yield Purchase(order_id, order, payment, [entry for entry in found if entry])

    def look_at_purchase(self, profile_id: str, order_id: str) -> Purchase:
        """Order, payment and entries at one moment. Two requests; again when the payment changes in between."""

        def at_once() -> Purchase:
            entry_keys = self._entry_keys(self._billing.get(_payment_key(order_id)))
            places = [(self._orders, _order_key(profile_id, order_id)), (self._billing, _payment_key(order_id))]
            order, payment, *entries = look(*places, *((self._billing, key) for key in entry_keys))
            if self._entry_keys(payment) != entry_keys:
                raise ConflictError("the payment was settled while it was looked at")
            return Purchase(order_id, order, payment, [entry for entry in entries if entry])

        return on_conflict(at_once)

    def look_at_entry(self, profile_id: str, number: int) -> tuple[Row | None, Row | None]:
        """The entry with this number and the one before it, at one moment. One request."""
        if number == 1:
            return BEFORE_THE_FIRST, self._billing.get(_entry_key(profile_id, 1))
        places = [(self._billing, _entry_key(profile_id, each)) for each in (number - 1, number)]
        before, entry = on_conflict(lambda: look(*places))
        return before, entry

    def look_at_account(self, profile_id: str) -> tuple[Row | None, Row | None, Row | None]:
        """The account, its last entry, and one after it, at one moment.

        Without an account, the first entry takes the place of the last. Two requests; again when money moves in
        between.
        """

        def at_once() -> tuple[Row | None, Row | None, Row | None]:
            before = self._billing.get(_account_key(profile_id))
            number = before["sequence"] if before else 1
            keys = _account_key(profile_id), _entry_key(profile_id, number), _entry_key(profile_id, number + 1)
            account, last, beyond = look(*((self._billing, key) for key in keys))
            if (account or {}).get("sequence") != (before or {}).get("sequence"):
                raise ConflictError("money moved while the account was looked at")
            return account, (last or BEFORE_THE_FIRST) if number else BEFORE_THE_FIRST, beyond

        return on_conflict(at_once)

    def look_at_move(self, profile_id: str, number: int, order_id: str) -> tuple[Row | None, Row | None]:
        """An entry and the payment of its order, at one moment. One request."""
        places = (self._billing, _entry_key(profile_id, number)), (self._billing, _payment_key(order_id))
        entry, payment = on_conflict(lambda: look(*places))
        return entry, payment

    def _entry_keys(self, payment: Row | None) -> list[Key]:
        """The keys of the entries that moved the payment's money.

        Older payments don't name their entries: then the whole account is searched, with many requests.
        """
        if payment is None or payment["state"] in {"DECLINED", "VOID"}:
            return []
        if "entry" not in payment:
            return [_entry_key(entry["profileId"], entry["sequence"]) for entry in self._entries_of(payment)]
        numbers = (payment["entry"], payment.get("refundEntry"))
        return [_entry_key(payment["profileId"], number) for number in numbers if number]

    def _entries_of(self, payment: Row) -> Iterator[dict[str, Any]]:
        after, more = 0, True
        while more:
            entries, more = self.entries(payment["profileId"], after=after, limit=_MOST_KEYS)
            yield from (entry for entry in entries if entry.get("orderId") == payment["orderId"])
            after = entries[-1]["sequence"] if entries else after

    def _several(self, table: Table, keys: Sequence[Key]) -> list[Row | None]:
        """The items at `keys`, which may repeat, in their order."""
        unique = {tuple(key.values()): key for key in keys}
        found: dict[tuple[str, ...], Row | None] = {}
        for some in batched(unique.items(), _MOST_KEYS, strict=False):
            places, wanted = zip(*some, strict=True)
            items = on_conflict(partial(table.get_several, *wanted, consistent=False))
            found.update(zip(places, items, strict=True))
        return [found[tuple(key.values())] for key in keys]


def _account_key(profile_id: str) -> Key:
    return {"pk": f"ACCOUNT#{profile_id}", "sk": "ACCOUNT"}


def _entry_key(profile_id: str, number: int) -> Key:
    return {"pk": f"ACCOUNT#{profile_id}", "sk": f"ENTRY#{number:012d}"}


def _payment_key(order_id: str) -> Key:
    return {"pk": f"ORDER#{order_id}", "sk": "PAYMENT"}


def _order_key(profile_id: str, order_id: str) -> Key:
    return {"profileId": profile_id, "sk": f"ORDER#{order_id}"}
