"""GET /billing/account/transactions"""

from functools import partial
from http import HTTPStatus

from billing.billing_table import POSITION, BillingTable
from billing.views import TRANSACTION, TransactionView, transaction_view
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.paging import PageRequest, PageView, only_page

billing = BillingTable.of_stage()


@operation
@interface(Interface(gives=PageView[TransactionView], example=only_page(TRANSACTION), paged=True))
def handler(request: Request) -> Response:
    """List the caller's transactions, newest first. One read.

    `amount` is signed: what the transaction added to the balance; `balanceAfter` is the result.
    """
    page = PageRequest.of(request, POSITION)
    entries = billing.entries(request.caller.profile_id, page)
    return Response(HTTPStatus.OK, entries.view(partial(transaction_view, currency=billing.currency)))
