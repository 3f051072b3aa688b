"""The second argument of a handler: the parts that our handlers use."""

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class InvocationContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
