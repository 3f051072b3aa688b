"""Queue consumers: each message is one event; only a failed one goes back to its queue.

The loop and the partial response are Powertools' batch processor. We add the check of which events a queue is for, and
dead letters that carry their reason.
https://docs.aws.amazon.com/powertools/python/latest/utilities/batch/
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    ExceptionInfo,
    FailureResponse,
    process_partial_response,
)
from aws_lambda_powertools.utilities.parser.models import SqsRecordModel
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared import clock, correlation, dead_letters, metrics
from shared.events import Event
from shared.logs import logger
from shared.metrics import Metric
from shared.wire import read_json


class UnexpectedEventError(ValueError):
    """A message that this consumer can't understand; it ends in the dead-letter queue, for an operator."""


class Envelope(BaseModel):
    """What EventBridge puts around an event.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    detail_type: str = Field(alias="detail-type")
    detail: dict[str, Any]


def consumer[E: Event](*events: type[E]) -> Callable[[Callable[[E], None]], Callable[..., object]]:
    """Turn a function that handles one of `events` into a Lambda handler for their queue.

    The function must be idempotent: queues deliver at least once. If it raises, the message goes back to the queue, and
    after the last attempt to the dead-letter queue, with the reason.
    """

    def decorate(handle: Callable[[E], None]) -> Callable[..., object]:
        processor = _Processor(EventType.SQS, model=SqsRecordModel, raise_on_entire_batch_failure=False)

        def handle_message(record: SqsRecordModel) -> None:
            correlation.begin(record.messageId)
            event = event_in(str(record.body), events)
            correlation.begin(event.correlationId or record.messageId)
            handle(event)
            age = clock.milliseconds_since(event.occurredAt)
            metrics.publish({Metric.EVENT_AGE: age}, eventName=event.name(), eventId=event.eventId)

        @wraps(handle)
        def handler(batch: dict[str, Any], _context: object) -> object:
            return process_partial_response(event=batch, record_handler=handle_message, processor=processor)

        return handler

    return decorate


def event_in[E: Event](body: str, events: tuple[type[E], ...]) -> E:
    """The event in the body of a queue message.

    Ignores unknown fields. Raises UnexpectedEventError for an event that is not one of `events`, or with a missing or
    wrongly typed field; it names the fields, and no value.
    """
    try:
        envelope = Envelope.model_validate(read_json(body))
        model = next(model for model in events if model.name() == envelope.detail_type)
        return model.model_validate(envelope.detail)
    except ValidationError as error:
        reason = ", ".join(f"{'.'.join(map(str, each['loc']))} {each['type']}" for each in error.errors())
    except (ValueError, StopIteration) as error:
        reason = type(error).__name__
    raise UnexpectedEventError(f"not an event that this queue is for: {reason}")


class _Processor(BatchProcessor):
    """Puts a message away with its reason after the last failed attempt; SQS would drop the reason."""

    def failure_handler(self, record: Any, exception: ExceptionInfo) -> FailureResponse:
        """Send the message back to its queue, unless it was put away."""
        _, failure, _ = exception
        if isinstance(record, SqsRecordModel):
            attempt = int(record.attributes.ApproximateReceiveCount)
            logger.error("event failed", **_named(record), attempt=attempt, exc_info=failure)
            if attempt >= dead_letters.ATTEMPTS and _is_put_away(record, failure):
                return self.success_handler(record, None)
        return super().failure_handler(record, exception)


def _named(message: SqsRecordModel) -> dict[str, Any]:
    """What identifies a message in a log line: for an event, its name and id."""
    named: dict[str, Any] = {"messageId": message.messageId}
    with suppress(ValueError):
        envelope = Envelope.model_validate(read_json(str(message.body)))
        named |= {"eventName": envelope.detail_type, "eventId": str(envelope.detail.get("eventId"))}
    return named


def _is_put_away(message: SqsRecordModel, failure: BaseException | None) -> bool:
    try:
        dead_letters.put_away(str(message.body), failure)
    except (ClientError, BotoCoreError):
        logger.exception("dead letter left to SQS", messageId=message.messageId)
        return False
    return True
