"""GET /health"""

from profiles.profile_table import ProfileTable, profile_key
from shared.contract import Contract, contract
from shared.health import HealthView, health
from shared.http import Request, Response, operation

profiles = ProfileTable.of_stage()


@operation
@contract(Contract(gives=HealthView))
def handler(_request: Request) -> Response:
    """Whether profiles works: 200 when its table answers, 503 when it doesn't."""
    return health(profiles.table, profile_key("health"))
