"""The relay: reads events from the tables' streams and puts them on the bus, in order, each at least once.

It has its own loop instead of Powertools' batch processor, which hands over one record at a time: PutEvents takes ten,
and no record may overtake one that failed.

https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared import aws, correlation, dead_letters, environment
from shared.logs import logger
from shared.outbox import OUTBOX_ATTRIBUTE, OutboxEntry

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

MOST_ENTRIES = 10
"""PutEvents takes no more at a time."""

_ATTEMPTS = 3
_PAUSE_SECONDS = 0.1
_FINAL = {"InvalidArgument", "MalformedDetail", "RedactionFailure"}
"""Permanent rejections of one event: sending it again can't help. A missing permission is not one: it can be granted.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
"""
_TOO_LARGE = "ValidationException"
"""The error code of PutEvents for a request whose entries are too large together."""

_NAMED = ("eventId", "orderId", "transactionId")
"""The fields of an event that its log line names."""

bus_name = environment.required("EVENT_BUS")
bus = aws.client("events")


class UnpublishableEventError(Exception):
    """An event that the bus will never accept, or something that is not an event."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way: its stream record, its text there, and that text parsed."""

    sequence_number: str
    text: str
    read: OutboxEntry

    @property
    def entry(self) -> PutEventsRequestEntryTypeDef:
        """The entry for PutEvents."""
        return self.read.for_bus(bus_name)

    def tell_published(self) -> None:
        """Log that the bus accepted it."""
        detail = self.read.detail
        named = {name: detail[name] for name in _NAMED if name in detail}
        correlation.begin(detail.get("correlationId") or detail["eventId"])
        logger.info("event published", eventName=self.read.name, **named)


def handler(batch: Mapping[str, Any], context: LambdaContext) -> dict[str, object]:
    """Publish the events of a batch of stream records.

    If some can't be published now, returns the first of them: the stream delivers again from there. Nothing is lost;
    later events may be published twice, which consumers tolerate. An event that can never be published goes to the
    relay's dead-letter queue with the reason, and those behind it go on. One request per 10 events.
    """
    correlation.begin(context.aws_request_id)
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
            text = attribute["S"]
            try:
                yield Outgoing(change["SequenceNumber"], text, OutboxEntry.read(text))
            except ValueError as unreadable:
                _put_away(text, f"not an entry of the outbox: {type(unreadable).__name__}")


def _publish(outgoing: Sequence[Outgoing]) -> Sequence[Outgoing]:
    """Put events on the bus, retry the rejected ones, and return those still rejected in the end."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS * 2**attempt)
        outgoing = _put(outgoing)
        if not outgoing:
            break
    return outgoing


def _put(outgoing: Sequence[Outgoing]) -> Sequence[Outgoing]:
    """Put events on the bus once, put away those that it will never accept, and return the others that it rejected."""
    try:
        answer = bus.put_events(Entries=[event.entry for event in outgoing])
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] != _TOO_LARGE:
            raise
        if len(outgoing) == 1:
            _put_away(outgoing[0].text, f"refused by the bus: {_TOO_LARGE}")
            return []
        return [refused for event in outgoing for refused in _put([event])]
    refused = []
    for event, result in zip(outgoing, answer["Entries"], strict=True):
        if result.get("ErrorCode") in _FINAL:
            _put_away(event.text, f"refused by the bus: {result['ErrorCode']}")
        elif "ErrorCode" in result:
            refused.append(event)
        else:
            event.tell_published()
    return refused


def _put_away(outbox_entry: str, reason: str) -> None:
    """Keep an unpublishable event as a dead letter. If that fails, the stream delivers the batch again."""
    logger.error("event can't be published", reason=reason)
    dead_letters.put_away(outbox_entry, UnpublishableEventError(reason))
