"""OrderPaid: mark the order PAID, if the request that paid it crashed before it could."""

from orders.order_table import OrderTable
from orders.settlement import mark_paid
from shared.consumer import consumer
from shared.events import OrderPaid
from shared.problems import OrderStateConflictError

orders = OrderTable.of_stage()


@consumer(OrderPaid)
def handler(event: OrderPaid) -> None:
    """Mark the order paid. Idempotent. One read, at most one write."""
    try:
        mark_paid(orders, event.profileId, event.orderId)
    except OrderStateConflictError:
        # Canceled in between: on its OrderCanceled event, billing returns the money.
        return
