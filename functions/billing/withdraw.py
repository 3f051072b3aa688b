"""POST /billing/account/withdraw"""

from billing.cash import move_cash
from billing.ledger import EntryKind
from shared.http import Request, Response, operation


@operation
def handler(request: Request) -> Response:
    """Take money out of the caller's account; 402 when there is not enough."""
    return move_cash(request, EntryKind.WITHDRAWAL)
