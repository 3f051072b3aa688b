"""GET /orders/{id}"""

from http import HTTPStatus

from orders.order_table import OrderTable
from orders.views import PAID_ORDER, OrderView, order_view
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.order_id import PARAMETER, order_id_of
from shared.problems import NotFoundError

orders = OrderTable.of_stage()


@operation
@interface(Interface(path={"id": PARAMETER}, gives=OrderView, example=PAID_ORDER, refuses=(NotFoundError,)))
def handler(request: Request) -> Response:
    """Get one of the caller's orders. One read.

    404 for any other id, including those of other users' orders.
    """
    order = orders.get(request.caller.profile_id, order_id_of(request))
    if order is None:
        raise NotFoundError
    return Response(HTTPStatus.OK, order_view(order))
