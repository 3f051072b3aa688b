"""Deposits and withdrawals: they differ only in the direction of the money and the event."""

from http import HTTPStatus
from typing import Annotated, Any

from pydantic import ConfigDict

from billing.amount import amount_in
from billing.billing_table import BillingTable
from billing.ledger import Entry, EntryKind, post
from billing.views import moved_view
from shared import clock, metrics
from shared.body import Body, read_body
from shared.events import DepositAccepted, occurrence
from shared.http import Request, Response
from shared.idempotency import IdempotencyKey
from shared.ids import new_id
from shared.metrics import Metric
from shared.money import Currency, Minor
from shared.outbox import outbox_entry
from shared.problems import InsufficientFundsError
from shared.retry import on_conflict

billing = BillingTable.of_stage()

_COUNTED = {EntryKind.DEPOSIT: Metric.MONEY_DEPOSITED, EntryKind.WITHDRAWAL: Metric.MONEY_WITHDRAWN}


class CashBody(Body):
    """How much to move, in major units."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": 100}, {"amount": 12.5}]})

    amount: Annotated[Minor, amount_in(billing.currency)]


def move_cash(request: Request, kind: EntryKind) -> Response:
    """Move the requested amount once per idempotency key, and return the balance.

    Raises InsufficientFundsError, and what read_body and IdempotencyKey.of raise. One read, one write; a second read
    before it raises InsufficientFundsError.
    """
    caller = request.caller
    amount = read_body(request, CashBody).amount
    key = IdempotencyKey.of(request, kind.value, {"amount": amount})

    def move() -> Response:
        account, record = billing.account_and_record(caller.profile_id, key)
        if (stored := key.stored_answer(record)) is not None:
            return _replayed(stored)
        try:
            moved, entry = post(account, kind, amount, transaction_id=new_id(), now=clock.timestamp())
        except InsufficientFundsError:
            # Account and record may be from two moments: perhaps the balance is low because this very key took the
            # money.
            _, record = billing.account_and_record(caller.profile_id, key)
            if (stored := key.stored_answer(record)) is None:
                raise
            return _replayed(stored)
        answer: dict[str, Any] = {**moved_view(entry, billing.currency)}
        event = _deposit_accepted(entry, billing.currency) if kind is EntryKind.DEPOSIT else None
        billing.post(moved, entry, event, beside=billing.recording(caller.profile_id, key, answer))
        metrics.publish({_COUNTED[kind]: amount}, currency=entry.currency, transactionId=entry.transaction_id)
        return Response(HTTPStatus.OK, answer)

    return on_conflict(move)


def _replayed(stored: dict[str, Any]) -> Response:
    return Response(HTTPStatus.OK, stored, {"idempotency-replayed": "true"})


def _deposit_accepted(entry: Entry, currency: Currency) -> str:
    event = DepositAccepted(
        **occurrence(entry.profile_id, entry.occurred_at),
        transactionId=entry.transaction_id,
        amount=currency.to_decimal(entry.amount),
        balance=currency.to_decimal(entry.balance_after),
        currency=entry.currency,
    )
    return outbox_entry(event)
