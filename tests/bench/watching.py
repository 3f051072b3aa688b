"""What watching a stage costs in a month: its alarms, the metrics of our own, its dashboard; from the template of prod.

https://aws.amazon.com/cloudwatch/pricing/ has the prices, of us-east-1, without what is free.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.observability.own_metrics import OWN_METRICS
from tests.bench import prices
from tests.bench.prices import Price
from tests.scaffolding.template import resources

STAGE = "prod"


@dataclass(frozen=True, slots=True)
class Row:
    """Some units of a price, and what they are."""

    what: str
    units: int
    price: Price

    @property
    def dollars(self) -> float:
        """By the month."""
        return self.price.of(self.units)


def watching() -> Iterator[Row]:
    """What a stage pays for being watched, whether anything happens or not."""
    alarms = [each["Properties"] for each in resources("AWS::CloudWatch::Alarm", STAGE).values()]
    plain = [alarm for alarm in alarms if "MetricName" in alarm]
    several = [query for alarm in alarms for query in alarm.get("Metrics", [])]
    yield Row("alarms on one metric", len(plain), prices.ALARMS)
    yield Row("metrics in alarms on several", sum("MetricStat" in each for each in several), prices.ALARMS)
    yield Row("alarms on other alarms", len(resources("AWS::CloudWatch::CompositeAlarm", STAGE)), prices.COMPOSITES)
    yield Row("dashboard", len(resources("AWS::CloudWatch::Dashboard", STAGE)), prices.DASHBOARDS)
    own = sum(max(len(metric.services), 1) for metric in OWN_METRICS.values())
    yield Row("metrics of our own, once each was published", own, prices.METRICS)
