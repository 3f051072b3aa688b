"""The one clock. Timestamps are UTC, RFC 3339, to the millisecond, and sort as text."""

import time
from datetime import UTC, datetime, timedelta


def epoch_seconds() -> int:
    """Whole seconds since 1970-01-01 UTC, as DynamoDB's time to live and JWT claims count them."""
    return int(time.time())


def timestamp(*, seconds_ago: float = 0) -> str:
    """Now, or some seconds ago, as `2026-11-24T13:07:09.123Z`."""
    return _written(datetime.fromtimestamp(time.time() - seconds_ago, UTC))


def earlier(moment: str, *, seconds: float) -> str:
    """The timestamp some seconds before `moment`."""
    return _written(datetime.fromisoformat(moment) - timedelta(seconds=seconds))


def milliseconds_since(moment: str) -> int:
    """How long ago the timestamp `moment` was."""
    return round((time.time() - datetime.fromisoformat(moment).timestamp()) * 1000)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
