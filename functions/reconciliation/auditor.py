"""The auditor: reads rows in pages, suspects those that don't agree, and looks again before it reports them.

Rows are read while money moves. Rows that disagree may be from two moments, so they are only a suspicion until one
consistent read of all rows that the rule names confirms it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reconciliation.books import Books, EntryPlace, OrderKey, Segment
from reconciliation.changes import Changed
from reconciliation.rules import (
    BEFORE_THE_FIRST,
    DELETED,
    Deadlines,
    Finding,
    Row,
    check_account,
    check_entry,
    check_move,
    check_purchase,
)
from shared.dynamodb import Key


@dataclass(slots=True)
class Checked:
    """What was checked: rows by kind, how many were scanned, findings, and where to continue (None: at the end)."""

    rows: Counter[str] = field(default_factory=Counter)
    scanned: int = 0
    findings: set[Finding] = field(default_factory=set)
    last_key: Key | None = None


@dataclass(slots=True)
class CheckedEntries:
    """The same for an account's entries: `last` is the last one checked; `complete` when none follows."""

    count: int
    findings: set[Finding]
    last: Row
    complete: bool


class Auditor:
    """Checks the rules, on `page_rows` rows at a time."""

    def __init__(self, books: Books, deadlines: Deadlines, page_rows: int) -> None:
        self._books = books
        self._deadlines = deadlines
        self._page_rows = page_rows

    def check_rows(self, segment: Segment, start_key: Key | None) -> tuple[Checked, list[str]]:
        """Check the next page of a segment; returns its accounts, by profile id, which are still to be checked."""
        rows, scanned, last_key = self._books.rows(segment, limit=self._page_rows, start_key=start_key)
        checked = Checked(scanned=scanned, last_key=last_key)
        if segment.table == "orders":
            checked.rows["orders"] = len(rows)
            checked.findings |= self._check_orders([(row["profileId"], row["id"]) for row in rows], rows)
            return checked, []
        payments = [row for row in rows if row["sk"] == "PAYMENT"]
        checked.rows["payments"] = len(payments)
        checked.findings |= self._check_payments(payments)
        return checked, self._accounts_in(rows)

    def check_orders(self, keys: Sequence[OrderKey]) -> set[Finding]:
        """Check the purchases of these orders, including those with only a payment."""
        return self._check_orders(keys, self._books.orders(keys))

    def check_entries(self, profile_id: str, previous: Row) -> CheckedEntries:
        """Check the next page of an account's entries, after `previous`; after the last entry, check the account."""
        entries, more = self._books.entries(profile_id, after=previous["sequence"], limit=self._page_rows)
        findings = set(self._check_moves(entries))
        last = previous
        for entry in entries:
            if any(check_entry(entry, last)):
                findings |= set(self._look_at_entry(profile_id, entry["sequence"]))
            last = entry
        if not more and any(check_account(profile_id, self._books.account(profile_id), last)):
            findings |= set(self._look_at_account(profile_id))
        return CheckedEntries(len(entries), findings, last, complete=not more)

    def check_changed(self, changed: Changed) -> set[Finding]:
        """Check each changed row against its neighbours: if all neighbours agree, so do the books."""
        return (
            self.check_orders(sorted(changed.orders))
            | self._check_neighbours(sorted(changed.entries))
            | self._check_heads(sorted(changed.accounts))
            | {Finding(DELETED, table, row) for table, row in changed.deleted}
        )

    def _check_neighbours(self, places: Sequence[EntryPlace]) -> set[Finding]:
        """Check entries against the previous and next ones, and against their payments."""
        around = sorted({(profile_id, number + step) for profile_id, number in places for step in (-1, 0, 1)})
        found = dict(zip(around, self._books.entries_at(around), strict=True))
        pairs = {(profile_id, number + step) for profile_id, number in places for step in (0, 1)}
        findings = set(self._check_moves([entry for place in places if (entry := found[place])]))
        for profile_id, number in sorted(pairs):
            entry = found[profile_id, number]
            before = BEFORE_THE_FIRST if number == 1 else found[profile_id, number - 1]
            if entry and any(check_entry(entry, before or BEFORE_THE_FIRST)):
                findings |= set(self._look_at_entry(profile_id, number))
        return findings

    def _check_heads(self, profile_ids: Sequence[str]) -> set[Finding]:
        """Check accounts against their last entries. An entry after the last one reveals an account that was reset."""
        accounts = dict(zip(profile_ids, self._books.accounts(profile_ids), strict=True))
        numbers = {each: account["sequence"] if account else 1 for each, account in accounts.items()}
        places = [(each, numbers[each] + step) for each in profile_ids for step in (0, 1)]
        found = dict(zip(places, self._books.entries_at(places), strict=True))
        findings: set[Finding] = set()
        for profile_id, account in accounts.items():
            number = numbers[profile_id]
            last = found[profile_id, number + 1] or found[profile_id, number] or BEFORE_THE_FIRST
            if any(check_account(profile_id, account, last)):
                findings |= set(self._look_at_account(profile_id))
        return findings

    def _accounts_in(self, rows: Sequence[Row]) -> list[str]:
        """The accounts of a page. A first entry adds its account only if that is missing: else a page has it."""
        accounts = [_profile_id(row) for row in rows if row["sk"] == "ACCOUNT"]
        firsts = [_profile_id(row) for row in rows if row["sk"] not in {"ACCOUNT", "PAYMENT"}]
        found = self._books.accounts(firsts)
        return accounts + [first for first, account in zip(firsts, found, strict=True) if account is None]

    def _check_payments(self, payments: Sequence[Row]) -> set[Finding]:
        """A payment is checked with its order, if it has one."""
        keys = [(payment["profileId"], payment["orderId"]) for payment in payments]
        orders = self._books.orders(keys)
        return {
            finding
            for key, order in zip(keys, orders, strict=True)
            if order is None
            for finding in self._look_at_purchase(*key)
        }

    def _check_orders(self, keys: Sequence[OrderKey], orders: Sequence[Row | None]) -> set[Finding]:
        purchases = self._books.purchases(keys, orders)
        return {
            finding
            for key, purchase in zip(keys, purchases, strict=True)
            if any(check_purchase(purchase, self._deadlines))
            for finding in self._look_at_purchase(*key)
        }

    def _check_moves(self, entries: Sequence[Row]) -> Iterator[Finding]:
        moves = [entry for entry in entries if entry.get("orderId")]
        payments = self._books.payments([move["orderId"] for move in moves])
        for move, payment in zip(moves, payments, strict=True):
            if any(check_move(move, payment)):
                entry, seen = self._books.look_at_move(_profile_id(move), move["sequence"], move["orderId"])
                yield from check_move(entry, seen) if entry else ()

    def _look_at_purchase(self, profile_id: str, order_id: str) -> Iterator[Finding]:
        return check_purchase(self._books.look_at_purchase(profile_id, order_id), self._deadlines)

    def _look_at_entry(self, profile_id: str, number: int) -> Iterator[Finding]:
        before, entry = self._books.look_at_entry(profile_id, number)
        yield from check_entry(entry, before or BEFORE_THE_FIRST) if entry else ()

    def _look_at_account(self, profile_id: str) -> Iterator[Finding]:
        account, last, beyond = self._books.look_at_account(profile_id)
        yield from check_account(profile_id, account, beyond or last or BEFORE_THE_FIRST)


def _profile_id(row: Row) -> str:
    return str(row["pk"]).removeprefix("ACCOUNT#")
