"""GET /notifications/health"""

from notifications.notification_table import NotificationTable
from shared.health import health
from shared.http import Request, Response, operation

notifications = NotificationTable.of_stage()


@operation
def handler(_request: Request) -> Response:
    """Whether notifications works: 200 when its table answers, 503 when it doesn't."""
    return health(notifications.table, {"profileId": "health", "sk": "health"})
