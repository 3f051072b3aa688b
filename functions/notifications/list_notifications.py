"""GET /notifications"""

from decimal import Decimal
from http import HTTPStatus
from typing import TypedDict

from notifications.notification import Notification
from notifications.notification_table import POSITION, NotificationTable
from shared.contract import Contract, contract
from shared.events import EventName
from shared.formats import Id, Timestamp
from shared.http import Request, Response, operation
from shared.paging import PageRequest, PageView

notifications = NotificationTable.of_stage()


class NotificationView(TypedDict):
    """One notification; `orderId` and `amount` are null where the event has none."""

    id: Id
    type: EventName
    text: str
    orderId: Id | None
    amount: Decimal | None
    createdAt: Timestamp


@operation
@contract(Contract(gives=PageView[NotificationView], paged=True))
def handler(request: Request) -> Response:
    """The caller's notifications, newest first. One read.

    One for each event about the caller's orders and deposits; it appears a moment after the event.
    """
    page = notifications.list(request.caller.profile_id, PageRequest.of(request, POSITION))
    return Response(HTTPStatus.OK, page.view(_view))


def _view(notification: Notification) -> NotificationView:
    return {
        "id": notification.id,
        "type": notification.type,
        "text": notification.text,
        "orderId": notification.order_id,
        "amount": notification.amount,
        "createdAt": notification.created_at,
    }
