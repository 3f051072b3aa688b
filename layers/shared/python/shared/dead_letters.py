"""Dead letters with their reason: a message is put away with its error after the last attempt.

SQS moves messages by itself, but without a reason. It still does so when putting away fails.
"""

from shared import aws, environment

ATTEMPTS = 5
"""How often a message is tried; the queue's maxReceiveCount (infra/messaging.py)."""

_LONGEST_REASON = 512


def put_away(body: str, failure: BaseException | None) -> None:
    """Send the message with this `body` to this function's dead-letter queue, with the attribute `reason`. One request.

    The reason is for operators; our error texts hold nothing personal. Raises what SQS raises.
    """
    reason = f"{type(failure).__name__}: {failure}"[:_LONGEST_REASON]
    aws.client("sqs").send_message(
        QueueUrl=environment.required("DEAD_LETTER_QUEUE"),
        MessageBody=body,
        MessageAttributes={"reason": {"DataType": "String", "StringValue": reason}},
    )
