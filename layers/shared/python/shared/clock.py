"""The one clock. Timestamps are UTC, RFC 3339, to the millisecond, and sort as text."""

import time
from datetime import UTC, datetime


def epoch_seconds() -> int:
    """Whole seconds since 1970-01-01 UTC, as DynamoDB's time to live and JWT claims count them."""
    return int(time.time())


def timestamp() -> str:
    """Now, as `2026-11-24T13:07:09.123Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
