"""The correlation id: the id of the request that began it, in each log line, event and metric that it leads to.

It rides on Powertools' logger, which keeps it for the thread that an invocation runs in. Where no request of a client
began it, Lambda's own id of the invocation takes its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shared.logs import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_KEY = "correlation_id"
"""As Powertools names it: https://docs.aws.amazon.com/powertools/python/latest/core/logger/#setting-a-correlation-id."""
_FORM = r"[A-Za-z0-9+/=_.-]{1,64}"


def begin(correlation_id: str) -> None:
    """Have all that is logged and published from here on carry `correlation_id`, until the next call of this."""
    logger.thread_safe_append_keys(**{_KEY: correlation_id})


def carry_on(handed_on: object, context: LambdaContext) -> None:
    """The same, with the id that a caller handed on; with Lambda's own if that is none, or not in the form of one."""
    begin(handed_on if isinstance(handed_on, str) and re.fullmatch(_FORM, handed_on) else context.aws_request_id)


def current() -> str | None:
    """The correlation id of what runs now; None outside of an invocation."""
    keys: dict[str, Any] = logger.thread_safe_get_current_keys()
    return keys.get(_KEY)
