"""GET /notifications"""

from decimal import Decimal
from http import HTTPStatus
from typing import TypedDict

from notifications.notification import EventName, Notification
from notifications.notification_table import POSITION, NotificationTable
from shared import examples
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.paging import PageRequest, PageView, only_page
from shared.views import Id, Timestamp

notifications = NotificationTable.of_stage()


class NotificationView(TypedDict):
    """One notification; `orderId` and `amount` are null where the event has none."""

    id: Id
    type: EventName
    text: str
    orderId: Id | None
    amount: Decimal | None
    createdAt: Timestamp


NOTIFICATION: NotificationView = {
    "id": examples.TRANSACTION_ID,
    "type": "OrderPaid",
    "text": "Your order was paid: 30.00 USD.",
    "orderId": examples.ORDER_ID,
    "amount": Decimal("30.00"),
    "createdAt": examples.LATER,
}


@operation
@interface(Interface(gives=PageView[NotificationView], example=only_page(NOTIFICATION), paged=True))
def handler(request: Request) -> Response:
    """List the caller's notifications, newest first. One read.

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
