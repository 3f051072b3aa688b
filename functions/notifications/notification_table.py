"""The notifications table, and the only place that knows its keys.

| profileId | sk                     | item           |
|-----------|------------------------|----------------|
| profileId | {occurredAt}#{eventId} | a notification |
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from notifications.notification import Notification
from shared import environment
from shared.dynamodb import ConditionFailedError, Table
from shared.items import ItemShape
from shared.paging import Page, PageRequest

POSITION = re.compile(r"[0-9T:.Z-]{20,30}#[0-9a-f-]{36}")
"""A place in the list: a sort key."""

_NOTIFICATION = ItemShape(Notification, amount=Decimal)


class NotificationTable:
    """The notifications of one stage."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @classmethod
    def of_stage(cls) -> NotificationTable:
        """The table that this function is deployed with."""
        return cls(Table(environment.required("NOTIFICATIONS_TABLE")))

    def add(self, notification: Notification) -> None:
        """Write a notification unless it exists already: the event's own id and time are its key. One write."""
        try:
            self.table.put(_item(notification), Attr("sk").not_exists())
        except ConditionFailedError:
            return

    def list(self, profile_id: str, page: PageRequest) -> Page[Notification]:
        """A page of the profile's notifications, newest first. One read."""
        items, last = self.table.query(
            KeyCondition("profileId").eq(profile_id),
            limit=page.limit,
            start_key={"profileId": profile_id, "sk": page.position} if page.position else None,
            consistent=False,  # notifications appear a moment after the event in any case; this costs half
        )
        return Page([_NOTIFICATION.thing(item) for item in items], last["sk"] if last else None)


def _item(notification: Notification) -> dict[str, Any]:
    return {"sk": f"{notification.created_at}#{notification.id}", **_NOTIFICATION.attributes(notification)}
