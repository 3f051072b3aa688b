"""GET /health"""

from profiles.profile_table import ProfileTable, profile_key
from shared.health import PROMISED, health
from shared.http import Request, Response, public_operation
from shared.interface import interface

profiles = ProfileTable.of_stage()


@public_operation
@interface(PROMISED)
def handler(_request: Request) -> Response:
    """Check that profiles works.

    200 when its table answers a read, 503 when it doesn't.
    """
    return health(profiles.table, profile_key("health"))
