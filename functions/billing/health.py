"""GET /billing/health"""

from billing.billing_table import BillingTable, account_key
from shared.contract import contract
from shared.health import PROMISED, health
from shared.http import Request, Response, public_operation

billing = BillingTable.of_stage()


@public_operation
@contract(PROMISED)
def handler(_request: Request) -> Response:
    """Whether billing works.

    200 when its table answers a read, 503 when it doesn't.
    """
    return health(billing.table, account_key("health"))
