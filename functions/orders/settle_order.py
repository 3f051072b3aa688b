"""OrderPaid: bring the order to PAID, when the request that paid it did not live to do so."""

from orders.order_table import OrderTable
from orders.settlement import mark_paid
from shared.consumer import consumer
from shared.events import OrderPaid
from shared.problems import OrderStateConflictError

orders = OrderTable.of_stage()


@consumer(OrderPaid)
def handler(event: OrderPaid) -> None:
    """Mark the order paid, once, however often told. One read, at most one write."""
    try:
        mark_paid(orders, event.profileId, event.orderId)
    except OrderStateConflictError:
        # Canceled meanwhile: its OrderCanceled event has billing give the money back.
        return
