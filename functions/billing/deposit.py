"""POST /billing/account/deposit"""

from billing.cash import move_cash
from billing.ledger import EntryKind
from shared.http import Request, Response, operation


@operation
def handler(request: Request) -> Response:
    """Add money to the caller's account."""
    return move_cash(request, EntryKind.DEPOSIT)
