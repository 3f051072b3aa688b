"""GET /billing/account"""

from http import HTTPStatus

from billing.billing_table import BillingTable
from billing.ledger import Account
from billing.views import ACCOUNT, AccountView, account_view
from shared.http import Request, Response, operation
from shared.interface import Interface, interface

billing = BillingTable.of_stage()


@operation
@interface(Interface(gives=AccountView, example=ACCOUNT))
def handler(request: Request) -> Response:
    """Get the caller's account. One read.

    Until the account is opened, a moment after registering, the balance is 0 and `updatedAt` null. The account has the
    id of its owner's profile.
    """
    profile_id = request.caller.profile_id
    account = billing.account(profile_id) or Account.opened(profile_id, billing.currency.code, now="")
    return Response(HTTPStatus.OK, account_view(account, billing.currency))
