"""`make redrive QUEUE=…`: send the messages of a dead-letter queue back to the queue that they failed in.

Each is sent before it is deleted: an interruption loses nothing, and consumers are idempotent.
"""

import os
from dataclasses import dataclass

from ops.command import CommandError
from ops.queues import Queues, reason
from ops.target import Target

_BATCH = 10


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many messages were found, and how many were sent back."""

    found: int
    sent: int


def redrive(target: Target, queue: str) -> Redriven:
    """Send the messages in the dead-letter queue of `queue` (such as `billing-return-payment`) back to it.

    Undelivered messages are in that of `<queue>-undelivered` or `<queue>-topic-undelivered`, and go to `queue` too.
    Prints its progress. Raises CommandError when the stack has no such queue.
    """
    sqs = target.sqs()
    queues = Queues(sqs, target.stack_name)
    source = queues.url(f"{queue}-dead-letters")
    destination = queues.url(queue.removesuffix("-undelivered").removesuffix("-topic"))
    found, _ = queues.waiting(source)
    sent = 0
    # Send no more than there were at the start: some may fail again and return while we work.
    while sent < found:
        messages = sqs.receive_message(
            QueueUrl=source,
            MaxNumberOfMessages=min(_BATCH, found - sent),
            WaitTimeSeconds=2,
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        if not messages:
            break
        for message in messages:
            print(f"  {message['MessageId']}: {reason(message)}", flush=True)
            sqs.send_message(QueueUrl=destination, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        sent += len(messages)
        print(f"  {sent} of {found} sent back", flush=True)
    return Redriven(found, sent)


def command() -> bool:
    """Send the dead letters of QUEUE back."""
    queue = os.environ.get("QUEUE")
    if not queue:
        raise CommandError("say which queue: make redrive QUEUE=billing-return-payment")
    with Target.chosen() as target:
        done = redrive(target, queue)
    print(f"redrive: {done.found} found, {done.sent} sent back")
    return done.sent == done.found
