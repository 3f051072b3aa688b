"""The correlation id: the id of the first request, in each log line, event and metric that it leads to.

Powertools' logger keeps it for the thread that an invocation runs in. Without a client's request, Lambda's own id of
the invocation takes its place.
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
    """Add `correlation_id` to everything logged and published from here on, until the next call."""
    logger.thread_safe_append_keys(**{_KEY: correlation_id})


def carry_on(handed_on: object, context: LambdaContext) -> None:
    """The same, with the id that a caller passed on; with Lambda's own if it is missing or malformed."""
    begin(handed_on if isinstance(handed_on, str) and re.fullmatch(_FORM, handed_on) else context.aws_request_id)


def current() -> str | None:
    """The current correlation id; None outside an invocation."""
    keys: dict[str, Any] = logger.thread_safe_get_current_keys()
    return keys.get(_KEY)
