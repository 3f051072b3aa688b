"""The metric that the alarm `books-disagree` watches."""

from aws_lambda_powertools.metrics import Metrics, MetricUnit

METRIC = "ReconciliationFindings"

_metrics = Metrics()


def publish(count: int) -> None:
    """Publish how many findings there are, 0 included: somebody has looked."""
    _metrics.add_metric(name=METRIC, unit=MetricUnit.Count, value=count)
    _metrics.flush_metrics()
