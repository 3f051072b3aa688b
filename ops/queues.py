"""The queues of a stack, by their names without the stack's name in front."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ops.command import CommandError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_MOST_SEEN = 100
_HIDDEN_SECONDS = 2


class Queues:
    """The queues of the stack with that name."""

    def __init__(self, sqs: "SQSClient", stack_name: str) -> None:
        self._sqs = sqs
        self._stack_name = stack_name

    def url(self, name: str) -> str:
        """The address of a queue. Raises CommandError when the stack has no such queue."""
        full_name = f"{self._stack_name}-{name}"
        try:
            return self._sqs.get_queue_url(QueueName=full_name)["QueueUrl"]
        except self._sqs.exceptions.QueueDoesNotExist:
            raise CommandError(f"there is no queue {full_name}") from None

    def waiting(self, url: str) -> tuple[int, int]:
        """About how many messages wait in a queue, and how many are in progress or wait for a retry."""
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )["Attributes"]
        return (
            int(attributes["ApproximateNumberOfMessages"]),
            int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        )

    def look(self, url: str) -> "Iterator[MessageTypeDef]":
        """The first hundred messages of a dead-letter queue. They stay there, invisible for two seconds."""
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
    """Why it became a dead letter: our consumers record the reason, and so does EventBridge for failed deliveries."""
    attributes = message.get("MessageAttributes", {})
    said = [attributes[name]["StringValue"] for name in ("reason", "ERROR_MESSAGE") if name in attributes]
    return said[0] if said else "moved by SQS, after its last attempt"
