"""The events that users hear of: one notification for each."""

from notifications.notification_table import NotificationTable
from notifications.wording import HEARD, Heard, notification_of
from shared.consumer import consumer

notifications = NotificationTable.of_stage()


@consumer(*HEARD)
def handler(event: Heard) -> None:
    """Write the notification of an event, once, however often told. One write."""
    notifications.add(notification_of(event))
