"""GET /notifications/health"""

from notifications.notification_table import NotificationTable
from shared.health import PROMISED, health
from shared.http import Request, Response, public_operation
from shared.interface import interface

notifications = NotificationTable.of_stage()


@public_operation
@interface(PROMISED)
def handler(_request: Request) -> Response:
    """Check that notifications works.

    200 when its table answers a read, 503 when it doesn't.
    """
    return health(notifications.table, {"profileId": "health", "sk": "health"})
