"""The billing table, and the only place that knows its keys.

| pk                  | sk                            | item                                          |
|---------------------|-------------------------------|-----------------------------------------------|
| ACCOUNT#{profileId} | ACCOUNT                       | the account                                   |
| ACCOUNT#{profileId} | ENTRY#{sequence, 12 digits}   | a ledger entry, never changed, with its event |
| ACCOUNT#{profileId} | IDEMPOTENCY#{operation}#{key} | the answer to a key, for 90 days              |
| ORDER#{orderId}     | PAYMENT                       | the payment of an order                       |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from billing.ledger import Account, Entry, EntryKind
from billing.payment import Payment, PaymentState
from shared import clock, environment
from shared.dynamodb import Key, Table
from shared.items import ItemShape
from shared.money import Currency
from shared.outbox import OUTBOX_ATTRIBUTE
from shared.paging import Page, PageRequest

if TYPE_CHECKING:
    from boto3.dynamodb.conditions import ConditionBase
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from shared.idempotency import IdempotencyKey

POSITION = re.compile(r"[0-9]{12}")
"""A place in the statement: the number of an entry."""

_IS_NEW = Attr("pk").not_exists()


_ACCOUNT = ItemShape(Account)
_ENTRY = ItemShape(Entry, kind=EntryKind)
_PAYMENT = ItemShape(Payment, state=PaymentState)


class BillingTable:
    """Accounts, entries, payments and idempotency records of one stage, all in its currency."""

    def __init__(self, table: Table, currency: Currency) -> None:
        self.table = table
        self.currency = currency

    @classmethod
    def of_stage(cls) -> BillingTable:
        """The table that this function is deployed with."""
        return cls(Table(environment.required("BILLING_TABLE")), environment.currency())

    def account(self, profile_id: str) -> Account | None:
        """The account, None before it is opened. One read."""
        item = self.table.get(account_key(profile_id))
        return _ACCOUNT.thing(item) if item else None

    def account_and_record(self, profile_id: str, key: IdempotencyKey) -> tuple[Account, dict[str, Any] | None]:
        """The account (a new one if there is none) and the record of an idempotency key. One read."""
        account, record = self.table.get_several(account_key(profile_id), _record_key(profile_id, key))
        return self._account_or_new(account, profile_id), record

    def account_and_payment(self, profile_id: str, order_id: str) -> tuple[Account, Payment | None]:
        """The account (a new one if there is none) and the payment of an order. One read."""
        account, payment = self.table.get_several(account_key(profile_id), _payment_key(order_id))
        return self._account_or_new(account, profile_id), _PAYMENT.thing(payment) if payment else None

    def payment(self, order_id: str) -> Payment | None:
        """The payment of an order, None before the first attempt to pay. One read."""
        item = self.table.get(_payment_key(order_id))
        return _PAYMENT.thing(item) if item else None

    def entry(self, profile_id: str, sequence: int) -> Entry | None:
        """The ledger entry with this number. One read."""
        item = self.table.get(_entry_key(profile_id, sequence))
        return _ENTRY.thing(item) if item else None

    def entries(self, profile_id: str, page: PageRequest) -> Page[Entry]:
        """A page of the statement, newest first. One read."""
        pk = account_key(profile_id)["pk"]
        items, last = self.table.query(
            KeyCondition("pk").eq(pk) & KeyCondition("sk").begins_with("ENTRY#"),
            limit=page.limit,
            start_key={"pk": pk, "sk": f"ENTRY#{page.position}"} if page.position else None,
        )
        position = last["sk"].removeprefix("ENTRY#") if last else None
        return Page([_ENTRY.thing(item) for item in items], position)

    def open_account(self, profile_id: str) -> None:
        """Write a new account. Raises ConflictError when it exists already. One write."""
        account = Account.opened(profile_id, self.currency.code, clock.timestamp())
        self.table.put(_account_item(account), _IS_NEW)

    def post(self, account: Account, entry: Entry, event: str | None, *, beside: TransactWriteItemTypeDef) -> None:
        """Move money: write the updated account, its new entry with the event, and the items `beside` them, or nothing.

        Raises ConflictError when the account or an item of `beside` has changed since it was read. One write.
        """
        self.table.transact(
            self.table.putting(_account_item(account), _follows(entry)),
            self.table.putting({**_entry_item(entry), OUTBOX_ATTRIBUTE: event}, _IS_NEW),
            beside,
        )

    def recording(self, profile_id: str, key: IdempotencyKey, answer: dict[str, Any]) -> TransactWriteItemTypeDef:
        """The record of an idempotency key, as a part for post()."""
        return self.table.putting(
            {**_record_key(profile_id, key), **key.record(answer)},
            _IS_NEW | Attr("expiresAt").lte(clock.epoch_seconds()),
        )

    def taking(self, payment: Payment) -> TransactWriteItemTypeDef:
        """The payment as TAKEN, as a part for post(); only if nothing has settled it."""
        return self.table.putting(_payment_item(payment), _is_open_for(payment.attempt))

    def returning(self, payment: Payment) -> TransactWriteItemTypeDef:
        """The payment as RETURNED, as a part for post(); only if it is TAKEN."""
        return self.table.putting(_payment_item(payment), Attr("state").eq(PaymentState.TAKEN.value))

    def decline(self, payment: Payment) -> None:
        """Record a declined attempt, so that no older one can succeed. Raises ConflictError. One write."""
        self.table.put(_payment_item(payment), _is_open_for(payment.attempt))

    def void(self, payment: Payment) -> None:
        """Write the tombstone that blocks every payment of a canceled order.

        Raises ConflictError when money was taken in between. One write.
        """
        self.table.put(_payment_item(payment), _IS_NEW | Attr("state").eq(PaymentState.DECLINED.value))

    def _account_or_new(self, item: dict[str, Any] | None, profile_id: str) -> Account:
        return _ACCOUNT.thing(item) if item else Account.opened(profile_id, self.currency.code, clock.timestamp())


def account_key(profile_id: str) -> Key:
    """The key of a profile's account."""
    return {"pk": f"ACCOUNT#{profile_id}", "sk": "ACCOUNT"}


