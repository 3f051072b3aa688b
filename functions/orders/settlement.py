"""Marks an order paid once its payment was taken, whether the request or the event reports it first."""

from orders.order import Order
from orders.order_table import OrderTable
from shared import clock
from shared.problems import NotFoundError
from shared.retry import on_conflict


def mark_paid(orders: OrderTable, profile_id: str, order_id: str, known: Order | None = None) -> Order:
    """Mark the order PAID, unless it is PAID or final; idempotent. `known` saves the read if it is current.

    Raises NotFoundError, and OrderStateConflictError when the order was canceled (its money is returned automatically).
    """
    guess = [known] if known else []

    def attempt() -> Order:
        order = guess.pop() if guess else orders.get(profile_id, order_id)
        if order is None:
            raise NotFoundError
        paid = order.paid(clock.timestamp())
        if paid is not order:
            orders.save(paid)
        return paid

    return on_conflict(attempt)
