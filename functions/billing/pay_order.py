"""Take the money for an order. Called by orders, which waits for the outcome; not available over HTTP."""

from typing import TYPE_CHECKING, Any

from billing.billing_table import BillingTable
from billing.ledger import Entry, EntryKind, post
from billing.payment import PaymentRequest, PaymentState
from shared import clock, correlation, metrics
from shared.events import OrderPaid, occurrence
from shared.ids import new_id
from shared.logs import logger
from shared.metrics import Metric
from shared.money import Currency, Minor
from shared.outbox import outbox_entry
from shared.pay_order import PayOrder, PayOrderAnswer
from shared.payments import Outcome
from shared.problems import InsufficientFundsError
from shared.retry import on_conflict

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

billing = BillingTable.of_stage()


def handler(call: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Take the money of an order exactly once, and publish OrderPaid in the same write.

    The order's id is the idempotency key: a repeated call returns the outcome of the first. One read, one write.
    """
    asked = PayOrder.model_validate(call)
    correlation.carry_on(asked.correlationId, context)
    request = PaymentRequest(asked.orderId, asked.profileId, Minor(asked.amount), asked.attempt)
    return PayOrderAnswer(outcome=on_conflict(lambda: _pay(request))).model_dump()


def _pay(request: PaymentRequest) -> Outcome:
    account, payment = billing.account_and_payment(request.profile_id, request.order_id)
    said: dict[str, Any] = {"orderId": request.order_id, "attempt": request.attempt}
    if settled := request.settled_by(payment):
        logger.info("payment", **said, outcome=settled.value)
        return settled
    now = clock.timestamp()
    try:
        moved, entry = post(
            account, EntryKind.PAYMENT, request.amount, transaction_id=new_id(), now=now, order_id=request.order_id
        )
    except InsufficientFundsError:
        billing.decline(request.payment(PaymentState.DECLINED, now))
        metrics.publish({Metric.PAYMENTS_DECLINED: 1}, **said)
        return Outcome.INSUFFICIENT_FUNDS
    taking = billing.taking(request.payment(PaymentState.TAKEN, now, entry.sequence))
    billing.post(moved, entry, _order_paid(entry, request, billing.currency), beside=taking)
    paid = {Metric.ORDERS_PAID: 1, Metric.MONEY_PAID: request.amount}
    metrics.publish(paid, currency=entry.currency, **said)
    return Outcome.TAKEN


def _order_paid(entry: Entry, request: PaymentRequest, currency: Currency) -> str:
    event = OrderPaid(
        **occurrence(entry.profile_id, entry.occurred_at),
        orderId=request.order_id,
        amount=currency.to_decimal(request.amount),
        currency=entry.currency,
    )
    return outbox_entry(event)
