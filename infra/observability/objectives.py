"""The objectives over 30 days, and the alarms on the burn rate of the error budget. docs/slo.md has the reasons.

Windows and rates are those of https://sre.google/workbook/alerting-on-slos/ (multiwindow, multi-burn-rate): the long
window shows that it matters, the short one that it continues.
"""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.api import Api
from infra.observability.alarms import Alarms

PROMPT = cdk.Duration.seconds(1)
"""The latency objective: the longest that a request may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """The share of requests that may miss it in 30 days, and the metric for the share that did."""

    name: str
    budget: float
    missed: str
    """The alarm's wording for requests that miss it."""
    metric: str
    statistic: str
    whole: int
    """The metric's value when all requests miss it."""


AVAILABILITY = Objective(
    name="availability", budget=0.001, missed="fail with 5xx", metric="5xx", statistic="Average", whole=1
)
LATENCY = Objective(
    name="latency",
    budget=0.01,
    missed="take longer than a second",
    metric="Latency",
    statistic=f"PR({PROMPT.to_milliseconds()}:)",  # the percentage of slower requests
    whole=100,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """How many times faster than in 30 days the budget is spent, and the windows for measuring it."""

    name: str
    rate: float
    long: cdk.Duration
    short: cdk.Duration


BURNS = (
    Burn(name="fast", rate=14.4, long=cdk.Duration.hours(1), short=cdk.Duration.minutes(5)),
    Burn(name="slow", rate=6, long=cdk.Duration.hours(6), short=cdk.Duration.minutes(30)),
)
FEWEST = 5
"""The fewest missed requests in the long window for an alarm: one of twenty says nothing about the month."""


def watch_objectives(alarms: Alarms, api: Api) -> None:
    """Ring when an objective's budget burns fast (2 % of it in an hour) or slowly (5 % in six)."""
    for objective in (AVAILABILITY, LATENCY):
        for burn in BURNS:
            long, short = (
                api.http_api.metric(objective.metric, statistic=objective.statistic, period=window)
                for window in (burn.long, burn.short)
            )
            enough = cloudwatch.MathExpression(
                expression=f"IF(requests * missed / {objective.whole} >= {FEWEST}, missed, 0)",
                using_metrics={"missed": long, "requests": api.http_api.metric_count(period=burn.long)},
                period=burn.long,
            )
            alarms.add_pair(
                f"{objective.name}-burning-{burn.name}",
                (("long", enough), ("short", short)),
                f"Requests {objective.missed}: at this rate the error budget of 30 days is gone in"
                f" {30 / burn.rate:.0f} days.",
                above=round(burn.rate * objective.budget * objective.whole, 6),
            )
