"""Bringing a taken payment into the order, from whichever side it is learned first."""

from orders.order import Order
from orders.order_table import OrderTable
from shared import clock
from shared.problems import NotFoundError
from shared.retry import on_conflict


def mark_paid(orders: OrderTable, profile_id: str, order_id: str, known: Order | None = None) -> Order:
    """Bring the order to PAID, unless it is there or beyond; idempotent. `known` saves the read if it is current.

    Raises NotFoundError, and OrderStateConflictError when the order was canceled (its money goes back by itself).
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
