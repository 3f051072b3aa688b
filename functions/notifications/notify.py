"""Every event that users are notified of: write one notification."""

from notifications.notification_table import NotificationTable
from notifications.wording import HEARD, Heard, notification_of
from shared.consumer import consumer

notifications = NotificationTable.of_stage()


@consumer(*HEARD)
def handler(event: Heard) -> None:
    """Write the notification of an event. Idempotent. One write."""
    notifications.add(notification_of(event))
