"""The outbox: how an event rides in the item that it tells of.

A producer writes `outbox_entry(…)` as the attribute `event` of the item that changed, in the same write. The table's
stream hands the item to events/relay.py, which puts the event on the bus.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from shared.wire import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    from shared.events import Event  # its models load pydantic, which what only reads tables does without

OUTBOX_ATTRIBUTE = "event"


def outbox_entry(event: Event) -> str:
    """The text of the attribute `event`: all that the relay needs to put `event` on the bus."""
    return write_json({"source": event.producer, "name": event.name(), "detail": event.model_dump()})


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """An event as the outbox holds it: who publishes it, its name, and what it says."""

    source: str
    name: str
    detail: Mapping[str, Any]

    @classmethod
    def read(cls, outbox_entry: str) -> Self:
        """The event in a text of outbox_entry(). Raises ValueError for a text that is none."""
        match read_json(outbox_entry):
            case {"source": str(source), "name": str(name), "detail": dict(detail)}:
                return cls(source, name, detail)
        raise ValueError("not an entry of the outbox")

    def for_bus(self, bus_name: str) -> PutEventsRequestEntryTypeDef:
        """What PutEvents takes for it."""
        return {
            "EventBusName": bus_name,
            "Source": self.source,
            "DetailType": self.name,
            "Detail": write_json(self.detail),
        }
