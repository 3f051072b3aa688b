"""GET /notifications/health"""

from notifications.notification_table import NotificationTable
from shared.contract import Contract, contract
from shared.health import HealthView, health
from shared.http import Request, Response, operation

notifications = NotificationTable.of_stage()


@operation
@contract(Contract(gives=HealthView))
def handler(_request: Request) -> Response:
    """Whether notifications works: 200 when its table answers, 503 when it doesn't."""
    return health(notifications.table, {"profileId": "health", "sk": "health"})