def _record_key(profile_id: str, key: IdempotencyKey) -> Key:
    return {"pk": f"ACCOUNT#{profile_id}", "sk": key.sort_key}


def _payment_key(order_id: str) -> Key:
    return {"pk": f"ORDER#{order_id}", "sk": "PAYMENT"}


def _entry_key(profile_id: str, sequence: int) -> Key:
    return {"pk": f"ACCOUNT#{profile_id}", "sk": f"ENTRY#{sequence:012d}"}


def _follows(entry: Entry) -> ConditionBase:
    """The account has not changed since `entry` was derived from it."""
    unchanged = (
        Attr("sequence").eq(entry.sequence - 1)
        & Attr("balance").eq(entry.balance_after - entry.amount)
        & Attr("lastHash").eq(entry.previous_hash)
    )
    return _IS_NEW | unchanged if entry.sequence == 1 else unchanged


def _is_open_for(attempt: int) -> ConditionBase:
    """No payment yet, or one that an earlier attempt was declined for."""
    declined_earlier = Attr("state").eq(PaymentState.DECLINED.value) & Attr("attempt").lt(attempt)
    return _IS_NEW | declined_earlier


def _account_item(account: Account) -> dict[str, Any]:
    return {**account_key(account.profile_id), **_ACCOUNT.attributes(account)}


def _entry_item(entry: Entry) -> dict[str, Any]:
    return {**_entry_key(entry.profile_id, entry.sequence), **_ENTRY.attributes(entry)}


def _payment_item(payment: Payment) -> dict[str, Any]:
    return {**_payment_key(payment.order_id), **_PAYMENT.attributes(payment)}
