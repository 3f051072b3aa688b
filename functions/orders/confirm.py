"""Confirming an order: freeze it, have billing take the money, mark it paid.

It recovers from a crash at any point. Frozen, nothing taken: the user confirms again, or cancels. Taken, not marked:
confirming again finds the money taken; the event OrderPaid does too, without the user.
"""

from orders.billing_client import BillingClient
from orders.order import Event, Order, State
from orders.order_table import NotPayableError, OrderTable
from orders.settlement import mark_paid
from shared import clock
from shared.dynamodb import ConditionFailedError
from shared.payments import Outcome
from shared.problems import (
    ConcurrentRequestError,
    InsufficientFundsError,
    NotFoundError,
    OrderStateConflictError,
)
from shared.retry import on_conflict


def confirm(orders: OrderTable, billing: BillingClient, profile_id: str, order_id: str) -> Order:
    """Pay the profile's order and return it; a PAID one is returned unchanged.

    Raises NotFoundError, OrderStateConflictError, OrderIncompleteError, InsufficientFundsError (the order is editable
    again). One write, one call of billing (one read, one write), one write; a repeat is one rejected write.
    """
    try:
        order = on_conflict(lambda: orders.freeze(profile_id, order_id))
    except NotPayableError as refused:
        return _paid_before(refused)
    match billing.pay(order, order.demand_payable()):
        case Outcome.TAKEN:
            return mark_paid(orders, profile_id, order_id, known=order)
        case Outcome.INSUFFICIENT_FUNDS:
            _thaw(orders, order)
            raise InsufficientFundsError
        case Outcome.SUPERSEDED:
            raise ConcurrentRequestError
        case Outcome.CANCELED:
            raise OrderStateConflictError(State.CANCELED.value, Event.CONFIRM.value)


def _paid_before(refused: NotPayableError) -> Order:
    """The order, if it can't be frozen because it is PAID; else raises the reason why it can't be paid."""
    if refused.order is None:
        raise NotFoundError from None
    if not refused.order.has_had(Event.CONFIRM):
        refused.order.demand_payable()
        raise refused
    return refused.order


def _thaw(orders: OrderTable, order: Order) -> None:
    thawed = order.payment_declined(clock.timestamp())

    def attempt() -> None:
        try:
            orders.save(thawed)
        except ConditionFailedError:
            # Another confirm, or a cancel, was faster and decides the order's state.
            return

    on_conflict(attempt)
