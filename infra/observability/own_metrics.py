"""The metrics that we publish ourselves, all in the stage's own namespace `order-billing-<stage>`."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.observability.alarms import MINUTE
from shared.metrics import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMetric:
    """One of our metrics: its publishers and its unit."""

    services: tuple[str, ...]
    """Values of the dimension `service`; empty: no dimensions."""
    unit: str = "Count"
    by_currency: bool = False
    """It also has the dimension `currency`; money is in minor units."""


_BOOKS = ("billing", "orders")
SIGN_INS_THROTTLED = "SignInsThrottled"

OWN_METRICS: Mapping[str, OwnMetric] = {
    Metric.EVENT_AGE: OwnMetric(services=(*_BOOKS, "notifications"), unit="Milliseconds"),
    Metric.IDEMPOTENCY_REPLAYS: OwnMetric(services=_BOOKS),
    Metric.CONFLICTS_RETRIED: OwnMetric(services=(*_BOOKS, "profiles", "reconciliation")),
    Metric.ORDERS_CREATED: OwnMetric(services=("orders",)),
    Metric.ORDERS_PAID: OwnMetric(services=("billing",), by_currency=True),
    Metric.ORDERS_CANCELED: OwnMetric(services=("orders",)),
    Metric.ORDERS_COMPLETED: OwnMetric(services=("orders",)),
    Metric.PAYMENTS_DECLINED: OwnMetric(services=("billing",)),
    Metric.MONEY_DEPOSITED: OwnMetric(services=("billing",), by_currency=True),
    Metric.MONEY_WITHDRAWN: OwnMetric(services=("billing",), by_currency=True),
    Metric.MONEY_PAID: OwnMetric(services=("billing",), by_currency=True),
    Metric.MONEY_REFUNDED: OwnMetric(services=("billing",), by_currency=True),
    Metric.SIGN_UPS: OwnMetric(services=("profiles",)),
    Metric.SIGN_INS_REFUSED: OwnMetric(services=("auth",)),
    Metric.RECONCILIATION_FINDINGS: OwnMetric(services=("reconciliation",)),
    SIGN_INS_THROTTLED: OwnMetric(services=()),  # counted by a filter on the access log, not by code
}


def own_metrics(prefix: str, name: str, *, statistic: str = "Sum", currency: str = "") -> list[cloudwatch.Metric]:
    """One of our metrics, once for each service that publishes it. Raises KeyError for other metrics."""
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
