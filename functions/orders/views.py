"""What clients see of orders."""

from decimal import Decimal
from typing import TypedDict

from orders.order import Order, State
from shared import examples
from shared.money import Currency
from shared.views import Id, Timestamp


class OrderView(TypedDict):
    """An order as its owner sees it; amounts are in major units, unset fields are null."""

    id: Id
    profileId: Id
    orderNumber: int
    state: State
    productQuantity: int | None
    unitPrice: Decimal
    amount: Decimal | None
    currency: str
    cancelReason: str | None
    version: int
    createdAt: Timestamp
    updatedAt: Timestamp
    paidAt: Timestamp | None
    completedAt: Timestamp | None
    canceledAt: Timestamp | None


NEW_ORDER: OrderView = {
    "id": examples.ORDER_ID,
    "profileId": examples.PROFILE_ID,
    "orderNumber": 1,
    "state": State.CREATED,
    "productQuantity": 3,
    "unitPrice": Decimal("10.00"),
    "amount": Decimal("30.00"),
    "currency": "USD",
    "cancelReason": None,
    "version": 1,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
    "paidAt": None,
    "completedAt": None,
    "canceledAt": None,
}
PAID_ORDER: OrderView = {
    **NEW_ORDER,
    "state": State.PAID,
    "version": 3,
    "updatedAt": examples.LATER,
    "paidAt": examples.LATER,
}


def order_view(order: Order) -> OrderView:
    """The order as its owner sees it."""
    currency = Currency(order.currency)
    return {
        "id": order.id,
        "profileId": order.profile_id,
        "orderNumber": order.order_number,
        "state": order.state,
        "productQuantity": order.product_quantity,
        "unitPrice": currency.to_decimal(order.unit_price),
        "amount": None if order.amount is None else currency.to_decimal(order.amount),
        "currency": order.currency,
        "cancelReason": order.cancel_reason,
        "version": order.version,
        "createdAt": order.created_at,
        "updatedAt": order.updated_at,
        "paidAt": order.paid_at,
        "completedAt": order.completed_at,
        "canceledAt": order.canceled_at,
    }
