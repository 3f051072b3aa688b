"""A made-up afternoon of a stage in use, for the picture of its dashboard: 36 values of five minutes for each metric.

The same numbers each time. They are not measurements: those are in docs/cost.md and in `make load`.
"""

import math
import zlib
from collections.abc import Mapping, Sequence

from tests.infra.alarms.cloudwatch import Metric

POINTS = 36

_LEVELS: Mapping[str, float] = {
    "Count": 4_200,
    "4xx": 60,
    "5xx": 0.4,
    "Latency": 45,
    "IntegrationLatency": 38,
    "Duration": 22,
    "Errors": 0,
    "Invocations": 150,
    "Throttles": 0,
    "ConcurrentExecutions": 9,
    "IteratorAge": 400,
    "ConsumedReadCapacityUnits": 9_000,
    "ConsumedWriteCapacityUnits": 12_000,
    "ReadThrottleEvents": 0,
    "WriteThrottleEvents": 0,
    "ApproximateAgeOfOldestMessage": 1.5,
    "ApproximateNumberOfMessagesVisible": 0,
    "ExecutionsFailed": 0,
    "EventAge": 650,
    "OrdersCreated": 240,
    "OrdersPaid": 205,
    "OrdersCanceled": 14,
    "OrdersCompleted": 190,
    "PaymentsDeclined": 6,
    "MoneyDeposited": 520_000,
    "MoneyPaid": 490_000,
    "MoneyRefunded": 28_000,
    "MoneyWithdrawn": 9_000,
    "ConflictsRetried": 4,
    "IdempotencyReplays": 9,
    "ReconciliationFindings": 0,
    "SignUps": 12,
    "SignInsRefused": 5,
    "SignInsThrottled": 0,
}
"""About the middle of five minutes."""
_OF_STATISTIC = {"p50": 1.0, "p95": 2.4, "p99": 4.5}


def values(metric: Metric, statistic: str) -> Sequence[float]:
    """The metric's afternoon. Raises KeyError for a metric that has none here."""
    seed = zlib.crc32(repr((metric.name, metric.dimensions)).encode())
    own = 0.6 + seed % 800 / 1000  # one function or table is busier than another
    level = _LEVELS[metric.name] * _OF_STATISTIC.get(statistic, 1.0) * own
    if statistic == "Sum" and metric.name == "Duration":
        level = level * _LEVELS["Invocations"] * 12
    return [level * _swing(number, seed) for number in range(POINTS)]


def _swing(number: int, seed: int) -> float:
    """A wave of the day, the same for all, and a little noise of one's own."""
    noise = zlib.crc32(f"{seed} {number}".encode()) % 1000 / 1000 - 0.5
    return 1 + 0.25 * math.sin(number / 7) + 0.24 * noise
