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
"""Refusals of one event, which sending it again can't change. Those for want of a permission end when it is granted.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
"""
_TOO_LARGE = "ValidationException"
"""How PutEvents refuses a request whose entries are too large together."""

_NAMED = ("eventId", "orderId", "transactionId")
"""What of an event its log line names."""

bus_name = environment.required("EVENT_BUS")
bus = aws.client("events")


class UnpublishableEventError(Exception):
    """An event that the bus will never take, or that is none."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way: the stream record that it came in, its text there, and what that says."""

    sequence_number: str
    text: str
    read: OutboxEntry

    @property
    def entry(self) -> PutEventsRequestEntryTypeDef:
        """What the bus takes."""
        return self.read.for_bus(bus_name)

    def tell_published(self) -> None:
        """Log that the bus has it."""
        detail = self.read.detail
        named = {name: detail[name] for name in _NAMED if name in detail}
        correlation.begin(detail.get("correlationId") or detail["eventId"])
        logger.info("event published", eventName=self.read.name, **named)


def handler(batch: Mapping[str, Any], context: LambdaContext) -> dict[str, object]:
    """Publish the events of a batch of stream records.

    When some can't be published now, answers the first of them: the stream hands over again from there on, so that
    nothing is lost, and what came after is published twice, which consumers bear. An event that can never be published
    goes to the relay's dead-letter queue with the reason, and what is behind it goes on. One request per 10 events.
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
    """Put events on the bus, those refused again, and give those that were still refused in the end."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS * 2**attempt)
        outgoing = _put(outgoing)
        if not outgoing:
            break
    return outgoing


def _put(outgoing: Sequence[Outgoing]) -> Sequence[Outgoing]:
    """Put events on the bus once, put those away that it will never take, and give the others that it refused."""
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
    """Keep what can't be published as a dead letter. When that fails, the stream hands the batch over again."""
    logger.error("event can't be published", reason=reason)
    dead_letters.put_away(outbox_entry, UnpublishableEventError(reason))
