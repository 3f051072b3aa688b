"""`make redrive QUEUE=…`: send the messages of a dead-letter queue back to the queue that they failed in.

Each is sent before it is deleted: nothing is lost when this is interrupted, and consumers bear what comes twice.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.command import CommandError, run
from ops.target import Target

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_BATCH = 10


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many messages were found, and how many were sent back."""

    found: int
    sent: int


def redrive(target: Target, queue: str) -> Redriven:
    """Send what lies in the dead-letter queue of `queue` (such as `billing-return-payment`) back to it.

    What never reached it lies in that of `<queue>-undelivered` or `<queue>-topic-undelivered`, and goes to `queue` too.
    Prints its progress. Raises CommandError when the stack has no such queue.
    """
    sqs = target.sqs()
    source = _url(sqs, f"{target.stack_name}-{queue}-dead-letters")
    consumers = queue.removesuffix("-undelivered").removesuffix("-topic")
    destination = _url(sqs, f"{target.stack_name}-{consumers}")
    found = _waiting(sqs, source)
    sent = 0
    # Those that come back while we work are not our business: no more than there were at the start.
    while sent < found:
        messages = sqs.receive_message(
            QueueUrl=source,
            MaxNumberOfMessages=min(_BATCH, found - sent),
            WaitTimeSeconds=2,
            MessageAttributeNames=["reason"],
        ).get("Messages", [])
        if not messages:
            break
        for message in messages:
            attributes = message.get("MessageAttributes", {})
            reason = attributes["reason"]["StringValue"] if "reason" in attributes else "moved by SQS"
            print(f"  {message['MessageId']}: {reason}", flush=True)
            sqs.send_message(QueueUrl=destination, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        sent += len(messages)
        print(f"  {sent} of {found} sent back", flush=True)
    return Redriven(found, sent)


def _url(sqs: "SQSClient", name: str) -> str:
    try:
        return sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        raise CommandError(f"there is no queue {name}") from None


def _waiting(sqs: "SQSClient", url: str) -> int:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _command() -> bool:
    queue = os.environ.get("QUEUE")
    if not queue:
        raise CommandError("say which queue: make redrive QUEUE=billing-return-payment")
    with Target.chosen() as target:
        done = redrive(target, queue)
    print(f"redrive: {done.found} found, {done.sent} sent back")
    return done.sent == done.found


if __name__ == "__main__":
    run("redrive", _command)
