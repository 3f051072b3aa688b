"""Take the money for an order. Called by orders, which waits for the outcome; not reachable over HTTP."""

from billing.billing_table import BillingTable
from billing.ledger import Entry, EntryKind, post
from billing.payment import PaymentRequest, PaymentState
from shared import clock
from shared.events import OrderPaid, new_event, outbox_entry
from shared.ids import new_id
from shared.logs import logger
from shared.money import Currency, Minor
from shared.payments import Outcome, PayOrder, PayOrderAnswer
from shared.problems import InsufficientFundsError
from shared.retry import on_conflict

billing = BillingTable.of_stage()


def handler(call: PayOrder, _context: object) -> PayOrderAnswer:
    """Take the money of an order once, however often asked, and say OrderPaid in the same write.

    The order's id is the idempotency key: a repeated call is told what the first one led to. One read, one write.
    """
    request = PaymentRequest(call["orderId"], call["profileId"], Minor(call["amount"]), call["attempt"])
    outcome = on_conflict(lambda: _pay(request))
    logger.info("payment", orderId=request.order_id, attempt=request.attempt, outcome=outcome.value)
    return {"outcome": outcome.value}


def _pay(request: PaymentRequest) -> Outcome:
    account, payment = billing.account_and_payment(request.profile_id, request.order_id)
    if settled := request.settled_by(payment):
        return settled
    now = clock.timestamp()
    try:
        moved, entry = post(
            account, EntryKind.PAYMENT, request.amount, transaction_id=new_id(), now=now, order_id=request.order_id
        )
    except InsufficientFundsError:
        billing.decline(request.payment(PaymentState.DECLINED, now))
        return Outcome.INSUFFICIENT_FUNDS
    taking = billing.taking(request.payment(PaymentState.TAKEN, now))
    billing.post(moved, entry, _order_paid(entry, request, billing.currency), beside=taking)
    return Outcome.TAKEN


def _order_paid(entry: Entry, request: PaymentRequest, currency: Currency) -> str:
    event: OrderPaid = {
        **new_event(entry.profile_id, entry.occurred_at),
        "orderId": request.order_id,
        "amount": currency.to_decimal(request.amount),
        "currency": entry.currency,
    }
    return outbox_entry("OrderPaid", event)
