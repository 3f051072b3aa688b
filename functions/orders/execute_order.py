"""POST /orders/{id}/execute

Editing, canceling and completing: one read, one write; a repeat only reads. Confirming: see orders/confirm.py.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel, StringConstraints

from orders.billing_client import BillingClient
from orders.confirm import confirm
from orders.order import Order, State
from orders.order_table import OrderTable
from orders.quantity import Quantity
from orders.views import PAID_ORDER, OrderView, order_view
from shared import clock, metrics
from shared.body import Body, read_body, says
from shared.events import OrderCanceled, OrderCompleted, occurrence
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.metrics import Metric
from shared.money import Currency
from shared.order_id import PARAMETER, order_id_of
from shared.outbox import outbox_entry
from shared.problems import (
    ConcurrentRequestError,
    InsufficientFundsError,
    NotFoundError,
    OrderIncompleteError,
    OrderStateConflictError,
    PaymentInProgressError,
)
from shared.retry import on_conflict
from shared.text import PARAGRAPH

orders = OrderTable.of_stage()
billing = BillingClient.of_stage()

_COUNTED = {State.CANCELED: Metric.ORDERS_CANCELED, State.COMPLETED: Metric.ORDERS_COMPLETED}


Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500, pattern=PARAGRAPH),
    says("must be text of at most 500 characters, without control characters or direction overrides"),
]


class EditBody(Body, defer_build=True):
    """Change the quantity of an unconfirmed order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event": "EDIT", "productQuantity": 3}]})

    event: Literal["EDIT"]
    productQuantity: Quantity


class ConfirmBody(Body, defer_build=True):
    """Pay the order. `PAID` is an older name of this event."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event": "CONFIRM"}]})

    event: Literal["CONFIRM", "PAID"]


class CancelBody(Body, defer_build=True):
    """End the order; money paid for it is returned."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event": "CANCEL", "reason": "changed my mind"}]})

    event: Literal["CANCEL"]
    reason: Annotated[Reason | None, AfterValidator(lambda reason: reason or None)] = None
    """A blank reason counts as none."""


class CompleteBody(Body, defer_build=True):
    """Complete the paid order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event": "COMPLETE"}]})

    event: Literal["COMPLETE"]


class ExecuteBody(
    RootModel[Annotated[EditBody | ConfirmBody | CancelBody | CompleteBody, Field(discriminator="event")]]
):
    """One of the events."""


type Transition = Callable[[Order], tuple[Order, str | None]]
"""An event's result: the order (unchanged for a repeat), and the event to publish."""


@operation
@interface(
    Interface(
        path={"id": PARAMETER},
        takes=ExecuteBody,
        gives=OrderView,
        example=PAID_ORDER,
        refuses=(
            InsufficientFundsError,
            NotFoundError,
            OrderStateConflictError,
            OrderIncompleteError,
            PaymentInProgressError,
            ConcurrentRequestError,
        ),
    )
)
def handler(request: Request) -> Response:
    """Apply an event to one of the caller's orders.

    `EDIT` changes the quantity of an unconfirmed order. `CONFIRM` pays it; without enough money it gives 402, and the
    order stays editable. `CANCEL` ends it and returns the money paid for it. `COMPLETE` completes a paid order.

    Repeating is safe: `CONFIRM` of a `PAID` order, `COMPLETE` of a `COMPLETED` one and `CANCEL` of a `CANCELED` one
    give 200 with the unchanged order, which keeps its first reason. If an answer gets lost, send the same request
    again. Any other event that the state does not allow gives 409.
    """
    profile_id, order_id = request.caller.profile_id, order_id_of(request)
    body = read_body(request, ExecuteBody).root
    if isinstance(body, ConfirmBody):
        order = confirm(orders, billing, profile_id, order_id)
    else:
        order = _change(profile_id, order_id, _transition(body))
    return Response(HTTPStatus.OK, order_view(order))


def _transition(body: EditBody | CancelBody | CompleteBody) -> Transition:
    now = clock.timestamp()
    match body:
        case EditBody():
            return lambda order: (order.edit(body.productQuantity, now), None)
        case CancelBody():
            return lambda order: (order.cancel(body.reason, now), _order_canceled(order, body.reason, now))
        case CompleteBody():
            return lambda order: (order.complete(now), _order_completed(order, now))


def _change(profile_id: str, order_id: str, transition: Transition) -> Order:
    def attempt() -> Order:
        order = orders.get(profile_id, order_id)
        if order is None:
            raise NotFoundError
        changed, event = transition(order)
        if changed is not order:
            orders.save(changed, event)
            if metric := _COUNTED.get(changed.state):
                metrics.publish({metric: 1}, orderId=order.id)
        return changed

    return on_conflict(attempt)


def _order_canceled(order: Order, reason: str | None, now: str) -> str:
    paid = order.state is State.PAID and order.amount is not None
    event = OrderCanceled(
        **occurrence(order.profile_id, now),
        orderId=order.id,
        reason=reason,
        amount=Currency(order.currency).to_decimal(order.amount or 0) if paid else None,
        currency=order.currency,
    )
    return outbox_entry(event)


def _order_completed(order: Order, now: str) -> str:
    return outbox_entry(OrderCompleted(**occurrence(order.profile_id, now), orderId=order.id))
