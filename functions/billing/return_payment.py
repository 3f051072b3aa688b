"""OrderCanceled: return the order's money, or make sure that a late payment can't take it."""

from billing.billing_table import BillingTable
from billing.ledger import Entry, EntryKind, post
from billing.payment import Payment, PaymentState
from shared import clock, metrics
from shared.consumer import UnexpectedEventError, consumer
from shared.events import OrderCanceled, OrderRefunded, occurrence
from shared.ids import new_id
from shared.metrics import Metric
from shared.money import Currency, Minor
from shared.outbox import outbox_entry
from shared.retry import on_conflict

billing = BillingTable.of_stage()


@consumer(OrderCanceled)
def handler(event: OrderCanceled) -> None:
    """Move the payment of a canceled order to RETURNED or VOID. Idempotent. One read, one write."""
    on_conflict(lambda: _return(event))


def _return(event: OrderCanceled) -> None:
    account, payment = billing.account_and_payment(event.profileId, event.orderId)
    now = clock.timestamp()
    if payment is None or payment.state is PaymentState.DECLINED:
        attempt = payment.attempt if payment else 0
        billing.void(Payment(event.orderId, event.profileId, PaymentState.VOID, 0, attempt, now))
    elif payment.state is PaymentState.TAKEN:
        if payment.profile_id != event.profileId:
            raise UnexpectedEventError("the order was paid by another profile")
        moved, entry = post(
            account,
            EntryKind.REFUND,
            Minor(payment.amount),
            transaction_id=new_id(),
            now=now,
            order_id=payment.order_id,
        )
        refunded = _order_refunded(entry, payment, billing.currency)
        billing.post(moved, entry, refunded, beside=billing.returning(payment.returned(now, entry.sequence)))
        metrics.publish({Metric.MONEY_REFUNDED: entry.amount}, currency=entry.currency, orderId=payment.order_id)


def _order_refunded(entry: Entry, payment: Payment, currency: Currency) -> str:
    event = OrderRefunded(
        **occurrence(entry.profile_id, entry.occurred_at),
        orderId=payment.order_id,
        amount=currency.to_decimal(entry.amount),
        balance=currency.to_decimal(entry.balance_after),
        currency=entry.currency,
    )
    return outbox_entry(event)
