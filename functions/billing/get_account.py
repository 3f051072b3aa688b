"""GET /billing/account"""

from http import HTTPStatus

from billing.billing_table import BillingTable
from billing.ledger import Account
from billing.views import AccountView, account_view
from shared.contract import Contract, contract
from shared.http import Request, Response, operation

billing = BillingTable.of_stage()


@operation
@contract(Contract(gives=AccountView))
def handler(request: Request) -> Response:
    """The caller's account; a balance of 0 before it was opened. One read."""
    profile_id = request.caller.profile_id
    account = billing.account(profile_id) or Account.opened(profile_id, billing.currency.code, now="")
    return Response(HTTPStatus.OK, account_view(account, billing.currency))
