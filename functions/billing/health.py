"""GET /billing/health"""

from billing.billing_table import BillingTable, account_key
from shared.health import PROMISED, health
from shared.http import Request, Response, public_operation
from shared.interface import interface

billing = BillingTable.of_stage()


@public_operation
@interface(PROMISED)
def handler(_request: Request) -> Response:
    """Check that billing works.

    200 when its table answers a read, 503 when it doesn't.
    """
    return health(billing.table, account_key("health"))
