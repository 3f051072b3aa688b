"""Messages of a queue, as Lambda passes them to a consumer.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
"""

import hashlib
import uuid
from typing import Any


def queue_batch(*bodies: str, attempt: int = 1) -> dict[str, Any]:
    """The event for messages with these bodies, each received for the time `attempt`."""
    return {"Records": [_message(body, attempt) for body in bodies]}


def _message(body: str, attempt: int) -> dict[str, Any]:
    return {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "handle",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": str(attempt),
            "SentTimestamp": "1795698000000",
            "SenderId": "AIDAEXAMPLE",
            "ApproximateFirstReceiveTimestamp": "1795698000001",
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:a-queue",
        "awsRegion": "us-east-1",
    }
