"""The outbox: how an event rides in the item that it tells of.

A producer writes `outbox_entry(…)` as the attribute `event` of the item that changed, in the same write. The table's
stream hands the item to events/relay.py, which puts the event on the bus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from shared.wire import read_json, write_json

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    from shared.events import Event  # its models load pydantic, which what only reads tables does without

OUTBOX_ATTRIBUTE = "event"


def outbox_entry(event: Event) -> str:
    """The text of the attribute `event`: all that the relay needs to put `event` on the bus."""
    return write_json({"source": event.producer, "name": event.name(), "detail": event.model_dump()})


def bus_entry(outbox_entry: str, bus_name: str) -> PutEventsRequestEntryTypeDef:
    """What PutEvents takes for an entry of the outbox.

    Raises ValueError, KeyError or TypeError for a text that is none.
    """
    said = cast("dict[str, Any]", read_json(outbox_entry))
    source, name = said["source"], said["name"]
    if not isinstance(source, str) or not isinstance(name, str):
        raise TypeError("source and name are text")
    return {"EventBusName": bus_name, "Source": source, "DetailType": name, "Detail": write_json(said["detail"])}
