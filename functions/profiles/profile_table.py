"""The profiles table, and the only place that knows its keys: one item per profile, by `id`."""

from __future__ import annotations

from collections.abc import Mapping

from boto3.dynamodb.conditions import Attr

from profiles.profile import Profile
from shared import clock, environment
from shared.dynamodb import ConditionFailedError, Key, Table
from shared.items import ItemShape
from shared.outbox import OUTBOX_ATTRIBUTE

_PROFILE = ItemShape(Profile)


class ProfileTable:
    """The profiles of one stage."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @classmethod
    def of_stage(cls) -> ProfileTable:
        """The table that this function is deployed with."""
        return cls(Table(environment.required("PROFILES_TABLE")))

    def get(self, profile_id: str) -> Profile | None:
        """The profile, None when there is none. One read."""
        item = self.table.get(profile_key(profile_id))
        return _PROFILE.thing(item) if item else None

    def add(self, profile: Profile, event: str) -> None:
        """Write a new profile, with its event. Raises ConditionFailedError when it exists already. One write."""
        self.table.put({**_PROFILE.attributes(profile), OUTBOX_ATTRIBUTE: event}, Attr("id").not_exists())

    def change(self, profile_id: str, fields: Mapping[str, str | int | None]) -> Profile | None:
        """Set the attributes `fields` (None removes one), and return the changed profile; None if there is none.

        Removes the event of its creation, which would otherwise be published again. One write.
        """
        changes = {**fields, "updatedAt": clock.timestamp(), OUTBOX_ATTRIBUTE: None}
        try:
            item = self.table.change(profile_key(profile_id), changes, Attr("id").exists())
        except ConditionFailedError:
            return None
        return _PROFILE.thing(item)


def profile_key(profile_id: str) -> Key:
    """The key of a profile."""
    return {"id": profile_id}
