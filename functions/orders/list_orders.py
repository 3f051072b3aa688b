"""GET /orders"""

from http import HTTPStatus

from orders.order import State
from orders.order_table import OrderTable
from orders.views import PAID_ORDER, OrderView, order_view
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.order_id import ORDER_ID
from shared.paging import PageRequest, PageView, only_page
from shared.problems import ValidationFailedError

orders = OrderTable.of_stage()


@operation
@interface(
    Interface(gives=PageView[OrderView], example=only_page(PAID_ORDER), paged=True, filters={"state": "|".join(State)})
)
def handler(request: Request) -> Response:
    """List the caller's orders, newest first. One read.

    `state` selects those in one state.
    """
    page = PageRequest.of(request, ORDER_ID)
    state = _state(request.query.get("state"))
    return Response(HTTPStatus.OK, orders.list(request.caller.profile_id, state, page).view(order_view))


def _state(text: str | None) -> State | None:
    if text is None:
        return None
    if text in State:
        return State(text)
    raise ValidationFailedError.of("state", f"must be one of {', '.join(State)}")
