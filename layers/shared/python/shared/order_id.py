"""Which order a request is about."""

import re

from shared.examples import ORDER_ID as EXAMPLE
from shared.http import Request
from shared.interface import PathParameter
from shared.problems import NotFoundError

ORDER_ID = re.compile(r"[0-9a-f-]{36}")
PARAMETER = PathParameter("The id of the order", EXAMPLE, "uuid")


def order_id_of(request: Request, parameter: str = "id") -> str:
    """The order id in the path. Raises NotFoundError if it is malformed: no order has it."""
    order_id = request.path_parameters[parameter]
    if not ORDER_ID.fullmatch(order_id):
        raise NotFoundError
    return order_id
