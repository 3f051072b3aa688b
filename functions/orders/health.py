"""GET /orders/health"""

from orders.order_table import OrderTable
from shared.health import PROMISED, health
from shared.http import Request, Response, public_operation
from shared.interface import interface

orders = OrderTable.of_stage()


@public_operation
@interface(PROMISED)
def handler(_request: Request) -> Response:
    """Check that orders works.

    200 when its table answers a read, 503 when it doesn't.
    """
    return health(orders.table, {"profileId": "health", "sk": "COUNTER"})
