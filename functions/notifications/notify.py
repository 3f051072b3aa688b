"""The events that users hear of: one notification for each."""

from notifications.notification import HEARD, of_event
from notifications.notification_table import NotificationTable
from shared.consumer import Message, consumer

notifications = NotificationTable.of_stage()


@consumer(*HEARD)
def handler(message: Message) -> None:
    """Write the notification of an event, once, however often told. One write."""
    notifications.add(of_event(message.name, message.event))
