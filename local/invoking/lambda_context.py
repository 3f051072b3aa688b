"""The second argument of a handler, as far as ours look at it."""

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class InvocationContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
