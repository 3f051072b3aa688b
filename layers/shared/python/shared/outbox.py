"""The outbox: stores an event in the item that it reports on.

A producer writes `outbox_entry(…)` as the attribute `event` of the item that changed, in the same write. The table's
stream passes the item to events/relay.py, which puts the event on the bus.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from shared.wire import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    from shared.events import Event  # its models load pydantic, which functions that only read tables don't need

OUTBOX_ATTRIBUTE = "event"


def outbox_entry(event: Event) -> str:
    """The text of the attribute `event`: all that the relay needs to publish it."""
    return write_json({"source": event.producer, "name": event.name(), "detail": event.model_dump()})


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """An event in the outbox: its source, its name, and its detail."""

    source: str
    name: str
    detail: Mapping[str, Any]

    @classmethod
    def read(cls, outbox_entry: str) -> Self:
        """Parse a text of outbox_entry(). Raises ValueError for any other text."""
        match read_json(outbox_entry):
            case {"source": str(source), "name": str(name), "detail": dict(detail)}:
                return cls(source, name, detail)
        raise ValueError("not an entry of the outbox")

    def for_bus(self, bus_name: str) -> PutEventsRequestEntryTypeDef:
        """The entry for PutEvents."""
        return {
            "EventBusName": bus_name,
            "Source": self.source,
            "DetailType": self.name,
            "Detail": write_json(self.detail),
        }
