"""POST /billing/account/withdraw"""

from decimal import Decimal

from billing.cash import CashBody, move_cash
from billing.ledger import EntryKind
from billing.views import DEPOSITED, MovedView
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.problems import InsufficientFundsError


@operation
@interface(
    Interface(
        takes=CashBody,
        gives=MovedView,
        example={**DEPOSITED, "amount": Decimal("12.50"), "balance": Decimal("87.50")},
        keyed=True,
        refuses=(InsufficientFundsError,),
    )
)
def handler(request: Request) -> Response:
    """Withdraw money from the caller's account.

    Once per `Idempotency-Key`; 402 when there is not enough.
    """
    return move_cash(request, EntryKind.WITHDRAWAL)
