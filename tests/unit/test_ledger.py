"""The ledger: what a move of money does to the account, and that no entry can be altered without showing."""

from dataclasses import replace
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.ledger import GENESIS, Account, Entry, EntryKind, post
from shared.money import Minor
from shared.problems import InsufficientFundsError
from tests.unit.properties import few_examples

NOW = "2026-11-24T13:07:09.123Z"

MOVES = st.lists(st.tuples(st.sampled_from(EntryKind), st.integers(1, 100_000_000)), max_size=25)


def an_account(balance: int = 0) -> Account:
    """An account in USD; what it holds came by one deposit."""
    account = Account.opened("profile-1", "USD", NOW)
    return move(account, EntryKind.DEPOSIT, balance)[0] if balance else account


def move(
    account: Account, kind: EntryKind, amount: int, transaction_id: str = "transaction-1"
) -> tuple[Account, Entry]:
    """One move; payments and refunds are of order-1."""
    order_id = "order-1" if kind in {EntryKind.PAYMENT, EntryKind.REFUND} else None
    return post(account, kind, Minor(amount), transaction_id=transaction_id, now=NOW, order_id=order_id)


def move_all(moves: list[tuple[EntryKind, int]]) -> tuple[Account, list[Entry]]:
    """The account after all moves for which there was money, and their entries."""
    account = an_account()
    entries: list[Entry] = []
    for kind, amount in moves:
        try:
            account, entry = move(account, kind, amount, f"transaction-{len(entries)}")
        except InsufficientFundsError:
            continue
        entries.append(entry)
    return account, entries


@pytest.mark.parametrize(
    ("kind", "adds", "counter_account"),
    [
        (EntryKind.DEPOSIT, 1250, "outside"),
        (EntryKind.WITHDRAWAL, -1250, "outside"),
        (EntryKind.PAYMENT, -1250, "sales"),
        (EntryKind.REFUND, 1250, "sales"),
    ],
)
def test_each_kind_moves_money_the_right_way_from_or_to_its_counter_account(
    kind: EntryKind, adds: int, counter_account: str
) -> None:
    account, entry = move(an_account(10_000), kind, 1250)
    assert account.balance == entry.balance_after == 10_000 + adds
    assert (entry.kind, entry.amount, entry.counter_account) == (kind, adds, counter_account)


def test_an_entry_says_whose_it_is_when_it_was_and_what_for() -> None:
    account = an_account(10_000)
    _, entry = post(account, EntryKind.PAYMENT, Minor(1), transaction_id="t-9", now=NOW, order_id="order-9")
    assert (entry.transaction_id, entry.profile_id, entry.currency) == ("t-9", "profile-1", "USD")
    assert (entry.order_id, entry.occurred_at) == ("order-9", NOW)


@pytest.mark.parametrize("kind", [EntryKind.WITHDRAWAL, EntryKind.PAYMENT])
def test_the_whole_balance_can_be_taken_and_not_one_unit_more(kind: EntryKind) -> None:
    assert move(an_account(1250), kind, 1250)[0].balance == 0
    with pytest.raises(InsufficientFundsError):
        move(an_account(1250), kind, 1251)


def test_a_refused_move_leaves_the_account_as_it_was() -> None:
    account = an_account(1250)
    before = replace(account)
    with pytest.raises(InsufficientFundsError):
        move(account, EntryKind.WITHDRAWAL, 1251)
    assert account == before


def test_a_new_account_is_empty_and_its_first_entry_is_number_1_after_nothing() -> None:
    account = an_account()
    assert (account.balance, account.sequence) == (0, 0)
    _, entry = move(account, EntryKind.DEPOSIT, 1)
    assert (entry.sequence, entry.previous_hash) == (1, GENESIS)


OTHER_VALUES: dict[str, object] = {
    "transaction_id": "transaction-2",
    "profile_id": "profile-2",
    "sequence": 3,
    "kind": EntryKind.WITHDRAWAL,
    "amount": -1251,
    "balance_after": 8751,
    "currency": "EUR",
    "counter_account": "outside",
    "order_id": "order-2",
    "occurred_at": "2026-11-24T13:07:09.124Z",
    "previous_hash": "f" * 64,
}


def test_every_field_but_the_hash_itself_is_under_the_hash() -> None:
    assert set(OTHER_VALUES) == set(Entry.__slots__) - {"hash"}


@pytest.mark.parametrize("field", OTHER_VALUES)
def test_altering_any_field_of_an_entry_shows(field: str) -> None:
    _, entry = move(an_account(10_000), EntryKind.PAYMENT, 1250)
    altered = replace(entry, **{field: OTHER_VALUES[field]})  # type: ignore[arg-type]
    assert entry.hash == entry.expected_hash()
    assert altered.expected_hash() != entry.hash


def test_taking_an_order_off_an_entry_shows() -> None:
    _, entry = move(an_account(10_000), EntryKind.PAYMENT, 1250)
    assert replace(entry, order_id=None).expected_hash() != entry.hash


@few_examples
@given(MOVES)
def test_the_balance_is_the_sum_of_the_entries_and_never_below_0(moves: list[tuple[EntryKind, int]]) -> None:
    account, entries = move_all(moves)
    total = 0
    for entry in entries:
        total += entry.amount
        assert entry.balance_after == total >= 0
    assert account.balance == total


@few_examples
@given(MOVES)
def test_the_whole_ledger_sums_to_0(moves: list[tuple[EntryKind, int]]) -> None:
    account, entries = move_all(moves)
    counter_sides = {"outside": 0, "sales": 0}
    for entry in entries:
        counter_sides[entry.counter_account] -= entry.amount
    assert account.balance + sum(counter_sides.values()) == 0


@few_examples
@given(MOVES)
def test_entries_are_numbered_without_gaps_and_each_holds_the_hash_of_the_one_before(
    moves: list[tuple[EntryKind, int]],
) -> None:
    account, entries = move_all(moves)
    for entry, number in zip(entries, count(1), strict=False):
        assert entry.sequence == number
        assert entry.hash == entry.expected_hash()
    assert [entry.previous_hash for entry in entries[:1]] == [GENESIS][: len(entries)]
    assert all(later.previous_hash == earlier.hash for earlier, later in pairwise(entries))
    assert account.sequence == len(entries)
    assert account.last_hash == (entries[-1].hash if entries else GENESIS)


def test_an_entry_removed_from_the_middle_breaks_the_chain() -> None:
    _, entries = move_all([(EntryKind.DEPOSIT, 5), (EntryKind.DEPOSIT, 6), (EntryKind.WITHDRAWAL, 7)])
    first, _, third = entries
    assert third.previous_hash != first.hash
