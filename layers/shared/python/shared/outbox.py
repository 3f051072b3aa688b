"""The outbox: how an event rides in the item that it tells of.

A producer writes `outbox_entry(…)` as the attribute `event` of the item that changed, in the same write. The table's
stream hands the item to events/relay.py, which puts the event on the bus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.wire import write_json

if TYPE_CHECKING:
    from shared.events import Event  # its models load pydantic, which what only reads tables does without

OUTBOX_ATTRIBUTE = "event"


def outbox_entry(event: Event) -> str:
    """The text of the attribute `event`: all that the relay needs to put `event` on the bus."""
    return write_json({"source": event.producer, "name": event.name(), "detail": event.model_dump()})
