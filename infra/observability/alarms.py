"""Creates alarms and connects them to their topic; observability.py defines what is watched."""

from collections.abc import Sequence
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from infra.settings import StageSettings
from infra.topics import new_alarm_topic

MINUTE, FIVE_MINUTES = cdk.Duration.minutes(1), cdk.Duration.minutes(5)
MOST_METRICS = 10
"""The most metrics in one alarm. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html"""

AT_ONCE = (1, 1)
"""Rings on the first breaching period: for faults that matter even once."""
SUSTAINED = (3, 5)
"""Rings when three of the last five periods breach: a blip of one or two is quiet."""


class Alarms(Construct):
    """The alarms of a stage; they e-mail `alarmEmail`."""

    def __init__(self, scope: Construct, *, settings: StageSettings, prefix: str) -> None:
        super().__init__(scope, "Observability")
        self._prefix = prefix
        self.all: list[cloudwatch.AlarmBase] = []
        """The alarms that notify, in the order in which they were made."""
        self._topic = new_alarm_topic(self, f"{prefix}-alarms", settings.alarm_email)

    def add(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        description: str,
        *,
        above: float = 0,
        of: tuple[int, int] = AT_ONCE,
    ) -> None:
        """Ring when the metric is above a value in M of the last N periods."""
        self._tell(self._metric_alarm(name, metric, description, above, of))

    def add_pair(
        self, name: str, windows: Sequence[tuple[str, cloudwatch.IMetric]], description: str, *, above: float
    ) -> None:
        """Ring when the metric is above a value in each of the windows, which are alarms without notification."""
        parts = [
            self._metric_alarm(f"{name}-{window}", metric, f"Part of {name}.", above, AT_ONCE)
            for window, metric in windows
        ]
        alarm = cloudwatch.CompositeAlarm(
            self,
            name,
            composite_alarm_name=f"{self._prefix}-{name}",
            alarm_description=description,
            alarm_rule=cloudwatch.AlarmRule.all_of(*parts),
        )
        self._tell(alarm)

    def named(self, name: str) -> cloudwatch.Alarm:
        """The alarm on one metric that add() made with that name."""
        return cast("cloudwatch.Alarm", self.node.find_child(name))

    def _metric_alarm(
        self, name: str, metric: cloudwatch.IMetric, description: str, above: float, of: tuple[int, int]
    ) -> cloudwatch.Alarm:
        datapoints, periods = of
        return cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._prefix}-{name}",
            alarm_description=description,
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=datapoints,
            evaluation_periods=periods,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _tell(self, alarm: cloudwatch.AlarmBase) -> None:
        self.all.append(alarm)
        if self._topic:
            alarm.add_alarm_action(actions.SnsAction(self._topic))
            alarm.add_ok_action(actions.SnsAction(self._topic))


def together(how: str, metrics: Sequence[cloudwatch.Metric]) -> cloudwatch.IMetric:
    """SUM or MAX of metrics of one period, as one metric. Raises ValueError for more than an alarm allows."""
    if len(metrics) > MOST_METRICS:
        raise ValueError(f"{len(metrics)} metrics are too many for one alarm, which takes {MOST_METRICS}")
    if len(metrics) == 1:
        return metrics[0]
    named = {f"m{number}": metric for number, metric in enumerate(metrics)}
    return cloudwatch.MathExpression(
        expression=f"{how}([{', '.join(named)}])", using_metrics=named, period=metrics[0].period
    )
