"""Business metrics, by Powertools: log lines that CloudWatch turns into metrics (embedded metric format).

A line is written after the effect that it counts: a crash in between loses the count, not the effect. The books are
exact, and `make reconcile` reads them; metrics are for graphs and alarms.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from collections.abc import Mapping
from enum import StrEnum

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from shared import correlation


class Metric(StrEnum):
    """Our metrics. Their namespace is the stage's, and `service` is a dimension of all."""

    SIGN_UPS = "SignUps"
    SIGN_INS_REFUSED = "SignInsRefused"
    ORDERS_CREATED = "OrdersCreated"
    ORDERS_PAID = "OrdersPaid"
    ORDERS_CANCELED = "OrdersCanceled"
    ORDERS_COMPLETED = "OrdersCompleted"
    PAYMENTS_DECLINED = "PaymentsDeclined"
    MONEY_DEPOSITED = "MoneyDeposited"
    """Money is in minor units, so that sums are exact; its currency is a dimension."""
    MONEY_WITHDRAWN = "MoneyWithdrawn"
    MONEY_PAID = "MoneyPaid"
    MONEY_REFUNDED = "MoneyRefunded"
    EVENT_AGE = "EventAge"
    """Milliseconds from the event until its consumer finished."""
    IDEMPOTENCY_REPLAYS = "IdempotencyReplays"
    CONFLICTS_RETRIED = "ConflictsRetried"
    RECONCILIATION_FINDINGS = "ReconciliationFindings"


MONEY = (Metric.MONEY_DEPOSITED, Metric.MONEY_WITHDRAWN, Metric.MONEY_PAID, Metric.MONEY_REFUNDED)
_UNITS = {Metric.EVENT_AGE: MetricUnit.Milliseconds}


def publish(values: Mapping[Metric, float], *, currency: str | None = None, **about: str | int) -> None:
    """Publish `values` in one log line. `about` holds ids to find the line by; it makes no metric.

    `currency` becomes a dimension of all of them.
    """
    metrics = EphemeralMetrics()
    for metric, value in values.items():
        metrics.add_metric(name=metric, unit=_UNITS.get(metric, MetricUnit.Count), value=value)
    if currency:
        metrics.add_dimension(name="currency", value=currency)
    if correlation_id := correlation.current():
        about["correlation_id"] = correlation_id
    for name, said in about.items():
        metrics.add_metadata(key=name, value=said)
    metrics.flush_metrics()
