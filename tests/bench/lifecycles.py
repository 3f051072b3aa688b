"""What users do with an order, from its creation to its end, and what is billed for it."""

from collections.abc import Mapping

from tests.bench.bill import Bill, Biller, total

_CREATE, _CONFIRM = "orders.create_order", "orders.execute_order CONFIRM"
_COMPLETE, _CANCEL = "orders.execute_order COMPLETE", "orders.execute_order CANCEL"
_READ, _NOTIFICATIONS, _LIST = (
    "orders.get_order",
    "notifications.list_notifications 20 of them",
    "orders.list_orders 20 of them",
)
_SETTLE, _RETURN = "orders.settle_order marked already", "billing.return_payment"
_DEPOSIT = "billing.deposit"

COMPLETE = "created, paid, completed"
SAID = (
    "A complete lifecycle is five requests of a signed-in user: create an order, confirm it, complete it, read it once "
    "and read the notifications once; and what follows from them: the authorizer, the payment, two events (OrderPaid, "
    "OrderCompleted), the order settled, two notifications written."
)


def complete(biller: Biller) -> Bill:
    """The lifecycle that the budget is for; see SAID."""
    requests = biller.signed_in(_CREATE, _CONFIRM, _COMPLETE, _READ, _NOTIFICATIONS)
    return total([requests, biller.event(_SETTLE), biller.event()])


def variants(biller: Biller) -> Mapping[str, Bill]:
    """Lifecycles by what happens in them."""
    paid, told = biller.event(_SETTLE), biller.event()
    canceled = [biller.event(_RETURN), told]  # OrderCanceled, and OrderRefunded
    return {
        COMPLETE: complete(biller),
        "the same, without reading anything": total([biller.signed_in(_CREATE, _CONFIRM, _COMPLETE), paid, told]),
        "the same, with a list of 20 orders": total(
            [biller.signed_in(_CREATE, _CONFIRM, _COMPLETE, _READ, _NOTIFICATIONS, _LIST), paid, told]
        ),
        "the same, with a deposit before it": total(
            [biller.signed_in(_DEPOSIT, _CREATE, _CONFIRM, _COMPLETE, _READ, _NOTIFICATIONS), told, paid, told]
        ),
        "created, paid, canceled, refunded": total(
            [biller.signed_in(_CREATE, _CONFIRM, _CANCEL, _READ, _NOTIFICATIONS), paid, *canceled]
        ),
    }
