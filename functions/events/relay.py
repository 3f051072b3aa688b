"""The relay: takes events out of the tables' streams, and puts them on the bus, at least once each and in order.

It loops by itself, not by Powertools' batch processor: that hands over one record at a time, and PutEvents takes ten;
and after a record that failed none may pass it.

https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any, cast

from shared import aws, environment
from shared.logs import logger
from shared.outbox import OUTBOX_ATTRIBUTE
from shared.wire import read_json, write_json

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

MOST_ENTRIES = 10
"""PutEvents takes no more at a time."""

_ATTEMPTS = 3
_PAUSE_SECONDS = 0.1

bus_name = environment.required("EVENT_BUS")
bus = aws.client("events")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way: the stream record that it came in, and the bus entry that it becomes."""

    sequence_number: str
    entry: PutEventsRequestEntryTypeDef


def handler(batch: Mapping[str, Any], _context: object) -> dict[str, object]:
    """Publish the events of a batch of stream records.

    When some can't be published, answers the first of them: the stream hands over again from there on, so that
    nothing is lost, and what came after is published twice, which consumers bear. One request per 10 events.
    """
    for outgoing in batched(_outgoing(batch["Records"]), MOST_ENTRIES, strict=False):
        if failed := _publish(outgoing):
            logger.error("events could not be published", failed=len(failed))
            return {"batchItemFailures": [{"itemIdentifier": failed[0].sequence_number}]}
    return {"batchItemFailures": []}


def _outgoing(records: Sequence[Mapping[str, Any]]) -> Iterator[Outgoing]:
    for record in records:
        change = record["dynamodb"]
        attribute = change.get("NewImage", {}).get(OUTBOX_ATTRIBUTE)
        if attribute:
            yield Outgoing(change["SequenceNumber"], _entry(attribute["S"]))


def _entry(outbox_entry: str) -> PutEventsRequestEntryTypeDef:
    said = cast("dict[str, Any]", read_json(outbox_entry))
    return {
        "EventBusName": bus_name,
        "Source": said["source"],
        "DetailType": said["name"],
        "Detail": write_json(said["detail"]),
    }


def _publish(outgoing: Sequence[Outgoing]) -> Sequence[Outgoing]:
    """Put events on the bus, those refused again, and give those that were still refused in the end."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS * 2**attempt)
        answer = bus.put_events(Entries=[event.entry for event in outgoing])
        results = zip(outgoing, answer["Entries"], strict=True)
        outgoing = [event for event, result in results if "ErrorCode" in result]
        if not outgoing:
            logger.debug("events published", published=len(answer["Entries"]))
            break
    return outgoing
