"""Dead letters with their reason: what has failed for the last time is put away with what it failed of.

SQS moves messages of a queue by itself, but can't say why. What can't be put away here goes that way still.
"""

from shared import aws, environment

ATTEMPTS = 5
"""How often a message is tried; the queue's maxReceiveCount (infra/messaging.py)."""

_LONGEST_REASON = 512


def put_away(body: str, failure: BaseException | None) -> None:
    """Send the message with this `body` to this function's dead-letter queue, with the attribute `reason`. One request.

    The reason is for operators; failures of ours hold nothing personal. Raises what SQS raises.
    """
    reason = f"{type(failure).__name__}: {failure}"[:_LONGEST_REASON]
    aws.client("sqs").send_message(
        QueueUrl=environment.required("DEAD_LETTER_QUEUE"),
        MessageBody=body,
        MessageAttributes={"reason": {"DataType": "String", "StringValue": reason}},
    )
