"""The queues of a stack, as its operators name them: without the stack's own name in front."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ops.command import CommandError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_MOST_SEEN = 100
_HIDDEN_SECONDS = 2


class Queues:
    """The queues of the stack of that name."""

    def __init__(self, sqs: "SQSClient", stack_name: str) -> None:
        self._sqs = sqs
        self._stack_name = stack_name

    def url(self, name: str) -> str:
        """Where a queue is. Raises CommandError when the stack has no such queue."""
        full_name = f"{self._stack_name}-{name}"
        try:
            return self._sqs.get_queue_url(QueueName=full_name)["QueueUrl"]
        except self._sqs.exceptions.QueueDoesNotExist:
            raise CommandError(f"there is no queue {full_name}") from None

    def waiting(self, url: str) -> tuple[int, int]:
        """About how many messages wait in a queue, and how many are being worked on or wait to be tried again."""
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )["Attributes"]
        return (
            int(attributes["ApproximateNumberOfMessages"]),
            int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        )

    def look(self, url: str) -> "Iterator[MessageTypeDef]":
        """The first hundred messages of a dead-letter queue. They stay there, and hide for two seconds."""
        for _ in range(0, _MOST_SEEN, 10):
            messages = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not messages:
                return
            yield from messages


def reason(message: "MessageTypeDef") -> str:
    """What a dead letter failed of: our consumers say it, and so does EventBridge of what it could not deliver."""
    attributes = message.get("MessageAttributes", {})
    said = [attributes[name]["StringValue"] for name in ("reason", "ERROR_MESSAGE") if name in attributes]
    return said[0] if said else "moved by SQS, after its last attempt"
