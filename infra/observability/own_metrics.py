"""The metrics that we publish ourselves, all in the stage's own namespace `order-billing-<stage>`."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.observability.alarms import MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMetric:
    """A metric of ours: who publishes it, and what its values are."""

    services: tuple[str, ...]
    """Values of the dimension `service`; none: it has no dimensions."""
    unit: str = "Count"
    by_currency: bool = False
    """It has the dimension `currency` too, in major units."""


_CONSUMERS = ("billing", "orders", "notifications")
SIGN_INS_THROTTLED = "SignInsThrottled"

OWN_METRICS: Mapping[str, OwnMetric] = {
    "EventAge": OwnMetric(services=_CONSUMERS, unit="Milliseconds"),
    "IdempotencyReplays": OwnMetric(services=("billing", "orders")),
    "ConflictsRetried": OwnMetric(services=("billing", "orders")),
    "OrdersCreated": OwnMetric(services=("orders",)),
    "OrdersPaid": OwnMetric(services=("orders",)),
    "OrdersCanceled": OwnMetric(services=("orders",)),
    "OrdersCompleted": OwnMetric(services=("orders",)),
    "PaymentsDeclined": OwnMetric(services=("billing",)),
    "MoneyDeposited": OwnMetric(services=("billing",), by_currency=True),
    "MoneyWithdrawn": OwnMetric(services=("billing",), by_currency=True),
    "MoneyPaid": OwnMetric(services=("billing",), by_currency=True),
    "MoneyRefunded": OwnMetric(services=("billing",), by_currency=True),
    "SignUps": OwnMetric(services=("auth",)),
    "SignInsRefused": OwnMetric(services=("auth",)),
    "ReconciliationFindings": OwnMetric(services=("reconciliation",)),
    SIGN_INS_THROTTLED: OwnMetric(services=()),  # counted in the access log by a filter, not by code
}


def own_metrics(prefix: str, name: str, *, statistic: str = "Sum", currency: str = "") -> list[cloudwatch.Metric]:
    """One of our metrics, once for each service that publishes it. Raises KeyError for what is not ours."""
    metric = OWN_METRICS[name]
    dimensions = [{"service": service} for service in metric.services] or [{}]
    return [
        cloudwatch.Metric(
            namespace=prefix,
            metric_name=name,
            dimensions_map={**each, **({"currency": currency} if metric.by_currency else {})},
            statistic=statistic,
            period=MINUTE,
        )
        for each in dimensions
    ]
