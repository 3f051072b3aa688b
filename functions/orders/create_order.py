"""POST /orders"""

from http import HTTPStatus

from pydantic import ConfigDict

from orders.order import create
from orders.order_table import OrderTable
from orders.quantity import Quantity
from orders.views import NEW_ORDER, OrderView, order_view
from shared import clock, environment, metrics
from shared.body import Body, read_body
from shared.http import Request, Response, operation
from shared.idempotency import IdempotencyKey
from shared.ids import new_id
from shared.interface import Interface, interface
from shared.metrics import Metric
from shared.retry import on_conflict

orders = OrderTable.of_stage()
currency = environment.currency()
unit_price = int(environment.required("UNIT_PRICE_MINOR"))


class CreateOrderBody(Body):
    """A new order; without a quantity it is incomplete and can be edited."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"productQuantity": 3}, {}]})

    productQuantity: Quantity | None = None


@operation
@interface(
    Interface(
        takes=CreateOrderBody,
        gives=OrderView,
        example=NEW_ORDER,
        status=HTTPStatus.CREATED,
        keyed=True,
        headers={"location": "The address of the order"},
    )
)
def handler(request: Request) -> Response:
    """Create an order. One read, one write.

    Once per `Idempotency-Key`. The number counts the caller's orders from 1; the price is today's. Without a quantity
    the order is incomplete, and must be edited before it can be confirmed.
    """
    profile_id = request.caller.profile_id
    quantity = read_body(request, CreateOrderBody).productQuantity
    key = IdempotencyKey.of(request, "CREATE_ORDER", {"productQuantity": quantity})

    def create_once() -> Response:
        last_number, record = orders.last_number_and_record(profile_id, key)
        if (stored := key.stored_answer(record)) is not None:
            return _created(stored["id"], stored, replayed=True, path=request.path)
        order = create(
            order_id=new_id(),
            profile_id=profile_id,
            order_number=last_number + 1,
            quantity=quantity,
            unit_price=unit_price,
            currency=currency.code,
            now=clock.timestamp(),
        )
        view = order_view(order)
        orders.add(order, key, {**view})
        metrics.publish({Metric.ORDERS_CREATED: 1}, orderId=order.id)
        return _created(order.id, {**view}, replayed=False, path=request.path)

    return on_conflict(create_once)


def _created(order_id: str, view: dict[str, object], *, replayed: bool, path: str) -> Response:
    headers = {"location": f"{path}/{order_id}"}
    if replayed:
        headers["idempotency-replayed"] = "true"
    return Response(HTTPStatus.CREATED, view, headers)
