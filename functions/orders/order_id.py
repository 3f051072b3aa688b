"""Which order a request is about."""

import re

from shared.http import Request
from shared.problems import NotFoundError

ORDER_ID = re.compile(r"[0-9a-f-]{36}")


def order_id_of(request: Request) -> str:
    """The order id in the path. Raises NotFoundError for what is none: no order has it."""
    order_id = request.path_parameters["id"]
    if not ORDER_ID.fullmatch(order_id):
        raise NotFoundError
    return order_id
