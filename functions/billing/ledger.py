"""The ledger: immutable entries, and the account whose balance is their sum. Pure domain.

Each entry moves money between the account and a counter-account outside it, so that the whole ledger sums to 0. Entries
of an account are numbered without gaps, state the resulting balance, and are chained by hashes: altering, removing or
inserting one is detectable.
"""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from shared.money import Minor
from shared.problems import InsufficientFundsError
from shared.wire import write_json

GENESIS = "0" * 64
"""The `previous_hash` of an account's first entry."""


class EntryKind(StrEnum):
    """Why money moved."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"

    @property
    def sign(self) -> int:
        """1 for money into the account, -1 for money out of it."""
        return 1 if self in {EntryKind.DEPOSIT, EntryKind.REFUND} else -1

    @property
    def counter_account(self) -> str:
        """The account on the other side of the entry."""
        return "sales" if self in {EntryKind.PAYMENT, EntryKind.REFUND} else "outside"


@dataclass(frozen=True, slots=True)
class Account:
    """A profile's account. `balance` is in minor units; `sequence` is the number of its last entry (0: none yet)."""

    profile_id: str
    currency: str
    balance: int
    sequence: int
    last_hash: str
    updated_at: str

    @classmethod
    def opened(cls, profile_id: str, currency: str, now: str) -> "Account":
        """A new account, without money."""
        return cls(profile_id, currency, balance=0, sequence=0, last_hash=GENESIS, updated_at=now)


@dataclass(frozen=True, slots=True)
class Entry:
    """One move of money. `amount` is in minor units and signed: what it adds to the account."""

    transaction_id: str
    profile_id: str
    sequence: int
    kind: EntryKind
    amount: int
    balance_after: int
    currency: str
    counter_account: str
    order_id: str | None
    occurred_at: str
    previous_hash: str
    hash: str

    def expected_hash(self) -> str:
        """SHA-256 over all fields of the entry, including the hash of the previous entry."""
        said = {
            "transactionId": self.transaction_id,
            "profileId": self.profile_id,
            "sequence": self.sequence,
            "kind": str(self.kind),
            "amount": self.amount,
            "balanceAfter": self.balance_after,
            "currency": self.currency,
            "counterAccount": self.counter_account,
            "orderId": self.order_id,
            "occurredAt": self.occurred_at,
            "previousHash": self.previous_hash,
        }
        return hashlib.sha256(write_json(said).encode()).hexdigest()


def post(
    account: Account, kind: EntryKind, amount: Minor, *, transaction_id: str, now: str, order_id: str | None = None
) -> tuple[Account, Entry]:
    """The account after moving `amount` (minor units, > 0), and the entry that records it.

    Raises InsufficientFundsError when the balance would fall below 0.
    """
    if amount <= 0:
        raise ValueError("an entry moves a positive amount; its kind says in which direction")
    signed = kind.sign * amount
    balance = account.balance + signed
    if balance < 0:
        raise InsufficientFundsError
    entry = Entry(
        transaction_id=transaction_id,
        profile_id=account.profile_id,
        sequence=account.sequence + 1,
        kind=kind,
        amount=signed,
        balance_after=balance,
        currency=account.currency,
        counter_account=kind.counter_account,
        order_id=order_id,
        occurred_at=now,
        previous_hash=account.last_hash,
        hash="",
    )
    entry = replace(entry, hash=entry.expected_hash())
    moved = replace(account, balance=balance, sequence=entry.sequence, last_hash=entry.hash, updated_at=now)
    return moved, entry
