"""Notes which rows of the books have changed; check_changes checks them once events have had time to arrive."""

from collections.abc import Mapping
from typing import Any

from reconciliation.changes import Changed
from shared import aws, environment

queue_url = environment.required("CHANGES_QUEUE")


def handler(batch: Mapping[str, Any], _context: object) -> None:
    """Send the keys of a batch of stream records as one message. Raising makes the stream deliver the batch again."""
    changed = Changed.of_records(batch["Records"])
    if changed != Changed():
        aws.client("sqs").send_message(QueueUrl=queue_url, MessageBody=changed.to_message())
