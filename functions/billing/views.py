"""What clients see of billing. Amounts are in major units, with the currency's own number of places."""

from decimal import Decimal
from typing import TypedDict

from billing.ledger import Account, Entry, EntryKind
from billing.payment import Payment, PaymentState
from shared import examples
from shared.money import Currency
from shared.views import Id, Timestamp


class AccountView(TypedDict):
    """The caller's account; `updatedAt` is null until the account is opened."""

    id: Id
    balance: Decimal
    currency: str
    updatedAt: Timestamp | None


class MovedView(TypedDict):
    """Money that was moved, and the resulting balance."""

    transactionId: Id
    amount: Decimal
    balance: Decimal
    currency: str
    createdAt: Timestamp


class TransactionView(TypedDict):
    """One line of the statement; `amount` is signed: what it added to the balance."""

    transactionId: Id
    sequence: int
    kind: EntryKind
    amount: Decimal
    balanceAfter: Decimal
    currency: str
    orderId: Id | None
    createdAt: Timestamp


class PaymentView(TypedDict):
    """The payment of an order; `takenAt` and `returnedAt` are null until its money is taken, and returned."""

    orderId: Id
    state: PaymentState
    amount: Decimal
    currency: str
    takenAt: Timestamp | None
    returnedAt: Timestamp | None


ACCOUNT: AccountView = {
    "id": examples.PROFILE_ID,
    "balance": Decimal("100.00"),
    "currency": "USD",
    "updatedAt": examples.MOMENT,
}
DEPOSITED: MovedView = {
    "transactionId": examples.TRANSACTION_ID,
    "amount": Decimal("100.00"),
    "balance": Decimal("100.00"),
    "currency": "USD",
    "createdAt": examples.MOMENT,
}
TRANSACTION: TransactionView = {
    "transactionId": examples.TRANSACTION_ID,
    "sequence": 1,
    "kind": EntryKind.DEPOSIT,
    "amount": Decimal("100.00"),
    "balanceAfter": Decimal("100.00"),
    "currency": "USD",
    "orderId": None,
    "createdAt": examples.MOMENT,
}


PAYMENT: PaymentView = {
    "orderId": examples.ORDER_ID,
    "state": PaymentState.TAKEN,
    "amount": Decimal("30.00"),
    "currency": "USD",
    "takenAt": examples.LATER,
    "returnedAt": None,
}


def account_view(account: Account, currency: Currency) -> AccountView:
    """The account as its owner sees it."""
    return {
        "id": account.profile_id,
        "balance": currency.to_decimal(account.balance),
        "currency": account.currency,
        "updatedAt": account.updated_at or None,
    }


def moved_view(entry: Entry, currency: Currency) -> MovedView:
    """The answer to a deposit or withdrawal."""
    return {
        "transactionId": entry.transaction_id,
        "amount": currency.to_decimal(abs(entry.amount)),
        "balance": currency.to_decimal(entry.balance_after),
        "currency": entry.currency,
        "createdAt": entry.occurred_at,
    }


def transaction_view(entry: Entry, currency: Currency) -> TransactionView:
    """One line of the statement."""
    return {
        "transactionId": entry.transaction_id,
        "sequence": entry.sequence,
        "kind": entry.kind,
        "amount": currency.to_decimal(entry.amount),
        "balanceAfter": currency.to_decimal(entry.balance_after),
        "currency": entry.currency,
        "orderId": entry.order_id,
        "createdAt": entry.occurred_at,
    }


def payment_view(payment: Payment, taken: Entry | None, currency: Currency) -> PaymentView:
    """The payment of an order as its owner sees it; `taken` is the entry that took money since returned."""
    return {
        "orderId": payment.order_id,
        "state": payment.state,
        "amount": currency.to_decimal(payment.amount),
        "currency": currency.code,
        "takenAt": taken.occurred_at if taken else payment.updated_at if payment.state is PaymentState.TAKEN else None,
        "returnedAt": payment.updated_at if payment.state is PaymentState.RETURNED else None,
    }
