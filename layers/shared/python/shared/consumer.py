"""Queue consumers: each message is one event; a failed one goes back to its queue alone, its neighbours go on.

Partial batch responses:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from shared import dead_letters
from shared.events import SHAPES, Event, EventName
from shared.fields import Rule, rules_of
from shared.logs import logger
from shared.wire import read_json


class UnexpectedEventError(ValueError):
    """A message that this consumer can't understand; it ends in the dead-letter queue for a human to see."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event from the bus, checked against its shape."""

    name: EventName
    event: Event


def consumer(*names: EventName) -> Callable[[Callable[[Message], None]], Callable[..., dict[str, object]]]:
    """Make a Lambda handler, for a queue of the events `names`, of a function that handles one message.

    The function must be idempotent: queues deliver at least once. What it raises sends the message back to the
    queue, and at the last attempt to the dead-letter queue, with the reason.
    """

    def decorate(handle: Callable[[Message], None]) -> Callable[..., dict[str, object]]:
        @wraps(handle)
        def handler(batch: Mapping[str, Any], _context: object) -> dict[str, object]:
            failed = [record for record in batch["Records"] if not _succeeds(handle, record, names)]
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}

        return handler

    return decorate


def _succeeds(handle: Callable[[Message], None], record: Mapping[str, Any], names: tuple[EventName, ...]) -> bool:
    """Whether the message is done with: handled, or put away after its last attempt."""
    try:
        message = parse(record["body"], names)
        handle(message)
    except Exception as failure:  # noqa: BLE001 - whatever it is, the message must go back alone
        logger.exception("event failed", messageId=record["messageId"])
        return dead_letters.was_last_attempt(record) and _is_put_away(record, failure)
    logger.debug("event handled", eventName=message.name, eventId=message.event["eventId"])
    return True


def _is_put_away(record: Mapping[str, Any], failure: Exception) -> bool:
    try:
        dead_letters.put_away(record, failure)
    except (ClientError, BotoCoreError):
        logger.exception("dead letter left to SQS", messageId=record["messageId"])
        return False
    return True


def parse(body: str, names: tuple[EventName, ...]) -> Message:
    """The event in the body of a queue message, which is EventBridge's envelope around it.

    Fields that we don't know are ignored. Raises UnexpectedEventError for another event than `names`, or a shape that
    lacks something or has another type.
    """
    try:
        envelope = cast("dict[str, Any]", read_json(body))
        name = next(name for name in names if name == envelope["detail-type"])
        detail = envelope["detail"]
        event = {field: rule.read(detail[field]) for field, rule in _rules(name).items()}
        return Message(name, cast("Event", event))
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration) as error:
        raise UnexpectedEventError(f"not an event that this queue is for: {type(error).__name__}") from None


@cache
def _rules(name: EventName) -> Mapping[str, Rule]:
    return rules_of(SHAPES[name])
