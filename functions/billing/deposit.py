"""POST /billing/account/deposit"""

from billing.cash import CashBody, move_cash
from billing.ledger import EntryKind
from billing.views import DEPOSITED, MovedView
from shared.http import Request, Response, operation
from shared.interface import Interface, interface


@operation
@interface(Interface(takes=CashBody, gives=MovedView, example=DEPOSITED, keyed=True))
def handler(request: Request) -> Response:
    """Add money to the caller's account.

    Once per `Idempotency-Key`; a notification follows.
    """
    return move_cash(request, EntryKind.DEPOSIT)
